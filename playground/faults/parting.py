"""Holds a recorded step of a program against another one's, and finds the first place where they part.

The two are called healthy and faulty, as in the break-it lab; any two programs can be held against
each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

import numpy as np

from playground.graph.model import Phase
from playground.recording.events import Event, EventKind, Port
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot

LineOf: TypeAlias = dict[int, int]
"""From lines of the healthy text to the lines of the faulty one that stand in their place."""

_NAME = re.compile(r"[\w.\[\]]*[^\W\d][\w.\[\]]*")

_UNSET = frozenset({"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"})
"""Operations whose results are whatever stood in the memory; a DataLoader makes some when batches come."""


class PartingKind(StrEnum):
    """In what the two differ there."""

    VALUE = "other numbers"
    SHAPE = "another shape"
    REQUIRES_GRAD = "requires_grad"
    ADDED = "an operation more"
    MISSING = "an operation less"
    ERROR = "an error"


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two programs part.

    Attributes:
        step: counted from 0.
        kind: in what they differ.
        tensor: the first that does, in the faulty program's words, in the healthy one's if only that has it;
            "" where there is none.
        line: of the faulty program, None where it has none.
        event, healthy_event: numbers of the events in the two recordings, None where only one has it.
        difference: of other numbers, the largest, relative to the largest number of the two; None if it
            is not finite.
        error: the faulty program's, in one line, or the healthy one's if only that has failed, with its
            event; "" if both go on.
    """

    step: int
    kind: PartingKind
    tensor: str = ""
    line: int | None = None
    event: int | None = None
    healthy_event: int | None = None
    difference: float | None = None
    error: str = ""


class Both(NamedTuple):
    """Two events that stand for each other."""

    healthy: Event
    faulty: Event


class Alone(NamedTuple):
    """An event that only one of the two has."""

    event: Event
    is_faulty: bool


Place: TypeAlias = Both | Alone


def find_parting_in(healthy: Recording, faulty: Recording, lines: LineOf) -> Parting | None:
    """Where two recordings of the same step part; None if they are alike.

    A tensor that differs, an error, and what is written by only one of the two go before any other operation
    that only one of them has.

    Args:
        healthy, faulty: both from the same start, and alike in the steps before.
        lines: see there; it need not hold every line.
    """
    step, places = faulty.step, list(aligned(healthy.events, faulty.events, lines))
    failures = healthy.failure, faulty.failure
    failure = None if all(failures) else failures[0] or failures[1]
    if failure is not None:
        # What the other step goes on to do says nothing.
        common = max((at for at, place in enumerate(places) if isinstance(place, Both)), default=-1) + 1
        places[common:] = [each for each in places[common:] if _is_of(each, failures[1] is not None)]
    places = [place for place in places if not _is_unset(place)]
    for place in places:
        if isinstance(place, Both) and not (place.faulty.error or place.healthy.error):
            found = _difference(step, place)
            if found is not None:
                return _inside(found, places, lines)
        elif isinstance(place, Alone) and not place.event.error and _writes(place.event):
            return _parting(step, _last_written(place, places), lines)
    if failure is not None:
        kind, message = PartingKind.ERROR, failure.message
        if failures[0] is not None:
            line = lines.get(failure.line or 0)
            return Parting(step, kind, "", line, None, failure.event, error=message)
        return Parting(step, kind, "", failure.line, failure.event, error=message)
    alone = [place for place in places if isinstance(place, Alone)]
    return _parting(step, alone[0], lines) if alone else None


class PartedValues(NamedTuple):
    """The tensor in which two steps part, on either side; None where a side does not have it."""

    label: str
    healthy: Snapshot | None
    faulty: Snapshot | None


