"""Tells how far a long piece of work is, and ends it where nobody waits for it any more."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 0.1
"""Time between two reports of work in many parts, and before the first of work that is told of late."""
FEW = 100
"""So many parts are told of one by one."""


class Stopped(Exception):
    """Nobody waits for the work any more, or something else goes first."""


class Teller:
    """Called by the work with how much is done and of how much, as often as it likes."""

    def __init__(
        self,
        wanted: Callable[[], bool],
        report: Callable[[int, int], None],
        late: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The work begins now.

        Args:
            wanted: whether somebody still waits for it; asked at every call.
            report: hears what is done, and of how much.
            late: whether work that is soon done is not told of at all: what comes and goes at once flickers.
            clock: seconds.
        """
        self._wanted, self._report, self._late, self._clock = wanted, report, late, clock
        self._began = clock()
        self._told_at = 0.0
        self._told: tuple[int, int] | None = None

    def __call__(self, done: int, of: int) -> None:
        """Tells of it if it is time to.

        Raises:
            Stopped: the work is not wanted any more.
        """
        if not self._wanted():
            raise Stopped
        now = self._clock()
        soon = self._late and now - self._began < SECONDS
        often = of > FEW and self._told is not None and now - self._told_at < SECONDS
        if not soon and not often and self._told != (done, of):
            self._told, self._told_at = (done, of), now
            self._report(done, of)
