"""Requests to the worker of which, of each kind, the latest alone counts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.session.requests import Answer, LandscapeRequest, Request
from ui.session.session import RunState, Session


class LatestRequests(QObject):
    """Asks the worker, and lets through what answers the latest request of its kind.

    Signals:
        answered(object, object, str): the request; its answer, or None and why there is none.
        progressed(object, int, int): the request, how much of it is done, and of how much.
    """

    answered = Signal(object, object, str)
    progressed = Signal(object, int, int)

    def __init__(self, session: Session) -> None:
        """Nothing has been asked yet."""
        super().__init__(session)
        self._session = session
        self._latest: dict[type[Request], Request] = {}
        session.worker.answered.connect(self._take_answer)
        session.worker.progressed.connect(self._take_progress)

    def latest(self, kind: type[Request]) -> Request | None:
        """The latest request of a kind, or None; one that was stopped counts no more."""
        return self._latest.get(kind)

    def ask(self, request: Request) -> None:
        """Asks; a run is paused for what is not done in parts: one thread does all the computing."""
        self._latest[type(request)] = request
        if self._session.state is RunState.RUNNING and not isinstance(request, LandscapeRequest):
            self._session.pause()
        self._session.ask(request)

    def stop(self, kind: type[Request]) -> None:
        """Gives up the latest request of a kind, if there is one."""
        request = self._latest.pop(kind, None)
        if request is not None:
            self._session.worker.cancel(request)

    def _take_progress(self, request: Request, done: int, of: int) -> None:
        if request is self._latest.get(type(request)):
            self.progressed.emit(request, done, of)

    def _take_answer(self, request: Request, answer: Answer | None, problem: str) -> None:
        if request is self._latest.get(type(request)):
            self.answered.emit(request, answer, problem)
