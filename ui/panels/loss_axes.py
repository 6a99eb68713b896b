"""Ranges that grow in big steps, and axes that write whole numbers: each change repaints the axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

SMALLEST_DECADES = 2


def logarithmic_range(
    values: NDArray[np.float64], old: tuple[float, float] | None
) -> tuple[float, float]:
    """Whole decades around base-10 logarithms, never less than the range before."""
    if not len(values):
        return old or (0.0, float(SMALLEST_DECADES))
    low, high = math.floor(values.min()), math.ceil(values.max() + 1e-9)
    if old is not None:
        if low >= old[0] and high <= old[1]:
            return old
        # Two decades at once where the loss is falling: it will fall further.
        low = min(low - 1 if low < old[0] else low, int(old[0]))
        high = max(high, int(old[1]))
    return float(low), float(max(high, low + SMALLEST_DECADES))


def linear_range(values: NDArray[np.float64], old: tuple[float, float] | None) -> tuple[float, float]:
    """From zero (or below) to one, two or five times a power of ten, never less than the range before."""
    low, high = (min(0.0, float(values.min())), float(values.max())) if len(values) else (0.0, 1.0)
    new_low, new_high = -_above(-low) if low < 0 else 0.0, _above(high) if high > 0 else 1.0
    return (new_low, new_high) if old is None else (min(new_low, old[0]), max(new_high, old[1]))


def _above(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= value)


class NumberAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph carries no types
    """An axis whose texts are plain numbers, or powers of ten where the values are logarithms."""

    def __init__(self, orientation: str) -> None:
        """A linear axis."""
        super().__init__(orientation)
        self.logarithmic = False
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=-4)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Whole decades on a logarithmic axis, pyqtgraph's own choice on another."""
        if not self.logarithmic:
            levels: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return levels[:2]
        if high - low < 1.5:
            fine: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return fine[:1]
        stride = max(1, math.ceil((high - low) / max(2.0, size / 32)))
        first = math.ceil(low / stride) * stride
        return [(float(stride), [float(each) for each in range(first, math.floor(high) + 1, stride)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """`1e6`, `10k`, `0.25`."""
        return [_power(value) if self.logarithmic else _plain(value) for value in values]


def _power(exponent: float) -> str:
    if not float(exponent).is_integer():
        return f"{10**exponent:.3g}"
    return f"{10**exponent:g}" if -3 <= exponent <= 3 else f"1e{exponent:.0f}"


def _plain(value: float) -> str:
    if value and abs(value) >= 1e6 and not float(value / 1e6).is_integer():
        return f"{value:.3g}".replace("e+0", "e").replace("e+", "e")
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit and abs(value) < 1000 * unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}".replace("e+0", "e").replace("e+", "e")
