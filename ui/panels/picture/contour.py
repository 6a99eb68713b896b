"""What is zero on the borders of a picture, and the lines along which it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ui.widgets.zero_lines import zero_lines as zero_lines


def fold_lines(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The line where a hidden unit begins to work, from what its ReLU gives: as of `zero_lines`.

    Behind the line the ReLU has cut off what came in. It goes on as straight as it came there: along a row
    or a column of the grid each number that was cut off is as far from its neighbor as that is from the next.

    Args:
        values: shape (rows, columns), not below 0.
    """
    grid = np.asarray(values, float)
    known = grid > 0
    for _ in range(_BEYOND):
        grid, known = _gone_on(grid, known)
    return zero_lines(np.where(known, grid, np.minimum(grid, -np.abs(values).max())))


def dashed(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those pieces of a line that make dashes of it: each is too short to be dashed by itself."""
    if not len(pieces):
        return pieces
    middles = pieces.mean(1)
    along = middles[:, int(np.ptp(middles, 0).argmax())]
    seen: NDArray[np.float64] = pieces[np.floor(along / _DASH) % 2 == 0]
    return seen


_DASH = 1.5
"""Cells of the grid that a dash is long."""
_BEYOND = 2
"""Numbers behind the line that are estimated: the cells that it crosses have no others."""


def _gone_on(
    grid: NDArray[np.float64], known: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers beside known ones, estimated from two of them in a row; none of them is above 0."""
    total, count = np.zeros_like(grid), np.zeros(grid.shape, int)
    padded, is_there = np.pad(grid, 2), np.pad(known, 2)
    rows, columns = grid.shape
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        near = np.s_[2 + down : 2 + down + rows, 2 + right : 2 + right + columns]
        far = np.s_[2 + 2 * down : 2 + 2 * down + rows, 2 + 2 * right : 2 + 2 * right + columns]
        both = is_there[near] & is_there[far]
        total += np.where(both, 2 * padded[near] - padded[far], 0.0)
        count += both
    new = ~known & (count > 0)
    estimate = np.minimum(total / np.maximum(count, 1), 0.0)
    return np.where(new, estimate, grid), known | new


def margins(outputs: NDArray[np.floating]) -> list[NDArray[np.float64]]:
    """What is zero on the borders between classes: an output, or of several each one above the best other.

    Args:
        outputs: shape (outputs, rows, columns).
    """
    values = np.asarray(outputs, float)
    if len(values) == 1:
        return [values[0]]
    return [each - np.delete(values, number, 0).max(0) for number, each in enumerate(values)]
