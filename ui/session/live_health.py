"""Looks at the parameters of a run now and then, in a step that is made anyway."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.health.sample import HealthSample
    from playground.health.spread import Spreads
    from playground.recording.model import Recording
    from playground.trainer import Trainer

LEAST_BETWEEN = 0.25
SHARE = 0.01
"""Seconds between two looks at full speed, and the share of the time that they may take."""
ALLOWANCE = 0.03
"""Seconds that looks may take as a run begins whatever their share, so that a short run has some, too."""
GROWTH = 0.25
"""As long as the allowance lasts, the next look comes after this share of the time since the first one."""


class LiveHealth:
    """Looks on the worker's thread; any thread reads what `begin` gave, and `spreads`.

    Attributes:
        due: on the clock `time.perf_counter`, when the next look is to be taken.
        spreads: of the present run; None before there is one.
    """

    def __init__(self) -> None:
        """There is no run."""
        self.due = 0.0
        self.spreads: Spreads | None = None
        self._newest: list[HealthSample] = []
        self._first = self._allowed = 0.0

    def begin(self) -> list[HealthSample]:
        """A new run: gives the list of at most one look in which those at it will be."""
        from playground.health.spread import Spreads

        self.due, self._newest, self.spreads = 0.0, [], Spreads()
        self._first, self._allowed = 0.0, ALLOWANCE
        return self._newest

    def watch(self, trainer: Trainer, hurries: bool = True) -> float:
        """Makes a step, looks meanwhile, and gives its loss; raises whatever the program raises.

        Args:
            trainer: of the run.
            hurries: whether it goes as fast as it can.
        """
        loss, sample, seconds = trainer.watched_step()
        self._newest[:] = [sample]
        if self.spreads is not None:
            self.spreads.put(sample.step, sample.spreads)
        now = time.perf_counter()
        self._first = self._first or now
        self._allowed -= seconds
        if self._allowed > 0:
            self.due = now + min(GROWTH * (now - self._first), LEAST_BETWEEN)
        else:
            # At a pace the window has time to show every look.
            self.due = now + max(LEAST_BETWEEN if hurries else 0.0, seconds / SHARE)
        return loss

    def take(self, recording: Recording) -> None:
        """A step was recorded: it tells the same."""
        from playground.health.spread import spreads_of

        if self.spreads is not None:
            self.spreads.put(recording.step, spreads_of(recording))
