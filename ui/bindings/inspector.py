"""Connects the inspector with the chosen node and the event at the cursor."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from playground.recording.finite_difference import GradientCheck
from ui.bindings.context import Context
from ui.bindings.numbers import copy_number
from ui.panels.inspector import Inspector
from ui.state.shown import Shown

KEPT = "the step is kept of another run, which does not go on: nothing of it can be computed"


class InspectorBinding(QObject):
    """Shows what is known of a node and of an event; asks for gradient checks."""

    def __init__(self, inspector: Inspector, context: Context) -> None:
        """Connects both directions."""
        super().__init__(inspector)
        timeline, session = context.timeline, context.session
        self._inspector, self._timeline, self._session = inspector, timeline, session
        timeline.shown.connect(self.show)
        session.gradient_checked.connect(self._show_check)
        inspector.event_chosen.connect(timeline.replay.player.go)
        inspector.node_chosen.connect(timeline.replay.select)
        inspector.check_asked_for.connect(self._ask_check)
        inspector.number_asked.connect(partial(copy_number, context))

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        if now.differs(before, "recording"):
            self._inspector.show_gradient_check(None)
        if now.differs(before, "graph", "key", "recording", "cursor"):
            self._inspector.show_at(now.graph, now.key or None, now.recording, now.cursor)

    def _ask_check(self, parameter: str, index: tuple[int, ...], epsilon: float) -> None:
        recording, now = self._timeline.replay.recording, self._timeline.latest
        if now is not None and now.kept is not None:
            self._inspector.show_gradient_check(None, KEPT)
            return
        if recording is not None:
            self._session.ask_gradient_check(recording.step, parameter, index, epsilon)

    def _show_check(self, check: GradientCheck | None, problem: str) -> None:
        self._inspector.show_gradient_check(check, problem)
