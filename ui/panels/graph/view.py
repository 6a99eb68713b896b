"""Which part of a drawing a canvas shows: pure arithmetic between drawing and widget coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

from playground.graph.sizes import SHAPE_PIXELS
from playground.recording.progress import Progress
from ui.panels.graph.difference import Contrast
from ui.panels.graph.progress import Reach, reach_of
from ui.panels.graph.remarks import PlacedOutsider, Remarks
from ui.panels.graph.scene import Scene
from ui.style.scale import SMALLEST_FROM_AFAR, scale


class Detail(Enum):
    """How much of a node is painted, from far away to near."""

    BLOCKS = "blocks"
    SHAPES = "shapes"
    NAMES = "names"
    FULL = "full"


SMALLEST_TEXT = 9.0
"""Pixels of the screen: no text of a graph is smaller; where it would be, there is none."""
LEGIBLE = 0.645
"""The zoom from which names can be read: in their boxes they stand in up to some 14 pixels."""
_SHAPES_FROM = 0.26
_MOST_WITH_TEXT = 250
"""More boxes than these at once cannot be read, and would make a repaint slow."""


def smallest_text() -> float:
    """Pixels of the screen that a text of the graph has at least, at a desk or from afar."""
    return SMALLEST_TEXT if scale() == 1.0 else float(SMALLEST_FROM_AFAR)


def legible() -> float:
    """The zoom from which names can be read, at a desk or from afar."""
    return LEGIBLE * smallest_text() / SMALLEST_TEXT


def detail_at(scale: float, nodes: int) -> Detail:
    """What can be read at this zoom, with so many nodes in view."""
    if scale < _SHAPES_FROM or nodes > _MOST_WITH_TEXT:
        return Detail.BLOCKS
    if scale < legible():
        return Detail.SHAPES
    return Detail.NAMES if scale < smallest_text() / SHAPE_PIXELS else Detail.FULL


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What stands out by what the user does.

    Attributes:
        hovered, selected: keys of the node under the pointer and of the selected one.
        ghosts: whether free places show.
        found: keys of the nodes that the user searched for, or whose line of code they point at.
    """

    hovered: str | None = None
    selected: str | None = None
    ghosts: bool = True
    found: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RenderState:
    """All that a picture of a graph depends on, besides the theme and the font.

    Attributes:
        scene, viewport: the graph and the part of it that shows.
        width, height: of the widget, in pixels.
        ratio: pixels of the screen to a pixel of the widget.
        emphasis, progress, contrast: what else is drawn into it.
        absent: keys of nodes that are not painted, since they are on their way elsewhere.
        remarks, outside: what a recorded step adds.
    """

    scene: Scene
    viewport: Viewport
    width: int
    height: int
    ratio: float = 1.0
    emphasis: Emphasis = Emphasis()
    progress: Progress | None = None
    contrast: Contrast | None = None
    absent: frozenset[str] = frozenset()
    remarks: Remarks | None = None
    outside: tuple[PlacedOutsider, ...] = ()


class Frame:
    """A sight while it is painted.

    Attributes:
        scene, emphasis, contrast: those of the sight.
        scale: its zoom.
        area: the part of the drawing that shows.
        nodes: places of the nodes in it.
        detail: what can be read.
        reach: the progress in this scene.
        hovered: place of the node under the pointer.
    """

    def __init__(self, sight: RenderState) -> None:
        """Computes what the painters share."""
        self.scene = scene = sight.scene
        self.emphasis = sight.emphasis
        self.contrast = sight.contrast
        self.scale = sight.viewport.scale
        self.area: QRectF = sight.viewport.visible(QSizeF(sight.width, sight.height))
        inside = scene.nodes_in(self.area)
        self.detail = detail_at(self.scale, len(inside))
        self.nodes = [place for place in inside if scene.nodes[place].key not in sight.absent]
        self.reach: Reach = reach_of(scene, sight.progress)
        self.hovered = scene.index(sight.emphasis.hovered)


