"""Paints a scene: boxes with texts when there is room to read them, plain blocks when there is not."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.panels.graph.blocks import BlockPainter
from ui.panels.graph.difference import NO_CHANGES
from ui.panels.graph.frames import FramePainter
from ui.panels.graph.nodes import MarkPainter, NodePainter
from ui.panels.graph.progress import ProgressPainter
from ui.panels.graph.remark_painter import RemarkPainter
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import FADED, MUTED, Colors
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import Detail, Frame, RenderState
from ui.widgets.pictures import blank

_MOST_PICTURES = 8


class Pictures:
    """Pictures in one theme and one font.

    A few are kept: DynamicNet shows the same ones again and again, and a cursor goes back and forth.
    """

    def __init__(self, colors: Colors, fitter: TextFitter) -> None:
        """Paints in these colors, with texts in the fitter's font."""
        self._ground = colors.surface
        self._painter = ScenePainter(colors, fitter)
        self._kept: dict[RenderState, QPixmap] = {}

    def picture(self, sight: RenderState) -> QPixmap:
        """The graph on its ground."""
        if sight not in self._kept:
            if len(self._kept) >= _MOST_PICTURES:
                del self._kept[next(iter(self._kept))]
            self._kept[sight] = self._painted(sight, self._ground)
        return self._kept[sight]

    def sheet(self, sight: RenderState) -> QPixmap:
        """The graph on a transparent ground, to be laid over something else; it is not kept."""
        return self._painted(sight, QColor(Qt.GlobalColor.transparent))

    def _painted(self, sight: RenderState, ground: QColor) -> QPixmap:
        picture = blank(QSize(sight.width, sight.height), sight.ratio, ground)
        painter = QPainter(picture)
        self._painter.paint(painter, sight)
        painter.end()
        return picture


_THINNEST_LINE = 1.2
"""Pixels of the screen: an edge is no thinner, however far away."""
_GHOST_RADIUS = 6.0
_FOUND_GAP, _FOUND_WIDTH = 3.0, 2.0
_FOUND_BAND, _FOUND_ALPHA = 7.0, 60
_SELECTION_GAP = 4.0
"""Pixels between a box and its outline when it is selected."""
_NEXT_OUTLINE = 4.0
"""Pixels from one outline of a box to the next around it."""


class _Layer(NamedTuple):
    """Nodes and edges of one strength."""

    opacity: float
    nodes: list[int]
    edges: list[int]


