"""Places of values on an upright axis: linear, or logarithmic on both sides of zero (symlog)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINUS = "−"
APART = 0.8
"""Of the room that a text may take: nearer to each other than that, two of them touch."""
MOST_DECADES = 8
"""On either side of 0: what is smaller lies at 0."""


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """How values become places.

    Attributes:
        threshold: below this absolute value a symlog axis is about linear; 0: all of the axis is.
    """

    threshold: float = 0.0

    def places(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values stand; NaN stays NaN."""
        if not self.threshold:
            return values
        return np.copysign(np.log10(1 + np.abs(values) / self.threshold), values)

    def ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        """Round values between two places, at most so many, each with its text."""
        if not self.threshold:
            return [(each, value_text(each)) for each in _round_values(low, high, most)]
        top = math.ceil(max(-low, high, 0.0)) + 1
        apart = APART * (high - low) / max(1, most)
        kept: dict[float, float] = {}
        for stride in (1, 2, 3, 4, 5, 6, 10):
            sizes = [self.threshold * 10.0**power for power in range(stride - 1, top + 1, stride)]
            # Around 0 the axis is linear, and decades lie closer together than elsewhere.
            below, above = (
                _thinned(
                    [
                        pair
                        for pair in self._pairs([0.0, *(sign * each for each in sizes)])
                        if low <= pair[0] <= high
                    ],
                    apart,
                )
                for sign in (-1.0, 1.0)
            )
            kept = dict([*reversed(below), *above])
            if len(kept) <= most:
                break
        return [(place, value_text(value)) for place, value in kept.items()]

    def _pairs(self, values: list[float]) -> list[tuple[float, float]]:
        """Places with their values."""
        return list(zip(self.places(np.array(values)).tolist(), values, strict=True))


def _thinned(pairs: list[tuple[float, float]], apart: float) -> list[tuple[float, float]]:
    """Places with values, without those that lie nearer than that to the one kept before."""
    kept: list[tuple[float, float]] = []
    for pair in pairs:
        if not kept or abs(pair[0] - kept[-1][0]) >= apart:
            kept.append(pair)
    return kept


def fitting_axis(percentiles: NDArray[np.float64], symlog: bool) -> ValueAxis:
    """An axis for percentiles, shape (steps, 7): a symlog one resolves the narrowest middle half."""
    finite = np.abs(percentiles[np.isfinite(percentiles).all(1)])
    largest = float(finite.max(initial=0.0))
    if not symlog or not largest:
        return ValueAxis()
    middles = np.maximum(finite[:, 2], finite[:, 4])
    smallest = float(middles[middles > 0].min(initial=largest))
    return ValueAxis(10.0 ** math.floor(math.log10(max(smallest, largest * 10.0**-MOST_DECADES))))


def value_text(value: float) -> str:
    """A number in three digits: `0.25`, `−1200`, `1e−6`."""
    if math.isnan(value):
        return "none"
    text = f"{value:.3g}" if abs(value) < 1000 or abs(value) >= 1e5 else f"{value:.0f}"
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else text).replace("-", MINUS)


def _round_values(low: float, high: float, most: int) -> list[float]:
    least = (high - low) / max(1, most)
    if not least > 0 or not math.isfinite(least):
        return []
    power = 10.0 ** math.floor(math.log10(least))
    spacing = next(each * power for each in (1, 2, 5, 10) if each * power >= least * (1 - 1e-9))
    first, last = math.ceil(low / spacing), math.floor(high / spacing)
    return [float(f"{index * spacing:.6g}") for index in range(first, last + 1)]
