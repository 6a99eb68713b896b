"""Paints the frames of open modules: a tinted ground, an outline, and a title that folds it."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from playground.graph.framed_layout import FRAME_TITLE_PIXELS
from playground.graph.layout import Frame
from ui.panels.graph.scene import Scene, frame_area, title_area
from ui.panels.graph.shapes import Colors
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import smallest_text
from ui.style.scale import stroke

_RADIUS, _BEYOND = 8.0, 12.0
_SIGN_MIDDLE, _SIGN_ARM = 13.0, 4.0
_TEXT_LEFT = 24.0
_LEAST_ROOM = 70.0
"""Pixels of a frame that its title keeps when the rest is out of sight."""
_MOST_GROWTH = 1.5
"""From afar a title grows against its frame up to this, to stay readable."""


class FramePainter:
    """Paints frames in one theme and one font."""

    def __init__(self, colors: Colors, fitter: TextFitter) -> None:
        """Paints in these colors."""
        self._colors = colors
        self._fitter = fitter

    def paint(self, painter: QPainter, scene: Scene, area: QRectF, titled: bool = True) -> None:
        """Paints the frames that touch a part of the drawing; from afar without their titles."""
        scale = painter.worldTransform().m11()
        # A frame may be many times as large as what shows of it, and takes as long to paint.
        room = area.adjusted(-_BEYOND, -_BEYOND, _BEYOND, _BEYOND)
        for frame in scene.frames:
            box = frame_area(frame)
            if box.intersects(area):
                painter.setPen(QPen(self._colors.frame, stroke(1.0) / min(scale, 1.0)))
                painter.setBrush(self._colors.frame_fill(len(frame.call)))
                painter.drawRoundedRect(box.intersected(room), _RADIUS, _RADIUS)
                if titled:
                    self._paint_title(painter, frame, scale, area.left())

    def _paint_title(self, painter: QPainter, frame: Frame, scale: float, left: float) -> None:
        """A minus and the module's name, where they can be seen of a frame that begins out of sight."""
        strip = title_area(frame)
        strip.setLeft(max(strip.left(), min(left, strip.right() - _LEAST_ROOM)))
        middle = QPointF(strip.left() + _SIGN_MIDDLE, strip.center().y())
        painter.setPen(QPen(self._colors.muted, stroke(1.6) / min(scale, 1.0)))
        painter.drawLine(QLineF(middle - QPointF(_SIGN_ARM, 0.0), middle + QPointF(_SIGN_ARM, 0.0)))
        pixels = round(FRAME_TITLE_PIXELS * min(max(1.0, 0.9 / scale), _MOST_GROWTH))
        if pixels * scale < smallest_text():
            return
        painter.setFont(self._fitter.font(pixels))
        painter.setPen(self._colors.text)
        room = strip.adjusted(_TEXT_LEFT, 0.0, -2.0, 0.0)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, frame.title)
