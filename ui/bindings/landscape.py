"""Connects the loss landscape with the worker that computes it."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject

from playground.data.landscape import Landscape
from playground.data.step_size import StepSizes
from ui.bindings.context import Context
from ui.panels.landscape import LandscapeView
from ui.session.requests import Answer, LandscapeKind, LandscapeRequest, Request
from ui.state.shown import Shown

NO_STEP = "no step has been made yet: Run or Step makes one"


class LandscapeBinding(QObject):
    """Asks for the landscape of the present run, and shows it."""

    def __init__(self, view: LandscapeView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._session, self._requests = view, context.session, context.requests
        self._timeline = context.timeline
        view.asked.connect(self._ask)
        view.cancel_asked.connect(self._stop)
        context.requests.answered.connect(self._take)
        context.requests.progressed.connect(self._show_progress)
        context.session.run_changed.connect(self._begin_anew)
        context.looked.connect(self._look)
        context.timeline.shown.connect(self._show)

    def _show(self, now: Shown, _before: Shown | None) -> None:
        """Marks the step that the user went to, if it is one of this run."""
        self._view.set_chosen(None if now.following or now.kept is not None else now.step)

    def _look(self) -> None:
        self._view.set_made(self._session.steps_made)

    def _ask(self, kind: str, seed: int) -> None:
        run, now = self._session.run, self._timeline.latest
        if run is None or not self._session.steps_made:
            self._view.show_problem(NO_STEP)
            return
        step = None
        if kind == "step" and now is not None and not now.following and now.recording is not None:
            # Of another run nothing goes on.
            step = None if now.kept is not None else now.step
        self._requests.ask(LandscapeRequest(run.number, cast("LandscapeKind", kind), step, seed))

    def _stop(self) -> None:
        self._requests.stop(LandscapeRequest)
        self._view.stop()

    def _begin_anew(self, _run: object) -> None:
        self._requests.stop(LandscapeRequest)
        self._view.clear()

    def _show_progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, LandscapeRequest):
            self._view.show_progress(done, of)

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, LandscapeRequest):
            return
        if problem:
            self._view.show_problem(problem)
        elif isinstance(answer, StepSizes):
            self._view.show_step_sizes(answer, self._session.settings.optimizer or "")
        else:
            self._view.show_landscape(cast("Landscape", answer))
