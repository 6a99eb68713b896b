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
NAME = "test loss"
NOTE_OF_ONE = "The loss of the {held:,} rows held out, measured now and then."
NOTE_OF_A_SUM = (
    "The loss adds up over rows: of the {held:,} rows held out it is drawn {factor:.3g} times as large, "
    "as of the {seen:,} that a step sees. So it lies on the loss as long as the net does as well on both."
)


class HeldOutCurve:
    """Computes it whenever there is time for it again, on the thread that runs the program.

    Attributes:
        factor: what a loss is multiplied by in the series, so that it stands beside the losses that are
            trained with: a sum over the rows held out is drawn as one over as many rows as a step sees.
        series: the losses that were computed, times the factor, which their name tells; NaN at the steps
            between. Any thread may read it.
    """

    def __init__(self, program: Program, driver: Driver, history: History) -> None:
        """Begins with a stage's execution whose settings hold out some examples, and its losses."""
        self._lines = ForwardLines(program, driver)
        self._history = history
        self._due = 0.0
        held, seen = self._lines.rows()
        self.factor = seen / held if self._lines.test_loss_is_a_sum() else 1.0
        self.series = LossSeries(NAME, NOTE_OF_ONE.format(held=held))
        if self.factor != 1.0:
            name = f"{NAME} × {self.factor:.3g}"
            self.series = LossSeries(name, NOTE_OF_A_SUM.format(held=held, seen=seen, factor=self.factor))

    @property
    def all_series(self) -> list[LossSeries]:
        """The loss that the run trains with, and this one."""
        trained = LossSeries("loss")
        trained.history = self._history
        return [trained, self.series]

    def loss(self) -> float | None:
        """The loss of the rows held out now, as it is, whether or not it is due; None where none are."""
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
        self.series.put(self._history.length, loss * self.factor)
        ended = time.perf_counter()
        self._due = ended + (ended - began) / BUDGET
        return True
