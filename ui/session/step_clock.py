"""When the next step of a run is due, on the thread that makes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MOST_CAUGHT_UP = 0.05
"""Seconds that a step may come early, where the one before was late."""


class StepClock:
    """Spaces steps out. While it waits the interpreter is the window's."""

    def __init__(self, wake: threading.Event) -> None:
        """The first step is due at once.

        Args:
            wake: set by whoever wants something else of the thread.
        """
        self._wake, self._due = wake, 0.0

    def wait(self, pace: float, is_wanted: Callable[[], bool]) -> float:
        """Waits until the next step is due, or is not wanted any more.

        Args:
            pace: steps a second at most; 0 waits for nothing.
            is_wanted: whether the step shall still be made.

        Returns:
            The seconds that were waited.
        """
        if not pace:
            return 0.0
        started, between = time.perf_counter(), 1 / pace
        # A slower pace may have been in force when that was set.
        self._due = min(self._due, started + between)
        while (now := time.perf_counter()) < self._due:
            self._wake.clear()
            if not is_wanted():
                return now - started
            self._wake.wait(self._due - now)
        # A little that was lost may be caught up with; not so much that two steps come at once.
        self._due = max(self._due, now - min(between, MOST_CAUGHT_UP)) + between
        return now - started
