"""Paints a scene from afar: all by color and without texts, thousands of nodes in a few calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.panels.graph.difference import Change, Contrast
from ui.panels.graph.nodes import MarkPainter
from ui.panels.graph.progress import ProgressPainter, Reach
from ui.panels.graph.scene import Mask, Role, Scene
from ui.panels.graph.shapes import FADED, MUTED, Colors
from ui.panels.graph.view import Frame

_BOXES_FROM = 0.05
"""Below, a box is hardly two pixels high, and a line shows it as well, even where it falls between pixels."""
_SHORTEST_LINE = 1.5
"""Pixels; shorter pieces of an edge are left out from afar, where they cannot be seen."""
_CHANGED_WIDTH = 2.0
"""Pixels of lines that the gradient has travelled, or that another graph does not have."""
_MARKS_FROM = 0.12
"""Zoom below which a box is smaller than a mark."""


class BlockPainter:
    """Paints nodes as plain blocks and edges as straight lines."""

    def __init__(self, colors: Colors, progress: ProgressPainter, marks: MarkPainter) -> None:
        """Paints in these colors."""
        self._colors = colors
        self._progress = progress
        self._marks = marks

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paints the part of a scene that shows."""
        scene, reach, hovered = frame.scene, frame.reach, frame.hovered
        opacity = FADED if hovered is not None else 1.0 if frame.contrast is None else MUTED
        self._paint_edges(painter, frame, opacity)
        self._paint_gradients(painter, frame, opacity)
        for role, faint, places in _groups(scene, reach):
            painter.setOpacity(opacity * FADED if faint else opacity)
            self._paint_nodes(painter, scene, places, self._colors.line_color(role), frame.scale)
        if frame.contrast is not None:
            painter.setOpacity(1.0 if hovered is None else FADED)
            self._paint_changes(painter, frame, frame.contrast)
        painter.setOpacity(1.0)
        if hovered is not None:
            self._paint_bright(painter, scene, hovered)

    def _paint_edges(self, painter: QPainter, frame: Frame, opacity: float) -> None:
        scene, reach = frame.scene, frame.reach
        passed = reach.travelled | reach.travelling
        faint = _mask(scene, reach.waiting_edges - passed)
        plain = ~_mask(scene, reach.waiting_edges | passed)
        for edges, strength in ((faint, opacity * FADED), (plain, opacity)):
            if edges.any():
                painter.setOpacity(strength)
                for role, segments in scene.segments.items():
                    painter.setPen(_line(self._colors.line_color(role)))
                    painter.drawLines(segments.visible(frame.area, _SHORTEST_LINE / frame.scale, edges))

    def _paint_gradients(self, painter: QPainter, frame: Frame, opacity: float) -> None:
        travelled = frame.reach.travelled
        if travelled:
            painter.setOpacity(opacity)
            self._paint_lines(painter, frame, frame.scene, travelled, self._colors.inks[Role.BACKWARD])
            if frame.scale >= _BOXES_FROM:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._progress.paint_arrowheads(painter, frame.scene, sorted(travelled))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_changes(self, painter: QPainter, frame: Frame, contrast: Contrast) -> None:
        """Filled blocks of what appeared or changed, empty ones of what vanished."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for scene, edges, nodes in (
            (contrast.before, contrast.gone_edges, contrast.gone),
            (frame.scene, contrast.edges, contrast.nodes),
        ):
            for change, color in self._colors.changes.items():
                places = [place for place, what in edges.items() if what is change]
                self._paint_lines(painter, frame, scene, places, color)
                places = [place for place, what in nodes.items() if what is change]
                if change is not Change.VANISHED:
                    self._paint_nodes(painter, scene, places, color, frame.scale)
                elif places:
                    painter.setPen(_line(color))
                    painter.setBrush(self._colors.surface)
                    painter.drawRects([scene.rectangles[place] for place in places])
        if frame.scale >= _MARKS_FROM:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._marks.paint_all(painter, frame.scene, contrast, frame.reach.failed)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_lines(
        self, painter: QPainter, frame: Frame, scene: Scene, edges: Collection[int], color: QColor
    ) -> None:
        if edges:
            mask = _mask(scene, edges)
            painter.setPen(_line(color, _CHANGED_WIDTH))
            for segments in scene.segments.values():
                painter.drawLines(segments.visible(frame.area, _SHORTEST_LINE / frame.scale, mask))

    def _paint_nodes(
        self, painter: QPainter, scene: Scene, places: Collection[int], color: QColor, scale: float
    ) -> None:
        if scale < _BOXES_FROM:
            painter.setPen(_line(color))
            painter.drawLines([scene.middles[place] for place in places])
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRects([scene.rectangles[place] for place in places])

    def _paint_bright(self, painter: QPainter, scene: Scene, hovered: int) -> None:
        nodes, edges = scene.related(hovered)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place in edges:
            edge = scene.edges[place]
            pen = QPen(self._colors.bright_lines[edge.role])
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(scene.geometry.path(edge.key))
        for index in nodes:
            painter.fillRect(scene.rectangles[index], self._colors.inks[scene.roles[index]])


def _groups(scene: Scene, reach: Reach) -> Iterable[tuple[Role, bool, list[int]]]:
    """Places of nodes that look alike: their color, and whether they are faint."""
    changed = reach.waiting | reach.differentiated | reach.updated | reach.current
    if not changed:
        return [(role, False, places) for role, places in scene.places_by_role.items()]
    groups: dict[tuple[Role, bool], list[int]] = {}
    for place, role in enumerate(scene.roles):
        now = reach.now if place in reach.current else None
        look = (now or reach.role(place) or role, place in reach.waiting)
        groups.setdefault(look, []).append(place)
    return [(role, faint, places) for (role, faint), places in groups.items()]


def _mask(scene: Scene, edges: Collection[int]) -> Mask:
    mask: Mask = np.zeros(len(scene.edges), dtype=np.bool_)
    mask[list(edges)] = True
    return mask


def _line(color: QColor, width: float = 1.0) -> QPen:
    """So many pixels wide at every zoom."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    return pen
