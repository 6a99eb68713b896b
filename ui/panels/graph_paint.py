"""Paints a scene: boxes with texts when there is room to read them, plain blocks when there is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from playground.graph.model import GraphKind, NodeKind
from ui.panels.graph_scene import Role, Scene
from ui.panels.graph_shapes import Colours, outline, side_bar
from ui.panels.graph_text import TextFitter
from ui.panels.graph_viewport import Viewport

_FADED = 0.28
_BADGE_HEIGHT = 17.0
_LARGEST_BADGE = 1.6
_BADGE_OVERLAP = 4.0
"""Pixels of a box that its badge covers: above the text."""
_THINNEST_LINE = 1.2
"""Pixels of the screen: an edge is no thinner, however far away."""
_GHOST_RADIUS = 6.0


class Detail(Enum):
    """How much of a node is painted, from far away to near."""

    BLOCKS = "blocks"
    NAMES = "names"
    FULL = "full"


_NAMES_FROM = 0.26
_FULL_FROM = 0.6
_BOXES_FROM = 0.05
"""Below, a box is hardly two pixels high, and a line shows it as well, even where it falls between pixels."""
_SHORTEST_LINE = 1.5
"""Pixels; shorter pieces of an edge are left out from afar, where they cannot be seen."""
_MOST_WITH_TEXT = 250
"""More boxes than these at once cannot be read, and would make a repaint slow."""


def detail_at(scale: float, nodes: int) -> Detail:
    """What can be read at this zoom, with so many nodes in view."""
    if scale < _NAMES_FROM or nodes > _MOST_WITH_TEXT:
        return Detail.BLOCKS
    return Detail.NAMES if scale < _FULL_FROM else Detail.FULL


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What stands out: keys of the node under the pointer and the selected one; whether ghosts show."""

    hovered: str | None = None
    selected: str | None = None
    ghosts: bool = True


