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
        due, due_step: from when on, on the clock `time.perf_counter`, and after how many steps weights are
            to be kept again.
        doubled: after so many steps they are, whatever the time: a short run has a path, too.
    """

    def __init__(self) -> None:
        """No run has begun."""
        self.path: WeightPath | None = None
        self.due, self.due_step, self.doubled = math.inf, 0, math.inf

    def begin(self) -> None:
        """A new run, at its first step."""
        from playground.data.weight_path import WeightPath

        self.path = WeightPath()
        self.due, self.due_step, self.doubled = 0.0, 1, 1.0

    def is_due(self, made: int) -> bool:
        """Whether weights are to be kept after so many steps."""
        return made >= self.doubled or (made >= self.due_step and time.perf_counter() >= self.due)

    def keep(self, trainer: Trainer) -> None:
        """Keeps the weights as they are; of a net that is too large, or that cannot be read, none more."""
        from playground.data.weight_path import point_now

        began, path = time.perf_counter(), self.path
        assert path is not None, "a run has begun"
        try:
            path.put(point_now(trainer))
        except Exception:
            # Whoever asks for the landscape is told why there is none.
            self.due = self.doubled = math.inf
            return
        ended = time.perf_counter()
        self.due = ended + (ended - began + STANDING) / SHARE
        made = trainer.history.length
        self.due_step, self.doubled = made + path.stride, max(self.doubled, 2.0 * made)
