"""Paints what two graphs differ in: coloured edges, and round marks that say it without colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from ui.panels.graph.difference import Change, Contrast
from ui.panels.graph.scene import Scene
from ui.panels.graph.shapes import Colours, dashed

MARK_RADIUS = 8.0
_EDGE_MARK = 0.8
"""Size of a mark on an edge against one on a box."""
_SMALLEST_SCALE = 0.75
"""Zoom below which marks keep their size on the screen: they grow against their boxes."""
_MOST_MARKS = 200
"""More of them at once cannot be told apart, and would make a repaint slow."""
_EDGE_WIDTH = 2.0
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


class MarkPainter:
    """Paints marks and changed edges in one theme."""

    def __init__(self, colours: Colours) -> None:
        """Paints in these colours."""
        self._colours = colours

    def paint_mark(self, painter: QPainter, middle: QPointF, change: Change, size: float = 1.0) -> None:
        """A disc with "+", "−" or "≠"."""
        painter.save()
        painter.translate(middle)
        painter.scale(size, size)
        painter.setPen(QPen(self._colours.surface, 1.5))
        painter.setBrush(self._colours.changes[change])
        painter.drawEllipse(QPointF(), MARK_RADIUS, MARK_RADIUS)
        painter.setPen(QPen(self._colours.surface, 2.0))
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
            painter.setBrush(self._colours.changes[change])
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
        pen = QPen(self._colours.changes[change], _EDGE_WIDTH * unit)
        return dashed(pen) if change is Change.VANISHED else pen


def _mark_size(painter: QPainter) -> float:
    return max(1.0, _SMALLEST_SCALE / painter.worldTransform().m11())
