"""The table of the tensors that two stages have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from playground.comparing.rosetta import DiffLine, Rosetta, TensorPair
from playground.graph.labels import key_in_words
from ui.style.phases import phase_color
from ui.style.sheet import set_class
from ui.style.theme import current_theme

EMPTY = "Choose two stages: a step of each is recorded and laid side by side."


def row_words(result: Rosetta, pair: TensorPair) -> tuple[str, ...]:
    """A pair as a row of the table: phase, name and line of either side, node, and the two differences."""
    turned = " (transposed)" if pair.transposed else ""
    return (
        str(pair.phase),
        pair.left.label,
        _line(pair.left.line),
        pair.right.label + turned,
        _line(pair.right.line),
        key_in_words(result.node_of(pair) or ""),
        number_words(pair.absolute),
        number_words(pair.relative),
    )


def heading_words(result: Rosetta) -> tuple[str, ...]:
    """The headings of those columns."""
    left, right = result.left.title, result.right.title
    return "phase", left, "line", right, "line", "node", "largest difference", "relative"


def number_words(number: float) -> str:
    """A difference, with as many digits as it deserves."""
    return "0" if not number else f"{number:.1e}"


def all_words(result: Rosetta) -> str:
    """What is said while no line is chosen."""
    count = len(result.pairs)
    if not count:
        return "No tensor of one side has the values of a tensor of the other."
    if count == 1:
        return "One quantity that both sides compute, found by its values"
    return f"{count} quantities that both sides compute, found by their values"


def chosen_words(result: Rosetta, is_left: bool, line: int, lines: Sequence[int], count: int) -> str:
    """What is said of a chosen line and its counterparts."""
    here, there = (result.left, result.right) if is_left else (result.right, result.left)
    start = f"{here.title}, line {line}"
    if lines:
        quantities = "1 quantity" if count == 1 else f"{count} quantities"
        return f"{start} ↔ {there.title}, {lines_words(lines)}: {quantities}"
    phase = result.phase_of_left(line) if is_left else result.phase_of_right(line)
    if phase is None:
        return f"{start} takes no part in the step"
    return f"{start}: {phase}; no tensor that it makes is one of {there.title}"


def lines_words(lines: Sequence[int]) -> str:
    """Numbers of lines, with a dash where they follow one another."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and line == parts[-1][-1] + 1:
            parts[-1].append(line)
        else:
            parts.append([line])
    texts = [str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts]
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join(texts)}"


def difference_words(entries: Sequence[DiffLine]) -> list[str]:
    """Each line of a difference with its numbers at the left and at the right."""
    width = max(
        (len(str(each)) for entry in entries for each in (entry.left, entry.right) if each), default=1
    )
    lines = []
    for entry in entries:
        numbers = f" {entry.left or '':>{width}}  {entry.right or '':>{width}}"
        lines.append(f"{numbers}  {entry.kind.replace('-', '−')} {entry.text}")
    return lines


def _line(line: int | None) -> str:
    return "" if line is None else str(line)


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

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty table."""
        super().__init__(0, _RELATIVE + 1, parent)
        self._pairs: tuple[TensorPair, ...] = ()
        self.setAccessibleName("Tensors that are the same quantity")
        set_class(self, "table")
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

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for row, pair in enumerate(self._pairs):
                item = self.item(row, _PHASE)
                if item is not None:
                    item.setForeground(QColor(phase_color(current_theme(), pair.phase)))

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
            item.setForeground(QColor(phase_color(current_theme(), pair.phase)))
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
