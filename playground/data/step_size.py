"""The loss as a function of the step size: along a step's gradient, and along its optimizer's update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playground.data.landscape import LandscapeError, Net, Parts, Progress, driven
from playground.data.weights import Weights, weights_of
from playground.random_states import kept_random_states
from playground.recording.model import Recording

POINTS = 41
REACH = 100.0
"""The smallest rate is so many times below the chosen one, the largest as many times above."""
PARALLEL, ROUNDING = 0.99, 0.05
"""Cosine from which on an update goes along the gradient, and how far its length may be from the gradient's
times the learning rate: what is missing is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class StepSizes:
    """What one step of a run would have led to with other step sizes.

    Attributes:
        step: which one.
        rates: rising, 0 first; learning rates, or multiples of the step's own update.
        gradient: the loss after a step against the gradient, at each rate: with this learning rate, or as
            long as the update where that goes another way. None where no gradient was kept.
        update: the loss after the optimizer's own update, made so much longer or shorter that it would have
            this learning rate; None where that goes along the gradient, too, and where nothing was updated.
        loss: with the weights that the step began with.
        chosen: the learning rate of the step; 1, the update as it is, if `in_updates`.
        after: the loss after the step as it was made; None where nothing was updated.
        in_updates: whether the rates are multiples of the update, for want of a learning rate.
        rows: what the loss is taken over, in words.
        depth: how often DynamicNet used its middle layer; None for other programs.
    """

    step: int
    rates: NDArray[np.float64]
    gradient: NDArray[np.float64] | None
    update: NDArray[np.float64] | None
    loss: float
    chosen: float
    after: float | None
    in_updates: bool
    rows: str
    depth: int | None

    @property
    def shown(self) -> NDArray[np.float64]:
        """The losses along what the step itself has gone: its update, or the gradient."""
        found = self.gradient if self.update is None else self.update
        assert found is not None, "one of the two is there"
        return found

    @property
    def best(self) -> int | None:
        """Number of the rate with the lowest loss along that; None where none is finite."""
        if not np.isfinite(self.shown).any():
            return None
        return int(np.nanargmin(np.where(np.isfinite(self.shown), self.shown, np.inf)))


def step_sizes(
    net: Net,
    recording: Recording,
    rate: float | None,
    points: int = POINTS,
    on_progress: Progress | None = None,
) -> StepSizes:
    """The loss for many step sizes at a recorded step.

    Args:
        net: a copy of the run's.
        recording: of the step; its gradients are those of the rows that it saw.
        rate: the learning rate, where no optimizer tells it; None where nobody does.
        points: how many rates; 0, and the others as many times apart from one to the next.
        on_progress: asked before every loss; the work can be ended by what it raises.

    Raises:
        LandscapeError: weights that were not kept, neither gradient nor update, or a loss that is not finite.
    """
    return driven(step_size_parts(net, recording, rate, points), on_progress)


def step_size_parts(
    net: Net, recording: Recording, rate: float | None, points: int = POINTS
) -> Parts[StepSizes]:
    """The same, a loss at a time: the run may go on in between. Args, raises: as of `step_sizes`."""

    def loss(weights: Weights) -> float:
        with kept_random_states(), net.depth(recording.depth), np.errstate(all="ignore"):
            return net.loss(weights)

    weights = weights_of(recording)
    if not weights or len(weights) < len(recording.parameters):
        raise LandscapeError("the weights of this step are too large to be kept")
    try:
        before = loss(weights)
    except KeyError as error:
        raise LandscapeError(f"the copy of the net has no weights {error}") from None
    if not np.isfinite(before):
        raise LandscapeError(
            f"the loss is {before} with the weights that step {recording.step} began with; "
            "an earlier step that is recorded may tell why"
        )
    ways = _ways(recording, rate)
    rates = np.concatenate([[0.0], np.geomspace(ways.chosen / REACH, ways.chosen * REACH, points - 1)])
    directions = ways.gradient, ways.update
    done, of = 0, points * sum(each is not None for each in directions)
    found: list[NDArray[np.float64] | None] = []
    for direction in directions:
        if direction is None:
            found.append(None)
            continue
        losses = np.empty(points)
        for number, size in enumerate(rates.tolist()):
            yield done, of
            done += 1
            losses[number] = loss(_moved(weights, direction, size))
        found.append(losses)
    after = loss(_after(recording)) if ways.is_made else None
    gradient, update = found
    return StepSizes(
        recording.step,
        rates,
        gradient,
        update,
        before,
        ways.chosen,
        after,
        ways.in_updates,
        net.rows,
        recording.depth,
    )


