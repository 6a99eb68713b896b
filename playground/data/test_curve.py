"""The loss of the examples that are held out, computed now and then while a run goes on."""

from __future__ import annotations

import time

from playground.data.forward_lines import ForwardLines
from playground.runs.series import LossSeries
from playground.trainer import Trainer

BUDGET = 0.05
"""Share of the time that computing it may take."""


class TestCurve:
    """Computes it whenever there is time for it again, on the thread that runs the program.

    Attributes:
        series: the losses that were computed; NaN at the steps between. Any thread may read it.
    """

    # pytest takes the name for a test's.
    __test__ = False

    def __init__(self, trainer: Trainer) -> None:
        """Begins with a stage's run whose settings hold out some examples."""
        self._trainer = trainer
        self._lines = ForwardLines(trainer.program, trainer.started())
        self._due = 0.0
        self.series = LossSeries("test")

    def look(self) -> bool:
        """To be called after any step; says whether the loss was computed. Else it costs next to nothing.

        The loss is that of the weights after the step, and hence the next step's.
        """
        began = time.perf_counter()
        if began < self._due:
            return False
        loss = self._lines.test_loss()
        if loss is None:
            self._due = float("inf")
            return False
        self.series.put(self._trainer.history.length, loss)
        ended = time.perf_counter()
        self._due = ended + (ended - began) / BUDGET
        return True
