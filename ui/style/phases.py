"""How the four parts of a step are named and colored, alike wherever an event is shown."""

from __future__ import annotations

from collections.abc import Sequence

from playground.graph.model import Phase
from playground.recording.events import Event
from playground.recording.model import Recording
from playground.recording.phase_names import PhaseNames, pass_name
from ui.style.theme import Theme


def structure_color(theme: Theme, number: int) -> str:
    """The color of a number from 0 up; after the last color the first again.

    The number is the depth where steps have one: then a color means the same in the filmstrip, in the
    plot of the loss and in the next run. Else it is the structure's in the run's list.
    """
    return theme.plot[number % len(theme.plot)]


def phase_color(theme: Theme, phase: Phase) -> str:
    """The color that stands for a phase."""
    colors = {
        Phase.FORWARD: theme.operation,
        Phase.LOSS: theme.loss,
        Phase.BACKWARD: theme.backward,
        Phase.UPDATE: theme.update,
    }
    return colors[phase]


def position_text(events: Sequence[Event], number: int | None, phases: PhaseNames | None = None) -> str:
    """Phase and place of an event, counted from 1; how many there are if none is chosen.

    Args:
        events: of the step.
        number: of the event.
        phases: of the same step, if they are to be told apart.
    """
    if number is None:
        return f"{len(events)} events"
    phase = events[number].phase if phases is None else phases.of_event(number)
    return f"{phase}  {number + 1} / {len(events)}"


def pass_caption(recording: Recording, number: int | None) -> str:
    """Of which backward pass the graph is that belongs to an event; "" if the step has only one."""
    found = recording.pass_at(number)
    if found is None or len(recording.passes) < 2:
        return ""
    loss = found.label if found.loss is None else f"{found.label or 'loss'} {found.loss:.4g}"
    by = "torch.autograd.grad" if found.call == "grad" else ""
    return ", ".join(filter(None, (pass_name(recording, found.number), by, loss)))
