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


class RosettaBinding(QObject):
    """Compares the stages that are chosen, at first the present one with the one before it.

    What was compared before the sizes or the seed changed is compared anew when the window is opened again;
    where another stage has been chosen since, that one is.
    """

    def __init__(self, view: RosettaView, context: Context) -> None:
        """Connects both directions, and asks for the first comparison."""
        super().__init__(view)
        self._view, self._programs, self._requests = view, context.programs, context.requests
        context.requests.answered.connect(self._take)
        view.stages_chosen.connect(self._ask)
        view.cancel_asked.connect(self._stop)
        view.node_chosen.connect(context.timeline.replay.select)
        view.came_up.connect(self._look_again)
        self._opened_at = ""
        self._compare_with_before()

    def _compare_with_before(self) -> None:
        """What differs from the stage before is what a stage is there to show; the first has none."""
        self._opened_at = stage = self._programs.stage_settings.stage
        names = [each.name for each in STAGES]
        place = max(1, names.index(stage))
        left, right = names[place - 1], names[place]
        self._view.set_stages([(each.name, each.title) for each in STAGES], left, right)
        self._ask(left, right)

    def _look_again(self) -> None:
        if self._programs.stage_settings.stage != self._opened_at:
            self._compare_with_before()
            return
        asked = self._requests.latest(RosettaRequest)
        # One that was cancelled waits for its button.
        if isinstance(asked, RosettaRequest) and _start(asked.settings) != _start(
            self._programs.stage_settings
        ):
            self._ask(asked.left, asked.right)

    def _ask(self, left: str, right: str) -> None:
        settings = self._programs.stage_settings
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
