"""How the four parts of a step are named and coloured, alike wherever an event is shown."""

from __future__ import annotations

from collections.abc import Sequence

from playground.graph.model import Phase
from playground.recording.events import Event
from ui.theme import Theme


def phase_color(theme: Theme, phase: Phase) -> str:
    """The colour that stands for a phase."""
    colors = {
        Phase.FORWARD: theme.operation,
        Phase.LOSS: theme.loss,
        Phase.BACKWARD: theme.backward,
        Phase.UPDATE: theme.update,
    }
    return colors[phase]


def position_text(events: Sequence[Event], number: int | None) -> str:
    """Phase and place of an event, counted from 1; how many there are if none is chosen."""
    if number is None:
        return f"{len(events)} events"
    return f"{events[number].phase}  {number + 1} / {len(events)}"
