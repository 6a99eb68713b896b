"""Tells whether other programs keep the machine busy, so that a slow run can say why it is slow."""

from __future__ import annotations

import multiprocessing

import psutil

SLOW = 0.5
"""Of its best speed: below that a run is slow."""
LACKING_CORES = 0.5
"""So much of a core must be wanting before a run is felt to be slow for it."""
SETTLED_AFTER = 3.0
"""Seconds after which nothing is left, in a smoothed speed, of what was before."""
SECONDS = 1.0
"""Over which time the use of the processor is looked at; a shorter one tells of single ticks."""
FORGOTTEN_AFTER = 5.0
"""Seconds without a look, in a pause say, after which the time since the last tells nothing of now."""


class OtherPrograms:
    """How much of the processor other programs take."""

    def __init__(self) -> None:
        """Begins to count."""
        self._process = psutil.Process()
        self._read: tuple[float, float] | None = None
        self._cores = 0.0

    def cores(self, seconds: float) -> float:
        """So many cores they have taken lately; 0 where that cannot be told, or not yet.

        Args:
            seconds: a clock.
        """
        try:
            return self._taken(seconds)
        except (OSError, RuntimeError, psutil.Error):
            return 0.0

    def _taken(self, seconds: float) -> float:
        before = self._read
        if before is not None and seconds - before[0] < SECONDS:
            return self._cores
        share, own = psutil.cpu_percent(None) / 100, self._own_seconds()
        self._read = seconds, own
        if before is None or seconds - before[0] > FORGOTTEN_AFTER:
            self._cores = 0.0
        else:
            everybody = share * (psutil.cpu_count() or 1)
            self._cores = max(0.0, everybody - (own - before[1]) / (seconds - before[0]))
        return self._cores

    def _own_seconds(self) -> float:
        """What this program and the processes that it has started have computed."""
        times = self._process.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in multiprocessing.active_children():
            if child.pid is not None:
                of_child = psutil.Process(child.pid).cpu_times()
                total += of_child.user + of_child.system
        return total


class BusyWatch:
    """Whether a run has become slow because other programs want the cores that it computes on."""

    def __init__(self) -> None:
        """No run is known."""
        self._circumstances: object = None
        self._since = self._best = 0.0

    def explains(self, circumstances: object, seconds: float, speed: float, lacking: float) -> bool:
        """Whether other programs must be the reason for a speed.

        Args:
            circumstances: what the run is, and whatever else its speed goes by: a speed is compared with
                those under the same circumstances only.
            seconds: a clock.
            speed: steps a second.
            lacking: cores that the run and the other programs want together beyond those that there are.
        """
        if circumstances != self._circumstances:
            self._circumstances, self._since, self._best = circumstances, seconds, 0.0
        if seconds - self._since < SETTLED_AFTER:
            return False
        self._best = max(self._best, speed)
        return speed < SLOW * self._best and lacking > LACKING_CORES


def lacking_cores(threads: int, others: float) -> float:
    """Cores that so many threads, and others that take so many, want beyond those of the machine."""
    return others + threads - (psutil.cpu_count() or 1)
