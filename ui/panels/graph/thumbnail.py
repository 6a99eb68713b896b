"""A graph as a tiny picture: enough to tell one structure from another in a list."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from ui.panels.graph.scene import Scene
from ui.panels.graph.shapes import Colours, mixed

_MARGIN = 0.06
"""Free room at each side, as a share of the picture's shorter side; but no less than this many pixels:"""
_LEAST_MARGIN = 2.0
_LARGEST_SCALE = 0.3
_LARGEST_STRETCH = 2.5
"""How much taller than true to scale a flat graph may be drawn, to make use of the room."""
_SMALLEST_BLOCK = QSizeF(2.0, 2.5)
_GHOST_STRENGTH = 0.3
_EDGE_STRENGTH = 0.55


def thumbnail(scene: Scene, colours: Colours, size: QSize, ratio: float) -> QPixmap:
    """The whole drawing, free places included, in a picture of this size.

    Args:
        scene: the graph at its places; graphs that share a layout have their nodes at the same spots.
        colours: of the theme.
        size: in pixels of the widget.
        ratio: pixels of the screen to a pixel of the widget.
    """
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(colours.surface)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fit = _Fit(scene.geometry.layout.width, scene.geometry.layout.height, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mixed(colours.muted, colours.surface, _GHOST_STRENGTH))
    painter.drawRects([fit.block(box) for box in scene.ghosts.values()])
    for role, segments in scene.segments.items():
        painter.setPen(QPen(mixed(colours.inks[role], colours.surface, _EDGE_STRENGTH), 0.8))
        painter.drawLines([fit.line(line) for line in segments.lines])
    painter.setPen(Qt.PenStyle.NoPen)
    for role, places in scene.places_by_role.items():
        painter.setBrush(colours.inks[role])
        painter.drawRects([fit.block(scene.rectangles[place]) for place in places])
    painter.end()
    return picture


class _Fit:
    """From a drawing of this width and height into the middle of a picture."""

    def __init__(self, width: float, height: float, size: QSize) -> None:
        margin = max(_LEAST_MARGIN, _MARGIN * min(size.width(), size.height()))
        across = max(size.width() - 2 * margin, 1.0) / max(width, 1.0)
        down = max(size.height() - 2 * margin, 1.0) / max(height, 1.0)
        self._across = min(across, down, _LARGEST_SCALE)
        self._down = min(down, self._across * _LARGEST_STRETCH, _LARGEST_SCALE)
        self._left = (size.width() - width * self._across) / 2
        self._top = (size.height() - height * self._down) / 2

    def block(self, box: QRectF) -> QRectF:
        """A box, at least so large that it can be seen."""
        middle = self.line(QLineF(box.topLeft(), box.bottomRight())).center()
        block = QRectF(
            0.0,
            0.0,
            max(box.width() * self._across, _SMALLEST_BLOCK.width()),
            max(box.height() * self._down, _SMALLEST_BLOCK.height()),
        )
        block.moveCenter(middle)
        return block

    def line(self, line: QLineF) -> QLineF:
        """A piece of an edge."""
        return QLineF(
            self._left + line.x1() * self._across,
            self._top + line.y1() * self._down,
            self._left + line.x2() * self._across,
            self._top + line.y2() * self._down,
        )
