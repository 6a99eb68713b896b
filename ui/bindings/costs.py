"""Connects the window of what each stage costs with the worker that measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.costs import CostsView
from ui.session.requests import Answer, CostsRequest, Request

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost


class CostsBinding(QObject):
    """Measures the chosen stages, and shows what was measured."""

    def __init__(self, view: CostsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._programs, self._requests = view, context.programs, context.requests
        self._measured: tuple[StageCost, ...] = ()
        view.measure_asked.connect(self._ask)
        view.cancel_asked.connect(self._stop)
        context.requests.answered.connect(self._take)
        context.requests.progressed.connect(self._show_progress)

    def _ask(self, stages: tuple[str, ...]) -> None:
        settings = self._programs.stage_settings
        self._view.set_conditions(
            f"{settings.sizes_text}, cpu, seed {settings.seed}; NumPy in float64, torch in float32"
        )
        self._view.show_progress(0, 1)
        self._requests.ask(CostsRequest(stages, settings))

    def _stop(self) -> None:
        self._requests.stop(CostsRequest)
        self._view.show_costs(self._measured)

    def _show_progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, CostsRequest):
            self._view.show_progress(done, of)

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, CostsRequest):
            return
        if problem:
            self._view.show_problem(problem)
        else:
            self._measured = cast("tuple[StageCost, ...]", answer)
            self._view.show_costs(self._measured)
