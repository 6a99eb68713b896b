"""What is drawn in the plot of the loss: a grid, the curve, and marks for losses that cannot be drawn.

Everything is painted with lines one pixel wide, which Qt draws fast; wider ones take ten to a
hundred times as long where a curve is dense. The grid is an item of its own since pyqtgraph's takes
some 15 ms a repaint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ui.panels.loss.axes import Steps
from ui.style.scale import stroke

StepColors = Callable[[Steps], Sequence[int] | NDArray[np.integer[Any]]]
"""Gives the number of a color for each of these steps; -1: none."""
SIZE = 3
MOST_ROUND = 600
"""Round dots take several times as long to paint; among more than these nobody sees the difference."""


Along = NDArray[np.integer[Any] | np.floating[Any]]
"""Where steps stand on the horizontal axis: their numbers themselves, or seconds."""
DOT_RADIUS = 2.5
MARK_WIDTH = 9.0
MARK_MARGIN = 3.0


def pen_of(color: str, dashed: bool = False, width: float = 1.0) -> QPen:
    """A pen one pixel wide at any zoom, or as wide as it is told, from afar a little wider."""
    pen = QPen(QColor(color), stroke(width), Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    pen.setCosmetic(True)
    return pen


class ViewItem(QGraphicsItem):
    """An item as large as what is in view, in one color."""

    def __init__(self) -> None:
        """Nothing is in view yet."""
        super().__init__()
        self.view = QRectF()
        self.pen = QPen()

    def set_view(self, view: QRectF) -> None:
        """Takes the range in view, in places on the axes."""
        self.prepareGeometryChange()
        self.view = QRectF(view)

    def set_color(self, color: str, dashed: bool = False) -> None:
        """Paints in this color."""
        self.pen = pen_of(color, dashed)
        self.update()

    def boundingRect(self) -> QRectF:
        """The range in view."""
        return self.view

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Nothing, but with the pen ready."""
        painter.setPen(self.pen)


