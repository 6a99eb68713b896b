"""Paints single nodes: their boxes, their texts, and the badges of those that are used more than once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from playground.graph.model import FoldedNode, GraphKind, NodeKind
from playground.graph.sizes import text_insets
from ui.panels.graph.difference import NO_CHANGES, Change, Contrast
from ui.panels.graph.progress import NOTHING, Reach
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import Colors, dashed, outline, side_bar
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import Detail, smallest_text
from ui.style.scale import stroke

MARK_RADIUS = 8.0
_EDGE_MARK = 0.8
"""Size of a mark on an edge against one on a box."""
_SMALLEST_SCALE = 0.75
"""Zoom below which marks keep their size on the screen: they grow against their boxes."""
_MOST_MARKS = 200
"""More of them at once cannot be told apart, and would make a repaint slow."""
_EDGE_WIDTH = 2.0
_NOW_MARK = 6.0
_SHEETS, _SHEET = 2, 3.5
"""A block of several uses is drawn as sheets, each so many pixels behind the one before."""
_PLUS_ARM, _BESIDE_PLUS = 3.5, 11.0
_ARM = 4.2
_STROKES = {
    Change.APPEARED: (QLineF(-_ARM, 0, _ARM, 0), QLineF(0, -_ARM, 0, _ARM)),
    Change.VANISHED: (QLineF(-_ARM, 0, _ARM, 0),),
    Change.CHANGED: (
        QLineF(-_ARM, -1.9, _ARM, -1.9),
        QLineF(-_ARM, 1.9, _ARM, 1.9),
        QLineF(-2.6, 4.6, 2.6, -4.6),
    ),
}


def paint_now_mark(painter: QPainter, corner: QPointF, color: QColor, unit: float) -> None:
    """A small ▶ with its upper left corner there; `unit` is a pixel of the screen in the drawing."""
    tip = [QPointF(), QPointF(_NOW_MARK * unit, 0.5 * _NOW_MARK * unit), QPointF(0.0, _NOW_MARK * unit)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawConvexPolygon(QPolygonF([corner + each for each in tip]))


class MarkPainter:
    """Paints marks and changed edges in one theme."""

    def __init__(self, colors: Colors) -> None:
        """Paints in these colors."""
        self._colors = colors

    def paint_mark(self, painter: QPainter, middle: QPointF, change: Change, size: float = 1.0) -> None:
        """A disc with "+", "−" or "≠"."""
        painter.save()
        painter.translate(middle)
        painter.scale(size, size)
        painter.setPen(QPen(self._colors.surface, 1.5))
        painter.setBrush(self._colors.changes[change])
        painter.drawEllipse(QPointF(), MARK_RADIUS, MARK_RADIUS)
        painter.setPen(QPen(self._colors.surface, 2.0))
        painter.drawLines(list(_STROKES[change]))
        painter.restore()

    def paint_all(
        self, painter: QPainter, scene: Scene, contrast: Contrast, crossed: Collection[int] = ()
    ) -> None:
        """The marks of a comparison; those of failed nodes keep clear of their crosses."""
        self._paint_edge_marks(painter, scene, contrast)
        self._paint_node_marks(painter, contrast.before, contrast.gone)
        self._paint_node_marks(painter, scene, contrast.nodes, crossed)

    def paint_edges(self, painter: QPainter, scene: Scene, changes: Mapping[int, Change]) -> None:
        """Solid lines of edges that appeared, dashed ones of those that vanished."""
        unit = 1.0 / min(painter.worldTransform().m11(), 1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, change in changes.items():
            painter.setPen(self._edge_pen(change, unit))
            painter.drawPath(scene.geometry.path(scene.edges[place].key))
        painter.setPen(Qt.PenStyle.NoPen)
        for place, change in changes.items():
            painter.setBrush(self._colors.changes[change])
            painter.drawConvexPolygon(scene.geometry.arrowhead(scene.edges[place].key))

    def _paint_node_marks(
        self, painter: QPainter, scene: Scene, changes: Mapping[int, Change], crossed: Collection[int] = ()
    ) -> None:
        """At the upper left corners of boxes, or the lower where a failed node has its cross above."""
        if len(changes) > _MOST_MARKS:
            return
        size = _mark_size(painter)
        for place, change in changes.items():
            box = scene.rectangles[place]
            corner = box.bottomLeft() if place in crossed else box.topLeft()
            self.paint_mark(painter, corner + QPointF(2.0, 0.0), change, size)

    def _paint_edge_marks(self, painter: QPainter, scene: Scene, contrast: Contrast) -> None:
        """On edges that changed between nodes which did not."""
        size = _EDGE_MARK * _mark_size(painter)
        for keys, change in ((contrast.unwired, Change.VANISHED), (contrast.rewired, Change.APPEARED)):
            for key in keys[:_MOST_MARKS]:
                middle = scene.geometry.path(key).pointAtPercent(0.5)
                self.paint_mark(painter, middle, change, size)

    def _edge_pen(self, change: Change, unit: float) -> QPen:
        pen = QPen(self._colors.changes[change], stroke(_EDGE_WIDTH) * unit)
        return dashed(pen) if change is Change.VANISHED else pen


def _mark_size(painter: QPainter) -> float:
    return max(1.0, _SMALLEST_SCALE / painter.worldTransform().m11())


_COUNT_TEXT = 13
_BADGE_HEIGHT = 17.0
_BADGE_TEXT = 12
_LARGEST_BADGE = 1.6
_BADGE_OVERLAP = 4.0
"""Pixels of a box that its badge covers: above the text."""


class NodePainter:
    """Paints nodes in one theme and one font; holds what can be used again from one paint to the next."""

    def __init__(self, colors: Colors, fitter: TextFitter) -> None:
        """Paints in these colors, with texts in the fitter's font."""
        self._colors = colors
        self._fitter = fitter
        self._shapes: dict[tuple[NodeKind, float, float], tuple[QPainterPath, QPainterPath]] = {}

    def paint(
        self,
        painter: QPainter,
        scene: Scene,
        nodes: Iterable[int],
        detail: Detail,
        reach: Reach = NOTHING,
        changes: Mapping[int, Change] = NO_CHANGES,
    ) -> None:
        """Paints the nodes at these places, each in the look that the step or a comparison gives it."""
        shared = []
        for index in nodes:
            change = changes.get(index)
            corner = scene.rectangles[index].topLeft()
            painter.translate(corner)
            now = reach.now if index in reach.current and index not in reach.failed else None
            self._paint_box(painter, scene, index, now or reach.role(index), change, now is not None)
            self._paint_texts(painter, scene, index, detail, change, now is not None)
            painter.translate(-corner)
            is_shared = scene.roles[index] is Role.PARAMETER and scene.uses[index] > 1
            if is_shared and change is not Change.VANISHED:
                shared.append(index)
        for index in shared:
            self._paint_badge(painter, scene.rectangles[index].topRight(), f"×{scene.uses[index]}")

    def paint_counts(self, painter: QPainter, scene: Scene, edges: Iterable[int]) -> None:
        """On each of these edges that stands for several, how many they are."""
        scale = painter.worldTransform().m11()
        if not scene.merged or _COUNT_TEXT * scale < smallest_text():
            return
        painter.setFont(self._fitter.font(_COUNT_TEXT))
        for place in edges:
            if place in scene.merged:
                text = str(scene.merged[place])
                area = QRectF(0.0, 0.0, 6.0 + 7.5 * len(text), _COUNT_TEXT + 2.0)
                area.moveCenter(scene.geometry.path(scene.edges[place].key).pointAtPercent(0.5))
                painter.fillRect(area, self._colors.surface)
                painter.setPen(self._colors.muted)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_box(
        self,
        painter: QPainter,
        scene: Scene,
        index: int,
        reached: Role | None,
        change: Change | None,
        is_now: bool,
    ) -> None:
        kind, size = scene.nodes[index].kind, scene.rectangles[index].size()
        whole, bar = self._shape(kind, size.width(), size.height())
        fill, border = self._look(scene, index, None if is_now else reached, change)
        if is_now and reached is not None:
            fill, border = QBrush(self._colors.inks[reached]), QPen(self._colors.inks[reached], stroke(1.4))
        painter.setBrush(fill)
        painter.setPen(border)
        is_block = scene.block(index) is not None
        for sheet in range(_SHEETS if is_block else 0, 0, -1):
            painter.drawPath(whole.translated(sheet * _SHEET, -sheet * _SHEET))
        painter.drawPath(whole)
        if is_block:
            unit = 1.0 / min(painter.worldTransform().m11(), 1.0)
            arm, middle = _PLUS_ARM * unit, QPointF(8.0 * unit, 8.0 * unit)
            painter.setPen(QPen(self._colors.text, stroke(1.6) * unit))
            for along in (QPointF(arm, 0.0), QPointF(0.0, arm)):
                painter.drawLine(QLineF(middle - along, middle + along))
        if is_now:
            unit = 1.0 / min(painter.worldTransform().m11(), 1.0)
            left = max(3.0 * unit, text_insets(kind)[0] - 6.0) + is_block * _BESIDE_PLUS * unit
            paint_now_mark(painter, QPointF(left, 2.5 * unit), self._colors.on_accent, unit)
        elif kind is NodeKind.PARAMETER:
            gone = change is Change.VANISHED
            painter.fillPath(bar, border.color() if gone else self._colors.inks[scene.roles[index]])

    def _look(
        self, scene: Scene, index: int, reached: Role | None, change: Change | None
    ) -> tuple[QBrush, QPen]:
        """What a box is filled with and its outline."""
        colors, role = self._colors, scene.roles[index]
        trace = scene.graph.kind is GraphKind.TRACE
        fill = (colors.trace_fills if trace else colors.fills)[role]
        border = (colors.trace_borders if trace else colors.borders)[role]
        if reached is not None:
            fill, border = colors.reached_fills[reached], colors.reached_borders[reached]
        if change is not None:
            fill, border = colors.change_fills[change], colors.change_borders[change]
        return colors.fills[role] if _is_filled(scene, index, change) else fill, border

    def _paint_texts(
        self,
        painter: QPainter,
        scene: Scene,
        index: int,
        detail: Detail,
        change: Change | None,
        is_now: bool,
    ) -> None:
        node, size = scene.nodes[index], scene.rectangles[index].size()
        if detail not in (Detail.NAMES, Detail.FULL):
            return
        least = math.ceil(smallest_text() / painter.worldTransform().m11())
        fit = self._fitter.both if detail is Detail.FULL else self._fitter.name
        lines = fit(node, size, least)
        filled = is_now or _is_filled(scene, index, change)
        colors = self._colors
        says = node.says if isinstance(node, FoldedNode) else ()
        below = (len(says) or int(node.shape is not None)) if detail is Detail.FULL else 0
        for place, line in enumerate(lines):
            muted = place >= len(lines) - below or change is Change.VANISHED
            painter.setFont(line.font)
            painter.setPen(colors.on_accent if filled else colors.muted if muted else colors.text)
            painter.drawText(line.start, line.text)

    def _paint_badge(self, painter: QPainter, corner: QPointF, text: str) -> None:
        """At a box's upper right corner; from afar it grows against the box, to stay readable."""
        scale = painter.worldTransform().m11()
        growth = min(max(1.0, 0.9 / scale), _LARGEST_BADGE)
        if _BADGE_TEXT * growth * scale < smallest_text():
            return
        badge = QRectF(0.0, 0.0, 14.0 + 8.0 * len(text), _BADGE_HEIGHT)
        badge.moveCenter(QPointF(0.0, _BADGE_OVERLAP / growth - badge.height() / 2))
        painter.save()
        painter.translate(corner)
        painter.scale(growth, growth)
        painter.setPen(QPen(self._colors.surface, 1.5))
        painter.setBrush(self._colors.inks[Role.PARAMETER])
        painter.drawRoundedRect(badge, _BADGE_HEIGHT / 2, _BADGE_HEIGHT / 2)
        painter.setFont(self._fitter.font(_BADGE_TEXT))
        painter.setPen(self._colors.surface)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _shape(self, kind: NodeKind, width: float, height: float) -> tuple[QPainterPath, QPainterPath]:
        """Outline of a box of this size, and the bar at its left, if it were a parameter's."""
        key = (kind, width, height)
        if key not in self._shapes:
            box = QRectF(0.0, 0.0, width, height)
            self._shapes[key] = (outline(kind, box), side_bar(box))
        return self._shapes[key]


def _is_filled(scene: Scene, index: int, change: Change | None) -> bool:
    """Whether a box has its full color, under a light text."""
    loss = scene.roles[index] is Role.LOSS and scene.graph.kind is GraphKind.AUTOGRAD
    return loss and change is not Change.VANISHED