def parted_values(parting: Parting, healthy: Recording, faulty: Recording) -> PartedValues | None:
    """The values of both where two recordings part; None if no tensor is concerned.

    Of an operation that only one of them has, the other's is what the step leaves the parameter of that name
    with, or what has the name last.
    """
    ours = None if parting.healthy_event is None else healthy.events[parting.healthy_event]
    theirs = None if parting.event is None else faulty.events[parting.event]
    if ours is not None and theirs is not None:
        ports = next(_ports_that_differ(Both(ours, theirs)), None)
        if ports is not None:
            return PartedValues(parting.tensor, *(None if port is None else port.value for port in ports))
    if not parting.tensor:
        return None
    sides = (_left_with(healthy, parting.tensor, ours), _left_with(faulty, parting.tensor, theirs))
    return None if sides == (None, None) else PartedValues(parting.tensor, *sides)


def event_values(ours: Event | None, theirs: Event | None) -> PartedValues | None:
    """The first tensor in which two events differ, else their result; None if they have none.

    Args:
        ours, theirs: events that stand for each other; None where one program does not have it.
    """
    pairs = [] if ours is None or theirs is None else list(_ports_that_differ(Both(ours, theirs)))
    results = [next(iter(event.outputs), None) if event else None for event in (ours, theirs)]
    one, other = pairs[0] if pairs else (results[0], results[1])
    port = other or one
    if port is None:
        return None
    sides = (None if each is None else each.value for each in (one, other))
    return PartedValues(port.label, *sides)


def differs(both: Both) -> bool:
    """Whether two events that stand for each other have other tensors."""
    return not _is_unset(both) and next(_ports_that_differ(both), None) is not None


def _is_unset(place: Place) -> bool:
    events = (place.event,) if isinstance(place, Alone) else (place.healthy, place.faulty)
    return all(event.op in _UNSET for event in events)


def aligned(healthy: Sequence[Event], faulty: Sequence[Event], lines: LineOf) -> Iterator[Place]:
    """The events of both in the order in which they ran, those together that stand for each other."""
    known = set(lines.values())
    ours = [_key(event, lines.get(event.line or 0, 0)) for event in healthy]
    theirs = [_key(event, event.line if event.line in known else 0) for event in faulty]
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from map(Both, healthy[a:b], faulty[c:d])
        else:
            yield from _aligned_by_name(healthy[a:b], faulty[c:d])


def _aligned_by_name(healthy: Sequence[Event], faulty: Sequence[Event]) -> Iterator[Place]:
    """Of events that ran other operations: those together whose results have the same name."""
    ours, theirs = [_name_of(event) for event in healthy], [_name_of(event) for event in faulty]
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from map(Both, healthy[a:b], faulty[c:d])
        else:
            yield from (Alone(each, True) for each in faulty[c:d])
            yield from (Alone(each, False) for each in healthy[a:b])


def _name_of(event: Event) -> tuple[object, ...]:
    """What an event has in common with one that computes the same variable; nothing without a name."""
    if event.kind is not EventKind.CHANGE and _NAME.fullmatch(event.label) and not _writes(event):
        return event.kind, event.phase, event.label
    return (id(event),)


def _key(event: Event, line: int | None) -> tuple[object, ...]:
    """What two events have in common that stand for each other; the line is 0 where that was changed."""
    # One line of an optimizer's updates every parameter: their names tell which. An expression is no name.
    ports = (*event.inputs, *event.outputs) if event.phase is Phase.UPDATE else ()
    names = (port.label if _NAME.fullmatch(port.label) else "" for port in ports)
    return event.kind, event.op, line, tuple(names)


def _difference(step: int, both: Both) -> Parting | None:
    """The first tensor in which two events differ, those that go in before those that come out."""
    for one, other in _ports_that_differ(both):
        before, after = (None if port is None else port.value for port in (one, other))
        kind = _kind(before, after)
        assert kind is not None, "they differ"
        port = other or one
        assert port is not None, "one of them is there"
        size = _size(before, after) if kind is PartingKind.VALUE else None
        return Parting(
            step, kind, port.label, both.faulty.line, both.faulty.number, both.healthy.number, size
        )
    return None


def _is_of(place: Place, faulty: bool) -> bool:
    return isinstance(place, Alone) and place.is_faulty is faulty


def _ports_that_differ(both: Both) -> Iterator[tuple[Port | None, Port | None]]:
    ours, theirs = both
    pairs = (*zip_longest(ours.inputs, theirs.inputs), *zip_longest(ours.outputs, theirs.outputs))
    for one, other in pairs:
        before, after = (None if port is None else port.value for port in (one, other))
        unset = all(port is not None and port.label in _UNSET for port in (one, other))
        if not unset and _kind(before, after) is not None:
            yield one, other


def _left_with(recording: Recording, label: str, event: Event | None) -> Snapshot | None:
    """What a step has made of the tensor of a name: in an event, else as a parameter, else when seen last."""
    ports = () if event is None else (*event.outputs, *event.inputs)
    found = next((port.value for port in ports if port.label == label), None)
    if found is not None:
        return found
    parameter = recording.parameter(label)
    if parameter is not None:
        return parameter.after or parameter.before
    seen = (port for each in reversed(recording.events) for port in (*each.outputs, *each.inputs))
    return next((port.value for port in seen if port.label == label), None)


def _inside(found: Parting, places: Sequence[Place], lines: LineOf) -> Parting:
    """Of a node whose backward the program has written: what only the faulty one does there, if anything."""
    for place in places:
        if isinstance(place, Alone) and place.is_faulty and place.event.parent == found.event:
            return replace(_parting(found.step, place, lines), difference=found.difference)
    return found


def _last_written(place: Alone, places: Sequence[Place]) -> Alone:
    """Of the same line, what gives a parameter its new value: an optimizer writes its own state before."""
    where = place.is_faulty, place.event.line
    for each in places:
        if isinstance(each, Alone) and each.event.changes and (each.is_faulty, each.event.line) == where:
            return each
    return place


def _parting(step: int, place: Alone, lines: LineOf) -> Parting:
    event = place.event
    label = event.outputs[0].label if event.outputs else event.label
    # What has no name in the program is called like its operation.
    label = "" if label == event.op else label
    if place.is_faulty:
        return Parting(step, PartingKind.ADDED, label, event.line, event.number)
    return Parting(step, PartingKind.MISSING, label, lines.get(event.line or 0), None, event.number)


def _writes(event: Event) -> bool:
    """Whether an event changes a tensor that was there before, or a gradient."""
    in_place = event.kind is EventKind.OPERATION and event.op.endswith("_") and not event.op.endswith("__")
    return bool(event.changes) or in_place or event.op == "AccumulateGrad"


def _kind(one: Snapshot | None, other: Snapshot | None) -> PartingKind | None:
    """In what two tensors differ; None if they are alike."""
    if one is other:
        return None
    if one is None or other is None:
        return PartingKind.VALUE
    if one.shape != other.shape:
        return PartingKind.SHAPE
    if not _equal(one, other):
        return PartingKind.VALUE
    return PartingKind.REQUIRES_GRAD if one.requires_grad != other.requires_grad else None


def _equal(one: Snapshot, other: Snapshot) -> bool:
    if one.values is not None and other.values is not None:
        return np.array_equal(one.values, other.values, equal_nan=one.values.dtype.kind in "fc")
    # Too large to be kept: what is said of the elements has to do.
    return repr(one.statistics) == repr(other.statistics)


def _size(one: Snapshot | None, other: Snapshot | None) -> float | None:
    """The largest difference of two tensors, relative to the largest number in them."""
    if one is None or other is None or one.values is None or other.values is None:
        return None
    ours, theirs = one.values.astype(np.float64), other.values.astype(np.float64)
    with np.errstate(all="ignore"):
        scale = max(float(np.abs(ours).max(initial=0)), float(np.abs(theirs).max(initial=0)))
        size = float(np.abs(ours - theirs).max(initial=0)) / scale if scale else 0.0
    return size if math.isfinite(size) else None
