"""What a look at one step tells of its parameters and hidden units, as plain data."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from playground.graph.model import Phase
from playground.health.spread import Spread
from playground.recording.model import ParameterRecord, Recording

MOST_LISTED = 1_000
"""Numbers of dead units that are listed; all are counted."""
RECTIFIERS = ("clamp", "relu", "maximum")
"""Operations of these names, or with these in their name, cut what is below zero."""
LEAKY = ("prelu", "rrelu")
"""Operations whose names begin like this, and all that are called leaky, let something through there."""


@dataclass(frozen=True, slots=True)
class ParameterHealth:
    """A parameter over one step.

    Attributes:
        name, shape: the parameter's.
        gradient_norm: of the gradient that the update read; NaN or infinite where that is not finite, None
            where there was none.
        update_share: norm of the change over the norm of what was changed; None where it is not known.
        asks_gradient: whether autograd shall give it one: not if it is frozen, or updated by hand.
    """

    name: str
    shape: tuple[int, ...]
    gradient_norm: float | None
    update_share: float | None
    asks_gradient: bool = True

    @property
    def is_finite(self) -> bool:
        """Whether all that is known of it is a finite number."""
        known = (each for each in (self.gradient_norm, self.update_share) if each is not None)
        return all(map(math.isfinite, known))


@dataclass(frozen=True, slots=True)
class UnitHealth:
    """The units of a hidden layer in one use.

    Attributes:
        label: what the program calls what they give.
        units: how many there are.
        dead: how many give zero for every example of the batch.
        listed: their numbers, from 0; the first thousand.
    """

    label: str
    units: int
    dead: int
    listed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HealthSample:
    """A look at one step.

    Attributes:
        step: its number.
        parameters: in the program's order.
        layers: hidden layers in the order of the forward pass, one for each use.
        spreads: how the elements of the first parameters are spread; none of a recorded step.
    """

    step: int
    parameters: tuple[ParameterHealth, ...]
    layers: tuple[UnitHealth, ...] = ()
    spreads: tuple[Spread, ...] = field(default=(), compare=False)


def health_of(recording: Recording) -> HealthSample:
    """What a recording tells; of tensors too large to keep, the share of the update is not known."""
    return HealthSample(
        recording.step,
        tuple(_of_record(each) for each in recording.parameters),
        numbered(_layers(recording)),
    )


def units_of(label: str, output: npt.NDArray[Any]) -> UnitHealth:
    """The units behind an output of shape (batch, units)."""
    return units_where(label, (output == 0).all(axis=0))


def units_where(label: str, dead: npt.NDArray[np.bool_]) -> UnitHealth:
    """Units of which is known whether each is dead."""
    numbers = np.flatnonzero(dead)
    return UnitHealth(label, int(dead.size), len(numbers), tuple(numbers[:MOST_LISTED].tolist()))


def numbered(layers: list[UnitHealth]) -> tuple[UnitHealth, ...]:
    """Uses of one layer get numbers, so that they can be told apart."""
    counts, seen = Counter(each.label for each in layers), Counter[str]()
    found = []
    for each in layers:
        seen[each.label] += 1
        is_one_of_many = counts[each.label] > 1
        label = f"{each.label}, use {seen[each.label]}" if is_one_of_many else each.label
        found.append(UnitHealth(label, each.units, each.dead, each.listed))
    return tuple(found)


def is_rectifier(op: str) -> bool:
    """Whether an operation of that name cuts what is below zero."""
    name = op.lower().rpartition(".")[2].lstrip("_")
    if "leaky" in name or name.startswith(LEAKY):
        return False
    return any(each in name for each in RECTIFIERS)


def _of_record(record: ParameterRecord) -> ParameterHealth:
    gradient = record.gradient
    norm = None if gradient is None else gradient.statistics.whole_norm
    before = record.before
    return ParameterHealth(record.name, before.shape, norm, _update_share(record), before.requires_grad)


def _update_share(record: ParameterRecord) -> float | None:
    before, after = record.before.values, None if record.after is None else record.after.values
    if record.after is None:
        return 0.0
    if before is None or after is None:
        return None
    wide = before.astype(np.float64)
    with np.errstate(all="ignore"):
        return ratio(float(np.linalg.norm(after.astype(np.float64) - wide)), float(np.linalg.norm(wide)))


def ratio(change: float, norm: float) -> float | None:
    """The change over the norm; None where nothing was there to be changed."""
    if norm == 0:
        return 0.0 if change == 0 else None
    return change / norm


def _layers(recording: Recording) -> list[UnitHealth]:
    found, last = [], None
    for event in recording.events:
        if event.phase is not Phase.FORWARD or event.error or not is_rectifier(event.op):
            continue
        value = next((port.value for port in event.outputs if port.value is not None), None)
        if value is None or value.values is None or len(value.shape) != 2:
            continue
        # A Function of the program's own is told, and so is what runs inside it.
        if last is None or not np.array_equal(last, value.values):
            found.append(units_of("hidden layer", value.values))
        last = value.values
    return found
