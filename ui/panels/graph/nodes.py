"""Paints single nodes: their boxes, their texts, and the badges of those that are used more than once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen

from playground.graph.model import GraphKind, NodeKind
from ui.panels.graph.difference import NO_CHANGES, Change
from ui.panels.graph.progress import NOTHING, Reach
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import Colours, outline, side_bar
from ui.panels.graph.sight import Detail
from ui.panels.graph.text import TextFitter

_BADGE_HEIGHT = 17.0
_LARGEST_BADGE = 1.6
_BADGE_OVERLAP = 4.0
"""Pixels of a box that its badge covers: above the text."""


class NodePainter:
    """Paints nodes in one theme and one font; holds what can be used again from one paint to the next."""

    def __init__(self, colours: Colours, fitter: TextFitter) -> None:
        """Paints in these colours, with texts in the fitter's font."""
        self._colours = colours
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
            self._paint_box(painter, scene, index, reach.role(index), change)
            self._paint_texts(painter, scene, index, detail, change)
            painter.translate(-corner)
            is_shared = scene.roles[index] is Role.PARAMETER and scene.uses[index] > 1
            if is_shared and change is not Change.VANISHED:
                shared.append(index)
        for index in shared:
            self._paint_badge(painter, scene.rectangles[index].topRight(), f"×{scene.uses[index]}")

    def _paint_box(
        self, painter: QPainter, scene: Scene, index: int, reached: Role | None, change: Change | None
    ) -> None:
        kind, size = scene.nodes[index].kind, scene.rectangles[index].size()
        whole, bar = self._shape(kind, size.width(), size.height())
        fill, border = self._look(scene, index, reached, change)
        painter.setBrush(fill)
        painter.setPen(border)
        painter.drawPath(whole)
        if kind is NodeKind.PARAMETER:
            gone = change is Change.VANISHED
            painter.fillPath(bar, border.color() if gone else self._colours.inks[scene.roles[index]])

    def _look(
        self, scene: Scene, index: int, reached: Role | None, change: Change | None
    ) -> tuple[QBrush, QPen]:
        """What a box is filled with and its outline."""
        colours, role = self._colours, scene.roles[index]
        trace = scene.graph.kind is GraphKind.TRACE
        fill = (colours.trace_fills if trace else colours.fills)[role]
        border = (colours.trace_borders if trace else colours.borders)[role]
        if reached is not None:
            fill, border = colours.reached_fills[reached], colours.reached_borders[reached]
        if change is not None:
            fill, border = colours.change_fills[change], colours.change_borders[change]
        return colours.fills[role] if _is_filled(scene, index, change) else fill, border

    def _paint_texts(
        self, painter: QPainter, scene: Scene, index: int, detail: Detail, change: Change | None
    ) -> None:
        node, size = scene.nodes[index], scene.rectangles[index].size()
        lines = self._fitter.both(node, size) if detail is Detail.FULL else self._fitter.name(node, size)
        filled = _is_filled(scene, index, change)
        colours = self._colours
        for place, line in enumerate(lines):
            is_shape = detail is Detail.FULL and node.shape is not None and place == len(lines) - 1
            muted = is_shape or change is Change.VANISHED
            painter.setFont(line.font)
            painter.setPen(colours.on_accent if filled else colours.muted if muted else colours.text)
            painter.drawText(line.start, line.text)

    def _paint_badge(self, painter: QPainter, corner: QPointF, text: str) -> None:
        """At a box's upper right corner; from afar it grows against the box, to stay readable."""
        growth = min(max(1.0, 0.9 / painter.worldTransform().m11()), _LARGEST_BADGE)
        badge = QRectF(0.0, 0.0, 14.0 + 8.0 * len(text), _BADGE_HEIGHT)
        badge.moveCenter(QPointF(0.0, _BADGE_OVERLAP / growth - badge.height() / 2))
        painter.save()
        painter.translate(corner)
        painter.scale(growth, growth)
        painter.setPen(QPen(self._colours.surface, 1.5))
        painter.setBrush(self._colours.inks[Role.PARAMETER])
        painter.drawRoundedRect(badge, _BADGE_HEIGHT / 2, _BADGE_HEIGHT / 2)
        painter.setFont(self._fitter.font(12))
        painter.setPen(self._colours.surface)
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
    """Whether a box has its full colour, under a light text."""
    loss = scene.roles[index] is Role.LOSS and scene.graph.kind is GraphKind.AUTOGRAD
    return loss and change is not Change.VANISHED
