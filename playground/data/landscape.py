"""The loss over a plane of weights, and along the gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.weights import NetCopy, Weights, weights_of
from playground.recording.model import Recording

SIZE = 25
MARGIN = 0.25
"""Share of the path's extent that the plane reaches beyond it on each side."""
Progress = Callable[[int, int], None]
"""Hears how many losses are computed, and of how many; what it raises ends the work."""


class LandscapeError(ValueError):
    """Why there is no landscape, in one line."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightPlane:
    """A plane through the space of weights.

    Attributes:
        origin: the weights in its middle, by name.
        directions: two, of the same shapes.
        path: where the recorded steps lie on it, shape (steps, 2), the oldest first; the origin is (0, 0).
        ranges: how far it reaches in each direction.
        share: of the variance of the recorded weights that lies in it; None for random directions.
    """

    origin: Weights
    directions: tuple[Weights, Weights]
    path: NDArray[np.float64]
    ranges: tuple[tuple[float, float], tuple[float, float]]
    share: float | None

    def weights(self, across: float, up: float) -> dict[str, NDArray[Any]]:
        """The weights at a place."""
        first, second = self.directions
        return {name: value + across * first[name] + up * second[name] for name, value in self.origin.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """The loss over a plane of weights.

    Attributes:
        plane: which.
        across, up: the places of the columns, and of the rows from top to bottom.
        losses: of all that is trained on, shape (size, size), rows from top to bottom.
    """

    plane: WeightPlane
    across: NDArray[np.float64]
    up: NDArray[np.float64]
    losses: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """The loss after one step against the gradient, for many learning rates.

    Attributes:
        rates: learning rates, rising, 0 first.
        losses: with the weights that they lead to.
        chosen: the learning rate of the run.
        loss_there: the loss that it leads to.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    chosen: float
    loss_there: float


def plane_of_path(recordings: Sequence[Recording]) -> WeightPlane:
    """The plane that the run's path fills most: principal components of the weights around the newest ones.

    The method of H. Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, section 7.

    Args:
        recordings: of one run, three or more, in any order.

    Raises:
        LandscapeError: too few, or weights that were not kept or are not finite.
    """
    ordered = sorted(recordings, key=lambda each: each.step)
    if len(ordered) < 3:
        raise LandscapeError(f"{len(ordered)} recorded steps are too few for a path; allowed: 3 or more")
    origin, vectors = _vectors(ordered)
    moved = vectors - vectors[-1]
    _, strengths, directions = np.linalg.svd(moved, full_matrices=False)
    total = float((strengths**2).sum())
    if total == 0.0:
        raise LandscapeError("the weights of the recorded steps are all the same: there is no path")
    first, second = directions[:2]
    # Either sign will do for the decomposition; the start shall lie on one side.
    first, second = (each * (-1.0 if moved[0] @ each > 0 else 1.0) for each in (first, second))
    path = moved @ np.array([first, second]).T
    share = float((strengths[:2] ** 2).sum()) / total
    parts = (_parts(first, origin), _parts(second, origin))
    return WeightPlane(origin, parts, path, (_reach(path[:, 0]), _reach(path[:, 1])), share)


def random_plane(recordings: Sequence[Recording], seed: int = 0) -> WeightPlane:
    """A plane through the newest weights along two random directions, normalized unit by unit.

    Each unit's part of a direction is as long as the unit's own weights, so that planes of nets of
    different scale compare: "filter normalization" of H. Li et al., 2018, section 4; biases stay.

    Raises:
        LandscapeError: nothing recorded, or weights that were not kept or are not finite.
    """
    if not recordings:
        raise LandscapeError("no step is recorded: there are no weights to go out from")
    ordered = sorted(recordings, key=lambda each: each.step)
    origin, vectors = _vectors(ordered)
    draw = np.random.RandomState(seed)
    directions = tuple(
        {name: _normalized(draw.randn(*value.shape), value, name) for name, value in origin.items()}
        for _ in range(2)
    )
    flat = np.array([_flat(each) for each in directions])
    moved = vectors - vectors[-1]
    path = np.linalg.lstsq(flat.T, moved.T, rcond=None)[0].T
    ranges = ((-1.0, 1.0), (-1.0, 1.0))
    return WeightPlane(origin, (directions[0], directions[1]), path, ranges, None)


