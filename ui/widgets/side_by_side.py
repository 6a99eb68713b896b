"""Two programs beside each other, line by line, with what differs and one marked line in each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from playground.comparing.text_rows import RowKind, TextRow, text_rows
from ui.style.sheet import set_class
from ui.style.theme import Tone, current_theme, error_tone, muted_tone, update_tone
from ui.widgets.code_highlighter import CodeHighlighter
from ui.widgets.code_text import TINT, show_as_code, tinted

MARK = "▶"
_MARGIN, _BAR = 8, 3
_LEAST_ROWS = 3
_AROUND = 30
"""Pixels above and below the text, a scroll bar among them."""


class SideBySide(QWidget):
    """Both texts; they scroll together.

    Attributes:
        panes: the first and the second.

    Signals:
        line_clicked(bool, int): the user clicked a line, counted from 1; of the second text?
    """

    line_clicked = Signal(bool, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without texts at first."""
        super().__init__(parent)
        self._texts = ("", "")
        self._context: int | None = None
        self._marked: tuple[int | None, int | None] = (None, None)
        self.panes = (CodePane(error_tone), CodePane(update_tone))
        self._titles = (QLabel(), QLabel())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        for number, (pane, title) in enumerate(zip(self.panes, self._titles, strict=True)):
            set_class(title, "muted")
            title.setContentsMargins(_MARGIN, 2, 2, 2)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(title)
            column.addWidget(pane, 1)
            layout.addLayout(column, 1)
            pane.line_clicked.connect(lambda line, second=bool(number): self.line_clicked.emit(second, line))
        bars = [pane.verticalScrollBar() for pane in self.panes]
        bars[0].valueChanged.connect(bars[1].setValue)
        bars[1].valueChanged.connect(bars[0].setValue)

    def set_texts(
        self, first: str, second: str, titles: tuple[str, str] = ("", ""), context: int | None = None
    ) -> None:
        """Shows two texts, without a mark.

        Args:
            first, second: the programs.
            titles: what stands above them.
            context: lines around what differs; None shows all.
        """
        self._texts, self._context = (first, second), context
        for pane, label, title in zip(self.panes, self._titles, titles, strict=True):
            label.setText(title)
            label.setVisible(bool(title))
            pane.setAccessibleName(title or "Program")
        self.mark(None, None)

    def mark(self, first: int | None, second: int | None) -> None:
        """Marks a line of each text, and brings it into sight; None marks none."""
        self._marked = first, second
        kept = () if second is None else (second,)
        rows = text_rows(*self._texts, self._context, kept)
        for pane, line, is_second in zip(self.panes, self._marked, (False, True), strict=True):
            pane.set_rows(rows, is_second, line)
        pane, line = (self.panes[1], second) if second is not None else (self.panes[0], first)
        if line is not None:
            pane.bring_into_sight(line)
        self.updateGeometry()

    @property
    def marked(self) -> tuple[int | None, int | None]:
        """The lines that are marked."""
        return self._marked

    def text(self) -> str:
        """All rows as text: number and line of the first, `|`, number and line of the second."""
        pairs = zip(*(pane.lines() for pane in self.panes), strict=True)
        return "\n".join(f"{one} | {other}" for one, other in pairs)


