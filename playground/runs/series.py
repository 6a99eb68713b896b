"""The named losses of a run, of which a step of one's own program may have several."""

from __future__ import annotations

import math

from playground.history import NO_DEPTH, History


class LossSeries:
    """The values of one loss. One thread writes; any number of threads read, as of a `History`.

    Attributes:
        name: the loss's variable, as the program calls it.
        note: what the name leaves open, in a sentence; "" where it leaves nothing open.
        history: its value in each step, NaN where a step has not computed it; it ends with the last that has.
    """

    def __init__(self, name: str, note: str = "") -> None:
        """No step has it yet."""
        self.name = name
        self.note = note
        self.history = History(0)

    def put(self, step: int, value: float) -> None:
        """Notes its value in a step; the first one of a step counts. Only the writer calls this."""
        history = self.history
        if history.length > step:
            return
        while history.length < step:
            history.append(math.nan, NO_DEPTH, 0)
        history.append(value, NO_DEPTH, 0)

    @property
    def latest(self) -> float | None:
        """Its newest value; None before the first."""
        length = self.history.length
        return self.history.loss(length - 1) if length else None
