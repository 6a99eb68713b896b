"""Dots on the curve, coloured by what each step did: its depth, for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui.panels.loss.curves import Steps
from ui.panels.loss.items import Along, ViewItem

StepColours = Callable[[Steps], Sequence[int] | NDArray[np.integer[Any]]]
"""Gives the number of a colour for each of these steps; -1: none."""
SIZE = 3
MOST_ROUND = 600
"""Round dots take several times as long to paint; among more than these nobody sees the difference."""


class Dots(ViewItem):
    """Dots in several colours."""

    def __init__(self) -> None:
        """Starts without dots."""
        super().__init__()
        self.groups: list[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = []
        self._colours: tuple[str, ...] = ()
        self._points: list[tuple[str, QPolygonF]] = []
        self._count = 0

    def set_colours(self, colours: Sequence[str]) -> None:
        """Paints the dots of number n in the colour of number n."""
        self._colours = tuple(colours)

    def clear(self) -> None:
        """Draws none."""
        if self._points:
            self.groups, self._points = [], []
            self.hide()

    def set_points(self, x: Along, places: NDArray[np.float64], numbers: NDArray[np.integer[Any]]) -> None:
        """Draws these; a dot whose number has no colour, or whose place is NaN, is left out."""
        drawable = ~np.isnan(places)
        self.groups = []
        for number in range(len(self._colours)):
            chosen = np.flatnonzero((numbers == number) & drawable)
            if len(chosen):
                self.groups.append((number, x[chosen].astype(np.float64), places[chosen]))
        self._points = [
            (self._colours[number], pg.functions.arrayToQPolygonF(along, up))
            for number, along, up in self.groups
        ]
        self._count = sum(len(along) for _, along, _ in self.groups)
        self.setVisible(self._count > 0)
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The dots, each colour at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        few = self._count <= MOST_ROUND
        for colour, points in self._points:
            pen = QPen(QColor(colour), SIZE + 1 if few else SIZE)
            pen.setCosmetic(True)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if few else Qt.PenCapStyle.SquareCap)
            painter.setPen(pen)
            painter.drawPoints(points)


def thinned(first: int, last: int, most: int) -> Steps:
    """Steps from `first` up to `last`, no more than `most`: multiples of a power of two.

    Unlike the lowest and highest of each column they favour no colour, and as the run grows those that
    are left stay where they were.
    """
    stride = 1
    while (last - first) > most * stride:
        stride *= 2
    return np.arange(-(-first // stride) * stride, last, stride, dtype=np.int64)