def landscape(
    net: NetCopy, plane: WeightPlane, size: int = SIZE, on_progress: Progress | None = None
) -> Landscape:
    """Computes the loss at every place of a grid; it can be ended by what `on_progress` raises."""
    across = np.linspace(*plane.ranges[0], size)
    up = np.linspace(*plane.ranges[1], size)[::-1]
    losses = np.empty((size, size))
    for row, high in enumerate(up):
        if on_progress is not None:
            on_progress(row * size, size * size)
        for column, right in enumerate(across):
            losses[row, column] = net.loss(plane.weights(float(right), float(high)))
    return Landscape(plane, across, up, losses)


def slice_along_gradient(net: NetCopy, recording: Recording, rate: float, points: int = 41) -> Slice:
    """The loss as a function of the learning rate of plain gradient descent, at a recorded step.

    Args:
        net: a copy of the run's.
        recording: of the step; its gradients are those of the rows that it saw.
        rate: the run's learning rate.
        points: how many; half of them up to the chosen rate, the others up to a hundred times as far.

    Raises:
        LandscapeError: weights or gradients that were not kept.
    """
    weights = weights_of(recording)
    gradients: dict[str, NDArray[Any]] = {}
    for each in recording.parameters:
        # A parameter without a gradient stays: DynamicNet's middle layer at depth 0.
        values = np.zeros(each.before.shape) if each.gradient is None else each.gradient.values
        if values is None or each.name not in weights:
            raise LandscapeError("weights or gradients of this step are too large to be kept")
        gradients[each.name] = values
    rates = np.concatenate([[0.0], np.geomspace(rate / 100, rate * 100, points - 1)])

    def loss_at(step_size: float) -> float:
        return net.loss({name: value - step_size * gradients[name] for name, value in weights.items()})

    with net.depth(recording.depth):
        losses = np.array([loss_at(float(each)) for each in rates])
        return Slice(rates, losses, rate, loss_at(rate))


def _vectors(ordered: Sequence[Recording]) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """The newest weights by name, and all weights of each step as a row."""
    weights = [weights_of(each) for each in ordered]
    names = [each.name for each in ordered[-1].parameters]
    if not names or any(set(each) != set(names) for each in weights):
        raise LandscapeError(
            "the weights of the recorded steps are too large to be kept, or not the same ones"
        )
    origin = {name: np.asarray(weights[-1][name], np.float64) for name in names}
    vectors = np.array([_flat({name: each[name] for name in names}) for each in weights])
    if not np.isfinite(vectors).all():
        raise LandscapeError("the weights are not finite: the run has diverged")
    return origin, vectors


def _flat(weights: Weights) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(each, np.float64).ravel() for each in weights.values()])


def _parts(vector: NDArray[np.float64], like: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    ends = np.cumsum([each.size for each in like.values()])[:-1]
    pieces = np.split(vector, ends)
    return {
        name: piece.reshape(value.shape) for (name, value), piece in zip(like.items(), pieces, strict=True)
    }


def _normalized(direction: NDArray[np.float64], weights: NDArray[Any], name: str) -> NDArray[np.float64]:
    if weights.ndim < 2:
        return np.zeros_like(direction)
    # A layer has a unit in each row; the stages written by hand have it in each column.
    axes = tuple(range(1, weights.ndim)) if name.endswith("weight") else (0,)
    lengths = [np.sqrt((each**2).sum(axes, keepdims=True)) for each in (direction, weights)]
    scaled: NDArray[np.float64] = direction * lengths[1] / np.maximum(lengths[0], 1e-300)
    return scaled


def _reach(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin
