"""The break-it lab: which fault is looked at, and what came of those that were run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from playground.faults import Fault, faulty_text, healthy_text, list_faults
from playground.faults.lab_settings import STEPS, lab_settings
from ui.session.requests import Answer, LabRequest, Request
from ui.state.latest_requests import LatestRequests

if TYPE_CHECKING:
    from playground.faults.lab import LabRun


class FaultLab(QObject):
    """One fault at a time is looked at, and one at a time is run; what came of each is kept.

    Attributes:
        faults: all of them.
        fault: the one that is looked at.
        runs: what came of running, by the names of the faults.
        running: name of the fault whose programs run now; "" if none do.

    Signals:
        changed(): another fault is looked at, or something has become known of it.
        progressed(int, int): how much of the run of the fault that is looked at is done, and of how much.
    """

    changed = Signal()
    progressed = Signal(int, int)

    def __init__(self, requests: LatestRequests, parent: QObject | None = None) -> None:
        """The first fault is looked at; nothing runs."""
        super().__init__(parent)
        self.faults: tuple[Fault, ...] = list_faults()
        self.fault = self.faults[0]
        self.runs: dict[str, LabRun] = {}
        self.running = ""
        self._problems: dict[str, str] = {}
        self._steps = STEPS
        self._requests = requests
        requests.answered.connect(self._take)
        requests.progressed.connect(self._progress)

    @property
    def healthy(self) -> str:
        """The program beside which the faulty one runs."""
        return healthy_text(self.fault, lab_settings(self.fault, self._steps))

    @property
    def faulty(self) -> str:
        """The program with the fault that is looked at."""
        return faulty_text(self.fault, lab_settings(self.fault, self._steps))

    @property
    def run(self) -> LabRun | None:
        """What came of running the fault that is looked at."""
        return self.runs.get(self.fault.name)

    @property
    def problem(self) -> str:
        """Why it could not be run, in one line; "" if it could."""
        return self._problems.get(self.fault.name, "")

    @property
    def is_running(self) -> bool:
        """Whether the fault that is looked at is being run."""
        return self.running == self.fault.name

    def choose(self, name: str) -> None:
        """Looks at another fault; one that runs goes on.

        Raises:
            KeyError: there is none of that name.
        """
        found = next((fault for fault in self.faults if fault.name == name), None)
        if found is None:
            raise KeyError(name)
        if found is not self.fault:
            self.fault = found
            self.changed.emit()

    def move(self, by: int) -> None:
        """Looks at the next fault or the one before; after the last comes the first."""
        place = self.faults.index(self.fault)
        self.choose(self.faults[(place + by) % len(self.faults)].name)

    def start(self, steps: int) -> None:
        """Runs the fault that is looked at and its twin; one that runs already is ended."""
        self._requests.stop(LabRequest)
        self.running, self._steps = self.fault.name, steps
        self._problems.pop(self.fault.name, None)
        self._requests.ask(LabRequest(self.fault.name, steps))
        self.changed.emit()

    def cancel(self) -> None:
        """Ends the run; what was known before stays."""
        self._requests.stop(LabRequest)
        self.running = ""
        self.changed.emit()

    def _progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, LabRequest) and request.fault == self.fault.name:
            self.progressed.emit(done, of)

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, LabRequest):
            return
        self.running = ""
        if problem:
            self._problems[request.fault] = problem
        else:
            self.runs[request.fault] = cast("LabRun", answer)
        self.changed.emit()
