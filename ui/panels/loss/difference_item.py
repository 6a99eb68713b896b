"""The curves of the plot of differences: lines, and strokes along the lower edge where all bits are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui.panels.loss.curves import Losses, Steps
from ui.panels.loss.items import DOT_RADIUS, ViewItem, joined

STROKE = 2.0
LANE = 4.0
"""Pixels from one curve's strokes up to the next one's, so that none hides another."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnDifferences:
    """What a curve has in view.

    Attributes:
        colour: `#rrggbb`.
        steps: rising.
        places: where the differences stand; NaN for one that has no place.
        equal: which of them are zero.
        spacing: see `joined`.
    """

    colour: str
    steps: Steps
    places: Losses
    equal: NDArray[np.bool_]
    spacing: float

    def strokes(self) -> list[tuple[float, float]]:
        """The stretches of steps without a difference, each half a step longer at either end."""
        half = max(1.0, self.spacing) / 2
        at = np.flatnonzero(self.equal)
        ends = np.flatnonzero(np.diff(at) > 1)
        firsts, lasts = at[np.r_[0, ends + 1]] if len(at) else at, at[np.r_[ends, -1]] if len(at) else at
        pairs = zip(self.steps[firsts].tolist(), self.steps[lasts].tolist(), strict=True)
        return [(first - half, last + half) for first, last in pairs]


class DifferenceItem(ViewItem):
    """Several curves of differences."""

    def __init__(self) -> None:
        """Starts without curves."""
        super().__init__()
        self.curves: tuple[DrawnDifferences, ...] = ()
        self._parts: list[tuple[QColor, list[QPolygonF], list[QPointF], list[tuple[float, float]]]] = []

    def set_curves(self, curves: Sequence[DrawnDifferences]) -> None:
        """Draws these from now on, the last one on top."""
        self.curves = tuple(curves)
        self._parts = [
            (QColor(each.colour), *joined(each.steps, each.steps, each.places, each.spacing), each.strokes())
            for each in self.curves
        ]
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Lines and dots first, the strokes above them."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        transform = painter.worldTransform()
        for color, lines, _, _ in self._parts:
            pen = QPen(color, 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for line in lines:
                painter.drawPolyline(line)
        painter.resetTransform()
        # In the plot the difference grows upwards: the top of the rectangle in view is the lowest one.
        edge = transform.map(QPointF(0.0, self.view.top())).y()
        for lane, (color, _, dots, strokes) in enumerate(self._parts):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for dot in dots:
                painter.drawEllipse(transform.map(dot), DOT_RADIUS, DOT_RADIUS)
            pen = QPen(color, STROKE)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            y = edge - LANE / 2 - lane * LANE
            painter.drawLines([_stroke(transform.map(QLineF(a, 0.0, b, 0.0)), y) for a, b in strokes])
        painter.setWorldTransform(transform)


def _stroke(line: QLineF, y: float) -> QLineF:
    """A line from the one place to the other, at least a pixel long."""
    return QLineF(line.x1(), y, max(line.x2(), line.x1() + 1.0), y)
