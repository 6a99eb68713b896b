"""Writes the ledgers of a step: what happened to each gradient, and what was held for backward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from playground.graph.autograd import LEAF
from playground.recording.assembly.nodes import saved_of
from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft
from playground.recording.events import Event, EventKind
from playground.recording.gradient_watch import Followed, GradientNote
from playground.recording.ledger import (
    Contribution,
    GradientCause,
    GradientEntry,
    GradientLedger,
    MemoryLedger,
    SavedTensor,
    held_bytes,
)

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

_FROM_BACKWARD = (GradientCause.ACCUMULATED, GradientCause.RETURNED)


def gradient_ledgers(reading: TapeReading, events: Sequence[Event]) -> tuple[GradientLedger, ...]:
    """What happened to each `.grad`, parameters first.

    Args:
        reading: of the step's tape.
        events: all of the step.
    """
    watch = reading.tape.watch
    if watch is None or reading.is_trace:
        return ()
    writer = _LedgerWriter(reading, events)
    names = {id(value): name for name, value in reading.tape.parameters.items()}
    followed = sorted(watch.gradients, key=lambda each: id(each.tensor) not in names)
    return tuple(
        writer.ledger(each, names.get(id(each.tensor)))
        for each in followed
        if each.notes or id(each.tensor) in names
    )


class _LedgerWriter:
    """Makes ledgers of what was noted."""

    def __init__(self, reading: TapeReading, events: Sequence[Event]) -> None:
        self._reading = reading
        self._calls = _call_numbers(reading)
        self._arrivals = self._find_arrivals(events)

    def ledger(self, followed: Followed, name: str | None) -> GradientLedger:
        return GradientLedger(
            name or self._name(followed),
            followed.tensor.is_leaf,
            tuple(self._entry(followed, note) for note in followed.notes),
        )

    def _name(self, followed: Followed) -> str:
        function = self._reading.watch.function(followed.tensor)
        return "" if function is None else self._reading.labels.of_node(function, followed.tensor.output_nr)

    def _entry(self, followed: Followed, note: GradientNote) -> GradientEntry:
        draft, walk = note.draft, None
        contributions: tuple[Contribution, ...] = ()
        if note.walk is not None:
            walk = self._reading.walks.index(note.walk)
        if walk is not None and followed.tensor.is_leaf and note.cause in _FROM_BACKWARD:
            contributions = tuple(self._arrivals.get((walk, self._key(followed, walk)), ()))
        line = None if draft is None else draft.site.line
        number = None if draft is None else self._reading.numbers[draft]
        return GradientEntry(note.cause, number, line, note.before, note.after, contributions, walk)

    def _key(self, followed: Followed, walk: int) -> str | None:
        function = self._reading.watch.function(followed.tensor)
        return None if function is None else self._reading.function_keys[walk].get(function)

    def _find_arrivals(self, events: Sequence[Event]) -> dict[tuple[int, str | None], list[Contribution]]:
        """What arrived at each leaf of each pass, in the order of arrival: that in which torch adds it up."""
        found: dict[tuple[int, str | None], list[Contribution]] = {}
        leaves = {
            (number, node.key)
            for number, graph in enumerate(self._reading.graphs)
            for node in graph.nodes
            if node.op == LEAF
        }
        for event in events:
            if event.kind is not EventKind.NODE or event.node is None or event.backward_pass is None:
                continue
            for port in event.outputs:
                if port.value is None or (event.backward_pass, port.node) not in leaves:
                    continue
                found.setdefault((event.backward_pass, port.node), []).append(
                    Contribution(
                        event.number,
                        event.node,
                        self._use(event),
                        event.origin,
                        port.value,
                        event.backward_pass,
                    )
                )
        return found

    def _use(self, event: Event) -> str:
        """The use of a parameter behind a node, in words."""
        draft = self._reading.made_by(self._reading.tape.drafts[event.number])
        if draft is None:
            return event.label
        module = self._reading.labels.module(draft)
        words = self._reading.words(draft) or event.label
        use = words if module is None else f"{module}, call {self._calls[draft]}"
        return f"{use}{self._reading.labels.place_within(draft, self._node_of(event))}"

    def _node_of(self, event: Event) -> GradientFunction:
        return self._reading.tape.drafts[event.number].functions[0]


def _call_numbers(reading: TapeReading) -> dict[Draft, int]:
    """The how-manieth call of its operation in its module each draft is."""
    counts: Counter[tuple[str | None, str]] = Counter()
    numbers = {}
    for draft in reading.tape.drafts:
        if draft.kind is EventKind.OPERATION:
            call = (reading.labels.module(draft), draft.op)
            counts[call] += 1
            numbers[draft] = counts[call]
    return numbers


def memory_ledger(reading: TapeReading) -> MemoryLedger:
    """What the step held for backward.

    Args:
        reading: of the step's tape.
    """
    watch = reading.tape.watch
    if watch is None:
        return MemoryLedger()
    saved = tuple(_saved_tensors(reading))
    return MemoryLedger(saved, held_bytes(saved, len(reading.tape.drafts)))


def _saved_tensors(reading: TapeReading) -> Iterator[SavedTensor]:
    places: Mapping[GradientFunction, tuple[int, str]] = {
        function: (number, key)
        for number in reversed(range(len(reading.walks)))
        for function, key in reading.function_keys[number].items()
    }
    labels: dict[GradientFunction, dict[str, str]] = {}
    for held in reading.watch.nodes.memory.held:
        walk, key = places.get(held.function, (None, None))
        if held.function not in labels:
            labels[held.function] = {each.name: each.label for each in saved_of(reading, held.function)}
        yield SavedTensor(
            held.name,
            labels[held.function].get(held.name, ""),
            key,
            walk,
            held.nbytes,
            held.storage,
            reading.numbers.get(held.made_by),
            None if held.freed_by is None else reading.numbers.get(held.freed_by),
        )
