"""Connects the health of the parameters with the step that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.graph.model import NodeKind
from playground.health import Advice, HealthSample, advise, health_of
from playground.health.advice import NO_GRADIENT, STILL_STEPS
from playground.recording.model import Recording
from ui.bindings.context import Context
from ui.panels.health import HealthPanel
from ui.session.session import RunState
from ui.state.shown import Shown


class HealthBinding(QObject):
    """Shows what the recording tells, or the newest look of the worker while the run goes on."""

    def __init__(self, panel: HealthPanel, context: Context) -> None:
        """Connects both directions."""
        super().__init__(panel)
        self._panel, self._timeline = panel, context.timeline
        self._dismissed: set[str] = set()
        self._told: tuple[Recording, HealthSample] | None = None
        self._shown: HealthSample | None = None
        self._waits = False
        context.timeline.shown.connect(self.show)
        context.looked.connect(self._look_again)
        context.session.run_changed.connect(self._take_run)
        panel.parameter_chosen.connect(self._choose)
        panel.advice_dismissed.connect(self._dismiss)
        panel.advice_followed.connect(self._follow)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        self._waits = not self._panel.isVisible()
        if self._waits:
            return
        sample = self._sample(now)
        if sample is not self._shown or before is None:
            self._shown = sample
            self._panel.show_sample(sample)
            self._advise(now)

    def _look_again(self) -> None:
        """Shows what came while the panel was hidden."""
        if self._waits and self._panel.isVisible() and self._timeline.latest is not None:
            self.show(self._timeline.latest, None)

    def _sample(self, now: Shown) -> HealthSample | None:
        if now.recording is not None:
            if self._told is None or self._told[0] is not now.recording:
                self._told = now.recording, health_of(now.recording)
            return self._told[1]
        # Of another step than the newest ones nothing is known before it is recorded.
        health = now.run.health if now.run is not None and now.following else []
        return health[0] if health else None

    def _advise(self, now: Shown) -> None:
        losses: list[float] = []
        if now.run is not None and now.step is not None and now.kept is None:
            end = min(now.step + 1, now.run.history.length)
            losses = now.run.history.losses(max(0, end - STILL_STEPS), end).tolist()
        # A parameter that one step does not use the next one may: said of a step that stands still.
        passing = {NO_GRADIENT} if now.state is RunState.RUNNING and now.has_film else set()
        self._panel.show_advice(advise(self._shown, losses, self._dismissed | passing))

    def _take_run(self, run: object) -> None:
        if run is None:
            self._dismissed.clear()
            self._shown = self._told = None
            self._panel.show_sample(None)
            self._panel.show_advice(None)

    def _dismiss(self, kind: str) -> None:
        self._dismissed.add(kind)
        if self._timeline.latest is not None:
            self._advise(self._timeline.latest)

    def _follow(self, advice: Advice) -> None:
        self._choose(advice.parameter)

    def _choose(self, parameter: str) -> None:
        graph = self._timeline.graph
        nodes = () if graph is None else graph.nodes
        key = next((n.key for n in nodes if n.kind is NodeKind.PARAMETER and n.parameter == parameter), None)
        if key is not None:
            self._timeline.replay.select(key)
