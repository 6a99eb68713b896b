"""Lines along which values on a grid are zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def zero_lines(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Pieces of the line where the values change their sign, interpolated in the two triangles of each cell.

    Args:
        values: shape (rows, columns); what is not finite has no line.

    Returns:
        Shape (pieces, 2, 2): of both ends the column and the row, in cells of the grid.
    """
    rows, columns = values.shape
    place = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).astype(float)
    corners = [
        (grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:])
        for grid in (place, np.asarray(values, float))
    ]
    pieces = []
    for triangle in ((0, 1, 2), (3, 1, 2)):
        points, heights = ([each[corner] for corner in triangle] for each in corners)
        pieces.append(_in_triangles(points, heights))
    return np.concatenate(pieces)


def _in_triangles(
    points: list[NDArray[np.float64]], heights: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Where a sign changes in a triangle, exactly two of its sides are crossed."""
    above = [each > 0 for each in heights]
    finite = np.logical_and.reduce([np.isfinite(each) for each in heights])
    found = []
    # The corner that lies alone on its side, and the two others.
    for alone, one, other in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        cut = (above[alone] != above[one]) & (above[alone] != above[other]) & finite
        ends = [
            _between(points[alone][cut], points[end][cut], heights[alone][cut], heights[end][cut])
            for end in (one, other)
        ]
        found.append(np.stack(ends, 1))
    return np.concatenate(found)


def _between(
    start: NDArray[np.float64], end: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    share = (low / (low - high))[:, None]
    crossing: NDArray[np.float64] = start + share * (end - start)
    return crossing
