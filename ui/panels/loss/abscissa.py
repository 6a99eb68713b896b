"""Where a run's steps stand on the horizontal axis: at their number, or at the seconds they took."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ui.panels.loss.curves import Seconds, Steps

_PROBES = 64


@dataclass(frozen=True, slots=True)
class Abscissa:
    """The places of steps.

    Attributes:
        seconds: the times of the steps; None: a step stands at its own number.
    """

    seconds: Seconds | None = None

    def places(self, steps: Steps) -> NDArray[np.int64] | NDArray[np.float64]:
        """Where these steps stand."""
        return steps if self.seconds is None else self.seconds(steps)

    def place(self, step: int) -> float:
        """Where a step stands."""
        return float(step) if self.seconds is None else float(self.seconds(np.array([step]))[0])

    def nearest(self, place: float, length: int) -> int:
        """The step nearest to a place, of `length` of them, which is 1 or more."""
        if self.seconds is None:
            return int(np.clip(round(place), 0, length - 1))
        after = min(self._first_from(place, length), length - 1)
        before = max(0, after - 1)
        return before if place - self.place(before) < self.place(after) - place else after

    def between(self, left: float, right: float, length: int) -> tuple[int, int]:
        """The first step in a range, and the one after the last, each with one step more for its line."""
        if self.seconds is None:
            return max(0, math.floor(left) - 1), min(length, math.ceil(right) + 2)
        return max(0, self._first_from(left, length) - 1), min(length, self._first_from(right, length) + 1)

    def columns(self, first: int, last: int, shown: float, pixels: int) -> int:
        """Columns of pixels that the steps from `first` up to `last` take where `pixels` show `shown`."""
        span: float = max(0, last - first)
        if self.seconds is not None and span:
            # At most twice what is in view: the step at either side may have taken long.
            span = min(2 * shown, self.place(last - 1) - self.place(first))
        return max(1, math.ceil(span * pixels / shown))

    def _first_from(self, place: float, length: int) -> int:
        """The first step at a place or after it; `length` if all stand before it."""
        low, high = 0, length
        while self.seconds is not None and low < high:
            probes = np.unique(np.linspace(low, high - 1, _PROBES).astype(np.int64))
            index = int(np.searchsorted(self.seconds(probes), place))
            if index == len(probes):
                return high
            low, high = int(probes[index - 1]) + 1 if index else low, int(probes[index])
        return low


STEPS = Abscissa()
"""A step stands at its own number."""
