"""The loss over a plane of weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from playground.data.weight_path import WeightPoint
from playground.data.weights import Weights
from playground.pace import duration_text
from playground.random_states import kept_random_states

SIZES = (25, 17, 11)
"""Points a side: the most that take no more than `LONGEST` together."""
LONGEST = 60.0
"""Seconds that all losses of a plane may take, estimated."""
MARGIN = 0.25
"""Share of the path's extent that the plane reaches beyond it on each side."""
STRAIGHT = 1e-7
"""Share of its length by which a path leaves a line at least, to have a second component."""
Progress = Callable[[int, int], None]
"""Hears how many losses are computed, and of how many; what it raises ends the work."""
_Made = TypeVar("_Made")
Parts: TypeAlias = Generator[tuple[int, int], None, _Made]
"""Work that is done a part at a time; it tells how many losses are there, of how many: 0 while unknown."""


class LandscapeError(ValueError):
    """Why there is no landscape, in one line."""


class Net(Protocol):
    """A copy of a run's net, which can be given other weights.

    Attributes:
        rows: what its loss is taken over, in words.
    """

    rows: str

    def loss(self, weights: Weights) -> float:
        """The loss with these weights; raises KeyError for a name that it does not have."""
        ...

    def depth(self, depth: int | None) -> AbstractContextManager[None]:
        """Uses DynamicNet's middle layer so often in the block, None as often as it likes."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class WeightPlane:
    """A plane through the space of weights.

    Attributes:
        origin: the weights in its middle, by name.
        directions: two, of the same shapes.
        path: where the run's weights lie on it, shape (points, 2), the oldest first; the origin is (0, 0).
        ranges: how far it reaches in each direction.
        share: of the variance of these weights around the newest that lies in it; 0 where they do not move.
        steps: how many had been made at each point of the path.
        is_random: whether its directions are; else they are the path's principal components.
    """

    origin: Weights
    directions: tuple[Weights, Weights]
    path: NDArray[np.float64]
    ranges: tuple[tuple[float, float], tuple[float, float]]
    share: float
    steps: tuple[int, ...]
    is_random: bool

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
        losses: shape (size, size), rows from top to bottom; what is not finite is where the loss is not.
        start, now: the loss at both ends of the path. The first may lie beside the plane: it is the loss
            with the weights that the run had, not with those of the plane's nearest place.
        rows: what the loss is taken over, in words.
        depth: how often DynamicNet uses its middle layer for it; None for other programs.
        of_path: the loss at each point of the path, with the weights that the run had; empty if not computed.
        beside: how far those weights lie from the plane, in the units of its axes; empty likewise.
    """

    plane: WeightPlane
    across: NDArray[np.float64]
    up: NDArray[np.float64]
    losses: NDArray[np.float64]
    start: float
    now: float
    rows: str
    depth: int | None = None
    of_path: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    beside: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def start_lies_beside(self) -> float:
        """How far the path's beginning lies off the plane; 0 where it is a thousandth of the path at most."""
        if not len(self.beside):
            return 0.0
        within = float(np.hypot(*self.plane.path[0]))
        off = float(self.beside[0])
        return off if off > 1e-3 * max(within, off) and off > 0 else 0.0


def plane_of_path(points: Sequence[WeightPoint]) -> WeightPlane:
    """The plane that the run's path fills most: principal components of the weights around the newest ones.

    The method of H. Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018, section 7.

    Args:
        points: of one run, three or more, rising.

    Raises:
        LandscapeError: too few, or weights that were not kept or are not finite.
    """
    if len(points) < 3:
        raise LandscapeError(
            f"the weights of {len(points)} step{'' if len(points) == 1 else 's'} are too few for a path; "
            "allowed: 3 or more"
        )
    origin, moved = _moved(points)
    if not moved.any():
        raise LandscapeError("the weights are the same at every step: there is no path")
    first, second = _principal(moved)
    # Either sign will do; the start shall lie on one side.
    first, second = (each * (-1.0 if moved[0] @ each > 0 else 1.0) for each in (first, second))
    path = moved @ np.array([first, second]).T
    share = float((path**2).sum() / (moved**2).sum())
    parts = (_parts(first, origin), _parts(second, origin))
    ranges = (_reach(path[:, 0]), _reach(path[:, 1]))
    return WeightPlane(origin, parts, path, ranges, share, _steps(points), False)


def random_plane(points: Sequence[WeightPoint], seed: int = 0) -> WeightPlane:
    """A plane through the newest weights along two random directions, normalized unit by unit.

    Each unit's part of a direction is as long as the unit's own weights, so that planes of nets of
    different scale compare: "filter normalization" of H. Li et al., 2018, section 4; biases stay.

    Raises:
        LandscapeError: no step has been made, or weights that were not kept or are not finite.
    """
    if not points:
        raise LandscapeError("no step has been made: there are no weights to go out from")
    origin, moved = _moved(points)
    draw = np.random.RandomState(seed)
    directions = tuple(
        {name: _normalized(draw.randn(*value.shape), value, name) for name, value in origin.items()}
        for _ in range(2)
    )
    flat = np.array([_flat(each) for each in directions])
    path: NDArray[np.float64] = np.linalg.lstsq(flat.T, moved.T, rcond=None)[0].T
    total = float((moved**2).sum())
    share = float(((path @ flat) ** 2).sum()) / total if total else 0.0
    ranges = ((-1.0, 1.0), (-1.0, 1.0))
    return WeightPlane(origin, (directions[0], directions[1]), path, ranges, share, _steps(points), True)


