"""Outlines of nodes and the colors that fill them: shape and color both tell what a node is."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from playground.graph.model import NodeKind
from ui.panels.graph.difference import Change
from ui.panels.graph.scene import Role, Scene, frame_area
from ui.style.colors import mixed
from ui.style.scale import scale, stroke
from ui.style.theme import Theme
from ui.widgets.pictures import blank

_MARGIN = 0.06
"""Free room at each side, as a share of the picture's shorter side; but no less than this many pixels:"""
_LEAST_MARGIN = 2.0
_LARGEST_SCALE = 0.3
_LARGEST_STRETCH = 2.5
"""How much taller than true to scale a flat graph may be drawn, to make use of the room."""
_SMALLEST_BLOCK = QSizeF(2.0, 2.5)
_GHOST_STRENGTH = 0.3
_EDGE_STRENGTH = 0.55


def thumbnail(scene: Scene, colors: Colors, size: QSize, ratio: float) -> QPixmap:
    """The whole drawing, free places included, in a picture of this size.

    Args:
        scene: the graph at its places; graphs that share a layout have their nodes at the same spots.
        colors: of the theme.
        size: in pixels of the widget.
        ratio: pixels of the screen to a pixel of the widget.
    """
    picture = blank(size, ratio, colors.surface)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fit = Fit(scene.geometry.layout.width, scene.geometry.layout.height, size)
    for frame in scene.frames:
        painter.setPen(QPen(colors.frame, 0.8))
        painter.setBrush(colors.frame_fill(len(frame.call)))
        painter.drawRect(fit.block(frame_area(frame)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mixed(colors.surface, colors.muted, _GHOST_STRENGTH))
    painter.drawRects([fit.block(box) for box in scene.ghosts.values()])
    for role, segments in scene.segments.items():
        painter.setPen(QPen(mixed(colors.surface, colors.inks[role], _EDGE_STRENGTH), 0.8))
        painter.drawLines([fit.line(line) for line in segments.lines])
    painter.setPen(Qt.PenStyle.NoPen)
    for role, places in scene.places_by_role.items():
        painter.setBrush(colors.inks[role])
        painter.drawRects([fit.block(scene.rectangles[place]) for place in places])
    _paint_folds(painter, scene, colors, fit)
    painter.end()
    return picture


def _paint_folds(painter: QPainter, scene: Scene, colors: Colors, fit: Fit) -> None:
    """An outline around each box that stands for several nodes, a little away: a second sheet."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place, role in enumerate(scene.roles):
        if scene.block(place) is not None:
            painter.setPen(QPen(colors.inks[role], 0.8))
            painter.drawRect(fit.block(scene.rectangles[place]).adjusted(-1.5, -1.5, 1.5, 1.5))


class Fit:
    """From a drawing of this width and height into the middle of a picture."""

    def __init__(self, width: float, height: float, size: QSize) -> None:
        """For a picture of this size."""
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
        return QLineF(self.to_picture(line.p1()), self.to_picture(line.p2()))

    def to_picture(self, point: QPointF) -> QPointF:
        """Where a point of the drawing lies in the picture."""
        return QPointF(self._left + point.x() * self._across, self._top + point.y() * self._down)

    def to_drawing(self, point: QPointF) -> QPointF:
        """The point of the drawing that lies there in the picture."""
        return QPointF((point.x() - self._left) / self._across, (point.y() - self._top) / self._down)


_PILL_RADIUS = 14.0
_BOX_RADIUS = 4.0
_SLANT = 12.0
_POINT = 14.0
_LARGEST_SLOPE = 0.3
_BAR = 7.0
_FRAME_SHARE = 0.05
_GHOST_DASHES = (4.0, 4.0)
_TRACE_DASHES = (5.0, 3.0)
_FOCUS_DASHES = (3.0, 2.0)
FADED = 0.55
"""Opacity of what does not matter now: pale, yet still to be seen on a projector."""
MUTED = 0.7
"""Opacity of what two graphs have in common, while they are compared: its texts stay easy to read."""
_CHANGE_DASHES = (3.0, 2.2)

_REACHED = (Role.BACKWARD, Role.UPDATE)


def outline(kind: NodeKind, box: QRectF) -> QPainterPath:
    """A pill for a parameter, a parallelogram for data, a hexagon for the loss, else a box."""
    path = QPainterPath()
    if kind is NodeKind.PARAMETER:
        radius = min(_PILL_RADIUS, box.height() / 2)
        path.addRoundedRect(box, radius, radius)
    elif kind is NodeKind.DATA:
        path.addPolygon(_parallelogram(box))
        path.closeSubpath()
    elif kind is NodeKind.LOSS:
        path.addPolygon(_hexagon(box))
        path.closeSubpath()
    else:
        path.addRoundedRect(box, _BOX_RADIUS, _BOX_RADIUS)
    return path


def side_bar(box: QRectF) -> QPainterPath:
    """The colored left end of a parameter's pill."""
    strip = QPainterPath()
    strip.addRect(QRectF(box.left(), box.top(), _BAR, box.height()))
    return outline(NodeKind.PARAMETER, box).intersected(strip)


class Colors:
    """Pens and brushes of a theme, made once.

    Attributes:
        surface, text, muted, on_accent: colors of the background and of texts.
        inks: the full color of each role.
        info, error, changed: colors of what was found, of a failure, and of what would be another one.
        selection, focus: pens around the selected node, and around the canvas with the keyboard.
        ghost: pen around a place that is free in this graph.
        frame: outline of an open module.
        scale: for which the pens are: from afar they are thicker.
    """

    def __init__(self, theme: Theme) -> None:
        """Takes every color from the theme."""
        self._theme = theme
        self.scale = scale()
        self.surface = QColor(theme.surface)
        self.text = QColor(theme.text)
        self.muted = QColor(theme.muted)
        self.on_accent = QColor(theme.on_accent)
        self.inks = {
            Role.PARAMETER: QColor(theme.parameter),
            Role.DATA: QColor(theme.data),
            Role.OPERATION: QColor(theme.operation),
            Role.LOSS: QColor(theme.loss),
            Role.BACKWARD: QColor(theme.backward),
            Role.UPDATE: QColor(theme.update),
        }
        self.info = QColor(theme.info)
        self.error = QColor(theme.error)
        self.changed = QColor(theme.warning)
        self.selection = QPen(self.inks[Role.PARAMETER], stroke(2.0))
        self.focus = _dashed(self.inks[Role.PARAMETER], 1.5, _FOCUS_DASHES)
        self.frame = mixed(self.surface, self.muted, 0.55)
        self.ghost = _dashed(mixed(self.surface, QColor(theme.faint), 0.85), 1.0, _GHOST_DASHES)

    def frame_fill(self, depth: int) -> QColor:
        """Ground of an open module, the stronger the more modules it lies in."""
        share = 1.0 - (1.0 - _FRAME_SHARE) ** depth
        return mixed(self.surface, self.inks[Role.OPERATION], share)

    @cached_property
    def fills(self) -> dict[Role, QBrush]:
        """Of nodes that autograd made: tinted, the loss full."""
        fills = {role: QBrush(mixed(self.surface, ink, 0.14)) for role, ink in self.inks.items()}
        return fills | {Role.LOSS: QBrush(self.inks[Role.LOSS])}

    @cached_property
    def trace_fills(self) -> dict[Role, QBrush]:
        """Of operations in a trace: nearly empty, for nothing was kept of them."""
        return {role: QBrush(mixed(self.surface, ink, 0.06)) for role, ink in self.inks.items()}

    @cached_property
    def borders(self) -> dict[Role, QPen]:
        """Around nodes that autograd made."""
        return {role: QPen(ink, stroke(1.4)) for role, ink in self.inks.items()}

    @cached_property
    def trace_borders(self) -> dict[Role, QPen]:
        """Around operations in a trace."""
        return {role: _dashed(ink, 1.4, _TRACE_DASHES) for role, ink in self.inks.items()}

    @cached_property
    def lines(self) -> dict[Role, QPen]:
        """Of edges, by what they carry."""
        return {role: QPen(self.line_color(role), stroke(1.5)) for role in Role}

    @cached_property
    def bright_lines(self) -> dict[Role, QPen]:
        """Of edges at the node under the pointer."""
        return {role: QPen(ink, stroke(2.6)) for role, ink in self.inks.items()}

    @cached_property
    def reached_fills(self) -> dict[Role, QBrush]:
        """Of nodes that the gradient has reached, or that have their new value."""
        return {role: QBrush(mixed(self.surface, self.inks[role], 0.3)) for role in _REACHED}

    @cached_property
    def reached_borders(self) -> dict[Role, QPen]:
        """Around the same."""
        return {role: QPen(self.inks[role], stroke(2.6)) for role in _REACHED}

    @cached_property
    def changes(self) -> dict[Change, QColor]:
        """Of what differs between two graphs."""
        theme = self._theme
        names = {
            Change.APPEARED: theme.update,
            Change.VANISHED: theme.error,
            Change.CHANGED: theme.warning,
        }
        return {change: QColor(name) for change, name in names.items()}

    @cached_property
    def change_fills(self) -> dict[Change, QBrush]:
        """Of nodes that differ; of those that vanished nearly nothing is left."""
        shares = {Change.APPEARED: 0.2, Change.VANISHED: 0.06, Change.CHANGED: 0.2}
        return {
            change: QBrush(mixed(self.surface, color, shares[change]))
            for change, color in self.changes.items()
        }

    @cached_property
    def change_borders(self) -> dict[Change, QPen]:
        """Around the same; dashed around those that vanished."""
        pens = {change: QPen(color, stroke(2.4)) for change, color in self.changes.items()}
        vanished = QPen(self.changes[Change.VANISHED], stroke(1.8))
        return pens | {Change.VANISHED: dashed(vanished)}

    def line_color(self, role: Role) -> QColor:
        """Softer than the nodes, yet not so soft that a projector loses it."""
        return mixed(self.surface, self.inks[role], 0.85)


def dashed(pen: QPen) -> QPen:
    """The same pen in short dashes: of what is no longer there."""
    result = QPen(pen)
    result.setCapStyle(Qt.PenCapStyle.FlatCap)
    result.setDashPattern(_CHANGE_DASHES)
    return result


def _dashed(color: QColor, width: float, dashes: tuple[float, float]) -> QPen:
    pen = QPen(color, stroke(width), Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    pen.setDashPattern(dashes)
    return pen


def _parallelogram(box: QRectF) -> QPolygonF:
    slant = min(_SLANT, _LARGEST_SLOPE * box.width())
    corners = [
        QPointF(box.left() + slant, box.top()),
        box.topRight(),
        QPointF(box.right() - slant, box.bottom()),
        box.bottomLeft(),
    ]
    return QPolygonF(corners)


def _hexagon(box: QRectF) -> QPolygonF:
    middle = box.center().y()
    point = min(_POINT, _LARGEST_SLOPE * box.width())
    corners = [
        QPointF(box.left(), middle),
        QPointF(box.left() + point, box.top()),
        QPointF(box.right() - point, box.top()),
        QPointF(box.right(), middle),
        QPointF(box.right() - point, box.bottom()),
        QPointF(box.left() + point, box.bottom()),
    ]
    return QPolygonF(corners)
