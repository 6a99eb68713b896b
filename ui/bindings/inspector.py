"""Connects the inspector with the chosen node and the event at the cursor."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from playground.data.what_if_targets import Intervention, targets
from playground.recording.finite_difference import GradientCheck
from ui.bindings.context import Context
from ui.bindings.numbers import copy_number
from ui.panels.inspector import Inspector
from ui.state.shown import Shown

NOT_RECORDED = "Only a recorded step can be asked what if: pause, or press Step."
NOTHING_TO_CHANGE = "Nothing in this step can be changed: its numbers are not kept."
CLICK_AN_ELEMENT = "Open a tensor in the inspector and click an element: it can be given another value."
KEPT = "the step is kept of another run, which does not go on: nothing of it can be computed"


class InspectorBinding(QObject):
    """Shows what is known of a node and of an event; asks for gradient checks."""

    def __init__(self, inspector: Inspector, context: Context) -> None:
        """Connects both directions."""
        super().__init__(inspector)
        timeline, session = context.timeline, context.session
        self._inspector, self._timeline, self._session = inspector, timeline, session
        self._what_if, self._notices = context.what_if, context.notices
        timeline.shown.connect(self.show)
        session.gradient_checked.connect(self._show_check)
        inspector.event_chosen.connect(timeline.replay.player.go)
        inspector.node_chosen.connect(timeline.replay.select)
        inspector.check_asked_for.connect(self._ask_check)
        inspector.change_asked.connect(self._change)
        inspector.end_asked.connect(self._what_if.end)
        self._what_if.changed.connect(self._show_what_if)
        inspector.what_if_asked.connect(self._begin_what_if)
        self._what_if.wanted.connect(self._begin_what_if)
        inspector.number_asked.connect(partial(copy_number, context))

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        if now.differs(before, "recording"):
            self._inspector.show_gradient_check(None)
        if now.differs(before, "graph", "key", "recording", "cursor"):
            self._show_place(now)

    def _show_place(self, now: Shown) -> None:
        recording = self._what_if.paired(now.recording)
        self._inspector.show_at(now.graph, now.key or None, recording, now.cursor)

    def _show_what_if(self) -> None:
        if self._timeline.latest is not None:
            self._show_place(self._timeline.latest)

    def _change(self, intervention: Intervention, as_recorded: bool) -> None:
        now = self._timeline.latest
        if now is None or now.kept is None:
            self._what_if.change(intervention, as_recorded)
        else:
            self._notices.warn(f"{KEPT[:1].upper()}{KEPT[1:]}.")
            self._show_place(now)

    def _begin_what_if(self) -> None:
        """Offers another value for what is shown; if that cannot be changed, for the step's input."""
        player, recording = self._timeline.replay.player, self._timeline.replay.recording
        if recording is None:
            self._notices.warn(NOT_RECORDED)
            return
        if self._inspector.begin_what_if():
            return
        changeable = targets(recording)
        first = next(
            (
                event.number
                for event in recording.events
                if any(id(port.value) in changeable for port in (*event.inputs, *event.outputs))
            ),
            None,
        )
        if first is None:
            self._notices.warn(NOTHING_TO_CHANGE)
            return
        self._timeline.replay.select("")
        player.go(first)
        if not self._inspector.begin_what_if():
            self._notices.tell("info", CLICK_AN_ELEMENT)

    def _ask_check(self, parameter: str, index: tuple[int, ...], epsilon: float) -> None:
        recording, now = self._timeline.replay.recording, self._timeline.latest
        if now is not None and now.kept is not None:
            self._inspector.show_gradient_check(None, KEPT)
            return
        if recording is not None:
            self._session.ask_gradient_check(recording.step, parameter, index, epsilon)

    def _show_check(self, check: GradientCheck | None, problem: str) -> None:
        self._inspector.show_gradient_check(check, problem)
