"""Tells whether other programs keep the machine busy, so that a slow run can say why it is slow."""

from __future__ import annotations

import contextlib

import psutil

BUSY_CORES = 0.5
"""So much of a core, taken by other programs, is felt by a run whose threads wait for each other."""
SLOW = 0.5
"""Of its best speed: below that a run is slow."""


class BusyWatch:
    """Compares what this program takes of the processor with what all take; asked once in a while."""

    def __init__(self) -> None:
        """Begins to count."""
        self._process = psutil.Process()
        self._best = 0.0
        self.others()

    def others(self) -> float:
        """Cores that other programs have taken since the last call; 0 where that cannot be told."""
        with contextlib.suppress(OSError, RuntimeError, psutil.Error):
            cores = psutil.cpu_count() or 1
            everybody = psutil.cpu_percent(None) / 100 * cores
            return max(0.0, everybody - self._process.cpu_percent(None) / 100)
        return 0.0

    def forget(self) -> None:
        """Another run begins: its speed is not that of the one before."""
        self._best = 0.0

    def explains(self, steps_per_second: float, others: float) -> bool:
        """Whether a speed is so far below the best of this run that the neighbors must be the reason."""
        self._best = max(self._best, steps_per_second)
        return steps_per_second < SLOW * self._best and others > BUSY_CORES
