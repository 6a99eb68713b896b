"""A parameter as a picture: its matrix, or, for handwritten digits, 8×8 pixels for each hidden unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.recording.statistics import matrix_shape

SIDE = 8
"""Of a digit, in pixels."""
GAP = -1


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Which element stands where in the picture of a parameter.

    Attributes:
        shape: the parameter's.
        elements: the flat index of what is painted there, shape (rows, columns); `GAP` for nothing.
        units: whether each hidden unit has a picture of its own.
    """

    shape: tuple[int, ...]
    elements: NDArray[np.int64]
    units: bool = False

    def values(self, parameter: NDArray[Any]) -> NDArray[np.float64]:
        """The parameter's elements in their places; 0 where there are none."""
        taken = np.asarray(parameter, np.float64).ravel()[self.elements]
        return np.where(self.elements == GAP, 0.0, taken)


def matrix_tile(shape: tuple[int, ...]) -> Tile:
    """The parameter's own matrix: a vector as a row, what has more dimensions by its first one."""
    count = math.prod(shape)
    return Tile(shape, np.arange(count, dtype=np.int64).reshape(matrix_shape(shape)))


def unit_tile(shape: tuple[int, int], columns: bool) -> Tile | None:
    """A picture of 8×8 for each hidden unit, side by side in a square; None where it has not 64 inputs.

    A column of ones that was added behind the inputs is left out.

    Args:
        shape: of the first layer's weights.
        columns: whether a unit's weights are a column, as in `x.mm(w1)`; else a row, as in `nn.Linear`.
    """
    inputs, count = shape if columns else shape[::-1]
    if inputs not in (SIDE * SIDE, SIDE * SIDE + 1):
        return None
    elements = np.arange(math.prod(shape), dtype=np.int64).reshape(shape)
    by_unit = (elements.T if columns else elements)[:, : SIDE * SIDE].reshape(count, SIDE, SIDE)
    across = math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    pitch = SIDE + 1
    found = np.full((down * pitch - 1, across * pitch - 1), GAP, np.int64)
    for number, unit in enumerate(by_unit):
        top, left = number // across * pitch, number % across * pitch
        found[top : top + SIDE, left : left + SIDE] = unit
    return Tile(shape, found, units=True)


def tiles_of(shapes: dict[str, tuple[int, ...]], digits: bool) -> dict[str, Tile]:
    """A picture for each parameter.

    Args:
        shapes: by name, in the program's order.
        digits: whether the inputs are handwritten digits; then the first matrix is shown by unit.
    """
    found, first = {}, True
    for name, shape in shapes.items():
        tile = None
        if len(shape) == 2:
            if digits and first:
                # The stages without modules call it so, and multiply from the left.
                tile = unit_tile((shape[0], shape[1]), columns=name == "w1")
            first = False
        found[name] = matrix_tile(shape) if tile is None else tile
    return found