class CodePane(QPlainTextEdit):
    """One of the two texts, with empty rows where only the other has lines.

    Signals:
        line_clicked(int): the user clicked a line, or pressed Enter on it.
    """

    line_clicked = Signal(int)

    def __init__(self, tone: Tone) -> None:
        """Lines that differ are tinted in this color."""
        super().__init__()
        self._tone = tone
        self._rows: Sequence[tuple[RowKind, int | None, str]] = ()
        self._line: int | None = None
        self._highlighter = CodeHighlighter(self.document())
        self._numbers = _Numbers(self)
        show_as_code(self)
        self.document().setDocumentMargin(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.updateRequest.connect(lambda _area, moved: self._numbers.update() if moved else None)

    def set_rows(self, rows: Sequence[TextRow], is_second: bool, marked: int | None) -> None:
        """Shows one side of these rows, and marks a line."""
        self._line = marked
        shown = [
            (row.kind, row.second, row.second_text) if is_second else (row.kind, row.first, row.first_text)
            for row in rows
        ]
        if shown != self._rows:
            self._rows = shown
            self.setPlainText("\n".join(text for _, _, text in shown))
            self._highlighter.read_document()
            self._place_numbers()
            self.updateGeometry()
        self._draw()

    def bring_into_sight(self, line: int) -> None:
        """Scrolls to a line, in the middle if it was out of sight."""
        row = self._row_of(line)
        if row is None:
            return
        block = self.document().findBlockByNumber(row)
        self.setTextCursor(QTextCursor(block))
        self.centerCursor()

    def lines(self) -> list[str]:
        """Each row with its number and its mark."""
        return [
            f"{MARK if number is not None and number == self._line else ''}{number or ''} {text}".strip()
            for _, number, text in self._rows
        ]

    def sizeHint(self) -> QSize:
        """As high as its text."""
        rows = max(len(self._rows), _LEAST_ROWS)
        return QSize(360, rows * self.fontMetrics().lineSpacing() + _AROUND)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._highlighter.follow_theme()
            self._draw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Says which line was clicked, unless text was selected."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._tell(self.cursorForPosition(event.position().toPoint()).blockNumber())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the numbers as high as the text."""
        super().resizeEvent(event)
        self._place_numbers()

    def paint_numbers(self, painter: QPainter, width: int) -> None:
        """Draws number, mark and bar of every row in sight."""
        theme = current_theme()
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self._area_of(block, width)
            if area.top() > self.viewport().height():
                return
            kind, number, _ = self._rows[block.blockNumber()] if self._rows else (RowKind.SAME, None, "")
            if kind is RowKind.CHANGED:
                bar = QRectF(width - _BAR - 1, area.top(), _BAR, area.height())
                painter.fillRect(bar, QColor(theme.warning))
            is_marked = number is not None and number == self._line
            painter.setPen(QColor(theme.accent if is_marked else theme.disabled))
            text = f"{MARK} {number}" if is_marked else str(number or "")
            painter.drawText(
                area.adjusted(0, 0, -_MARGIN, 0),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            block = block.next()

    def _area_of(self, block: QTextBlock, width: int) -> QRectF:
        place = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return QRectF(0, place.top(), width, place.height())

    def _tell(self, row: int) -> None:
        number = self._rows[row][1] if row < len(self._rows) else None
        if number is not None:
            self.line_clicked.emit(number)

    def _row_of(self, line: int) -> int | None:
        return next((at for at, (_, number, _) in enumerate(self._rows) if number == line), None)

    def _place_numbers(self) -> None:
        digits = max([2, *(len(str(number)) for _, number, _ in self._rows if number)])
        width = (digits + 2) * self.fontMetrics().horizontalAdvance("9") + 2 * _MARGIN
        self.setViewportMargins(width, 4, 0, 0)
        text: QRect = self.viewport().geometry()
        self._numbers.setGeometry(QRect(text.left() - width, text.top(), width, text.height()))
        self._numbers.update()

    def _draw(self) -> None:
        theme = current_theme()
        marked = None if self._line is None else self._row_of(self._line)
        tints = {
            at: tinted(self._tone(theme), TINT)
            for at, (kind, number, _) in enumerate(self._rows)
            if kind is RowKind.CHANGED and number is not None
        }
        if marked is not None:
            tints[marked] = tinted(theme.accent, 2 * TINT)
        gaps = {at: muted_tone(theme) for at, (kind, _, _) in enumerate(self._rows) if kind is RowKind.GAP}
        self.setExtraSelections([_selection(self, at, tints.get(at), gaps.get(at)) for at in {*tints, *gaps}])
        self._numbers.update()


def _selection(
    pane: CodePane, row: int, ground: QColor | None, color: str | None
) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = QTextCursor(pane.document().findBlockByNumber(row))
    if ground is not None:
        selection.format.setBackground(ground)
        selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    if color is not None:
        selection.cursor.select(QTextCursor.SelectionType.LineUnderCursor)
        selection.format.setForeground(QColor(color))
    return selection


class _Numbers(QWidget):
    """The strip of line numbers."""

    def __init__(self, pane: CodePane) -> None:
        super().__init__(pane)
        self._pane = pane

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._pane.font())
        self._pane.paint_numbers(painter, self.width())
        painter.end()