class ScenePainter:
    """Paints scenes in one theme and one font; holds what can be used again from one paint to the next."""

    def __init__(self, colours: Colours, fitter: TextFitter) -> None:
        """Paints in these colours, with texts in the fitter's font."""
        self._colours = colours
        self._fitter = fitter
        self._shapes: dict[tuple[NodeKind, float, float], tuple[QPainterPath, QPainterPath]] = {}

    def paint(
        self, painter: QPainter, scene: Scene, viewport: Viewport, size: QSizeF, emphasis: Emphasis
    ) -> None:
        """Paints the part of a scene that a widget of this size shows; the painter's state is kept."""
        area = viewport.visible(size)
        nodes = scene.nodes_in(area)
        detail = detail_at(viewport.scale, len(nodes))
        painter.save()
        painter.setTransform(viewport.transform(), True)
        if detail is Detail.BLOCKS:
            self._paint_blocks(painter, scene, area, viewport.scale, emphasis)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if emphasis.ghosts:
                self._paint_ghosts(painter, scene, area)
            self._paint_near(painter, scene, nodes, area, detail, emphasis)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_selection(painter, scene, emphasis, viewport.scale)
        painter.restore()

    def _paint_near(
        self,
        painter: QPainter,
        scene: Scene,
        nodes: list[int],
        area: QRectF,
        detail: Detail,
        emphasis: Emphasis,
    ) -> None:
        edges = scene.edges_in(area)
        hovered = scene.index(emphasis.hovered)
        if hovered is None:
            self._paint_edges(painter, scene, edges, self._colours.lines)
            self._paint_nodes(painter, scene, nodes, detail)
            return
        bright_nodes, bright_edges = scene.related(hovered)
        painter.setOpacity(_FADED)
        self._paint_edges(
            painter, scene, [edge for edge in edges if edge not in bright_edges], self._colours.lines
        )
        self._paint_nodes(painter, scene, [node for node in nodes if node not in bright_nodes], detail)
        painter.setOpacity(1.0)
        self._paint_edges(
            painter, scene, [edge for edge in edges if edge in bright_edges], self._colours.bright_lines
        )
        self._paint_nodes(painter, scene, [node for node in nodes if node in bright_nodes], detail)

    def _paint_ghosts(self, painter: QPainter, scene: Scene, area: QRectF) -> None:
        painter.setPen(self._colours.ghost)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in scene.ghosts.values():
            if box.intersects(area):
                painter.drawRoundedRect(box, _GHOST_RADIUS, _GHOST_RADIUS)

    def _paint_edges(
        self, painter: QPainter, scene: Scene, edges: Collection[int], pens: dict[Role, QPen]
    ) -> None:
        pens = _thick_enough(pens, _THINNEST_LINE / painter.worldTransform().m11())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in edges:
            edge = scene.edges[place]
            painter.setPen(pens[edge.role])
            painter.drawPath(scene.geometry.path(edge.key))
        painter.setPen(Qt.PenStyle.NoPen)
        for place in edges:
            edge = scene.edges[place]
            painter.setBrush(pens[edge.role].color())
            painter.drawConvexPolygon(scene.geometry.arrowhead(edge.key))

    def _paint_nodes(self, painter: QPainter, scene: Scene, nodes: Collection[int], detail: Detail) -> None:
        for index in nodes:
            corner = scene.rectangles[index].topLeft()
            painter.translate(corner)
            self._paint_box(painter, scene, index)
            self._paint_texts(painter, scene, index, detail)
            painter.translate(-corner)
        for index in nodes:
            if scene.roles[index] is Role.PARAMETER and scene.uses[index] > 1:
                self._paint_badge(painter, scene.rectangles[index].topRight(), f"×{scene.uses[index]}")

    def _paint_box(self, painter: QPainter, scene: Scene, index: int) -> None:
        trace = scene.graph.kind is GraphKind.TRACE
        role, kind, size = scene.roles[index], scene.nodes[index].kind, scene.rectangles[index].size()
        whole, bar = self._shape(kind, size.width(), size.height())
        painter.setBrush((self._colours.trace_fills if trace else self._colours.fills)[role])
        painter.setPen((self._colours.trace_borders if trace else self._colours.borders)[role])
        painter.drawPath(whole)
        if kind is NodeKind.PARAMETER:
            painter.fillPath(bar, self._colours.inks[role])

    def _paint_texts(self, painter: QPainter, scene: Scene, index: int, detail: Detail) -> None:
        node, size = scene.nodes[index], scene.rectangles[index].size()
        lines = self._fitter.both(node, size) if detail is Detail.FULL else self._fitter.name(node, size)
        filled = scene.roles[index] is Role.LOSS and scene.graph.kind is GraphKind.AUTOGRAD
        colours = self._colours
        for place, line in enumerate(lines):
            is_shape = detail is Detail.FULL and node.shape is not None and place == len(lines) - 1
            painter.setFont(line.font)
            painter.setPen(colours.on_accent if filled else colours.muted if is_shape else colours.text)
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

    def _paint_selection(self, painter: QPainter, scene: Scene, emphasis: Emphasis, scale: float) -> None:
        """Around the selected node; around its free place when this graph does not have it."""
        box = scene.geometry.rectangles.get(emphasis.selected or "")
        if box is None:
            return
        pen = QPen(self._colours.accent)
        # At least as wide on the screen as at a zoom of 1, or it would be lost from afar.
        pen.setWidthF(pen.widthF() / min(scale, 1.0))
        if scene.index(emphasis.selected) is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        gap = 4.0 / min(scale, 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-gap, -gap, gap, gap), 2 * gap, 2 * gap)

    def _paint_blocks(
        self, painter: QPainter, scene: Scene, area: QRectF, scale: float, emphasis: Emphasis
    ) -> None:
        """All by colour and without texts: thousands of nodes in a few calls."""
        hovered = scene.index(emphasis.hovered)
        painter.setOpacity(1.0 if hovered is None else _FADED)
        for role, segments in scene.segments.items():
            painter.setPen(_hairline(self._colours.line_colour(role)))
            painter.drawLines(segments.visible(area, _SHORTEST_LINE / scale))
        for role, (boxes, middles) in scene.blocks.items():
            colour = self._colours.line_colour(role)
            if scale < _BOXES_FROM:
                painter.setPen(_hairline(colour))
                painter.drawLines(middles)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawRects(boxes)
        painter.setOpacity(1.0)
        if hovered is not None:
            self._paint_bright_blocks(painter, scene, hovered)

    def _paint_bright_blocks(self, painter: QPainter, scene: Scene, hovered: int) -> None:
        nodes, edges = scene.related(hovered)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in edges:
            edge = scene.edges[place]
            pen = QPen(self._colours.bright_lines[edge.role])
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(scene.geometry.path(edge.key))
        for index in nodes:
            painter.fillRect(scene.rectangles[index], self._colours.inks[scene.roles[index]])

    def _shape(self, kind: NodeKind, width: float, height: float) -> tuple[QPainterPath, QPainterPath]:
        """Outline of a box of this size, and the bar at its left, if it were a parameter's."""
        key = (kind, width, height)
        if key not in self._shapes:
            box = QRectF(0.0, 0.0, width, height)
            self._shapes[key] = (outline(kind, box), side_bar(box))
        return self._shapes[key]


def _hairline(colour: QColor) -> QPen:
    """One pixel wide at every zoom."""
    pen = QPen(colour, 1.0)
    pen.setCosmetic(True)
    return pen


def _thick_enough(pens: dict[Role, QPen], width: float) -> dict[Role, QPen]:
    """Pens of at least this width."""
    result = {role: QPen(pen) for role, pen in pens.items()}
    for pen in result.values():
        pen.setWidthF(max(pen.widthF(), width))
    return result
