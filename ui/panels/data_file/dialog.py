"""The dialog: each column with its kind, range and missing values, what it becomes, and the first rows."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from playground.data.columns import MOST_LISTED, Column, Preview
from ui.panels.data_file.view import ScatterView
from ui.style.sheet import set_class
from ui.widgets.number_text import show_whole

INPUT, TARGET, UNUSED = "x", "y", "not used"
_HEADS = ("Column", "Kind", "Range", "Missing", "Becomes")
_MOST_ROWS = 20
_ROWS_IN_SIGHT = 4
"""More are scrolled to: most of the room is the picture's."""
_BAR = 16
"""Pixels for a scroll bar below the rows."""


class DataFileDialog(QDialog):
    """Shows what a file holds.

    Signals:
        chosen(object, object): names of the columns for x, and of those for y.
    """

    chosen = Signal(object, object)

    def __init__(self, found: Preview, parent: QWidget | None = None) -> None:
        """Shows this file; nothing is chosen before `choose`."""
        super().__init__(parent)
        self.setObjectName("data_file_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Data from {found.path.name}")
        self.resize(680, 680)
        self._columns = found.columns[:MOST_LISTED]
        self._roles: dict[str, QComboBox] = {}
        self._table = self._make_table()
        self._view = ScatterView(found)
        self._problem = QLabel()
        self._problem.setObjectName("data_file_problem")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.hide()
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.button(kinds.Ok).setText("Train on it")
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        about = QLabel(_about(found))
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        about.setObjectName("data_file_about")
        rows = QVBoxLayout(self)
        rows.addWidget(about)
        rows.addWidget(self._table)
        if found.sample:
            rows.addWidget(_sample_table(found))
        rows.addWidget(self._view, 1)
        rows.addWidget(self._problem)
        rows.addWidget(buttons)

    def choose(self, inputs: tuple[str, ...], targets: tuple[str, ...]) -> None:
        """Shows these columns as chosen."""
        for name, box in self._roles.items():
            with QSignalBlocker(box):
                box.setCurrentText(INPUT if name in inputs else TARGET if name in targets else UNUSED)
        self._show_roles()

    def show_problem(self, problem: str) -> None:
        """Says in one line why what is chosen cannot be used."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _accept(self) -> None:
        """The dialog stays until what is chosen can be used."""
        by_role = self._by_role()
        missing = [role for role in (INPUT, TARGET) if not by_role[role]]
        if missing:
            self.show_problem(f"{missing[0]}: no column is chosen; allowed: one or more")
            return
        self.show_problem("")
        self.chosen.emit(tuple(by_role[INPUT]), tuple(by_role[TARGET]))

    def _by_role(self) -> dict[str, list[str]]:
        by_role: dict[str, list[str]] = {INPUT: [], TARGET: [], UNUSED: []}
        for name, box in self._roles.items():
            by_role[box.currentText()].append(name)
        return by_role

    def _show_roles(self) -> None:
        by_role = self._by_role()
        self._view.show_roles(by_role[INPUT], by_role[TARGET])

    def _make_table(self) -> QTableWidget:
        table = _table(len(self._columns), _HEADS, "data_file_columns", "columns of the file")
        for row, column in enumerate(self._columns):
            for place, text in enumerate(_words(column)):
                item = QTableWidgetItem(text)
                item.setToolTip(column.trouble or text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                table.setItem(row, place, item)
            table.setCellWidget(row, len(_HEADS) - 1, self._role(column))
        table.horizontalHeader().setMinimumSectionSize(72)
        table.resizeColumnsToContents()
        # The range takes the room that is left.
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table

    def _role(self, column: Column) -> QWidget:
        if column.trouble:
            # One that lacks values may be of no use for another reason: the tooltip says it in full.
            lacks = column.trouble.startswith("lacks ")
            why = QLabel(f"not usable: {_missing(column)}" if lacks else "cannot be used")
            why.setObjectName(f"trouble_{column.name}")
            why.setToolTip(column.trouble)
            why.setTextFormat(Qt.TextFormat.PlainText)
            set_class(why, "muted")
            return why
        box = QComboBox()
        box.addItems([INPUT, TARGET, UNUSED])
        box.setCurrentText(UNUSED)
        box.setAccessibleName(f"what {column.name} becomes")
        box.setObjectName(f"role_{column.name}")
        box.currentTextChanged.connect(self._show_roles)
        self._roles[column.name] = box
        return box


def _about(found: Preview) -> str:
    cut = "" if found.every == 1 else f"one in {show_whole(found.every)} of {show_whole(found.of)} rows: "
    more = len(found.columns) - MOST_LISTED
    listed = f"; of the columns the first {MOST_LISTED} are listed" if more > 0 else ""
    return f"{found.path.name}: {cut}{show_whole(found.rows)} rows, {len(found.columns)} columns{listed}."


def _words(column: Column) -> tuple[str, str, str, str]:
    """Name, kind, range, and how many values are missing."""
    kind = f"{len(column.classes)} classes" if column.classes else column.kind
    if column.width > 1 and not column.classes:
        kind = f"{column.width} numbers"
    numbers = "" if column.low is None or column.high is None else f"{column.low:.4g} to {column.high:.4g}"
    if column.classes:
        numbers = ", ".join(column.classes[:4]) + (" …" if len(column.classes) > 4 else "")
    return column.name, kind, numbers, str(column.missing) if column.missing else ""


def _missing(column: Column) -> str:
    values = "value" if column.missing == 1 else "values"
    return f"{show_whole(column.missing)} missing {values} in column {column.name}"


def _sample_table(found: Preview) -> QTableWidget:
    """The first rows, as the file has them."""
    names = [each.name for each in found.columns[:MOST_LISTED]]
    sample = found.sample[:_MOST_ROWS]
    table = _table(len(sample), names, "data_file_sample", "first rows of the file")
    for row, values in enumerate(sample):
        for place, value in enumerate(values[: len(names)]):
            item = QTableWidgetItem(value)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            table.setItem(row, place, item)
    return table


def _table(rows: int, heads: tuple[str, ...] | list[str], name: str, called: str) -> QTableWidget:
    table = QTableWidget(rows, len(heads))
    table.setHorizontalHeaderLabels(list(heads))
    table.setObjectName(name)
    table.setAccessibleName(called)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().hide()
    table.setTabKeyNavigation(False)
    # As high as its rows, and never so high that little is left for the picture.
    row, head = table.verticalHeader().defaultSectionSize(), table.horizontalHeader().sizeHint().height()
    table.setMaximumHeight(head + row * min(rows, _ROWS_IN_SIGHT) + 2 * table.frameWidth() + _BAR)
    set_class(table, "grid")
    return table
