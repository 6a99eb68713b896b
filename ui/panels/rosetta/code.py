"""One side's code: read-only, with line numbers, the phases as bands, and the chosen lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from playground.graph.model import Phase
from ui.style.phases import phase_color
from ui.style.theme import current_theme
from ui.widgets.code_highlighter import CodeHighlighter
from ui.widgets.code_text import show_as_code

BAND, FAINT_BAND, LIT = 34, 16, 92
"""Of 255: a phase's color behind its lines, the same while others are chosen, and behind the chosen."""
_BAR = 3
_MARGIN = 10
"""Pixels between the line numbers and the edges beside them."""


class RosettaCode(QPlainTextEdit):
    """Shows a stage's source; lines are counted from 1.

    Signals:
        line_clicked(int): the user clicked a line or its number, or pressed Enter on it.
        left(): the user pressed Escape.
    """

    line_clicked = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty text in the system's font of fixed width."""
        super().__init__(parent)
        self._phases: Mapping[int, Phase] = {}
        self._lit: frozenset[int] = frozenset()
        self._pressed: int | None = None
        self._highlighter = CodeHighlighter(self.document())
        self._numbers = _Numbers(self)
        show_as_code(self)
        self.document().setDocumentMargin(0)
        self.updateRequest.connect(self._follow)

    def set_code(self, text: str, phases: Mapping[int, Phase]) -> None:
        """Shows a text with the phase of each line that has one; text already shown stays where it is."""
        self._phases = phases
        self._lit = frozenset()
        if text != self.toPlainText():
            self.setPlainText(text)
            self._highlighter.read_document()
            self._place_numbers()
        self._draw()

    def set_lit(self, lines: Collection[int]) -> None:
        """Marks exactly these lines as chosen; all others recede while there are any."""
        self._lit = frozenset(lines)
        self._draw()

    @property
    def lit(self) -> frozenset[int]:
        """The lines that are marked as chosen."""
        return self._lit

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._highlighter.follow_theme()
            self._draw()

    def area_of(self, line: int) -> tuple[float, float]:
        """Upper and lower edge of a line in pixels of this widget, whether it is in sight or not."""
        block = self.firstVisibleBlock()
        first = self.blockBoundingGeometry(block).translated(self.contentOffset())
        top = self.viewport().y() + first.top() + (line - 1 - block.blockNumber()) * first.height()
        return top, top + first.height()

    def is_in_sight(self, line: int) -> bool:
        """Whether the whole of a line can be seen."""
        top, bottom = self.area_of(line)
        return top >= self.viewport().y() and bottom <= self.viewport().geometry().bottom() + 1

    def begin_at(self, line: int) -> None:
        """Scrolls so that this line is the first in sight, as far as there is text below."""
        self.verticalScrollBar().setValue(max(line, 1) - 1)

    def place_caret(self, line: int) -> None:
        """Puts the caret at the beginning of a line, for the keyboard to go on from."""
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))

    def lines_in_sight(self) -> int:
        """How many whole lines there is room for."""
        top, bottom = self.area_of(1)
        return int(self.viewport().height() / max(bottom - top, 1))

    def scroll_to(self, line: int) -> None:
        """Brings a line to the middle, unless it is in sight."""
        if not self.is_in_sight(line):
            self.begin_at(line - self.lines_in_sight() // 2)

    def line_at(self, height: float) -> int | None:
        """The line at this height of the viewport; None below the last."""
        top, bottom = self.area_of(1)
        line = int((height + self.viewport().y() - top) // max(bottom - top, 1)) + 1
        return line if 1 <= line <= self.blockCount() else None

    def color_of(self, line: int) -> QColor | None:
        """The color behind a line, or None."""
        phase = self._phases.get(line)
        if phase is None and line not in self._lit:
            return None
        color = QColor(current_theme().accent if phase is None else phase_color(current_theme(), phase))
        color.setAlpha(LIT if line in self._lit else FAINT_BAND if self._lit else BAND)
        return color

    def paint_numbers(self, painter: QPainter, width: int) -> None:
        """Paints the line numbers in sight, each on the band of its line, and a bar before the chosen."""
        top, bottom = self.area_of(1)
        height = bottom - top
        first = self.firstVisibleBlock().blockNumber() + 1
        for line in range(first, min(first + self.lines_in_sight() + 2, self.blockCount() + 1)):
            place = QRectF(0, self.area_of(line)[0] - self.viewport().y(), width, height)
            color = self.color_of(line)
            painter.setPen(QColor(current_theme().muted))
            if color is not None:
                painter.fillRect(place, color)
                color.setAlpha(255)
                if line in self._lit:
                    painter.fillRect(QRectF(0, place.top(), _BAR, height), color)
                    painter.setPen(QColor(current_theme().text))
            right = place.adjusted(0, 0, -_MARGIN, 0)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses the caret's line on Enter, lets go on Escape, and moves as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_clicked.emit(self.textCursor().blockNumber() + 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remembers the line: a click begins and ends on one."""
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = self.line_at(event.position().y()) if left else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Says which line was clicked, unless text was selected."""
        super().mouseReleaseEvent(event)
        line, self._pressed = self._pressed, None
        selected = self.textCursor().hasSelection()
        if line is not None and line == self.line_at(event.position().y()) and not selected:
            self.line_clicked.emit(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the numbers as high as the text."""
        super().resizeEvent(event)
        self._place_numbers()

    def _follow(self, _area: QRect, moved: int) -> None:
        if moved:
            self._numbers.update()

    def _place_numbers(self) -> None:
        digits = max(2, len(str(self.blockCount())))
        width = digits * self.fontMetrics().horizontalAdvance("9") + 2 * _MARGIN
        self.setViewportMargins(width, 4, 0, 0)
        text: QRect = self.viewport().geometry()
        self._numbers.setGeometry(QRect(text.left() - width, text.top(), width, text.height()))
        self._numbers.update()

    def _draw(self) -> None:
        selections = []
        for line in sorted({*self._phases, *self._lit}):
            block = self.document().findBlockByNumber(line - 1)
            color = self.color_of(line)
            if block.isValid() and color is not None:
                selection = QTextEdit.ExtraSelection()
                selection.format.setBackground(color)
                selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                selection.cursor = QTextCursor(block)
                selections.append(selection)
        self.setExtraSelections(selections)
        self._numbers.update()


class _Numbers(QWidget):
    """The strip of line numbers; a click on one is a click on its line."""

    def __init__(self, code: RosettaCode) -> None:
        super().__init__(code)
        self._code = code
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._code.font())
        self._code.paint_numbers(painter, self.width())
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        line = self._code.line_at(event.position().y())
        if line is not None and event.button() is Qt.MouseButton.LeftButton:
            self._code.line_clicked.emit(line)
