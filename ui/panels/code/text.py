"""A text with line numbers, colored marks on lines, and zoom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QMargins, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.panels.code.changes import changes
from ui.panels.code.gutter import Gutter
from ui.panels.code.marks import (
    SPAN_ALPHA,
    CodeCursor,
    LineMark,
    Marks,
    check_kind,
    faint,
    mark_color,
)
from ui.panels.code.painting import band, paint_stale, painted
from ui.panels.code.places import (
    changed_spans,
    code_of,
    first_letter,
    pieces,
    replace_text,
    selection,
    units,
)
from ui.panels.code.recorded import RecordedMarks
from ui.panels.code.zoom import ZoomingText
from ui.style.theme import current_theme
from ui.widgets.code_highlighter import CodeHighlighter
from ui.widgets.picture_menu import add_copy

CHANGE_ALPHA = 90
CHANGE_MILLISECONDS = 1200
"""So strongly, and so long, what has changed in the text lights up."""
_TOP_MARGIN = 4


class CodeText(ZoomingText):
    """Shows code with its marks; lines are counted from 1.

    Marks name lines of the text that was recorded. Where the present text is another, they stand on the lines
    that these have become.

    Signals:
        line_clicked(int): the user clicked a line or its number.
        text_changed(bool): the text is another; whether the user has changed it.
    """

    line_clicked = Signal(int)
    text_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty text in the system's font of fixed width."""
        super().__init__(parent)
        self._recorded = RecordedMarks()
        self._code = self._ending = ""
        self._from_outside = False
        self._lit: list[QTextCursor] = []
        self._fading = QTimer(self, singleShot=True, interval=CHANGE_MILLISECONDS)
        self._fading.timeout.connect(self._let_changes_fade)
        self.highlighter = CodeHighlighter(self.document())
        self._gutter = Gutter(self)
        self.fit_letters()
        # So that the marks begin right at the gutter.
        self.document().setDocumentMargin(0)
        self.blockCountChanged.connect(self._place_gutter)
        self.updateRequest.connect(self._follow_viewport)
        self.cursorPositionChanged.connect(self._gutter.update)
        self.textChanged.connect(self._follow_text)

    @property
    def code(self) -> str:
        """The whole text, with a line end at its end if it came with one."""
        return self._code + self._ending

    def set_code(self, text: str) -> None:
        """Shows another text from its first line, without marks, and with nothing to undo."""
        self._recorded.marks = Marks()
        self._lit = []
        # The line behind the last one's end is none.
        self._ending = "\n" if text.endswith("\n") else ""
        with self._outside():
            self.setPlainText(text.removesuffix("\n"))
        self._recorded.record(self._code)
        if self.isVisible():
            self.highlighter.read_document()
        else:
            # The window is painted first.
            QTimer.singleShot(0, self, self.highlighter.read_document)
        self._place_gutter()
        self._draw_marks()

    def change_code(self, text: str) -> None:
        """Shows a text that differs from the present one in a few places, which light up for a moment.

        What was in sight stays there, the caret stays where it is, and so do marks, unless lines have come or
        gone. It is one step to undo.
        """
        before, after = self._code, text.removesuffix("\n")
        self._ending = "\n" if text.endswith("\n") else ""
        if before == after:
            return
        was_recorded, same_count = self._recorded.is_present, before.count("\n") == after.count("\n")
        others = [line for line in changes(before, after).changed if same_count and not self.is_changed(line)]
        with self._outside():
            replace_text(self.document(), after)
        if was_recorded and not same_count:
            self._recorded.marks = Marks()
        if was_recorded:
            self._recorded.record(self._code)
        else:
            self._recorded.adopt(others)
        self._lit = [
            selection(self.document(), units(after[:start]), units(after[:end]))
            for start, end in changed_spans(before, after)
        ]
        self._draw_marks()
        self._fading.start()

    def set_recorded(self, text: str, fits: bool = False) -> None:
        """Says which text the marks' lines are lines of, and whether the present one says the same."""
        self._recorded.record(text.removesuffix("\n"), fits)
        self._draw_marks()

    def adopt(self, lines: Collection[int]) -> None:
        """Takes these lines for recorded ones: they have changed, and what was recorded still fits them."""
        self._recorded.adopt(lines)
        self._draw_marks()

    def set_stale(self, lines: Collection[int]) -> None:
        """Says so of exactly these lines, besides those that were changed, until the text is another."""
        self._recorded.set_stale(lines)
        self._repaint()

    def is_changed(self, line: int) -> bool:
        """Whether a line is not as it was recorded."""
        return self._recorded.is_changed(line)

    def is_stale(self, line: int) -> bool:
        """Whether what was recorded of a line fits it no more."""
        return self._recorded.is_stale(line)

    def set_marks(self, kind: str, lines: Collection[int]) -> None:
        """Marks exactly these lines in the kind's color; marks of other kinds stay.

        Raises:
            ValueError: there is no such kind.
        """
        check_kind(kind)
        if self._recorded.marks.set_lines(kind, lines):
            self._draw_marks()

    @property
    def cursor_line(self) -> int | None:
        """The line at which the run of the code stands, or None."""
        return self._recorded.cursor_line

    @property
    def caret_line(self) -> int | None:
        """The line in which the user types, or None while the keys go elsewhere."""
        return self.textCursor().blockNumber() + 1 if self.hasFocus() else None

    def set_cursor(self, cursor: CodeCursor | None) -> None:
        """Marks the place in the run of the code above all other marks, and brings it into view.

        Raises:
            ValueError: the cursor's kind is none.
        """
        if cursor is not None:
            check_kind(cursor.kind)
        if cursor != self._recorded.marks.cursor:
            self._recorded.marks.cursor = cursor
            self._draw_marks()
        if cursor is not None and self.cursor_line is not None:
            self.scroll_to(self.cursor_line)
            self._scroll_across(cursor)

    def scroll_to(self, line: int) -> None:
        """Brings a line to the middle, unless it is in sight already."""
        block = self.document().findBlockByNumber(line - 1)
        if not block.isValid() or self._is_in_sight(block):
            return
        lines_in_sight = int(self.viewport().height() / self.fontMetrics().lineSpacing())
        self.verticalScrollBar().setValue(line - 1 - lines_in_sight // 2)

    def height_of(self, lines: int) -> int:
        """Pixels that so many lines take."""
        return lines * self.fontMetrics().lineSpacing() + _TOP_MARGIN + 2 * self.frameWidth() + 14

    def line_at(self, height: float) -> int | None:
        """The line at this height of the viewport, in pixels; None below the last line."""
        for block, top, bottom in self.visible_blocks():
            if top <= height < bottom:
                return block.blockNumber() + 1
        return None

    def visible_blocks(self) -> list[tuple[QTextBlock, float, float]]:
        """Lines that can be seen, each with its upper and lower edge in pixels of the viewport."""
        found = []
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > self.viewport().height():
                break
            found.append((block, area.top(), area.bottom()))
            block = block.next()
        return found

    def area_of(self, piece: QTextCursor) -> QRect:
        """Where a selected part of a line is, in pixels of the viewport."""
        start, end = QTextCursor(piece), QTextCursor(piece)
        start.setPosition(piece.selectionStart())
        end.setPosition(piece.selectionEnd())
        first, last = self.cursorRect(start), self.cursorRect(end)
        return QRect(first.left(), first.top(), last.left() - first.left(), first.height())

    def mark(self, line: int) -> LineMark | None:
        """How a line is marked, or None."""
        return self._recorded.mark(line, current_theme())

    def number_color(self, *, is_caret: bool = False) -> QColor:
        """Color of line numbers."""
        return QColor(current_theme().text if is_caret else current_theme().muted)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What a text offers, and a picture of the panel."""
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_copy(menu, self)
        menu.popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the gutter as high as the text."""
        super().resizeEvent(event)
        self._place_gutter()

    def changeEvent(self, event: QEvent) -> None:
        """Keeps the gutter as wide as the font needs, and takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.highlighter.follow_theme()
            self._draw_marks()
        if event.type() == QEvent.Type.FontChange:
            self._place_gutter()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the text, and the word at lines whose marks are stale."""
        super().paintEvent(event)
        if not self._recorded.has_stale:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, top, bottom in self.visible_blocks():
            if self.is_stale(block.blockNumber() + 1):
                paint_stale(painter, self.viewport().width(), top, bottom)
        painter.end()

    def selections(self) -> list[QTextEdit.ExtraSelection]:
        """What is painted behind the text: bands, the expression that runs, and what lights up."""
        theme, cursor = current_theme(), self._recorded.marks.cursor
        found = []
        for line in self._recorded.lines():
            mark = self.mark(line)
            if mark is not None and 1 <= line <= self.blockCount():
                found.append(band(self.document().findBlockByNumber(line - 1), mark.band))
        if cursor is not None:
            color = faint(mark_color(cursor.kind, theme), SPAN_ALPHA)
            found += [painted(piece, color) for piece in self._pieces(cursor)]
        found += [painted(piece, faint(QColor(theme.parameter), CHANGE_ALPHA)) for piece in self._lit]
        return found

    def _let_changes_fade(self) -> None:
        self._lit = []
        self._draw_marks()

    @contextmanager
    def _outside(self) -> Iterator[None]:
        """What changes now is not the user's doing."""
        self._from_outside = True
        try:
            yield
        finally:
            self._from_outside = False

    def _follow_text(self) -> None:
        code = code_of(self.document())
        # Qt says so of colors, too.
        if code == self._code:
            return
        self._code = code
        # A letter more in a line that was changed already moves no mark.
        if self._recorded.present(code) and not self._from_outside:
            self._draw_marks()
        self.text_changed.emit(not self._from_outside)

    def _is_in_sight(self, block: QTextBlock) -> bool:
        area = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return area.top() >= 0 and area.bottom() <= self.viewport().height()

    def _draw_marks(self) -> None:
        self.setExtraSelections(self.selections())
        self._repaint()

    def _repaint(self) -> None:
        self._gutter.update()
        self.viewport().update()

    def _pieces(self, cursor: CodeCursor) -> Iterator[QTextCursor]:
        span = self._recorded.span(cursor)
        return iter(()) if span is None else pieces(self.document(), span)

    def _scroll_across(self, cursor: CodeCursor) -> None:
        """Back to the left margin, where lines begin, unless the expression would then be out of sight."""
        bar, target = self.horizontalScrollBar(), self._target(cursor)
        if target is None:
            return
        area = self.area_of(target).translated(bar.value(), 0)
        begins, ends = area.left(), area.left() + area.width()
        room, margin = self.viewport().width(), 2 * self.fontMetrics().horizontalAdvance(" ")
        if begins + margin <= room:
            bar.setValue(0)
        elif not (bar.value() <= begins and ends <= bar.value() + room):
            # All of it where there is room, else its beginning.
            bar.setValue(min(ends + margin - room, begins - margin))

    def _target(self, cursor: CodeCursor) -> QTextCursor | None:
        if cursor.span is not None:
            return next(self._pieces(cursor), None)
        line = self.cursor_line
        block = self.document().findBlockByNumber(-1 if line is None else line - 1)
        return first_letter(block) if block.isValid() else None

    def _place_gutter(self) -> None:
        width = self._gutter.sizeHint().width()
        margins = QMargins(width, _TOP_MARGIN, 0, 0)
        # Set again, the same margins resize the viewport: with a scroll bar that comes and goes, for ever.
        if margins != self.viewportMargins():
            self.setViewportMargins(margins)
        text = self.viewport().geometry()
        self._gutter.setGeometry(QRect(text.left() - width, text.top(), width, text.height()))
        self._gutter.update()

    def _follow_viewport(self, area: QRect, moved: int) -> None:
        if moved:
            self._gutter.scroll(0, moved)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())
