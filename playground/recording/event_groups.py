"""The events of a long step in groups that can be read at a glance: by module, else by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from playground.graph.model import Phase
from playground.graph.modules import Call, Chain, common, prefixes
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording

LEAST_EVENTS = 60
"""A step of fewer events is a list that needs no groups."""
MOST_IN_GROUP = 100
"""A module that ran more events is divided into the modules inside it."""
LEAST_IN_GROUP = 3
"""Fewer events stand for themselves."""
MOST_GROUPS = 100
"""With more groups than these, small ones that follow one another are put together."""
_SMALL = (LEAST_IN_GROUP, 8, 20)
"""Parts of fewer events are small: as few as can be, without too many groups."""

_Part: TypeAlias = tuple[range, Chain]
"""Events that follow one another, and the calls that they belong to together."""


@dataclass(frozen=True, slots=True)
class EventGroup:
    """Events of one phase that follow one another.

    Attributes:
        events: their numbers.
        title: the module that ran them: `"encoder.layers.0"`, `"D, use 3"`, `"conv1 … maxpool"`; else "".
        lines: the first and the last line of the source that made them; None if no line is known.
    """

    events: range
    title: str
    lines: tuple[int, int] | None

    def text(self) -> str:
        """`"encoder.layers.0 · 41 events · lines 12–20"`."""
        return " · ".join(filter(None, (self.title, self.count, self.place)))

    @property
    def count(self) -> str:
        """`"41 events"`."""
        return f"{len(self.events)} events"

    @property
    def place(self) -> str:
        """`"lines 12–20"`, `"line 12"`, or ""."""
        if self.lines is None:
            return ""
        first, last = self.lines
        return f"line {first}" if first == last else f"lines {first}–{last}"


def groups_of(recording: Recording | None) -> tuple[EventGroup, ...]:
    """The groups of a step's events, in order; what stands between them is in none. A short step has none."""
    if recording is None or len(recording.events) < LEAST_EVENTS:
        return ()
    grouping = _Grouping(recording)
    found: tuple[EventGroup, ...] = ()
    for small in _SMALL:
        found = tuple(grouping.groups(small))
        if len(found) <= MOST_GROUPS:
            break
    return found


class _Grouping:
    def __init__(self, recording: Recording) -> None:
        self._events = recording.events
        self._spans = recording.phases()
        self._chains = _chains(recording)
        calls = {call for chain in self._chains for call in chain}
        self._uses = Counter(call.path for call in calls if call.use)

    def groups(self, small: int) -> Iterator[EventGroup]:
        """The groups; parts of fewer events than `small` are put together."""
        for span in self._spans:
            waiting: list[_Part] = []
            for part in self._parts(span.events, 0):
                if waiting and not _fit(waiting, part, small):
                    yield from self._group(waiting)
                    waiting = []
                waiting.append(part)
            yield from self._group(waiting)

    def _parts(self, events: range, depth: int) -> Iterator[_Part]:
        """Divides events by the calls at a depth, and those that are too many by the calls inside."""
        for chain, run in self._runs(events, lambda number: self._chains[number][: depth + 1]):
            if len(run) <= MOST_IN_GROUP:
                yield run, chain
            elif len(chain) > depth:
                yield from self._parts(run, depth + 1)
            else:
                yield from self._by_line(run, chain)

    def _by_line(self, events: range, chain: Chain) -> Iterator[_Part]:
        for _, run in self._runs(events, lambda number: self._events[number].line):
            yield run, chain

    def _runs(self, events: range, what: Callable[[int], object]) -> Iterator[tuple[Chain, range]]:
        """Runs of numbers of which something is alike, with the calls that they share."""
        for _, numbers in groupby(events, what):
            found = list(numbers)
            shared = common(self._chains[number] for number in found)
            yield shared, range(found[0], found[-1] + 1)

    def _group(self, parts: Sequence[_Part]) -> Iterator[EventGroup]:
        if sum(len(part[0]) for part in parts) < LEAST_IN_GROUP:
            return
        events = range(parts[0][0].start, parts[-1][0].stop)
        made = [self._line(self._events[number]) for number in events]
        lines = [line for line in made if line is not None]
        yield EventGroup(events, self._title(parts), (min(lines), max(lines)) if lines else None)

    def _title(self, parts: Sequence[_Part]) -> str:
        called = [chain[-1] for _, chain in parts if chain]
        if not called:
            return ""
        first, last = called[0], called[-1]
        if first == last:
            return self._name(first)
        if any(call.path != first.path for call in called):
            return f"{self._name(first)} … {self._name(last)}"
        return f"{first.path}, uses {first.use} to {last.use}"

    def _name(self, call: Call) -> str:
        return f"{call.path}, use {call.use}" if call.use and self._uses[call.path] > 1 else call.path

    @staticmethod
    def _line(event: Event) -> int | None:
        """Of a node of autograd the line that made it: backward itself is on one line."""
        return event.origin if event.kind is EventKind.NODE and event.origin is not None else event.line


def _fit(waiting: Sequence[_Part], part: _Part, small: int) -> bool:
    """Whether a part goes with those before it: calls of one module, or all too small to be groups."""
    if sum(len(events) for events, _ in (*waiting, part)) > MOST_IN_GROUP:
        return False
    paths = {chain[-1].path if chain else "" for _, chain in (*waiting, part)}
    are_small = all(len(events) < small for events, _ in (*waiting, part))
    return are_small or (len(paths) == 1 and "" not in paths)


def _chains(recording: Recording) -> list[Chain]:
    """The calls that each event belongs to; of an update, the modules of the parameter that it is about."""
    names = {each.name for each in recording.parameters}
    chains: list[Chain] = []
    before: Event | None = None
    for event in recording.events:
        goes_on = before is not None and (before.phase, before.line) == (event.phase, event.line)
        chain: Chain | None = event.calls
        if event.phase is Phase.UPDATE:
            chain = _owners(event, names)
        elif event.kind is EventKind.NODE and not event.calls and event.origin is None:
            # A gradient that arrives at a parameter comes from what ran just before.
            chain = None
        chains.append(chain if chain is not None else chains[-1] if goes_on else ())
        before = event
    return chains


def _owners(event: Event, names: Collection[str]) -> Chain | None:
    """The modules of the parameters that an update changes or names; None if it names none."""
    if event.changes:
        return common(_modules(change.parameter) for change in event.changes)
    name = event.label
    while name and name not in names:
        name = name.rpartition(".")[0]
    return _modules(name) if name else None


def _modules(parameter: str) -> Chain:
    # A parameter belongs to its module, and to no call of it.
    return tuple(Call(path, 0) for path in prefixes(parameter.rpartition(".")[0]))
