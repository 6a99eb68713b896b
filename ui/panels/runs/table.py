"""The table of what runs differ in: a column a run, a row a setting."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QWidget,
)

from playground.runs.entry import RunEntry
from playground.runs.settings_table import SettingsTable, differences
from ui.style.phases import structure_color
from ui.style.sheet import set_class
from ui.style.theme import current_theme

TOO_FEW = "Select two runs or more to compare their settings."
NOTHING = "The settings of these runs are the same."

_MOST_ROWS = 7
_WIDEST = 130
_SWATCH, _ICON = 10, 16

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


class RunsTable(QStackedWidget):
    """Compares runs; says so where there is nothing to compare.

    Attributes:
        view: the table itself.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without runs at first."""
        super().__init__(parent)
        self._model = _DifferencesModel(self)
        self.view = _DifferencesView(self._model)
        self._note = QLabel(TOO_FEW)
        self._note.setObjectName("run_differences_note")
        set_class(self._note, "muted")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setContentsMargins(10, 4, 10, 6)
        self._note.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.addWidget(self._note)
        self.addWidget(self.view)
        policy = self.sizePolicy()
        policy.setVerticalPolicy(policy.Policy.Maximum)
        self.setSizePolicy(policy)

    def show_runs(self, entries: Sequence[RunEntry]) -> None:
        """Compares these runs, in this order."""
        table = differences(entries)
        bar = self.view.horizontalScrollBar()
        place = bar.value()
        if self._model.show_table(table, entries):
            self.view.resizeColumnsToContents()
            bar.setValue(place)
        self._note.setText(TOO_FEW if len(entries) < 2 else NOTHING)
        self.setCurrentWidget(self.view if table.rows else self._note)
        self.updateGeometry()

    def text(self) -> str:
        """What is shown: a line of names and a line for each setting; or what stands in its place."""
        return self._model.text() if self.currentWidget() is self.view else self._note.text()

    def sizeHint(self) -> QSize:
        """As high as what is shown."""
        if self.currentWidget() is self.view:
            return self.view.sizeHint()
        return QSize(0, self._note.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Two rows of a table, or the note."""
        return QSize(0, min(self.sizeHint().height(), self.view.lowest))


class _DifferencesView(QTableView):
    """A table without selection; the arrow keys go through it, and Tab leaves it."""

    def __init__(self, model: QAbstractTableModel) -> None:
        super().__init__()
        self.setObjectName("run_differences")
        set_class(self, "grid")
        self.setAccessibleName("What differs between the runs")
        self.setModel(model)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.setFont(font)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        columns, rows = self.horizontalHeader(), self.verticalHeader()
        for header in (columns, rows):
            header.setFont(font)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        columns.setMaximumSectionSize(_WIDEST)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._row = self.fontMetrics().height() + 5
        rows.setMinimumSectionSize(self._row)
        rows.setDefaultSectionSize(self._row)

    @property
    def lowest(self) -> int:
        """Pixels of the header and two rows."""
        return self.horizontalHeader().sizeHint().height() + 2 * self._row

    def sizeHint(self) -> QSize:
        """As many rows as there are, up to a few, and the bar that scrolls to further runs."""
        rows = min(self.model().rowCount(), _MOST_ROWS)
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(0, self.horizontalHeader().sizeHint().height() + rows * self._row + bar + 2)


class _DifferencesModel(QAbstractTableModel):
    """The values, and in the headers the runs with their colors and the settings."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._table = SettingsTable()
        self._runs: tuple[tuple[str, int], ...] = ()

    def show_table(self, table: SettingsTable, entries: Sequence[RunEntry]) -> bool:
        """Shows a table and the names and colors of its runs; whether it is another one than before."""
        runs = tuple((entry.name, entry.color) for entry in entries)
        if table == self._table and runs == self._runs:
            return False
        self.beginResetModel()
        self._table, self._runs = table, runs
        self.endResetModel()
        return True

    def text(self) -> str:
        lines = ["  ".join(name for name, _ in self._runs)]
        lines += [f"{row.name}  {'  '.join(row.values)}" for row in self._table.rows]
        return "\n".join(lines)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.runs)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> str | None:
        if not index.isValid() or role not in (_Role.DisplayRole, _Role.ToolTipRole):
            return None
        return self._table.rows[index.row()].values[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> str | QPixmap | None:
        if orientation is Qt.Orientation.Vertical:
            return self._table.rows[section].name if role == _Role.DisplayRole else None
        if role == _Role.DecorationRole:
            return _swatch(self._runs[section][1])
        return self._runs[section][0] if role in (_Role.DisplayRole, _Role.AccessibleTextRole) else None


def _swatch(number: int) -> QPixmap:
    """A small square in the middle of what the header takes for an icon, sharp on dense screens."""
    pixmap = QPixmap(2 * _ICON, 2 * _ICON)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(structure_color(current_theme(), number)))
    gap = (_ICON - _SWATCH) / 2
    painter.drawRoundedRect(QRectF(gap, gap, _SWATCH, _SWATCH), 2, 2)
    painter.end()
    return pixmap
