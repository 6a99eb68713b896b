"""The rows of the event list: a caption before each phase, and a row for each event."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from playground.graph.model import Phase
from playground.recording.events import Event
from playground.recording.model import Recording
from playground.recording.phase_names import PhaseNames
from ui.panels.events.text import RowWords, row_words, tooltip

_Index = QModelIndex | QPersistentModelIndex


class EventModel(QAbstractListModel):
    """What the list shows, and what of it is reached and marked.

    Attributes:
        events: of the recording shown.
        cursor: number of the event at which the walk stands, or None.
        marked: numbers of the marked events.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Starts without events."""
        super().__init__(parent)
        self.events: Sequence[Event] = ()
        self.cursor: int | None = None
        self.marked: frozenset[int] = frozenset()
        self._rows: list[Phase | int] = []
        self._captions: dict[int, str] = {}
        self._row_of: list[int] = []
        self._words: dict[int, RowWords] = {}

    def set_recording(self, recording: Recording | None) -> None:
        """Shows the events of another recording, none of them reached or marked."""
        self.beginResetModel()
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
            return tooltip(self.events[number])
        return None
