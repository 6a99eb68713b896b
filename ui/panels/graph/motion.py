"""The moment in which one graph turns into another: what differs fades, what moves glides."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from playground.graph.layout import Box, Layout
from ui.panels.graph.paint import Pictures
from ui.panels.graph.scene import Geometry, Scene
from ui.panels.graph.view import Detail, Emphasis, RenderState, Viewport, detail_at

MILLISECONDS = 150


class Motion(QObject):
    """Leads the eye from the graph that was shown to the one that is shown now.

    Graphs at the same places: the pictures fade into each other, so what they share stands still. Graphs
    at other places: the nodes of both glide, and all else fades out before it and in behind it.

    Signals:
        moved(): it looks different now.
        finished(): the new graph is all that shows.
    """

    moved = Signal()
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        """Stands still."""
        super().__init__(parent)
        self._before: RenderState | None = None
        self._old: QPixmap | None = None
        self._new: QPixmap | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MILLISECONDS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._animation.valueChanged.connect(self.moved)
        self._animation.finished.connect(self._end)

    @property
    def running(self) -> bool:
        """Whether there is still something of the graph before."""
        return self._before is not None

    def start(self, before: RenderState) -> None:
        """Begins with what was seen so far."""
        self.finish()
        self._before = before
        self._animation.start()

    def finish(self) -> None:
        """Shows the end at once; does nothing while nothing moves."""
        if self.running:
            self._animation.stop()
            self._end()

    def paint(self, painter: QPainter, pictures: Pictures, after: RenderState) -> None:
        """Paints the graph on its way to what is to be seen in the end."""
        before = self._before
        if before is None:
            painter.drawPixmap(0, 0, pictures.picture(after))
        elif _glides(before, after):
            self._paint_glide(painter, pictures, before, after)
        else:
            self._paint_fade(painter, pictures, before, after)

    @property
    def _share(self) -> float:
        """How much of the way is behind, from 0 to 1."""
        value = self._animation.currentValue()
        return value if isinstance(value, float) else 1.0

    def _paint_fade(
        self, painter: QPainter, pictures: Pictures, before: RenderState, after: RenderState
    ) -> None:
        if self._old is None:
            self._old = pictures.picture(before)
        painter.drawPixmap(0, 0, self._old)
        painter.setOpacity(self._share)
        painter.drawPixmap(0, 0, pictures.picture(after))
        painter.setOpacity(1.0)

    def _paint_glide(
        self, painter: QPainter, pictures: Pictures, before: RenderState, after: RenderState
    ) -> None:
        if self._old is None or self._new is None:
            common = frozenset(_keys(before.scene) & _keys(after.scene))
            self._old, self._new = (pictures.sheet(_rest(sight, common)) for sight in (before, after))
        share = self._share
        for sheet, opacity in ((self._old, 1.0 - 2.0 * share), (self._new, 2.0 * share - 1.0)):
            if opacity > 0.0:
                painter.setOpacity(opacity)
                painter.drawPixmap(0, 0, sheet)
        painter.setOpacity(1.0)
        painter.drawPixmap(0, 0, pictures.sheet(between(before, after, share)))

    def _end(self) -> None:
        self._before = self._old = self._new = None
        self.moved.emit()
        self.finished.emit()


def can_be_seen(widget: QWidget) -> bool:
    """Whether it is worth moving anything."""
    return widget.isVisible() and not widget.window().isMinimized()


def between(before: RenderState, after: RenderState, share: float) -> RenderState:
    """The nodes that both graphs have, so much of the way from their old places to their new ones."""
    scale = _mix(before.viewport.scale, after.viewport.scale, share)
    boxes = {}
    for key in _keys(before.scene) & _keys(after.scene):
        start = before.viewport.to_widget(before.scene.geometry.rectangles[key].topLeft())
        end = after.viewport.to_widget(after.scene.geometry.rectangles[key].topLeft())
        corner: QPointF = (start + (end - start) * share) / scale
        size = after.scene.geometry.rectangles[key]
        boxes[key] = Box(corner.x(), corner.y(), size.width(), size.height())
    layout = Layout(boxes, {}, after.width / scale, after.height / scale)
    scene = Scene(after.scene.graph, Geometry(layout))
    uses = {node.key: count for node, count in zip(after.scene.nodes, after.scene.uses, strict=True)}
    scene.uses = [uses[node.key] for node in scene.nodes]
    return replace(
        after, scene=scene, viewport=Viewport(scale), emphasis=replace(after.emphasis, ghosts=False)
    )


def _glides(before: RenderState, after: RenderState) -> bool:
    """Whether nodes have another place, and are few and near enough to be followed by the eye."""
    if before.scene.geometry is after.scene.geometry or after.contrast is not None:
        return False
    sights = (before, after)
    return all(detail_at(each.viewport.scale, len(each.scene.nodes)) is not Detail.BLOCKS for each in sights)


def _rest(sight: RenderState, common: frozenset[str]) -> RenderState:
    """What does not glide: lines, free places, and the nodes of one graph only."""
    return replace(sight, absent=common, emphasis=Emphasis(ghosts=sight.emphasis.ghosts))


def _keys(scene: Scene) -> set[str]:
    return {node.key for node in scene.nodes}


def _mix(start: float, end: float, share: float) -> float:
    return start + (end - start) * share
