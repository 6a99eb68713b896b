"""The rows of the event list: a caption before each phase, and a row for each event."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from playground.graph.model import Phase
from playground.graph.sizes import shape_text
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


_Index = QModelIndex | QPersistentModelIndex


class EventModel(QAbstractListModel):
    """What the list shows, and what of it is reached and marked.

    Attributes:
        events: of the recording shown.
        cursor: number of the event at which the walk stands, or None.
        marked: numbers of the marked events.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Without events at first."""
        super().__init__(parent)
        self.events: Sequence[Event] = ()
        self._recording: Recording | None = None
        self.cursor: int | None = None
        self.marked: frozenset[int] = frozenset()
        self._rows: list[Phase | int] = []
        self._captions: dict[int, str] = {}
        self._row_of: list[int] = []
        self._words: dict[int, RowWords] = {}

    def set_recording(self, recording: Recording | None) -> None:
        """Shows the events of another recording, none of them reached or marked."""
        self.beginResetModel()
        self._recording = recording
        self.events = () if recording is None else recording.events
        self.cursor, self.marked = None, frozenset()
        self._words.clear()
        self._rows, self._row_of = [], []
        self._captions.clear()
        phases = PhaseNames(recording)
        for name, span in zip(phases.names, phases.spans, strict=True):
            self._captions[len(self._rows)] = name.upper()
            self._rows.append(span.phase)
            for number in span.events:
                self._row_of.append(len(self._rows))
                self._rows.append(number)
        self.endResetModel()

    def set_marked(self, numbers: Collection[int]) -> None:
        """Marks exactly these events; a number without an event is ignored."""
        self.marked = frozenset(numbers)

    def number_at(self, index: _Index) -> int | None:
        """The event of a row; None for a caption and for no row."""
        entry = self._rows[index.row()] if index.isValid() else None
        return entry if isinstance(entry, int) else None

    def phase_at(self, index: _Index) -> Phase:
        """The phase that a row belongs to."""
        entry = self._rows[index.row()]
        return self.events[entry].phase if isinstance(entry, int) else entry

    def index_of(self, number: int | None) -> QModelIndex:
        """The row of an event; no row for None."""
        return QModelIndex() if number is None else self.index(self._row_of[number])

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
        number = self.number_at(index)
        return self._captions[index.row()] if number is None else self.words(number).text()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Captions and events; rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Captions cannot be chosen."""
        if self.number_at(index) is None:
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
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and number is not None:
            return (
                f"{self.phase_at(index)}, not reached yet" if self.is_ahead(number) else self.phase_at(index)
            )
        if role == Qt.ItemDataRole.ToolTipRole and number is not None:
            return tooltip(self.events[number], self._recording)
        return None
