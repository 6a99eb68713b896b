"""The weights that a run went through: those of some of its steps, ever farther apart as it gets longer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.data.forward_lines import as_array
from playground.data.weights import Weights, weights_of

if TYPE_CHECKING:
    from playground.recording.model import Recording
    from playground.trainer import Trainer

MOST_POINTS = 64
LARGEST_NET = 2_000_000
"""Weights of the largest net whose path is kept, and whose landscape is computed."""
BUDGET = 64 << 20
"""Bytes that the weights of a path may take; of a large net there are fewer points."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightPoint:
    """The weights that a run had once.

    Attributes:
        step: how many steps had been made: the next one began with these.
        weights: by name.
    """

    step: int
    weights: Weights


class TooManyWeightsError(ValueError):
    """A net is too large for its weights to be kept many times, in one line."""


class WeightPath:
    """Keeps the weights of some steps of one run, the first one always; for one thread.

    Attributes:
        stride: steps that lie between two points at least; it doubles when there are too many.
        points: rising.
    """

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self.stride = 1
        self.points: list[WeightPoint] = []

    def put(self, point: WeightPoint) -> None:
        """Keeps a point that lies far enough behind the newest; of too many every other one goes."""
        if self.points and point.step - self.points[-1].step < self.stride:
            return
        self.points.append(point)
        nbytes = max(1, sum(each.nbytes for each in point.weights.values()))
        most = max(3, min(MOST_POINTS, BUDGET // nbytes))
        while len(self.points) > most:
            self.stride *= 2
            self.points = _apart(self.points, self.stride)


def point_now(trainer: Trainer) -> WeightPoint:
    """The weights that a run has between two of its steps, copied; none before its first step.

    Raises:
        TooManyWeightsError: there are more than `LARGEST_NET`.
    """
    variables, parameters = trainer.trained()
    count = sum(math.prod(getattr(each, "shape", ())) for each in parameters.values())
    if count > LARGEST_NET:
        raise TooManyWeightsError(f"the net has {count:,} weights; allowed: up to {LARGEST_NET:,}")
    # What a program binds anew at every step is another tensor than the one that it has handed over.
    weights = {name: as_array(newest(name, value, variables)) for name, value in parameters.items()}
    return WeightPoint(trainer.history.length, weights)


def points_of(recordings: Sequence[Recording]) -> list[WeightPoint]:
    """The weights that recorded steps began with, rising; those too large to be kept are left out."""
    return sorted(
        (WeightPoint(each.step, weights_of(each)) for each in recordings), key=lambda each: each.step
    )


def newest(name: str, value: object, variables: Mapping[str, object]) -> object:
    """What a variable is bound to now, if that can be what the program has handed over by its name."""
    bound = variables.get(name, value)
    same = getattr(bound, "shape", None) == getattr(value, "shape", None)
    return bound if same else value


def _apart(points: list[WeightPoint], stride: int) -> list[WeightPoint]:
    """The first, and of the others each that lies so many steps behind the one kept before it."""
    found = points[:1]
    for each in points[1:]:
        if each.step - found[-1].step >= stride:
            found.append(each)
    return found
