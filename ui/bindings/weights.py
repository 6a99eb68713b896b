"""Connects the parameters over a run's steps with the timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.data.weight_path import WeightPoint, points_of
from ui.bindings.context import Context
from ui.panels.weights import WeightsView
from ui.session.orders import Run


class WeightsBinding(QObject):
    """Shows what the worker has seen of the present run's parameters, while somebody looks."""

    def __init__(self, view: WeightsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._session, self._timeline = view, context.session, context.timeline
        self._told: tuple[int, int, dict[int, WeightPoint]] = (-1, -1, {})
        view.step_chosen.connect(self._go_to)
        context.looked.connect(self._look)

    def _go_to(self, step: int) -> None:
        self._timeline.go_to(min(step, max(0, self._session.steps_made - 1)))

    def _look(self) -> None:
        if not self._view.isVisible():
            return
        run, now = self._session.run, self._timeline.latest
        step = None if now is None else now.step
        if self._view.bands.isVisible():
            self._view.bands.show_spreads(None if run is None else run.spreads, step)
        else:
            self._view.pictures.show_points(self._points(run), self._session.settings.data == "digits", step)

    def _points(self, run: Run | None) -> dict[int, WeightPoint]:
        """What was kept while the run went on, and what recordings tell; by step."""
        if run is None:
            self._told = (-1, -1, {})
            return {}
        version, number = run.recordings.version, run.number
        if self._told[:2] != (number, version):
            known = (run.recordings.get(step) for step in run.recordings.steps)
            found = points_of([each for each in known if each is not None])
            self._told = number, version, {each.step: each for each in found if each.weights}
        kept = () if run.path is None else tuple(run.path.points)
        return {each.step: each for each in kept} | self._told[2]