class Grid(ViewItem):
    """Lines across the plot at places of losses."""

    def __init__(self) -> None:
        """Without lines at first."""
        super().__init__()
        self._lines: list[QLineF] = []

    def set_places(self, losses: list[float]) -> None:
        """Draws a line at each of these, across what is in view."""
        view = self.view
        self._lines = [QLineF(view.left(), loss, view.right(), loss) for loss in losses]
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The lines, thin and sharp."""
        super().paint(painter, option, widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLines(self._lines)


class CurveItem(ViewItem):
    """Points joined by lines, except where something between them cannot be drawn.

    Attributes:
        steps, along, places: the points, and where they stand on either axis: NaN for a loss that cannot
            be drawn.
    """

    def __init__(self) -> None:
        """Without points at first."""
        super().__init__()
        self.steps = np.empty(0, np.int64)
        self.along: Along = self.steps
        self.places = np.empty(0)
        self._lines: list[QPolygonF] = []
        self._dots: list[QPointF] = []
        self._dense = False

    def set_points(
        self,
        steps: NDArray[np.int64],
        x: Along,
        places: NDArray[np.float64],
        spacing: float,
    ) -> None:
        """Draws these points; see `joined`."""
        self.steps, self.along, self.places, self._dense = steps, x, places, spacing > 1
        self._lines, self._dots = joined(steps, x, places, spacing)
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Lines, and a dot for a point that has no neighbour."""
        super().paint(painter, option, widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        transform = painter.worldTransform()
        for line in self._lines:
            painter.drawPolyline(line)
        if not self._dense:
            # Once more, a little lower: two thin lines look like a thicker one and are drawn much faster.
            painter.setWorldTransform(transform * transform.fromTranslate(0.0, 0.6))
            for line in self._lines:
                painter.drawPolyline(line)
        painter.resetTransform()
        painter.setBrush(self.pen.color())
        for dot in self._dots:
            painter.drawEllipse(transform.map(dot), DOT_RADIUS, DOT_RADIUS)
        painter.setWorldTransform(transform)


def joined(
    steps: NDArray[np.int64], x: Along, places: NDArray[np.float64], spacing: float
) -> tuple[list[QPolygonF], list[QPointF]]:
    """Points joined by lines, and those that have no neighbour.

    Args:
        steps: rising.
        x: where the steps stand on their axis.
        places: their losses' places on the axis; NaN cannot be drawn.
        spacing: steps between two neighbours, one column of pixels where they are thinned. A NaN
            breaks the curve only if it is wider than that.
    """
    drawable = np.flatnonzero(~np.isnan(places))
    along, up = x[drawable].astype(np.float64), places[drawable]
    numbers = along if x is steps else steps[drawable]
    breaks = np.flatnonzero((np.diff(drawable) > 1) & (np.diff(numbers) >= 2 * spacing)) + 1
    lines: list[QPolygonF] = []
    dots: list[QPointF] = []
    for first, last in pairwise([0, *breaks.tolist(), len(along)]):
        if last - first == 1:
            dots.append(QPointF(along[first], up[first]))
        elif last > first:
            lines.append(pg.functions.arrayToQPolygonF(along[first:last], up[first:last]))
    return lines, dots


class Marks(ViewItem):
    """Triangles at the edges of the plot, at the steps whose losses cannot be drawn.

    Attributes:
        above: where steps are marked at the top; their numbers, unless the axis shows seconds.
        below: the same at the bottom.
    """

    def __init__(self) -> None:
        """Without marks at first."""
        super().__init__()
        self.above: Along = np.empty(0, np.int64)
        self.below: Along = np.empty(0, np.int64)

    def set_places(self, above: Along, below: Along) -> None:
        """Marks these places of steps, rising, at the top and at the bottom."""
        if not (np.array_equal(above, self.above) and np.array_equal(below, self.below)):
            self.above, self.below = above, below
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Triangles side by side at most: one stands for all steps that it covers."""
        if not (len(self.above) or len(self.below)):
            return
        transform = painter.worldTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.pen.color())
        painter.resetTransform()
        # In the plot the loss grows upwards: the top of the rectangle in view is the lowest loss.
        for steps, edge, inwards in (
            (self.above, self.view.bottom(), 1.0),
            (self.below, self.view.top(), -1.0),
        ):
            y = transform.map(QPointF(0.0, edge)).y() + MARK_MARGIN * inwards
            for x in _apart(steps * transform.m11() + transform.dx()):
                painter.drawPolygon(_triangle(x, y, inwards))
        painter.setWorldTransform(transform)


def _apart(pixels: NDArray[np.floating[Any] | np.integer[Any]]) -> list[float]:
    """The first of rising places, and each next one that is a mark's width away from the one before."""
    kept: list[float] = []
    index = 0
    while index < len(pixels):
        kept.append(float(pixels[index]))
        index = int(np.searchsorted(pixels, kept[-1] + MARK_WIDTH))
    return kept


def _triangle(x: float, y: float, inwards: float) -> QPolygonF:
    """A triangle that points at the nearby edge, `y` being its tip."""
    half, base = MARK_WIDTH / 2 - 0.5, y + 7.0 * inwards
    return QPolygonF([QPointF(x, y), QPointF(x + half, base), QPointF(x - half, base)])


class Dots(ViewItem):
    """Dots in several colors."""

    def __init__(self) -> None:
        """Without dots at first."""
        super().__init__()
        self.groups: list[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = []
        self._colors: tuple[str, ...] = ()
        self._points: list[tuple[str, QPolygonF]] = []
        self._count = 0

    def set_colors(self, colors: Sequence[str]) -> None:
        """Paints the dots of number n in the color of number n."""
        self._colors = tuple(colors)

    def clear(self) -> None:
        """Draws none."""
        if self._points:
            self.groups, self._points = [], []
            self.hide()

    def set_points(self, x: Along, places: NDArray[np.float64], numbers: NDArray[np.integer[Any]]) -> None:
        """Draws these; a dot whose number has no color, or whose place is NaN, is left out."""
        drawable = ~np.isnan(places)
        self.groups = []
        for number in range(len(self._colors)):
            chosen = np.flatnonzero((numbers == number) & drawable)
            if len(chosen):
                self.groups.append((number, x[chosen].astype(np.float64), places[chosen]))
        self._points = [
            (self._colors[number], pg.functions.arrayToQPolygonF(along, up))
            for number, along, up in self.groups
        ]
        self._count = sum(len(along) for _, along, _ in self.groups)
        self.setVisible(self._count > 0)
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The dots, each color at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        few = self._count <= MOST_ROUND
        for color, points in self._points:
            pen = QPen(QColor(color), SIZE + 1 if few else SIZE)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if few else Qt.PenCapStyle.SquareCap)
            painter.setPen(pen)
            painter.drawPoints(points)


def thinned(first: int, last: int, most: int) -> Steps:
    """Steps from `first` up to `last`, no more than `most`: multiples of a power of two.

    Unlike the lowest and highest of each column they favour no color, and as the run grows those that
    are left stay where they were.
    """
    stride = 1
    while (last - first) > most * stride:
        stride *= 2
    return np.arange(-(-first // stride) * stride, last, stride, dtype=np.int64)