ZOOM_STEP = 1.25
WHEEL_BASE = 1.0016
"""Zoom factor of one eighth of a degree of the wheel; a notch of 15 degrees gives 1.21."""
LARGEST_FIT = 1.25
"""A fit never zooms in further than this: a graph of two nodes shall not fill a wall."""
LARGEST_SCALE = 4.0
_SMALLEST_SCALE = 0.02
_MARGIN = 18.0
"""Free pixels around a fitted drawing."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A point `p` of the drawing appears at `p * scale + (x, y)` in the widget."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def transform(self) -> QTransform:
        """From the drawing to the widget, for a painter."""
        return QTransform(self.scale, 0.0, 0.0, self.scale, self.x, self.y)

    def to_drawing(self, point: QPointF) -> QPointF:
        """The point of the drawing that is shown at this point of the widget."""
        return QPointF((point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale)

    def to_widget(self, point: QPointF) -> QPointF:
        """Where a point of the drawing is shown in the widget."""
        return QPointF(point.x() * self.scale + self.x, point.y() * self.scale + self.y)

    def visible(self, size: QSizeF) -> QRectF:
        """The part of the drawing that a widget of this size shows."""
        corner = QPointF(size.width(), size.height())
        return QRectF(self.to_drawing(QPointF(0.0, 0.0)), self.to_drawing(corner))

    def moved(self, right: float, down: float) -> Viewport:
        """The drawing moved by so many pixels of the widget."""
        return Viewport(self.scale, self.x + right, self.y + down)

    def zoomed(self, factor: float, fixed: QPointF) -> Viewport:
        """Zoomed within the limits, while `fixed` (of the widget) keeps its point of the drawing."""
        smallest = min(_SMALLEST_SCALE, self.scale)
        scale = min(max(self.scale * factor, smallest), LARGEST_SCALE)
        anchor = self.to_drawing(fixed)
        return Viewport(scale, fixed.x() - anchor.x() * scale, fixed.y() - anchor.y() * scale)

    def revealing(self, rectangle: QRectF, size: QSizeF) -> Viewport:
        """Moved by no more than it takes to show this rectangle of the drawing, with a margin."""
        shown = self.transform().mapRect(rectangle)
        right = _shift(shown.left(), shown.right(), size.width())
        down = _shift(shown.top(), shown.bottom(), size.height())
        return self.moved(right, down) if right or down else self


def fitted(drawing: QRectF, size: QSizeF) -> Viewport:
    """Shows a whole drawing in the middle of a widget of this size."""
    across = max(size.width() - 2 * _MARGIN, 1.0) / max(drawing.width(), 1.0)
    down = max(size.height() - 2 * _MARGIN, 1.0) / max(drawing.height(), 1.0)
    scale = min(across, down, LARGEST_FIT)
    middle = drawing.center()
    return Viewport(scale, size.width() / 2 - middle.x() * scale, size.height() / 2 - middle.y() * scale)


class Aim(Enum):
    """What a canvas shows by itself."""

    READABLE = "readable"
    """The whole drawing; if its texts could not be read then, the part around what matters now."""
    WHOLE = "whole"
    FREE = "free"
    """What the user has panned or zoomed to."""


_CALM = 0.18
"""Share of the view at each side that what matters keeps clear of: else the view moves."""


def readable(drawing: QRectF, size: QSizeF, focus: QRectF, now: Viewport) -> Viewport:
    """Shows a drawing as large as its texts need; all of it, or what is around `focus`.

    Args:
        drawing: all of it.
        size: of the widget.
        focus: what has to be seen, in the drawing.
        now: what was shown last; it stays as long as it shows the focus well.
    """
    whole = fitted(drawing, size)
    if whole.scale >= legible():
        return whole
    shown = now.transform().mapRect(focus)
    across, down = _CALM * size.width(), _CALM * size.height()
    calm = QRectF(0.0, 0.0, size.width(), size.height()).adjusted(across, down, -across, -down)
    moved = now if now.scale == legible() else Viewport(legible())
    x, y = moved.x, moved.y
    if now.scale != legible() or shown.left() < calm.left() or shown.right() > calm.right():
        x = size.width() / 2 - focus.center().x() * legible()
    if now.scale != legible() or shown.top() < calm.top() or shown.bottom() > calm.bottom():
        y = size.height() / 2 - focus.center().y() * legible()
    return Viewport(
        legible(),
        _within(x, drawing.left() * legible(), drawing.width() * legible(), size.width()),
        _within(y, drawing.top() * legible(), drawing.height() * legible(), size.height()),
    )


def _within(shift: float, low: float, length: float, room: float) -> float:
    """A shift with which a drawing leaves no more than the margin free; in the middle, if there is room."""
    if length + 2 * _MARGIN <= room:
        return (room - length) / 2 - low
    return min(max(shift, room - _MARGIN - length - low), _MARGIN - low)


def _shift(low: float, high: float, room: float) -> float:
    """How far to move an interval to lie in the room; its start, if there is no room for all of it."""
    if low < _MARGIN:
        return _MARGIN - low
    return max(min(room - _MARGIN - high, 0.0), _MARGIN - low)
