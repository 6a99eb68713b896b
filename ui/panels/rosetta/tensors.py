"""The table of the tensors that two stages have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from playground.comparing.rosetta import Rosetta, TensorPair
from ui.panels.rosetta.text import heading_words, row_words
from ui.style.phases import phase_color
from ui.style.theme import Theme

_PHASE, _LEFT, _LEFT_LINE, _RIGHT, _RIGHT_LINE, _NODE, _ABSOLUTE, _RELATIVE = range(8)
_CODE = (_LEFT, _RIGHT, _NODE)
_NUMBERS = (_LEFT_LINE, _RIGHT_LINE, _ABSOLUTE, _RELATIVE)


class RosettaTable(QTableWidget):
    """A row a pair.

    Signals:
        pair_chosen(object): the user chose the row of this TensorPair, by a click or with Enter.
        left(): the user pressed Escape.
    """

    pair_chosen = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Makes an empty table."""
        super().__init__(0, _RELATIVE + 1, parent)
        self._theme = theme
        self._pairs: tuple[TensorPair, ...] = ()
        self.setAccessibleName("Tensors that are the same quantity")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 7)
        self._size_columns()
        self.cellClicked.connect(lambda row, _column: self.pair_chosen.emit(self._pairs[row]))

    def show_pairs(self, result: Rosetta | None, pairs: Sequence[TensorPair]) -> None:
        """Lists these pairs of a comparison."""
        self._pairs = tuple(pairs)
        self.clearSelection()
        self.setRowCount(len(pairs))
        if result is None:
            return
        for column, text in enumerate(heading_words(result)):
            heading = QTableWidgetItem(text)
            heading.setTextAlignment(_alignment(column))
            self.setHorizontalHeaderItem(column, heading)
        for row, pair in enumerate(pairs):
            for column, text in enumerate(row_words(result, pair)):
                self.setItem(row, column, self._item(column, text, pair))
        self.setCurrentCell(-1, -1)
        self.scrollToTop()

    def set_theme(self, theme: Theme) -> None:
        """Takes the colours of another theme."""
        self._theme = theme
        for row, pair in enumerate(self._pairs):
            item = self.item(row, _PHASE)
            if item is not None:
                item.setForeground(QColor(phase_color(theme, pair.phase)))

    def rows(self) -> list[str]:
        """What the rows say."""
        columns = range(self.columnCount())
        cells = [[self.item(row, column) for column in columns] for row in range(self.rowCount())]
        return ["  ".join(item.text() for item in row if item is not None and item.text()) for row in cells]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses the current row on Enter, lets go on Escape, and moves as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.pair_chosen.emit(self._pairs[self.currentRow()])
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _item(self, column: int, text: str, pair: TensorPair) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setTextAlignment(_alignment(column))
        if column == _PHASE:
            item.setForeground(QColor(phase_color(self._theme, pair.phase)))
        if column in _CODE:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setPointSizeF(QFontInfo(self.font()).pointSizeF() * 0.95)
            item.setFont(font)
            item.setToolTip(text)
        return item

    def _size_columns(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        letter = self.fontMetrics().horizontalAdvance("m")
        widths = {_PHASE: 7, _LEFT_LINE: 4, _RIGHT_LINE: 4, _ABSOLUTE: 12, _RELATIVE: 7}
        for column in range(self.columnCount()):
            if column in _CODE:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                self.setColumnWidth(column, widths[column] * letter)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
