"""A text with line numbers, colored marks on lines, and zoom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QMargins, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ui.panels.code.changes import UNCHANGED, Changes, changes
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
from ui.style.theme import current_theme
from ui.widgets.code_highlighter import CodeHighlighter

CHANGE_ALPHA = 90
CHANGE_MILLISECONDS = 1200
"""So strongly, and so long, what has changed in the text lights up."""
SMALLEST_POINTS, LARGEST_POINTS = 6.0, 40.0
SHARE_OF_SYSTEM, SHARE_WHERE_WIDE = 11 / 12, 13 / 12
WIDE = 620
"""Pixels from which seventy columns fit in larger letters."""
_TAB_SPACES = 4
_TOP_MARGIN = 4
_ZOOM_KEYS = {QKeySequence.StandardKey.ZoomIn: 1.0, QKeySequence.StandardKey.ZoomOut: -1.0}
_RESET_KEY = QKeySequence("Ctrl+0")


class CodeText(QPlainTextEdit):
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
        self._marks = Marks()
        self._code = self._recorded = ""
        self._ending = ""
        self._changes: Changes = UNCHANGED
        self._named_stale: frozenset[int] = frozenset()
        self._adopted: set[int] = set()
        self._from_outside = False
        self._zoomed = False
        self._lit: list[QTextCursor] = []
        self._fading = QTimer(self, singleShot=True, interval=CHANGE_MILLISECONDS)
        self._fading.timeout.connect(self._let_changes_fade)
        self.highlighter = CodeHighlighter(self.document())
        self._gutter = Gutter(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        # So that the marks begin right at the gutter.
        self.document().setDocumentMargin(0)
        self._set_points(self._system_points())
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
        self._marks = Marks()
        self._lit = []
        self._adopted.clear()
        # The line behind the last one's end is none.
        self._ending = "\n" if text.endswith("\n") else ""
        with self._outside():
            self.setPlainText(text.removesuffix("\n"))
        self._record(self._code)
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
        was_recorded, same_count = before == self._recorded, before.count("\n") == after.count("\n")
        others = [line for line in changes(before, after).changed if same_count and not self.is_changed(line)]
        with self._outside():
            replace_text(self.document(), after)
        if was_recorded and not same_count:
            self._marks = Marks()
        self._record(self._code if was_recorded else self._recorded)
        self.adopt(() if was_recorded else others)
        self._lit = [
            selection(self.document(), units(after[:start]), units(after[:end]))
            for start, end in changed_spans(before, after)
        ]
        self._draw_marks()
        self._fading.start()

    def set_recorded(self, text: str) -> None:
        """Says which text the marks' lines are lines of."""
        self._adopted.clear()
        self._record(text.removesuffix("\n"))
        self._draw_marks()

    @property
    def changes(self) -> Changes:
        """What the user has made of the text that was recorded."""
        return self._changes

    def adopt(self, lines: Collection[int]) -> None:
        """Takes these lines for recorded ones: they have changed, and what was recorded still fits them."""
        recorded = self._recorded.split("\n")
        for line in lines:
            before = self._changes.before(line)
            if before is not None:
                recorded[before - 1] = self.document().findBlockByNumber(line - 1).text()
                self._adopted.add(before)
        if lines:
            self._record("\n".join(recorded))
            self._draw_marks()

    def set_stale(self, lines: Collection[int]) -> None:
        """Says so of exactly these lines, besides those that were changed, until the text is another."""
        self._named_stale = frozenset(lines)
        self._repaint()

    def is_changed(self, line: int) -> bool:
        """Whether a line is not as it was recorded."""
        is_other = line in self._changes.added or self.is_stale(line)
        return is_other or self._changes.before(line) in self._adopted

    def is_stale(self, line: int) -> bool:
        """Whether what was recorded of a line fits it no more."""
        return line in self._changes.changed or line in self._named_stale

    def set_marks(self, kind: str, lines: Collection[int]) -> None:
        """Marks exactly these lines in the kind's color; marks of other kinds stay.

        Raises:
            ValueError: there is no such kind.
        """
        check_kind(kind)
        if self._marks.set_lines(kind, lines):
            self._draw_marks()

    @property
    def cursor_line(self) -> int | None:
        """The line at which the run of the code stands, or None."""
        return None if self._marks.cursor is None else self._changes.now(self._marks.cursor.line)

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
        if cursor != self._marks.cursor:
            self._marks.cursor = cursor
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
        recorded = self._changes.before(line)
        return None if recorded is None else self._marks.mark(recorded, current_theme())

    def number_color(self, *, is_caret: bool = False) -> QColor:
        """Color of line numbers."""
        return QColor(current_theme().text if is_caret else current_theme().muted)

    def event(self, event: QEvent) -> bool:
        """Takes the keys for zooming before the window's shortcuts do, while the code has the focus."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return super().event(event)
        if self._zoom_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zooms, else types."""
        points = self._zoom_of(event)
        if points is not None:
            self._zoomed = QKeySequence(event.keyCombination()) != _RESET_KEY
            self._set_points(points)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl, else scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            self._zoomed = True
            self._set_points(self.font().pointSizeF() + (turned > 0) - (turned < 0))
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the gutter as high as the text."""
        super().resizeEvent(event)
        if not self._zoomed:
            self._set_points(self._system_points())
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
        if not self._named_stale and not self._changes.changed:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, top, bottom in self.visible_blocks():
            if self.is_stale(block.blockNumber() + 1):
                paint_stale(painter, self.viewport().width(), top, bottom)
        painter.end()

    def selections(self) -> list[QTextEdit.ExtraSelection]:
        """What is painted behind the text: bands, the expression that runs, and what lights up."""
        theme, cursor = current_theme(), self._marks.cursor
        found = []
        for recorded in self._marks.lines():
            line = self._changes.now(recorded)
            mark = None if line is None else self.mark(line)
            if line is not None and mark is not None and 1 <= line <= self.blockCount():
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
        self._named_stale = frozenset()
        if not self._from_outside:
            before = self._changes
            self._record(self._recorded)
            # A letter more in a line that was changed already moves no mark.
            if self._changes.stretches != before.stretches:
                self._draw_marks()
        self.text_changed.emit(not self._from_outside)

    def _record(self, text: str) -> None:
        self._recorded = text
        self._changes = changes(text, self._code)

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
        """The expression that runs, where its lines are still those that were recorded."""
        if cursor.span is None:
            return
        line, column, end_line, end_column = cursor.span
        now, end = self._changes.now(line), self._changes.now(end_line)
        if now is None or end is None or end - now != end_line - line:
            return
        if all(map(self._changes.is_same, range(line, end_line + 1))):
            yield from pieces(self.document(), (now, column, end, end_column))

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

    def _system_points(self) -> float:
        """Seventy columns stay in sight in the panel's first width, at the desktop's own scale."""
        system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)).pointSizeF()
        return system * (SHARE_WHERE_WIDE if self.width() >= WIDE else SHARE_OF_SYSTEM)

    def _zoom_of(self, event: QKeyEvent) -> float | None:
        """The font size that a key asks for, in points; None for any other key."""
        for key, change in _ZOOM_KEYS.items():
            if event.matches(key):
                return self.font().pointSizeF() + change
        return self._system_points() if QKeySequence(event.keyCombination()) == _RESET_KEY else None

    def _set_points(self, points: float) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(min(max(points, SMALLEST_POINTS), LARGEST_POINTS))
        if font == self.font():
            return
        self.setFont(font)
        self.setTabStopDistance(_TAB_SPACES * QFontMetricsF(font).horizontalAdvance(" "))

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
