"""Looks at the parameters of a run now and then, in a step that is made anyway."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.health.sample import HealthSample
    from playground.trainer import Trainer

LEAST_BETWEEN = 0.25
SHARE = 0.01
"""Seconds between two looks, and the share of the time that they may take."""


class LiveHealth:
    """Looks on the worker's thread; any thread reads what `begin` gave.

    Attributes:
        due: on the clock `time.perf_counter`, when the next look is to be taken.
    """

    def __init__(self) -> None:
        """There is no run."""
        self.due = 0.0
        self._newest: list[HealthSample] = []

    def begin(self) -> list[HealthSample]:
        """A new run: gives the list of at most one look in which those at it will be."""
        self.due, self._newest = 0.0, []
        return self._newest

    def watch(self, trainer: Trainer) -> float:
        """Makes a step, looks meanwhile, and gives its loss; raises whatever the program raises."""
        loss, sample, seconds = trainer.watched_step()
        self._newest[:] = [sample]
        self.due = time.perf_counter() + max(LEAST_BETWEEN, seconds / SHARE)
        return loss
