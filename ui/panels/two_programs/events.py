"""The events of two recorded steps, those in one row that stand for each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontDatabase, QFontInfo, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from playground.comparing.programs import EventRow
from playground.graph.sizes import shape_text
from playground.recording.events import Event
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.code_text import TINT, tinted

MARK, SAME, OTHER, ALONE = "▶", "=", "≠", "only"
HEADINGS = ("", "line", "operation", "result", "shape", "", "line", "operation", "result", "shape")
_STATE = 5
_WIDTHS = {0: 3, 1: 5, 4: 12, _STATE: 5, 6: 5, 9: 12}
"""In letters; the other columns share the rest."""
_PADDING = 18
_Index = QModelIndex | QPersistentModelIndex


class EventRows(QAbstractTableModel):
    """A row for each pair of events; the one in which the programs part has a mark."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Without rows at first."""
        super().__init__(parent)
        self.rows: tuple[EventRow, ...] = ()
        self.parted: int | None = None

    def set_rows(self, rows: Sequence[EventRow], parted: int | None) -> None:
        """Shows these; in one of them they part."""
        self.beginResetModel()
        self.rows, self.parted = tuple(rows), parted
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """The two programs, and between them whether they differ."""
        del parent
        return len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """The names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Texts and colors."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.words(index.row())[index.column()]
        if role == Qt.ItemDataRole.BackgroundRole and index.row() == self.parted:
            return QBrush(tinted(current_theme().accent, 2 * TINT))
        if role == Qt.ItemDataRole.ForegroundRole:
            return QBrush(QColor(self._color(row, index.column())))
        return None

    def words(self, number: int) -> tuple[str, ...]:
        """What a row says, a text a column."""
        row = self.rows[number]
        alone = row.first is None or row.second is None
        state = ALONE if alone else OTHER if row.differs else SAME
        mark = MARK if number == self.parted else ""
        return mark, *_words(row.first), state, *_words(row.second)

    def _color(self, row: EventRow, column: int) -> str:
        theme = current_theme()
        if column in (0, _STATE):
            return theme.accent if column == 0 else theme.warning if row.differs else theme.disabled
        return theme.text if row.differs else theme.muted


def _words(event: Event | None) -> tuple[str, str, str, str]:
    if event is None:
        return "", "", "", ""
    line = "" if event.line is None else str(event.line)
    label = "" if event.label == event.op else event.label
    return line, event.op, label, shape_text(event.shape)


class EventTable(QTableView):
    """The rows.

    Attributes:
        model_: what they say.

    Signals:
        row_chosen(object): the user chose this EventRow, by a click or by the keys.
    """

    row_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without rows at first."""
        super().__init__(parent)
        self.model_ = EventRows(self)
        self.setModel(self.model_)
        self.setObjectName("two_programs_events")
        self.setAccessibleName("Events of both programs")
        set_class(self, "table")
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(QFontInfo(self.font()).pointSizeF() * 0.95)
        self.setFont(font)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        self._size_columns()
        self.clicked.connect(self._tell)

    def show_rows(self, rows: Sequence[EventRow], parted: int | None) -> None:
        """Shows these, with the one in which they part in sight."""
        self.model_.set_rows(rows, parted)
        if parted is not None:
            self.scrollTo(self.model_.index(parted, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses the current row on Enter, and moves as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tell(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.row_chosen.emit(self.model_.rows[index.row()])

    def _size_columns(self) -> None:
        header, letter = self.horizontalHeader(), self.fontMetrics().horizontalAdvance("m")
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(HEADINGS)):
            if column in _WIDTHS:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                self.setColumnWidth(column, _WIDTHS[column] * letter + _PADDING)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
