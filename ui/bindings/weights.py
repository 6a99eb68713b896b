"""Connects the parameters over a run's steps with the timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.weights import WeightsView


class WeightsBinding(QObject):
    """Shows what the worker has seen of the present run's parameters, while somebody looks."""

    def __init__(self, view: WeightsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._session, self._timeline = view, context.session, context.timeline
        view.step_chosen.connect(self._go_to)
        context.looked.connect(self._look)

    def _go_to(self, step: int) -> None:
        self._timeline.go_to(min(step, max(0, self._session.steps_made - 1)))

    def _look(self) -> None:
        if not self._view.isVisible():
            return
        run, now = self._session.run, self._timeline.latest
        step = None if now is None else now.step
        self._view.bands.show_spreads(None if run is None else run.spreads, step)