class ScenePainter:
    """Paints scenes in one theme and one font."""

    def __init__(self, colors: Colors, fitter: TextFitter) -> None:
        """Paints in these colors, with texts in the fitter's font."""
        self._colors = colors
        self._nodes = NodePainter(colors, fitter)
        self._frames = FramePainter(colors, fitter)
        self._marks = MarkPainter(colors)
        self._progress = ProgressPainter(colors)
        self._remarks = RemarkPainter(colors, fitter)
        self._blocks = BlockPainter(colors, self._progress, self._marks)

    def paint(self, painter: QPainter, sight: RenderState) -> None:
        """Paints what a widget shows; the painter's state is kept."""
        frame = Frame(sight)
        painter.save()
        painter.setTransform(sight.viewport.transform(), True)
        if sight.outside:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._remarks.paint_outside(painter, frame, sight.outside)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frames.paint(painter, frame.scene, frame.area, frame.detail is not Detail.BLOCKS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if frame.detail is Detail.BLOCKS:
            self._blocks.paint(painter, frame)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_outlines(painter, frame)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if frame.emphasis.ghosts:
                self._paint_ghosts(painter, frame)
            self._paint_near(painter, frame)
        self._paint_remarks(painter, sight, frame)
        self._progress.paint_travelling(painter, frame.scene, sorted(frame.reach.travelling))
        self._progress.paint_crosses(painter, frame.scene, frame.reach)
        self._paint_selection(painter, frame)
        if sight.remarks is not None:
            painter.setOpacity(_strength(frame))
            self._remarks.paint_changes(painter, frame, sight.remarks, sight.outside)
            painter.setOpacity(1.0)
        painter.restore()
        if sight.remarks is not None:
            size = QRectF(0.0, 0.0, sight.width, sight.height)
            self._remarks.paint_words(painter, frame, sight.remarks, sight.outside, size)

    def _paint_remarks(self, painter: QPainter, sight: RenderState, frame: Frame) -> None:
        """What a recorded step adds to its nodes; paler while another node is pointed at."""
        if sight.remarks is None:
            return
        painter.setOpacity(_strength(frame))
        self._remarks.paint_edges(painter, frame.scene, sight.remarks)
        self._remarks.paint_flaws(painter, frame, sight.remarks)
        self._remarks.paint_tags(painter, frame, sight.remarks, sight.outside)
        painter.setOpacity(1.0)

    def _paint_near(self, painter: QPainter, frame: Frame) -> None:
        layers = list(_layers(frame))
        contrast = frame.contrast
        for layer in layers:
            painter.setOpacity(layer.opacity)
            bright = layer is layers[-1] and frame.hovered is not None
            pens = self._colors.bright_lines if bright else self._colors.lines
            self._paint_edges(painter, frame, layer.edges, pens)
            self._nodes.paint_counts(painter, frame.scene, layer.edges)
        if contrast is not None:
            painter.setOpacity(_strength(frame))
            self._marks.paint_edges(painter, contrast.before, contrast.gone_edges)
            painter.setOpacity(1.0)
        self._paint_outlines(painter, frame)
        for layer in layers:
            painter.setOpacity(layer.opacity)
            self._paint_nodes(painter, frame, layer.nodes)
        if contrast is not None:
            painter.setOpacity(_strength(frame))
            self._nodes.paint(painter, contrast.before, contrast.gone, frame.detail, changes=contrast.gone)
            self._marks.paint_all(painter, frame.scene, contrast, frame.reach.failed)
            painter.setOpacity(1.0)

    def _paint_ghosts(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(self._colors.ghost)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        taken = frame.contrast.difference.vanished if frame.contrast is not None else frozenset()
        for key, box in frame.scene.ghosts.items():
            if key not in taken and box.intersects(frame.area):
                painter.drawRoundedRect(box, _GHOST_RADIUS, _GHOST_RADIUS)

    def _paint_edges(self, painter: QPainter, frame: Frame, edges: list[int], pens: dict[Role, QPen]) -> None:
        scene, reach = frame.scene, frame.reach
        pens = _thick_enough(pens, _THINNEST_LINE / painter.worldTransform().m11())
        changes = NO_CHANGES if frame.contrast is None else frame.contrast.edges
        passed = reach.travelled | reach.travelling
        plain = [edge for edge in edges if edge not in passed and edge not in changes]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in plain:
            edge = scene.edges[place]
            painter.setPen(pens[edge.role])
            painter.drawPath(scene.geometry.path(edge.key))
        painter.setPen(Qt.PenStyle.NoPen)
        for place in plain:
            edge = scene.edges[place]
            painter.setBrush(pens[edge.role].color())
            painter.drawConvexPolygon(scene.geometry.arrowhead(edge.key))
        new = {edge: changes[edge] for edge in edges if edge in changes and edge not in passed}
        self._marks.paint_edges(painter, scene, new)
        travelled = [edge for edge in edges if edge in reach.travelled]
        self._progress.paint_travelled(painter, scene, travelled)

    def _paint_nodes(self, painter: QPainter, frame: Frame, nodes: list[int]) -> None:
        changes = NO_CHANGES if frame.contrast is None else frame.contrast.nodes
        self._nodes.paint(painter, frame.scene, nodes, frame.detail, frame.reach, changes)

    def _paint_outlines(self, painter: QPainter, frame: Frame) -> None:
        """Around the nodes at the cursor and those that the user searched for; badges stay above them."""
        scene, reach = frame.scene, frame.reach
        self._progress.paint_halos(painter, scene, reach)
        self._progress.paint_rings(painter, scene, reach, frame.detail is Detail.BLOCKS)
        width = 1.0 / min(frame.scale, 1.0)
        band = QColor(self._colors.info)
        band.setAlpha(_FOUND_ALPHA)
        pens = QPen(band, _FOUND_BAND * width), QPen(self._colors.info, _FOUND_WIDTH * width)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in {place for key in frame.emphasis.found for place in _found(scene, key)}:
            gap = (_FOUND_GAP + _NEXT_OUTLINE * (index in reach.failed)) * width
            box = scene.rectangles[index].adjusted(-gap, -gap, gap, gap)
            for pen in pens:
                painter.setPen(pen)
                painter.drawRoundedRect(box, 2 * gap, 2 * gap)

    def _paint_selection(self, painter: QPainter, frame: Frame) -> None:
        """A ring around the selected node; around its free place when this graph does not have it."""
        scene, selected = frame.scene, frame.emphasis.selected
        box = scene.geometry.rectangles.get(selected or "")
        if box is None:
            return
        pen = QPen(self._colors.selection)
        # At least as wide on the screen as at a zoom of 1, or it would be lost from afar.
        pen.setWidthF(pen.widthF() / min(frame.scale, 1.0))
        index = scene.index(selected)
        if index is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        inner = (index is not None and index in frame.reach.failed) + (selected in frame.emphasis.found)
        gap = (_SELECTION_GAP + _NEXT_OUTLINE * inner) / min(frame.scale, 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-gap, -gap, gap, gap), 2 * gap, 2 * gap)


def _found(scene: Scene, key: str) -> Sequence[int]:
    """The node with this key, or the block that it is hidden in."""
    index = scene.index(key)
    return scene.drawn_as.get(key, ()) if index is None else (index,)


def _layers(frame: Frame) -> Iterator[_Layer]:
    """What shows, from the palest to what stands out; each node and edge is in one layer."""
    nodes, edges = frame.nodes, frame.scene.edges_in(frame.area)
    for opacity, pale_nodes, pale_edges in _pale(frame):
        yield _Layer(
            opacity,
            [node for node in nodes if node in pale_nodes],
            [edge for edge in edges if edge in pale_edges],
        )
        nodes = [node for node in nodes if node not in pale_nodes]
        edges = [edge for edge in edges if edge not in pale_edges]
    yield _Layer(1.0, nodes, edges)


def _pale(frame: Frame) -> Iterator[tuple[float, Container[int], Container[int]]]:
    """Nodes and edges that wait or are far from the node under the pointer; what two graphs share."""
    scene, reach = frame.scene, frame.reach
    if frame.hovered is not None:
        nodes, edges = scene.related(frame.hovered)
        # The node under the pointer can be read even while it waits.
        far = (frozenset(range(len(scene.nodes))) - nodes | reach.waiting) - {frame.hovered}
        yield FADED, far, frozenset(range(len(scene.edges))) - edges | reach.waiting_edges
        return
    yield FADED, reach.waiting, reach.waiting_edges
    if frame.contrast is not None:
        found = {place for key in frame.emphasis.found for place in _found(scene, key)}
        clear = reach.current | reach.failed | frame.contrast.nodes.keys() | found
        passed = reach.travelled | reach.travelling | frame.contrast.edges.keys()
        same = frozenset(range(len(scene.nodes))) - clear
        yield MUTED, same, frozenset(range(len(scene.edges))) - passed


def _strength(frame: Frame) -> float:
    """Opacity of what vanished and of marks: a node under the pointer comes first."""
    return 1.0 if frame.hovered is None else FADED


def _thick_enough(pens: dict[Role, QPen], width: float) -> dict[Role, QPen]:
    """Pens of at least this width."""
    result = {role: QPen(pen) for role, pen in pens.items()}
    for pen in result.values():
        pen.setWidthF(max(pen.widthF(), width))
    return result
