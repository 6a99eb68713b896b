"""Which elements of a recorded step can be changed, and what each is called."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from playground.graph.model import Phase
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording, snapshots_of

Index = tuple[int | None, ...]
"""Of an element; None in place of a number stands for all of that axis."""

_RECTIFIERS = ("relu", "clamp", "maximum")


class WhatIfError(ValueError):
    """Why something cannot be changed, in one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """A tensor whose elements can be changed.

    Attributes:
        label: what the program calls it: `"w1"`, `"h_relu"`, `"x.mm(w1).clamp(min=0)"`.
        name: of the variable or parameter; "" of a result.
        event: number of the operation of the forward pass that gave it; None of a variable.
        has_units: whether its columns are hidden units, behind their ReLU.
    """

    label: str
    name: str = ""
    event: int | None = None
    has_units: bool = False


@dataclass(frozen=True, slots=True)
class Intervention:
    """One element with another value, or all of a row or column with the same one.

    Attributes:
        index: of the element; None in place of a number stands for all of that axis: `(None, 7)` is the
            hidden unit 7, whatever the example.
        value: that it shall have.
        name: of a variable (`"x"`, `"w1"`) or of a parameter (`"0.weight"`); "" with an event.
        event: number of an operation of the forward pass, whose result is changed before anything uses it;
            None with a name.
    """

    index: Index
    value: float
    name: str = ""
    event: int | None = None

    @property
    def place(self) -> tuple[Index, str, int | None]:
        """What is changed, whatever its value."""
        return self.index, self.name, self.event


def targets(recording: Recording) -> Mapping[int, Target]:
    """Every tensor of a step that can be changed, by the `id` of its snapshot.

    These are the parameters before the update, what the forward pass and the loss were given (x and y),
    and the results of the forward pass.
    """
    found: dict[int, Target] = {}
    made = {id(port.value) for event in recording.events for port in event.outputs}
    for event in recording.events:
        if event.phase not in (Phase.FORWARD, Phase.LOSS) or event.kind is not EventKind.OPERATION:
            continue
        for port in event.inputs:
            if port.value is not None and id(port.value) not in made and port.label.isidentifier():
                found.setdefault(id(port.value), Target(port.label, port.label))
        value = event.outputs[0].value if event.outputs else None
        if value is not None and event.phase is Phase.FORWARD:
            label = event.outputs[0].label or event.label or event.op
            units = len(value.shape) == 2 and _is_rectified(event)
            found[id(value)] = Target(label, event=_maker(recording, event), has_units=units)
    for parameter in recording.parameters:
        found[id(parameter.before)] = Target(parameter.name, parameter.name)
    return found


def label_of(recording: Recording, intervention: Intervention) -> str:
    """What is changed, as the program calls it: `"w1[3, 7]"`, `"h_relu[:, 7]"`."""
    label = intervention.name
    if intervention.event is not None:
        known = [each.label for each in targets(recording).values() if each.event == intervention.event]
        # Of a function of the program's own: what the program calls its result, not what is called so in it.
        label = known[-1] if known else "result"
    index = ", ".join(":" if each is None else str(each) for each in intervention.index)
    return f"{label}[{index}]" if index else label


def recorded_value(recording: Recording, intervention: Intervention) -> float | None:
    """What the element was; None of a whole row or column, and where it is not known."""
    known = targets(recording)
    for snapshot in snapshots_of(recording):
        target, values = known.get(id(snapshot)), snapshot.values
        if target is None or values is None or (target.name, target.event) != intervention.place[1:]:
            continue
        index = tuple(each for each in intervention.index if each is not None)
        inside = len(index) == len(values.shape) and all(map(operator.lt, index, values.shape))
        return float(values[index]) if inside else None
    return None


def _is_rectified(event: Event) -> bool:
    return event.op.lower().rstrip("_").endswith(_RECTIFIERS)


def _maker(recording: Recording, event: Event) -> int:
    """The operation whose result can be changed: of a function of the program's own the last one in it."""
    inner = f"{event.op}.forward"
    shape = event.shape
    for each in reversed(recording.events[: event.number]):
        if each.inside == inner and each.kind is EventKind.OPERATION:
            return each.number if each.shape == shape else event.number
    return event.number
