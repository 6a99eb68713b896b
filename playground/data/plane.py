"""The plane, or line, of inputs over which a picture is made, and the points of its grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.1
"""Share of the data's range that the plane reaches beyond it on each side."""

Kind = Literal["line", "inputs", "components"]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A line or plane through the space of inputs.

    Attributes:
        kind: along one input, along two of them, or along the data's first two principal components.
        axes: numbers of the inputs that vary; none for components.
        origin: shape (inputs,): what the other inputs are held at, which is their mean.
        directions: shape (1 or 2, inputs), of length 1.
        ranges: of each direction, from the origin; for inputs these are the inputs' own values.
        share: of the data's variance that the components have; 1 where nothing is left out.
    """

    kind: Kind
    axes: tuple[int, ...]
    origin: NDArray[np.float64]
    directions: NDArray[np.float64]
    ranges: tuple[tuple[float, float], ...]
    share: float = 1.0

    def grid(self, size: int) -> NDArray[np.float64]:
        """The points: of a line from left to right, of a plane in rows from top to bottom.

        Returns:
            Shape (size, inputs) or (size * size, inputs).
        """
        across = np.linspace(*self.ranges[0], size)
        if len(self.ranges) == 1:
            line: NDArray[np.float64] = self.origin + across[:, None] * self.directions[0]
            return line
        up = np.linspace(*self.ranges[1], size)[::-1]
        right = across[:, None] * self.directions[0]
        plane: NDArray[np.float64] = self.origin + up[:, None, None] * self.directions[1] + right
        return plane.reshape(size * size, -1)

    def shaped(self, values: NDArray[np.floating], size: int) -> NDArray[np.floating]:
        """Values at the points of a grid, shape (points, columns), by columns and then as the grid lies."""
        return values.T.reshape(-1, *(size,) * len(self.ranges))

    def places(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where examples lie on it, shape (rows, 1 or 2)."""
        return (x - self.origin) @ self.directions.T


def plane_of(data: NDArray[np.floating], axes: Sequence[int] = ()) -> Plane:
    """The plane for some data.

    Args:
        data: shape (rows, inputs).
        axes: one input or two; none: those that vary, or if they are more than two the first two principal
            components.

    Raises:
        ValueError: an input that is not there, or more than two, in one line.
    """
    x: NDArray[np.float64] = np.asarray(data, np.float64)
    inputs = x.shape[1]
    wrong = next((each for each in axes if not 0 <= each < inputs), None)
    if wrong is not None:
        raise ValueError(f"input {wrong} is not allowed; allowed: 0 to {inputs - 1}")
    if len(axes) > 2 or len(set(axes)) < len(axes):
        raise ValueError(
            f"inputs {', '.join(map(str, axes))} are not allowed; allowed: one, or two different"
        )
    varying = np.flatnonzero(np.ptp(x, axis=0) > 0) if len(x) else np.arange(0)
    chosen = tuple(axes) or tuple(map(int, varying))
    if len(chosen) > 2:
        return _components(x)
    chosen = chosen or (0,)
    origin = x.mean(0)
    origin[list(chosen)] = 0.0
    ranges = tuple(_range(x[:, each]) for each in chosen)
    kind: Kind = "line" if len(chosen) == 1 else "inputs"
    return Plane(kind, chosen, origin, np.eye(inputs)[list(chosen)], ranges)


def _components(x: NDArray[np.float64]) -> Plane:
    origin = x.mean(0)
    _, strengths, directions = np.linalg.svd(x - origin, full_matrices=False)
    directions = directions[:2]
    # Either sign will do for the decomposition; a picture must not flip.
    largest = np.abs(directions).argmax(1)
    directions = directions * np.sign(directions[[0, 1], largest])[:, None]
    share = float((strengths[:2] ** 2).sum() / (strengths**2).sum())
    places = (x - origin) @ directions.T
    return Plane("components", (), origin, directions, (_range(places[:, 0]), _range(places[:, 1])), share)


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin
