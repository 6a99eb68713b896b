"""Holds a recorded step of a faulty program against its twin's, and finds the first place where they part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

import numpy as np

from playground.graph.model import Phase
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot

LineOf: TypeAlias = dict[int, int]
"""From lines of the healthy text to the lines of the faulty one that stand in their place."""


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
        error: the faulty program's, in one line; "" if it goes on.
    """

    step: int
    kind: PartingKind
    tensor: str = ""
    line: int | None = None
    event: int | None = None
    healthy_event: int | None = None
    difference: float | None = None
    error: str = ""


class _Both(NamedTuple):
    """Two events that stand for each other."""

    healthy: Event
    faulty: Event


class _Alone(NamedTuple):
    """An event that only one of the two has."""

    event: Event
    is_faulty: bool


_Place: TypeAlias = _Both | _Alone


def find_parting_in(healthy: Recording, faulty: Recording, lines: LineOf) -> Parting | None:
    """Where two recordings of the same step part; None if they are alike.

    A tensor that differs, an error, and what is written by only one of the two go before any other operation
    that only one of them has.

    Args:
        healthy, faulty: both from the same start, and alike in the steps before.
        lines: see there; it need not hold every line.
    """
    step, places = faulty.step, list(_aligned(healthy.events, faulty.events, lines))
    failure = None if healthy.failure is not None else faulty.failure
    if failure is not None:
        # What the healthy step goes on to do says nothing.
        while places and isinstance(places[-1], _Alone) and not places[-1].is_faulty:
            places.pop()
    for place in places:
        if isinstance(place, _Both) and not place.faulty.error:
            found = _difference(step, place)
            if found is not None:
                return _inside(found, places, lines)
        elif isinstance(place, _Alone) and not place.event.error and _writes(place.event):
            return _parting(step, _last_written(place, places), lines)
    if failure is not None:
        return Parting(step, PartingKind.ERROR, "", failure.line, failure.event, error=failure.message)
    alone = [place for place in places if isinstance(place, _Alone)]
    return _parting(step, alone[0], lines) if alone else None


def _aligned(healthy: Sequence[Event], faulty: Sequence[Event], lines: LineOf) -> Iterator[_Place]:
    """The events of both in the order in which they ran."""
    known = set(lines.values())
    ours = [_key(event, lines.get(event.line or 0, 0)) for event in healthy]
    theirs = [_key(event, event.line if event.line in known else 0) for event in faulty]
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from map(_Both, healthy[a:b], faulty[c:d])
        else:
            yield from (_Alone(each, True) for each in faulty[c:d])
            yield from (_Alone(each, False) for each in healthy[a:b])


def _key(event: Event, line: int | None) -> tuple[object, ...]:
    """What two events have in common that stand for each other; the line is 0 where that was changed."""
    # One line of an optimizer's updates every parameter: their names tell which.
    ports = (*event.inputs, *event.outputs) if event.phase is Phase.UPDATE else ()
    return event.kind, event.op, line, tuple(port.label for port in ports)


def _difference(step: int, both: _Both) -> Parting | None:
    """The first tensor in which two events differ, those that go in before those that come out."""
    ours, theirs = both
    ports = (*zip_longest(ours.inputs, theirs.inputs), *zip_longest(ours.outputs, theirs.outputs))
    for one, other in ports:
        before = None if one is None else one.value
        after = None if other is None else other.value
        kind = _kind(before, after)
        if kind is not None:
            label = (other or one).label
            size = _size(before, after) if kind is PartingKind.VALUE else None
            return Parting(step, kind, label, theirs.line, theirs.number, ours.number, size)
    return None


def _inside(found: Parting, places: Sequence[_Place], lines: LineOf) -> Parting:
    """Of a node whose backward the program has written: what only the faulty one does there, if anything."""
    for place in places:
        if isinstance(place, _Alone) and place.is_faulty and place.event.parent == found.event:
            return replace(_parting(found.step, place, lines), difference=found.difference)
    return found


def _last_written(place: _Alone, places: Sequence[_Place]) -> _Alone:
    """Of the same line, what gives a parameter its new value: an optimizer writes its own state before."""
    where = place.is_faulty, place.event.line
    for each in places:
        if isinstance(each, _Alone) and each.event.changes and (each.is_faulty, each.event.line) == where:
            return each
    return place


def _parting(step: int, place: _Alone, lines: LineOf) -> Parting:
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
