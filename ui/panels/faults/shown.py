"""What the lab shows of one fault, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.faults.fault import Fault

if TYPE_CHECKING:
    from playground.faults.lab import LabRun


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault and what is known of it by now.

    Attributes:
        fault: itself.
        healthy, faulty: the two programs.
        run: what came of running both; None before.
        problem: why there is nothing, in one line; "" where nothing is wrong.
        running: whether both run now.
    """

    fault: Fault
    healthy: str
    faulty: str
    run: LabRun | None = None
    problem: str = ""
    running: bool = False

    @property
    def looked(self) -> bool:
        """Whether the user has run it: the answer is not to be read before."""
        return self.run is not None or bool(self.problem)