def landscape(
    net: Net,
    plane: WeightPlane,
    start: Weights,
    size: int | None = None,
    on_progress: Progress | None = None,
    depth: int | None = None,
    path: Sequence[Weights] = (),
) -> Landscape:
    """Computes the loss at every place of a grid.

    Args:
        net: whose loss it is.
        plane: of its weights.
        start: the weights at the beginning of the path.
        size: points a side; None for as many of `SIZES` as can be had in time.
        on_progress: asked before every loss; the work can be ended by what it raises.
        depth: how often DynamicNet uses its middle layer.
        path: the weights at each point of the plane's path, whose own losses are computed, too.

    Raises:
        LandscapeError: it would take too long, or the net has no weights of these names.
    """
    return driven(landscape_parts(net, plane, start, size, depth, path), on_progress)


def landscape_parts(
    net: Net,
    plane: WeightPlane,
    start: Weights,
    size: int | None = None,
    depth: int | None = None,
    path: Sequence[Weights] = (),
) -> Parts[Landscape]:
    """The same, a loss at a time: the run whose net it is a copy of may go on in between.

    Args, raises: as of `landscape`.
    """

    def loss(weights: Weights) -> float:
        with kept_random_states(), net.depth(depth), np.errstate(all="ignore"):
            return net.loss(weights)

    try:
        at_start, at_now = loss(start), loss(plane.weights(0.0, 0.0))
        of_path = np.empty(len(path))
        for number, each in enumerate(path):
            yield 0, 0
            of_path[number] = loss(each)
    except KeyError as error:
        raise LandscapeError(f"the copy of the net has no weights {error}") from None
    began = time.perf_counter()
    loss(plane.weights(0.0, 0.0))
    size = _size(time.perf_counter() - began) if size is None else size
    across = np.linspace(*plane.ranges[0], size)
    up = np.linspace(*plane.ranges[1], size)[::-1]
    losses = np.empty((size, size))
    for number in range(size * size):
        yield number, size * size
        row, column = divmod(number, size)
        losses[row, column] = loss(plane.weights(float(across[column]), float(up[row])))
    return Landscape(
        plane, across, up, losses, at_start, at_now, net.rows, depth, of_path, _beside(plane, path)
    )


def driven(parts: Parts[_Made], on_progress: Progress | None) -> _Made:
    """What comes of work in parts that is done in one go; `on_progress` is asked before each."""
    with closing(parts):
        while True:
            try:
                done, of = next(parts)
            except StopIteration as end:
                made: _Made = end.value
                return made
            if on_progress is not None:
                on_progress(done, of)


def _beside(plane: WeightPlane, path: Sequence[Weights]) -> NDArray[np.float64]:
    """How far weights lie from the places at which the plane has them."""
    places = zip(path, plane.path.tolist(), strict=False)
    on_plane = ((each, plane.weights(*place)) for each, place in places)
    return np.array(
        [
            np.linalg.norm(_flat({name: each[name] - value for name, value in at.items()}))
            for each, at in on_plane
        ]
    )


def _size(seconds: float) -> int:
    """Points a side, where one loss takes so long."""
    for size in SIZES:
        if size**2 * seconds <= LONGEST:
            return size
    least = SIZES[-1]
    raise LandscapeError(
        f"one loss takes {seconds:.2g} s, {least} × {least} of them {duration_text(seconds * least**2)}; "
        f"allowed: up to {duration_text(LONGEST)}"
    )


def _steps(points: Sequence[WeightPoint]) -> tuple[int, ...]:
    return tuple(each.step for each in points)


def _moved(points: Sequence[WeightPoint]) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64]]:
    """The newest weights by name, and how far all weights of each point lie from them, as a row."""
    newest = points[-1].weights
    if not newest:
        raise LandscapeError("no weights are known that this program trains")
    shapes = {name: value.shape for name, value in newest.items()}
    if any({n: v.shape for n, v in each.weights.items()} != shapes for each in points):
        raise LandscapeError("the weights are too large to be kept, or not the same ones at every step")
    origin = {name: np.asarray(value, np.float64) for name, value in newest.items()}
    vectors = np.array([_flat({name: each.weights[name] for name in newest}) for each in points])
    if not np.isfinite(vectors).all():
        raise LandscapeError("the weights are not finite: the run has diverged")
    return origin, vectors - vectors[-1]


def _principal(moved: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two directions, of length 1, in which the rows of a matrix are longest."""
    # Of few rows their products with one another tell it, much faster than a decomposition of the rows.
    _, vectors = np.linalg.eigh(moved @ moved.T)
    first, second = vectors[:, -1] @ moved, vectors[:, -2] @ moved
    first /= np.linalg.norm(first)
    second -= (second @ first) * first
    if np.linalg.norm(second) < STRAIGHT * np.linalg.norm(moved):
        # The path is a line: any direction beside it will do.
        second = np.random.RandomState(0).randn(len(first))
        second -= (second @ first) * first
    return first, second / np.linalg.norm(second)


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
