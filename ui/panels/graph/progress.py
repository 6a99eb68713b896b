"""How far a step has come, drawn into its graph: what waits, what runs, and the gradient on its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from playground.graph.labels import label_of
from playground.graph.layout import Point
from playground.graph.model import Phase
from playground.recording.progress import Progress
from ui.panels.graph.scene import Role, Scene, arrowhead, rounded_path
from ui.panels.graph.shapes import Colors, outline

_RING_GAP = 3.5
_RING_WIDTH = 3.2
_HALO = ((18.0, 34), (11.0, 62))
"""Widths of the halo's strokes in pixels, and their opacity of 255."""
_SMALLEST_RING = 7.0
"""Pixels of the screen: from afar the box at the cursor is drawn around as if it were so large."""
_TRAVELLED_WIDTH, _TRAVELLED_HEAD = 1.7, 0.95
_TRAVELLING_WIDTH, _TRAVELLING_HEAD = 4.0, 1.7
"""Pixels of a line, and its arrowhead as a multiple of a plain edge's."""
_GLOW_WIDTH, _GLOW_ALPHA = 10.0, 70
_HEAD_LENGTH = 8.0
_CROSS_RADIUS, _CROSS_ARM = 8.0, 3.2
_MOST_ARROWHEADS = 300
"""More of them at once cannot be told apart, and would make a repaint slow."""

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A progress in one scene, by places in `Scene.nodes` and `Scene.edges`.

    Attributes:
        current, waiting, differentiated, updated, failed: nodes; a copy follows its original.
        waiting_edges: edges at a node that waits.
        travelled, travelling: edges that the gradient has passed, and those that it passes now.
        now: the color of the nodes at the cursor, which is that of the phase.
    """

    current: frozenset[int] = frozenset()
    waiting: frozenset[int] = frozenset()
    differentiated: frozenset[int] = frozenset()
    updated: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()
    waiting_edges: frozenset[int] = frozenset()
    travelled: frozenset[int] = frozenset()
    travelling: frozenset[int] = frozenset()
    now: Role = Role.OPERATION

    def role(self, index: int) -> Role | None:
        """The color of what has happened to a node, or None if it looks as ever."""
        if index in self.updated:
            return Role.UPDATE
        return Role.BACKWARD if index in self.differentiated else None


ROLE_OF_PHASE = {
    Phase.FORWARD: Role.OPERATION,
    Phase.LOSS: Role.LOSS,
    Phase.BACKWARD: Role.BACKWARD,
    Phase.UPDATE: Role.UPDATE,
}
"""The color of each part of a step."""
NOTHING = Reach()
"""No progress is shown."""


def reach_of(scene: Scene, progress: Progress | None) -> Reach:
    """What a progress means for the nodes and edges of a scene."""
    if progress is None:
        return NOTHING
    nodes, edges = scene.drawn_as, scene.edges_drawn_as
    waiting = frozenset(
        place for place in _places(nodes, progress.waiting) if _all_wait(scene, place, progress.waiting)
    )
    current_edges = _places(edges, progress.current_edges)
    return Reach(
        current=_places(nodes, progress.current),
        waiting=waiting,
        differentiated=_places(nodes, progress.differentiated),
        updated=_places(nodes, progress.updated),
        failed=_places(nodes, () if progress.failed is None else (progress.failed,)),
        waiting_edges=frozenset(edge for place in waiting for edge in scene.edges_of[place]),
        travelled=_places(edges, progress.edges) - current_edges,
        travelling=current_edges,
        now=ROLE_OF_PHASE[progress.phase],
    )


def places_of(scene: Scene, keys: Iterable[str]) -> list[int]:
    """The drawn nodes with these keys, copies in place of shared leaves, from left to right."""
    return sorted(_places(scene.drawn_as, keys), key=lambda place: scene.rectangles[place].left())


def progress_words(scene: Scene | None, progress: Progress | None) -> str:
    """The place of the cursor for those who hear the graph; "" without one."""
    if scene is None or progress is None:
        return ""
    current = sorted(_places(scene.drawn_as, progress.current))
    names = [label_of(scene.nodes[place]) for place in current]
    now = f" Now: {', '.join(dict.fromkeys(names))}." if names else ""
    failed = " The step failed here." if progress.failed in scene.drawn_as else ""
    return f"{progress.phase.capitalize()} phase.{now}{failed}"


class ProgressPainter:
    """Paints the marks of a progress: the lines of gradients, halos and rings around boxes."""

    def __init__(self, colors: Colors) -> None:
        """Paints in these colors."""
        self._colors = colors

    def paint_travelled(self, painter: QPainter, scene: Scene, places: Collection[int]) -> None:
        """Edges that the gradient has passed: they point its way and not the data's."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._ink, _TRAVELLED_WIDTH * _unit(painter)))
        for place in places:
            painter.drawPath(scene.geometry.path(scene.edges[place].key))
        self.paint_arrowheads(painter, scene, places)

    def paint_travelling(self, painter: QPainter, scene: Scene, places: Collection[int]) -> None:
        """Edges that the gradient passes now; painted last, no ring hides a short one."""
        unit = _unit(painter)
        glow = QColor(self._ink)
        glow.setAlpha(_GLOW_ALPHA)
        head = _TRAVELLING_HEAD * _HEAD_LENGTH * unit
        routes = [scene.geometry.routes[scene.edges[place].key] for place in places]
        # The line ends within its arrowhead, whose tip it would make blunt.
        lines = [rounded_path(_shortened(route, 0.8 * head)) for route in routes]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((glow, _GLOW_WIDTH), (self._ink, _TRAVELLING_WIDTH)):
            painter.setPen(_pen(color, width * unit, Qt.PenCapStyle.FlatCap))
            for line in lines:
                painter.drawPath(line)
        self.paint_arrowheads(painter, scene, places, _TRAVELLING_HEAD)

    def paint_arrowheads(
        self, painter: QPainter, scene: Scene, places: Collection[int], size: float = _TRAVELLED_HEAD
    ) -> None:
        """Triangles where the gradient arrives: at the start of the data's line."""
        if len(places) > _MOST_ARROWHEADS:
            return
        unit = _unit(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink)
        for place in places:
            route = scene.geometry.routes[scene.edges[place].key]
            painter.drawConvexPolygon(_grown(arrowhead(route[::-1]), size * unit))

    def paint_halos(self, painter: QPainter, scene: Scene, reach: Reach) -> None:
        """Light around the nodes at the cursor; painted below the boxes, it leaves their texts clear."""
        unit = _unit(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in reach.current | reach.failed:
            ring = self._ring(scene, index, unit)
            for width, alpha in _HALO:
                color = self._ring_color(reach, index)
                color.setAlpha(alpha)
                painter.setPen(_pen(color, width * unit))
                painter.drawPath(ring)

    def paint_rings(self, painter: QPainter, scene: Scene, reach: Reach, far: bool) -> None:
        """Outlines of the node that failed, and from afar of those at the cursor: else these are filled."""
        unit = _unit(painter)
        for index in reach.current | reach.failed if far else reach.failed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(self._ring_color(reach, index), _RING_WIDTH * unit))
            painter.drawPath(self._ring(scene, index, unit))

    def paint_crosses(self, painter: QPainter, scene: Scene, reach: Reach) -> None:
        """A cross at the node that failed."""
        unit = _unit(painter)
        for index in reach.failed:
            self._paint_cross(painter, _ring_box(scene.rectangles[index], unit).topLeft(), unit)

    @property
    def _ink(self) -> QColor:
        return self._colors.inks[Role.BACKWARD]

    def _ring_color(self, reach: Reach, index: int) -> QColor:
        return QColor(self._colors.error if index in reach.failed else self._colors.inks[reach.now])

    def _ring(self, scene: Scene, index: int, unit: float) -> QPainterPath:
        return outline(scene.nodes[index].kind, _ring_box(scene.rectangles[index], unit))

    def _paint_cross(self, painter: QPainter, middle: QPointF, unit: float) -> None:
        radius, arm = _CROSS_RADIUS * unit, _CROSS_ARM * unit
        painter.setPen(QPen(self._colors.surface, 1.5 * unit))
        painter.setBrush(self._colors.error)
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(_pen(self._colors.surface, 2.0 * unit))
        for down in (arm, -arm):
            painter.drawLine(QLineF(middle - QPointF(arm, down), middle + QPointF(arm, down)))


def _all_wait(scene: Scene, place: int, waiting: frozenset[str]) -> bool:
    """Whether a block waits: as long as all in it do."""
    block = scene.block(place)
    return block is None or block.members <= waiting


def _places(drawn_as: Mapping[Key, Collection[int]], keys: Iterable[Key]) -> frozenset[int]:
    return frozenset(place for key in keys for place in drawn_as.get(key, ()))


def _unit(painter: QPainter) -> float:
    """A pixel of the screen in the drawing's measure; from near marks grow with the drawing."""
    return 1.0 / min(painter.worldTransform().m11(), 1.0)


def _ring_box(box: QRectF, unit: float) -> QRectF:
    gap = _RING_GAP * unit
    across = max(gap, (_SMALLEST_RING * unit - box.width()) / 2)
    down = max(gap, (_SMALLEST_RING * unit - box.height()) / 2)
    return box.adjusted(-across, -down, across, down)


def _pen(color: QColor, width: float, cap: Qt.PenCapStyle = Qt.PenCapStyle.RoundCap) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, cap, Qt.PenJoinStyle.RoundJoin)


def _shortened(route: Sequence[Point], distance: float) -> tuple[Point, ...]:
    """Begins later by this distance, or by most of its first piece if that is shorter."""
    (x, y), (next_x, next_y) = route[:2]
    length = QLineF(x, y, next_x, next_y).length() or 1.0
    share = min(distance / length, 0.9)
    return ((x + share * (next_x - x), y + share * (next_y - y)), *route[1:])


def _grown(triangle: QPolygonF, factor: float) -> QPolygonF:
    """Larger, with its tip where it was."""
    tip = triangle.at(0)
    return QPolygonF([tip + (triangle.at(place) - tip) * factor for place in range(triangle.size())])
