"""The named losses of a run, of which a step of one's own program may have several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST = 1024


class LossSeries:
    """The values of one loss, an entry a step; NaN where a step has not computed it.

    One thread writes; any number of threads read. What has been published never changes.

    Attributes:
        name: the loss's variable, as the program calls it.
    """

    def __init__(self, name: str) -> None:
        """No step has it yet."""
        self.name = name
        self._values = np.full(_FIRST, np.nan)
        self._length = 0
        self._latest = np.nan

    @property
    def length(self) -> int:
        """The last step that has it, plus one."""
        return self._length

    @property
    def latest(self) -> float:
        """Its newest value."""
        return float(self._latest)

    def put(self, step: int, value: float) -> None:
        """Notes its value in a step; steps rise. Only the writer calls this."""
        if step >= len(self._values):
            grown = np.full(max(2 * len(self._values), step + 1), np.nan)
            grown[: self._length] = self._values[: self._length]
            self._values = grown
        self._values[step] = self._latest = value
        self._length = step + 1

    def values(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Its values in the steps from `start` up to `stop`, as far as they are there; shape (steps,)."""
        length = self._length
        view = self._values[start : length if stop is None else min(stop, length)]
        view.flags.writeable = False
        return view
