"""The loss of the examples that are held out, computed now and then while a run goes on."""

from __future__ import annotations

import time

from playground.data.forward_lines import ForwardLines
from playground.history import History
from playground.programs.driver import Driver
from playground.programs.program import Program
from playground.runs.series import LossSeries

BUDGET = 0.05
"""Share of the time that computing it may take."""


class HeldOutCurve:
    """Computes it whenever there is time for it again, on the thread that runs the program.

    Attributes:
        series: the losses that were computed; NaN at the steps between. Any thread may read it.
    """

    def __init__(self, program: Program, driver: Driver, history: History) -> None:
        """Begins with a stage's execution whose settings hold out some examples, and its losses."""
        self._lines = ForwardLines(program, driver)
        self._history = history
        self._due = 0.0
        self.series = LossSeries("test loss")

    @property
    def all_series(self) -> list[LossSeries]:
        """The loss that the run trains with, and this one."""
        trained = LossSeries("loss")
        trained.history = self._history
        return [trained, self.series]

    def loss(self) -> float | None:
        """The loss now, whether or not it is due; None where no rows are held out."""
        return self._lines.test_loss()

    def look(self) -> bool:
        """To be called before any step; says whether the loss was computed. Else it costs next to nothing.

        It is noted for the step that comes next, whose loss has the same weights.
        """
        began = time.perf_counter()
        if began < self._due:
            return False
        loss = self.loss()
        if loss is None:
            self._due = float("inf")
            return False
        self.series.put(self._history.length, loss)
        ended = time.perf_counter()
        self._due = ended + (ended - began) / BUDGET
        return True
