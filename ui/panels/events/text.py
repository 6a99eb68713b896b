"""What is said of an event: in one row, and in its tooltip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from playground.graph.sizes import shape_text
from playground.recording.events import Event, EventKind

_MOST_NAMED = 2
"""Parameters that a row names; an optimizer updates dozens in one event."""
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class RowWords:
    """A row of the list.

    Attributes:
        number: its place, counted from 1.
        name: what ran, in the program's words or in autograd's.
        note: what else identifies it: the operation's name, or a node's forward result.
        hint: what it did to parameters.
        shape: of its result; of a node of autograd, of the gradient that arrives.
        error: what it raised.
        depth: how far it stands inside others.
    """

    number: str
    name: str
    note: str
    hint: str
    shape: str
    error: str
    depth: int

    def text(self) -> str:
        """The row as one line."""
        parts = (self.number, self.name, self.note, self.hint, self.error, self.shape)
        return "  ".join(part for part in parts if part)


def row_words(events: Sequence[Event], number: int) -> RowWords:
    """What the row of an event says."""
    event = events[number]
    name, note = _names(event)
    return RowWords(
        number=str(number + 1),
        name=name,
        note=note,
        hint=_hint(event, name),
        shape=shape_text(event.shape),
        error=event.error,
        depth=_depth(events, event),
    )


def tooltip(event: Event) -> str:
    """All that there is to say of an event, as rich text."""
    name, note = _names(event)
    title = f"<b>{escape(name)}</b> {escape(note)}".rstrip()
    says = f'<p style="margin-top: 6px">{escape(event.documentation)}</p>' if event.documentation else ""
    return f"<qt>{'<br>'.join([title, *map(escape, _facts(event))])}{says}</qt>"


def _names(event: Event) -> tuple[str, str]:
    """What the row says first, and what it adds to that."""
    if event.kind is EventKind.NODE:
        return event.op, event.label
    name = event.label or event.op
    says_it = re.search(rf"\b{re.escape(event.op)}\b", name)
    return name, "" if says_it else event.op


def _hint(event: Event, name: str) -> str:
    names = [change.parameter for change in event.changes]
    if names == [name]:
        # The row has said which.
        return "updated"
    if len(names) > _MOST_NAMED:
        return f"{len(names)} parameters updated"
    return f"{', '.join(names)} updated" if names else ""


def _depth(events: Sequence[Event], event: Event) -> int:
    """Steps to the right: one for a function that it ran inside, one for each node around it."""
    depth = 1 if event.inside and event.parent is None else 0
    while event.parent is not None and depth < _DEEPEST:
        depth += 1
        event = events[event.parent]
    return depth


def _facts(event: Event) -> Iterator[str]:
    if event.error:
        yield event.error
    if event.line is not None:
        yield f"line {event.line}" + (f", made on line {event.origin}" if event.origin is not None else "")
    if event.module:
        yield f"in module {event.module}"
    if event.inside:
        yield f"inside {event.inside}"
    yield from (f"{change.parameter} updated" for change in event.changes)
    if shape := shape_text(event.shape):
        yield shape
