"""Connects the list of events with the walk through a recorded step."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.events import EventList
from ui.state.shown import Shown


class EventsBinding(QObject):
    """Lists what happened in the step that is shown; a click on a row goes there."""

    def __init__(self, events: EventList, context: Context) -> None:
        """Connects both directions."""
        super().__init__(events)
        self._events = events
        context.timeline.shown.connect(self.show)
        events.event_chosen.connect(context.timeline.replay.player.go)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        events, recording = self._events, now.recording
        if now.differs(before, "recording"):
            events.show_recording(recording)
            if recording is not None:
                of = "" if now.kept is None else f" of {now.kept.name}"
                events.set_caption(f"step {recording.step:,}".replace(",", " ") + of)
        if now.differs(before, "recording", "cursor"):
            events.show_event(now.cursor)
        if now.differs(before, "recording", "cursor", "key", "line"):
            events.mark_events(_marked(now))


def _marked(now: Shown) -> tuple[int, ...]:
    """Numbers of the events of the marked line, else of the chosen node."""
    if now.recording is None:
        return ()
    if now.line is not None:
        return now.recording.events_of_line(now.line)
    here = now.backward_pass
    number = None if here is None else here.number
    return now.recording.events_of_node(now.key, number) if now.key else ()