class _Ways(NamedTuple):
    """Along what the loss is computed.

    Attributes:
        gradient, update: what is taken from the weights at a rate of 1; None for nothing.
        chosen, in_updates: as of `StepSizes`.
        is_made: whether the step has updated anything.
    """

    gradient: Weights | None
    update: Weights | None
    chosen: float
    in_updates: bool
    is_made: bool


def _ways(recording: Recording, rate: float | None) -> _Ways:
    """What a step has gone, and what its gradient would have."""
    gradient, update = _gradients(recording), _updates(recording)
    known = {each.learning_rate for each in recording.parameters} - {None}
    # Several rates have no place on one axis.
    rate = known.pop() if len(known) == 1 else None if known else rate
    between = None if gradient is None or update is None else _rate_between(gradient, update)
    rate = between if rate is None else rate
    chosen = 1.0 if rate is None or rate <= 0 else rate
    in_updates = chosen != rate
    if update is None:
        if gradient is None or in_updates:
            raise LandscapeError(f"step {recording.step} has neither gradients nor an update that were kept")
        return _Ways(gradient, None, chosen, False, False)
    if gradient is None:
        return _Ways(None, _scaled(update, 1 / chosen), chosen, in_updates, True)
    if not in_updates and between is not None and abs(between / chosen - 1) < ROUNDING:
        return _Ways(gradient, None, chosen, False, True)
    lengths = [_dot(each, each) ** 0.5 for each in (update, gradient)]
    equally_long = _scaled(gradient, lengths[0] / lengths[1] / chosen) if lengths[1] else None
    return _Ways(equally_long, _scaled(update, 1 / chosen), chosen, in_updates, True)


def _gradients(recording: Recording) -> dict[str, NDArray[Any]] | None:
    """None where there is none, or one that was not kept."""
    found: dict[str, NDArray[Any]] = {}
    for each in recording.parameters:
        # A parameter without a gradient stays: DynamicNet's middle layer at depth 0.
        values = np.zeros(each.before.shape) if each.gradient is None else each.gradient.values
        if values is None:
            return None
        found[each.name] = np.asarray(values, np.float64)
    return found if any(each.gradient is not None for each in recording.parameters) else None


def _updates(recording: Recording) -> dict[str, NDArray[Any]] | None:
    """What was taken from each parameter; None where nothing was, or what was not kept."""
    found: dict[str, NDArray[Any]] = {}
    for each in recording.parameters:
        before, after = each.before, each.before if each.after is None else each.after
        if before.values is None or after.values is None:
            return None
        found[each.name] = before.values.astype(np.float64) - after.values
    return found if any(each.any() for each in found.values()) else None


def _after(recording: Recording) -> dict[str, NDArray[Any]]:
    snapshots = {each.name: each.after or each.before for each in recording.parameters}
    return {name: each.values for name, each in snapshots.items() if each.values is not None}


def _moved(weights: Weights, direction: Weights, size: float) -> dict[str, NDArray[Any]]:
    return {name: value - size * direction[name] for name, value in weights.items()}


def _scaled(direction: Weights, factor: float) -> dict[str, NDArray[Any]]:
    return {name: factor * value for name, value in direction.items()}


def _dot(one: Weights, other: Weights) -> float:
    return float(sum(np.vdot(one[name], other[name]) for name in one))


def _rate_between(gradients: Weights, updates: Weights) -> float | None:
    """The rate of plain gradient descent, where the update is that; else None."""
    both, length = _dot(gradients, updates), _dot(gradients, gradients)
    parallel = length > 0 and both >= PARALLEL * (length * _dot(updates, updates)) ** 0.5
    return both / length if parallel else None
