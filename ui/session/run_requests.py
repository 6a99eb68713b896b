"""What is asked of the present run beside training: who waits for which answer, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.session.requests import Answer, GradientCheckRequest, ModelRequest, RecordRequest, Request, RunRequest
from ui.session.worker import Worker

SAVING = "writing the model"
"""What the user is told of elsewhere than what is asked of a step."""


class RunRequests(QObject):
    """Hands requests to the worker, and what comes of them to those who wait.

    Signals:
        gradient_checked(object, str): a GradientCheck, or None and why there is none.
        recorded(int, str): the step whose recording was asked for, and why it is not there ("": it is).
        model_saved(str, str): the file that was to be written, and why it was not ("": it was).
        progressed(str, int, int): what is being done, how much of it is done, and of how much, 0 while it
            waits for an order that goes first; "" when it is at an end.
    """

    gradient_checked = Signal(object, str)
    recorded = Signal(int, str)
    model_saved = Signal(str, str)
    progressed = Signal(str, int, int)

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        """Nothing has been asked yet."""
        super().__init__(parent)
        self._worker = worker
        self._asked: list[RunRequest] = []
        self._told: RunRequest | None = None
        worker.answered.connect(self._answered)
        worker.progressed.connect(self._progressed)

    def ask(self, request: RunRequest) -> None:
        """Asks the worker; what has been asked already is not asked twice."""
        if request not in self._asked:
            self._asked.append(request)
            self._worker.ask(request)

    def cancel(self) -> None:
        """Ends what `progressed` told of last."""
        request = self._told
        if request is not None:
            self._cancel(request)
            if isinstance(request, GradientCheckRequest):
                # The place of the answer says that it waits.
                self.gradient_checked.emit(None, "cancelled")

    def cancel_all(self) -> None:
        """Ends everything that was asked."""
        for request in tuple(self._asked):
            self._cancel(request)

    def _cancel(self, request: RunRequest) -> None:
        self._worker.cancel(request)
        self._forget(request)

    def _forget(self, request: RunRequest) -> None:
        self._asked.remove(request)
        if request == self._told:
            self._told = None
            self.progressed.emit("", 0, 0)

    def _progressed(self, request: Request, done: int, of: int) -> None:
        """What has been cancelled may still be told of; requests of other kinds have their own windows."""
        if isinstance(request, RunRequest) and request in self._asked:
            self._told = request
            self.progressed.emit(in_words(request), done, of)

    def _answered(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, RunRequest) or request not in self._asked:
            return
        self._forget(request)
        if isinstance(request, GradientCheckRequest):
            self.gradient_checked.emit(answer, problem)
        elif isinstance(request, ModelRequest):
            self.model_saved.emit(request.path, problem)
        else:
            self.recorded.emit(request.step, problem)


def in_words(request: RunRequest) -> str:
    """`"recording step 12"`, `"nudging w1"`."""
    if isinstance(request, RecordRequest):
        return f"recording step {request.step}"
    if isinstance(request, ModelRequest):
        return SAVING
    return f"nudging {request.parameter}"
