"""The rows of the event list: captions of phases, heads of groups in a long step, and events."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from playground.graph.model import Phase
from playground.graph.sizes import shape_text
from playground.recording.event_groups import EventGroup, groups_of
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording
from playground.recording.not_finite import flaws_of
from playground.recording.phase_names import PhaseNames
from playground.recording.sentences import sentence, short_form

_MOST_NAMED = 2
"""Parameters that a row names; an optimizer updates dozens in one event."""
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class RowWords:
    """A row of the list.

    Attributes:
        number: its place, counted from 1.
        name: what ran, in the program's words or in autograd's.
        note: what else identifies it: the operation on its operands, or a node's forward result.
        hint: what it did to parameters.
        shape: of its result; of a node of autograd, of the gradient that arrives.
        error: what it raised.
        depth: how far it stands inside others.
        flaw: how much of its result is no finite number: `"10 NaN"`.
    """

    number: str
    name: str
    note: str
    hint: str
    shape: str
    error: str
    depth: int
    flaw: str = ""

    def text(self) -> str:
        """The row as one line."""
        parts = (self.number, self.name, self.note, self.hint, self.flaw, self.error, self.shape)
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
        flaw=_flaw(event),
    )


def tooltip(event: Event, recording: Recording | None = None) -> str:
    """All that there is to say of an event, as rich text; with its recording also what it does."""
    name, note = _names(event)
    title = f"<b>{escape(name)}</b> {escape(note)}".rstrip()
    does = "" if recording is None else sentence(recording, event.number)
    if does:
        title += f'<p style="margin: 4px 0">{escape(does)}</p>'
    says = f'<p style="margin-top: 6px">{escape(event.documentation)}</p>' if event.documentation else ""
    return f"<qt>{'<br>'.join([title, *map(escape, _facts(event))])}{says}</qt>"


def _names(event: Event) -> tuple[str, str]:
    """What the row says first, and what it adds to that."""
    if event.kind is EventKind.NODE:
        return event.op, event.label
    name = event.label or event.op
    return name, _note(event, name)


def _note(event: Event, name: str) -> str:
    """The operation on its operands, without what the name says already; `"@"` says more than `"mm"`."""
    if re.search(rf"\b{re.escape(event.op)}\b", name):
        return ""
    short = short_form(event)
    if short.startswith(f"{event.op}(") and event.op.endswith("_"):
        return event.op
    if not short or short.startswith(f"{event.op}("):
        # What was computed stands in the name.
        return "" if not name.isidentifier() and event.label else short or event.op
    if short.replace("−", "-") == name:
        return ""
    return short.removeprefix(f"{name} ") if event.op.endswith("_") else short


def _flaw(event: Event) -> str:
    return next(filter(None, (flaws_of(port.value) for port in event.outputs)), "")


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


@dataclass(frozen=True, slots=True)
class Caption:
    """The row before a phase."""

    name: str
    phase: Phase

    def text(self) -> str:
        """The phase in capitals."""
        return self.name


_Index = QModelIndex | QPersistentModelIndex


class EventModel(QAbstractListModel):
    """What the list shows, and what of it is reached and marked.

    A long step is shown in groups. The one in which the walk stands is open, and those that the user opened.

    Attributes:
        events: of the recording shown.
        groups: of these events, in order; none in a short step.
        cursor: number of the event at which the walk stands, or None.
        marked: numbers of the marked events.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Without events at first."""
        super().__init__(parent)
        self.events: Sequence[Event] = ()
        self.groups: Sequence[EventGroup] = ()
        self._recording: Recording | None = None
        self.cursor: int | None = None
        self.marked: frozenset[int] = frozenset()
        self._phases = PhaseNames(None)
        self._rows: list[Caption | EventGroup | int] = []
        self._row_of: list[int] = []
        self._words: dict[int, RowWords] = {}
        self._starts: list[int] = []
        self._opened: set[EventGroup] = set()
        self._closed: EventGroup | None = None

    def set_recording(self, recording: Recording | None) -> None:
        """Shows the events of another recording, none of them reached or marked."""
        self.beginResetModel()
        self._recording = recording
        self.events = () if recording is None else recording.events
        self.groups = groups_of(recording)
        self._starts = [group.events.start for group in self.groups]
        self.cursor, self.marked = None, frozenset()
        self._words.clear()
        self._opened.clear()
        self._closed = None
        self._phases = PhaseNames(recording)
        self._make_rows()
        self.endResetModel()

    def set_cursor(self, number: int | None) -> bool:
        """Puts the walk at an event; whether that has opened or closed a group, so that rows have moved."""
        before, self.cursor = self.group_around(self.cursor), number
        here = self.group_around(number)
        if here is before:
            return False
        self._closed = None
        if {here, before} - {None} <= self._opened:
            return False
        self._reset()
        return True

    def is_open(self, group: EventGroup) -> bool:
        """Whether the events of a group are shown."""
        if group is self._closed:
            return False
        return group in self._opened or group is self.group_around(self.cursor)

    def open(self, group: EventGroup, opened: bool) -> None:
        """Shows the events of a group, or hides them."""
        if opened == self.is_open(group):
            return
        if opened:
            self._opened.add(group)
            self._closed = None if group is self._closed else self._closed
        else:
            self._opened.discard(group)
            self._closed = group if group is self.group_around(self.cursor) else self._closed
        self._reset()

    def set_marked(self, numbers: Collection[int]) -> None:
        """Marks exactly these events; a number without an event is ignored."""
        self.marked = frozenset(numbers)

    def has_marked(self, group: EventGroup) -> bool:
        """Whether an event of a group is marked."""
        return any(number in group.events for number in self.marked)

    def number_at(self, index: _Index) -> int | None:
        """The event of a row; None for a caption, for a group and for no row."""
        entry = self._rows[index.row()] if index.isValid() else None
        return entry if isinstance(entry, int) else None

    def group_at(self, index: _Index) -> EventGroup | None:
        """The group whose head a row is, or None."""
        entry = self._rows[index.row()] if index.isValid() else None
        return entry if isinstance(entry, EventGroup) else None

    def group_around(self, number: int | None) -> EventGroup | None:
        """The group that an event is in, or None."""
        place = 0 if number is None else bisect_right(self._starts, number)
        group = self.groups[place - 1] if place else None
        return group if group is not None and number in group.events else None

    def phase_at(self, index: _Index) -> Phase:
        """The phase that a row belongs to."""
        entry = self._rows[index.row()]
        if isinstance(entry, Caption):
            return entry.phase
        return self.events[entry if isinstance(entry, int) else entry.events.start].phase

    def index_of(self, number: int | None) -> QModelIndex:
        """The row of an event, or of the closed group that it is in; no row for None."""
        return QModelIndex() if number is None else self.index(self._row_of[number])

    def index_of_group(self, group: EventGroup) -> QModelIndex:
        """The head of a group."""
        row = self._row_of[group.events.start]
        return self.index(row - 1 if self.is_open(group) else row)

    def words(self, number: int) -> RowWords:
        """What the row of an event says."""
        if number not in self._words:
            self._words[number] = row_words(self.events, number)
        return self._words[number]

    def is_ahead(self, number: int) -> bool:
        """Whether the walk has not reached the event yet."""
        return self.cursor is not None and number > self.cursor

    def text(self, index: _Index) -> str:
        """A row as one line."""
        entry = self._rows[index.row()]
        if isinstance(entry, int):
            return self.words(entry).text()
        return entry.text()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Captions, groups and events; rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Captions cannot be chosen."""
        if isinstance(self._rows[index.row()], Caption):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Texts only; the delegate paints a row from `words` and the state."""
        number = self.number_at(index)
        if role == Qt.ItemDataRole.DisplayRole and number is not None:
            # What typing searches for.
            return self.words(number).name
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(index)
        group = self.group_at(index)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and group is not None:
            return f"{self.phase_at(index)}, {'open' if self.is_open(group) else 'closed'}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and number is not None:
            return (
                f"{self.phase_at(index)}, not reached yet" if self.is_ahead(number) else self.phase_at(index)
            )
        if role == Qt.ItemDataRole.ToolTipRole and number is not None:
            return tooltip(self.events[number], self._recording)
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        self._make_rows()
        self.endResetModel()

    def _make_rows(self) -> None:
        rows: list[Caption | EventGroup | int] = []
        row_of: list[int] = []
        for name, span in zip(self._phases.names, self._phases.spans, strict=True):
            rows.append(Caption(name.upper(), span.phase))
            number = span.events.start
            while number < span.events.stop:
                group = self.group_around(number)
                if group is not None and not self.is_open(group):
                    row_of += [len(rows)] * len(group.events)
                    rows.append(group)
                    number = group.events.stop
                    continue
                if group is not None and number == group.events.start:
                    rows.append(group)
                row_of.append(len(rows))
                rows.append(number)
                number += 1
        self._rows, self._row_of = rows, row_of
