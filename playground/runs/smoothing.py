"""Averages of the losses so far, for drawing a noisy curve smoothly: exact, as the run grows, in NumPy.

After the values v₁ … v_k the average is Σ d^(k−i)·v_i / Σ d^(k−i) with d = (n − 1)/(n + 1): an exponential
moving average over a window of n steps. Dividing by the sum of the weights is the bias correction of
Kingma and Ba, "Adam" (2014), section 3: the first average is the first value, not a value drawn
towards zero.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from playground.history import Envelope, History

_AT_ONCE = 1 << 18
_LONGEST_ROW = 4096
_LARGEST_WEIGHT = 2.0**40
_HUGE = 1e290
_SMALLEST_GROWTH = 1024

Losses = NDArray[np.float64]


class Smoother:
    """The average after each of a growing row of losses.

    A loss that has no average (not finite; with logarithms also zero and less) is left out as if its step
    had not been made: there the average is that of the step before, and NaN as long as there is none.
    """

    __slots__ = ("_count", "_decay", "_logarithmic", "_sum")

    def __init__(self, window: int, logarithmic: bool = False) -> None:
        """Start without a loss.

        Args:
            window: n, the steps of the average; with 1 each loss is its own.
            logarithmic: average the logarithms of the losses, which is what a logarithmic axis shows. There
                an average of the losses themselves would lie far above a curve that falls by decades.

        Raises:
            ValueError: the window is less than 1.
        """
        if window < 1:
            raise ValueError(f"window is {window}; allowed: 1 or more")
        self._decay = (window - 1) / (window + 1)
        self._logarithmic = logarithmic
        # Σ d^(k−i)·(1 − d)·v_i: the factor keeps the sum no larger than the largest value.
        self._sum = 0.0
        self._count = 0

    def extend(self, losses: Losses) -> Losses:
        """The averages after each of these losses, which follow those of the calls before."""
        pieces = [self._averages(losses[at : at + _AT_ONCE]) for at in range(0, len(losses), _AT_ONCE)]
        return np.concatenate(pieces) if pieces else np.empty(0)

    def _averages(self, losses: Losses) -> Losses:
        used = np.isfinite(losses)
        if self._logarithmic:
            used &= losses > 0
        if used.all():
            return self._of_used(losses)
        before = self._last()
        averages = np.concatenate([np.array([before]), self._of_used(losses[used])])
        spread: Losses = averages[np.cumsum(used)]
        return spread

    def _of_used(self, losses: Losses) -> Losses:
        """The averages of losses that are all used."""
        if not len(losses):
            return np.empty(0)
        values = np.log(losses) if self._logarithmic else losses
        decay, before = self._decay, self._count
        if decay:
            averages = _decaying_sums(values * (1.0 - decay), decay, self._sum)
            self._sum = float(averages[-1])
            averages /= _weights(decay, before, len(values))
        else:
            averages = values
            self._sum = float(values[-1])
        self._count += len(values)
        return np.exp(averages) if self._logarithmic else averages

    def _last(self) -> float:
        """The average so far, NaN if there is none."""
        if not self._count:
            return math.nan
        weight = -math.expm1(self._count * math.log(self._decay)) if self._decay else 1.0
        average = self._sum / weight
        return math.exp(average) if self._logarithmic else average


class SmoothedHistory:
    """The averages of a history that goes on, thinned for drawing as the history's own losses are.

    It takes 8 bytes a step, and belongs to the one thread that draws.
    """

    __slots__ = ("_averages", "_envelope", "_history", "_length", "_smoother")

    def __init__(self, history: History, window: int, logarithmic: bool) -> None:
        """See `Smoother`; the first question reads every step that has run."""
        self._history = history
        self._smoother = Smoother(window, logarithmic)
        self._averages: Losses = np.empty(0)
        self._length = 0
        self._envelope = Envelope()

    def averages(self, stop: int) -> Losses:
        """The averages of all steps up to `stop`, cut to those that ran; not to be written to."""
        self._follow()
        return self._averages[: min(max(stop, 0), self._length)]

    def envelope(self, start: int, stop: int, buckets: int) -> tuple[NDArray[np.int64], Losses]:
        """Steps and averages from `start` up to `stop`; see `History.envelope`."""
        self._follow()
        return self._envelope.points(self._averages[: self._length], start, stop, buckets)

    def _follow(self) -> None:
        """Average the steps that have come since."""
        fresh = self._history.losses(self._length)
        if not len(fresh):
            return
        length = self._length + len(fresh)
        if length > len(self._averages):
            grown = np.empty(max(length, 2 * self._length, _SMALLEST_GROWTH))
            grown[: self._length] = self._averages[: self._length]
            self._averages = grown
        self._averages[self._length : length] = self._smoother.extend(fresh)
        self._length = length


def _weights(decay: float, before: int, count: int) -> Losses | float:
    """(1 − d)·Σ d^(k−i), which is 1 − d^k, for the `count` sums that follow `before` others."""
    logarithm = math.log(decay)
    if before * logarithm < -40.0:
        return 1.0
    weights: Losses = -np.expm1(np.arange(before + 1, before + count + 1) * logarithm)
    return weights


def _decaying_sums(values: Losses, decay: float, before: float) -> Losses:
    """s_i = decay·s_(i−1) + value_i for all values, where s before the first is `before`.

    Within a row of values, s_i·decay^−i is a plain cumulative sum. A row is so short that its weights
    neither overflow nor lose digits; what one row hands to the next is carried one by one.
    """
    length = max(1, min(len(values), _LONGEST_ROW, int(math.log(_LARGEST_WEIGHT) / -math.log(decay))))
    rows = -(-len(values) // length)
    flat = np.zeros(rows * length)
    flat[: len(values)] = values
    table = flat.reshape(rows, length)
    falling = decay ** np.arange(length, dtype=np.float64)
    largest = float(np.abs(values).max())
    # The sums grow with their weights; those of values near the largest number shall shrink instead.
    least = 1.0 / _LARGEST_WEIGHT if largest > _HUGE else 1.0
    np.multiply(table, least / falling, out=table)
    np.cumsum(table, axis=1, out=table)
    np.multiply(table, falling / least, out=table)
    row_decay = decay**length
    carried = list(
        accumulate(table[:, -1].tolist(), lambda carry, row: carry * row_decay + row, initial=before)
    )
    table += np.outer(np.array(carried[:-1]), decay * falling)
    return flat[: len(values)]
