"""How long a run took for its steps, so that a curve can be drawn over seconds."""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

MOST_SAMPLES = 2000


class RunClock:
    """How long a run took for its steps: samples so sparse that a million steps need no more than a few.

    One thread writes and reads.
    """

    __slots__ = ("_notes", "_seconds", "_steps", "_stride")

    def __init__(self) -> None:
        """At step 0 and second 0."""
        self._steps, self._seconds = array("q", [0]), array("d", [0.0])
        self._notes = 0
        self._stride = 1

    def note(self, step: int, seconds: float) -> None:
        """Takes a reading: so many steps were made in so many seconds.

        A reading without a new step tells nothing and is left out; time does not run backwards.

        Raises:
            ValueError: the time is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"seconds is {seconds}; allowed: a finite number of at least 0")
        if step <= self._steps[-1]:
            return
        seconds = max(seconds, self._seconds[-1])
        if self._notes % self._stride:
            # Of each group of readings the last one stays; the newest is always there.
            self._steps[-1], self._seconds[-1] = step, seconds
        else:
            self._steps.append(step)
            self._seconds.append(seconds)
        self._notes += 1
        if len(self._steps) >= MOST_SAMPLES:
            self._thin()

    def seconds_of(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds after which the run had made so many steps, of the same shape as `steps`.

        Between two readings time goes evenly; after the last one at the pace of the whole run.
        """
        known, seconds = np.array(self._steps, np.float64), np.array(self._seconds)
        between: NDArray[np.float64] = np.interp(steps, known, seconds)
        if not known[-1]:
            return between
        between += np.maximum(steps - known[-1], 0.0) * (seconds[-1] / known[-1])
        return between

    @property
    def seconds(self) -> float:
        """The last reading's."""
        return self._seconds[-1]

    @property
    def samples(self) -> int:
        """Number of readings that are kept."""
        return len(self._steps)

    @property
    def nbytes(self) -> int:
        """Bytes that the samples take."""
        return len(self._steps) * (self._steps.itemsize + self._seconds.itemsize)

    def _thin(self) -> None:
        """Keeps every second reading, and the last."""
        last = self._steps[-1], self._seconds[-1]
        self._steps, self._seconds = self._steps[::2], self._seconds[::2]
        if self._steps[-1] != last[0]:
            self._steps.append(last[0])
            self._seconds.append(last[1])
        self._stride *= 2
        # The next reading begins a group.
        self._notes = 0
