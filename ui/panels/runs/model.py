"""The rows of the list of runs, the newest at the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from playground.memory import in_words
from playground.runs.entry import RunEntry
from ui.widgets.number_text import clock_text, show_whole

MOST_CHANGES = 8
"""So many changes are told one by one."""
_TOLD = ("running", "failed")
"""States that a row tells of; the others can be seen from its steps."""


@dataclass(frozen=True, slots=True)
class RunWords:
    """The texts of a row.

    Attributes:
        name: the run's.
        details: stage, steps, loss and time.
        state: "" where there is nothing to tell.
    """

    name: str
    details: str
    state: str

    def text(self) -> str:
        """The row as one line."""
        return "  ".join(filter(None, (self.name, self.details, self.state)))


def run_words(entry: RunEntry) -> RunWords:
    """What the row of a run says now."""
    steps, loss = entry.steps, entry.loss
    parts = [entry.settings.stage]
    if loss is None:
        parts.append("no step yet")
    else:
        parts += ["1 step" if steps == 1 else f"{show_whole(steps)} steps", f"loss {loss:.4g}"]
        parts.append(clock_text(entry.clock.seconds))
    return RunWords(entry.name, " · ".join(parts), entry.state if entry.state in _TOLD else "")


def change_lines(entry: RunEntry) -> list[str]:
    """What was changed in mid-run, a line a change: `"step 240: lr 1e-4 → 3e-4"`."""
    made = [change for change in entry.changes if change.step < entry.steps]
    lines = [f"step {show_whole(change.step)}: {change.words}" for change in made[:MOST_CHANGES]]
    return lines if len(made) <= MOST_CHANGES else [*lines, f"and {len(made) - MOST_CHANGES} more changes"]


def run_marks(entry: RunEntry, present: bool) -> str:
    """What a row shows by its looks, in words: `"present run, shown, pinned"`."""
    marks = ["present run"] if present else []
    marks.append("shown" if entry.visible else "hidden")
    return ", ".join([*marks, "pinned"] if entry.pinned else marks)


def tooltip(entry: RunEntry, present: bool) -> str:
    """The whole row, whatever room it has, what was changed in mid-run and what its recordings take."""
    words = run_words(entry)
    lines = [f"<b>{escape(words.name)}</b>", escape(words.details), *map(escape, change_lines(entry))]
    if entry.recordings_nbytes:
        lines.append(f"recordings: {in_words(entry.recordings_nbytes)}")
    marks = run_marks(entry, present)
    lines.append(f"{words.state}, {marks}" if words.state else marks)
    return "<br>".join(lines)


_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


class RunsModel(QAbstractListModel):
    """What the list shows. What the user does to a row changes nothing here: it is only told.

    Attributes:
        present: number of the present run, or None.

    Signals:
        visibility_asked(int, bool): the user ticked or unticked a run.
        name_asked(int, str): the user gave a run this name, which may be one that is not allowed.
    """

    visibility_asked = Signal(int, bool)
    name_asked = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Without runs at first."""
        super().__init__(parent)
        self.present: int | None = None
        self._rows: list[RunEntry] = []

    def entry_at(self, index: _Index) -> RunEntry | None:
        """The run of a row; None for no row."""
        return self._rows[index.row()] if index.isValid() else None

    def row_of(self, number: int) -> int | None:
        """Where a run stands, counted from the top; None if it is not listed."""
        return next((row for row, entry in enumerate(self._rows) if entry.number == number), None)

    def index_of(self, number: int | None) -> QModelIndex:
        """The row of a run; no row for one that is not listed."""
        row = None if number is None else self.row_of(number)
        return QModelIndex() if row is None else self.index(row)

    def show_entries(self, entries: Sequence[RunEntry]) -> None:
        """Lists these runs, given from the oldest to the newest; rows of runs that stay are kept."""
        rows = list(reversed(entries))
        numbers = [entry.number for entry in rows]
        listed = set(numbers)
        staying = [entry.number for entry in self._rows if entry.number in listed]
        if staying != [number for number in numbers if number in set(staying)]:
            # In another order than before: no row stays.
            listed = set()
        self._remove_all_but(listed)
        self._insert_and_replace(rows)

    def rowCount(self, parent: _Index | None = None) -> int:
        """A row a run; rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """A run can be chosen, ticked and renamed."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | flag.ItemIsUserCheckable

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """Texts, and whether the run is ticked; the delegate paints a row from its entry."""
        entry = self.entry_at(index)
        if entry is None:
            return None
        if role in (_Role.DisplayRole, _Role.EditRole):
            # What typing searches for.
            return entry.name
        if role == _Role.CheckStateRole:
            return Qt.CheckState.Checked if entry.visible else Qt.CheckState.Unchecked
        if role == _Role.AccessibleTextRole:
            return run_words(entry).text()
        if role == _Role.AccessibleDescriptionRole:
            return "; ".join([run_marks(entry, entry.number == self.present), *change_lines(entry)])
        if role == _Role.ToolTipRole:
            return tooltip(entry, entry.number == self.present)
        return None

    def setData(self, index: _Index, value: object, role: int = _Role.EditRole) -> bool:
        """Tells what the user wants; a list for screen readers ticks a row this way, too."""
        entry = self.entry_at(index)
        if entry is None:
            return False
        if role == _Role.EditRole:
            self.name_asked.emit(entry.number, str(value))
        elif role == _Role.CheckStateRole:
            self.visibility_asked.emit(entry.number, Qt.CheckState(value) is Qt.CheckState.Checked)
        return False

    def _remove_all_but(self, numbers: set[int]) -> None:
        for row in reversed(range(len(self._rows))):
            if self._rows[row].number not in numbers:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._rows[row]
                self.endRemoveRows()

    def _insert_and_replace(self, rows: Sequence[RunEntry]) -> None:
        for row, entry in enumerate(rows):
            if row == len(self._rows) or self._rows[row].number != entry.number:
                self.beginInsertRows(QModelIndex(), row, row)
                self._rows.insert(row, entry)
                self.endInsertRows()
            elif self._rows[row] is not entry:
                self._rows[row] = entry
                index = self.index(row)
                self.dataChanged.emit(index, index)
