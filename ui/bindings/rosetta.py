"""Connects the window with two stages side by side with the worker that records them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from playground.settings import Settings
from playground.stages import STAGES
from ui.bindings.context import Context
from ui.panels.rosetta import RosettaView
from ui.session.requests import Answer, Request, RosettaRequest

if TYPE_CHECKING:
    from playground.comparing.rosetta import Rosetta

RECORDING = "Recording a step of both …"
NOTE = "Same data and weights for both ({}, float64, seed {}); pairs were found by their values."
BY_HAND, BY_AUTOGRAD = "numpy", "autograd"


class RosettaBinding(QObject):
    """Compares the stages that are chosen, at first the present one with NumPy's.

    What was compared before the sizes or the seed changed is compared anew when the window is opened again.
    """

    def __init__(self, view: RosettaView, context: Context) -> None:
        """Connects both directions, and asks for the first comparison."""
        super().__init__(view)
        self._view, self._session, self._requests = view, context.session, context.requests
        context.requests.answered.connect(self._take)
        view.stages_chosen.connect(self._ask)
        view.cancel_asked.connect(self._stop)
        view.node_chosen.connect(context.timeline.replay.select)
        present = self._session.settings.stage
        right = BY_AUTOGRAD if present == BY_HAND else present
        view.set_stages([(stage.name, stage.title) for stage in STAGES], BY_HAND, right)
        view.came_up.connect(self._look_again)
        self._ask(BY_HAND, right)

    def _look_again(self) -> None:
        asked = self._requests.latest(RosettaRequest)
        # One that was cancelled waits for its button.
        if isinstance(asked, RosettaRequest) and _start(asked.settings) != _start(self._session.settings):
            self._ask(asked.left, asked.right)

    def _ask(self, left: str, right: str) -> None:
        settings = self._session.settings
        self._view.set_waiting(RECORDING)
        self._view.set_note(NOTE.format(*_start(settings)))
        self._requests.ask(RosettaRequest(left, right, settings))

    def _stop(self) -> None:
        self._requests.stop(RosettaRequest)
        self._view.set_cancelled()

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, RosettaRequest):
            return
        if problem:
            self._view.set_problem(problem)
        else:
            self._view.show_rosetta(cast("Rosetta", answer))


def _start(settings: Settings) -> tuple[str, int]:
    return settings.sizes_text, settings.seed
