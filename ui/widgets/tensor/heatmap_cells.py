"""From a tensor to the picture of its heatmap: which cells there are, and their colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from playground.recording.snapshot import Snapshot
from playground.recording.statistics import LONGEST_SIDE, edges
from ui.style.theme import Theme

_SHADES = 255
"""Of each sign. Zero is the shade in the middle."""
_CONTRAST = 0.65
"""Exponent of |value| / largest: most elements are small beside the largest, and would look like zero."""
_STRIPE = 3

Edges = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What is painted: an element, or a block of elements, in each cell.

    Attributes:
        values: float64 of shape (cell rows, cell columns); of each block the element farthest from 0.
        flawed: bool of the same shape: whether NaN or infinity is in it.
        rows, columns: where each cell begins in the matrix, and at last the matrix's own length.
    """

    values: npt.NDArray[np.float64]
    flawed: npt.NDArray[np.bool_]
    rows: Edges
    columns: Edges

    def cell_of(self, row: int, column: int) -> tuple[int, int]:
        """The cell that an element of the matrix lies in."""
        return (
            int(np.searchsorted(self.rows, row, side="right")) - 1,
            int(np.searchsorted(self.columns, column, side="right")) - 1,
        )


def cells_for(snapshot: Snapshot, height: int, width: int) -> Cells:
    """The cells for so many pixels: each element where it has two pixels a side, else blocks of them."""
    matrix = snapshot.matrix
    if (
        matrix is not None
        and matrix.shape[0] <= max(LONGEST_SIDE, height // 2)
        and matrix.shape[1] <= max(LONGEST_SIDE, width // 2)
    ):
        values = matrix.astype(np.float64)
        cells = Cells(values, ~np.isfinite(values), *(np.arange(length + 1) for length in matrix.shape))
    else:
        picture = snapshot.picture
        rows, columns = picture.low.shape
        cells = Cells(
            picture.extremes(), picture.flawed, edges(picture.rows, rows), edges(picture.columns, columns)
        )
    return _joined(cells, height, width)


def _joined(cells: Cells, height: int, width: int) -> Cells:
    """At most so many rows and columns: where a cell would get no pixel, neighbours are joined."""
    rows, columns = cells.values.shape
    if rows <= height and columns <= width:
        return cells
    row_edges, column_edges = edges(rows, min(rows, height)), edges(columns, min(columns, width))

    def reduced(ufunc: np.ufunc, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        by_rows: npt.NDArray[Any] = ufunc.reduceat(values, row_edges[:-1], axis=0)
        joined: npt.NDArray[Any] = ufunc.reduceat(by_rows, column_edges[:-1], axis=1)
        return joined

    low, high = (reduced(ufunc, cells.values) for ufunc in (np.fmin, np.fmax))
    values = np.where(np.abs(low) > np.abs(high), low, high)
    flawed = reduced(np.logical_or, cells.flawed)
    return Cells(values, flawed, cells.rows[row_edges], cells.columns[column_edges])


def image_of(cells: Cells, pixels: QSize, theme: Theme) -> QImage:
    """The cells in so many pixels, without smoothing; blue below zero, orange above, stripes where flawed."""
    colors, error, shaded = _colors(theme.parameter, theme.surface, theme.loss, theme.error)
    finite = np.where(np.isfinite(cells.values), cells.values, 0.0)
    size = np.abs(finite)
    largest = float(size.max()) or 1.0
    shade = np.rint(np.copysign((size / largest) ** _CONTRAST, finite) * _SHADES).astype(np.intp)
    painted = np.where(cells.flawed, error, colors[shade + _SHADES])
    height, width = pixels.height(), pixels.width()
    rows = np.arange(height) * painted.shape[0] // height
    columns = np.arange(width) * painted.shape[1] // width
    image = painted[:, columns][rows]
    if cells.flawed.any():
        diagonal = (np.arange(height)[:, None] + np.arange(width)) // _STRIPE % 2 == 0
        image[cells.flawed[:, columns][rows] & diagonal] = shaded
    data = image.astype(np.uint32).tobytes()
    # A copy, since the image would not keep the bytes alive.
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


@lru_cache(maxsize=4)
def _colors(
    negative: str, neutral: str, positive: str, flaw: str
) -> tuple[npt.NDArray[np.uint32], np.uint32, np.uint32]:
    """Every shade from the largest negative value to the largest positive one; two colours of stripes."""
    low, zero, high, error = map(_channels, (negative, neutral, positive, flaw))
    share = np.linspace(0, 1, _SHADES + 1)[:, None]
    shades: npt.NDArray[np.float64] = np.concatenate(
        [low + (zero - low) * share, (zero + (high - zero) * share)[1:]]
    )
    stripes = _packed(np.stack([error, error / 2]))
    return _packed(shades), np.uint32(stripes[0]), np.uint32(stripes[1])


def _channels(color: str) -> npt.NDArray[np.float64]:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)], dtype=np.float64)


def _packed(colors: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    parts = np.rint(colors).astype(np.uint32)
    red, green, blue = parts[:, 0], parts[:, 1], parts[:, 2]
    return (0xFF000000 | red << 16 | green << 8 | blue).astype(np.uint32)
