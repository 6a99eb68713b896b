"""Keeps the weights that a run goes through, some of them, without making it slower to speak of."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.data.weight_path import WeightPath
    from playground.trainer import Trainer

SHARE = 0.005
"""Share of the time that it may take."""
STANDING = 5e-5
"""Seconds that a run at full speed loses by standing still between two steps, about."""


class LivePath:
    """Belongs to the thread that trains.

    Attributes:
        path: of the present run; None before there is one.
        step: after how many steps weights may be due again; the only thing that is asked after every step.
    """

    def __init__(self) -> None:
        """No run has begun."""
        self.path: WeightPath | None = None
        self.step = math.inf
        # On the clock `time.perf_counter`; and how many steps are twice as many as at the last look, after
        # which weights are kept whatever the time: a short run has a path, too.
        self._due, self._doubled = 0.0, 1.0

    def begin(self) -> WeightPath:
        """A new run, at its first step: gives what its weights will be kept in."""
        from playground.data.weight_path import WeightPath

        self.path = WeightPath()
        self.step, self._due, self._doubled = 1.0, 0.0, 1.0
        return self.path

    def is_due(self, now: float) -> bool:
        """Whether weights are to be kept after these steps, at that time; else it is asked again later."""
        if now >= self._due or self.step >= self._doubled:
            return True
        assert self.path is not None, "a run has begun"
        self.step += self.path.stride
        return False

    def look(self, trainer: Trainer) -> None:
        """Keeps the weights if they are due; of a net that is too large, or cannot be read, none any more."""
        began, path, made = time.perf_counter(), self.path, trainer.history.length
        if path is None or made < self.step or not self.is_due(began):
            return
        from playground.data.weight_path import point_now

        try:
            path.put(point_now(trainer))
        except Exception:
            # Whoever asks for the landscape is told why there is none.
            self.step = math.inf
            return
        ended = time.perf_counter()
        self._due = ended + (ended - began + STANDING) / SHARE
        self.step, self._doubled = made + path.stride, max(self._doubled, 2.0 * made)
