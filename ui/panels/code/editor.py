"""A read-only text with line numbers, colored marks on lines, and zoom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from PySide6.QtCore import QEvent, QMargins, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ui.panels.code.marks import (
    SPAN_ALPHA,
    CodeCursor,
    CodeSpan,
    LineMark,
    Marks,
    Sign,
    check_kind,
    faint,
    mark_color,
)
from ui.style.theme import current_theme
from ui.widgets.code_highlighter import CodeHighlighter

CHANGE_ALPHA = 90
CHANGE_MILLISECONDS = 1200
"""So strongly, and so long, what has changed in the text lights up."""


def pieces(document: QTextDocument, span: CodeSpan) -> Iterator[QTextCursor]:
    """The expression line by line, each line's part selected, without the indentation of further lines.

    What lies outside the text is left out.
    """
    line, column, end_line, end_column = span
    for number in range(max(line, 1), min(end_line, document.blockCount()) + 1):
        block = document.findBlockByNumber(number - 1)
        text = block.text()
        start = column if number == line else len(text) - len(text.lstrip())
        end = min(end_column, len(text)) if number == end_line else len(text.rstrip())
        if start < end:
            yield selected(block, start, end)


def selected(block: QTextBlock, start: int, end: int) -> QTextCursor:
    """A cursor that selects a line's characters from `start`, up to but without `end`."""
    text = block.text()
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + _units(text[:start]))
    cursor.setPosition(block.position() + _units(text[:end]), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _units(text: str) -> int:
    """Length as Qt counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Gutter(QWidget):
    """Paints what its editor says of the lines in sight; a click on it is a click on the line."""

    def __init__(self, editor: CodeEditor) -> None:
        """Belongs to this editor, which places it."""
        super().__init__(editor)
        self._editor = editor
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Wide enough for the last line's number; the height is the editor's."""
        letter = self._editor.fontMetrics().horizontalAdvance("9")
        digits = max(2, len(str(self._editor.blockCount())))
        # Room for the triangle before the numbers and for a gap after them.
        return QSize(round(letter * (digits + 2.6)), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the lines in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._editor.font())
        letter = self._editor.fontMetrics().horizontalAdvance("9")
        for block, top, bottom in self._editor.visible_blocks():
            line = block.blockNumber() + 1
            mark = self._editor.mark(line)
            if mark is not None:
                _paint_mark(painter, mark, QRect(0, int(top), self.width(), int(bottom - top)), letter)
            painter.setPen(self._editor.number_color() if mark is None else mark.color)
            place = QRect(0, int(top), self.width() - letter, int(bottom - top))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Chooses the line whose number was clicked."""
        line = self._editor.line_at(event.position().y())
        if line is not None and event.button() is Qt.MouseButton.LeftButton:
            self._editor.line_clicked.emit(line)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls and zooms as over the text."""
        self._editor.wheelEvent(event)


def _paint_mark(painter: QPainter, mark: LineMark, line: QRect, letter: int) -> None:
    painter.fillRect(line, mark.band)
    middle = QPointF(QPoint(letter, line.center().y() + 1))
    half = letter * 0.55
    hollow = mark.sign is Sign.HOLLOW_TRIANGLE
    painter.setPen(QPen(mark.color, letter * 0.16) if hollow else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else mark.color)
    if mark.sign is Sign.DOT:
        painter.drawEllipse(middle, 0.7 * half, 0.7 * half)
    elif mark.sign is not Sign.NONE:
        corners = [QPointF(-half, -half), QPointF(half, 0), QPointF(-half, half)]
        painter.drawPolygon(QPolygonF([corner + middle for corner in corners]))


SMALLEST_POINTS, LARGEST_POINTS = 6.0, 40.0
SHARE_OF_SYSTEM, SHARE_WHERE_WIDE = 11 / 12, 13 / 12
WIDE = 620
"""Pixels from which seventy columns fit in larger letters."""
_TAB_SPACES = 4
_TOP_MARGIN = 4
_ZOOM_KEYS = {QKeySequence.StandardKey.ZoomIn: 1.0, QKeySequence.StandardKey.ZoomOut: -1.0}
_RESET_KEY = QKeySequence("Ctrl+0")


class CodeEditor(QPlainTextEdit):
    """Shows code; lines are counted from 1.

    Signals:
        line_clicked(int): the user clicked a line or its number, or pressed Enter on it.
    """

    line_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty editor in the system's font of fixed width."""
        super().__init__(parent)
        self._marks = Marks()
        self._pressed_line: int | None = None
        self._zoomed = False
        self._changed: list[tuple[int, int]] = []
        self._fading = QTimer(self, singleShot=True, interval=CHANGE_MILLISECONDS)
        self._fading.timeout.connect(self._let_changes_fade)
        self._highlighter = CodeHighlighter(self.document())
        self._gutter = Gutter(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        # So that the marks begin right at the gutter.
        self.document().setDocumentMargin(0)
        self._set_points(self._system_points())
        self.blockCountChanged.connect(self._place_gutter)
        self.updateRequest.connect(self._follow_viewport)

    def set_code(self, text: str) -> None:
        """Shows another text from its first line, without marks."""
        self._marks = Marks()
        self._changed = []
        # The line behind the last one's end is none.
        self.setPlainText(text.removesuffix("\n"))
        if self.isVisible():
            self._highlighter.read_document()
        else:
            # What colors it takes long to load: the window is painted first.
            QTimer.singleShot(0, self, self._highlighter.read_document)
        self._place_gutter()
        self._draw_marks()

    def change_code(self, text: str) -> None:
        """Shows a text that differs from the present one in a few places, which light up for a moment.

        What was in sight stays there, and so do marks, unless lines have come or gone.
        """
        text = text.removesuffix("\n")
        before, marks = self.toPlainText(), self._marks
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        places = across.value(), down.value()
        self.set_code(text)
        across.setValue(places[0])
        down.setValue(places[1])
        if before.count("\n") == text.count("\n"):
            self._marks = marks
        self._changed = changed_spans(before, text)
        self._draw_marks()
        self._fading.start()

    def _let_changes_fade(self) -> None:
        self._changed = []
        self._draw_marks()

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
        return None if self._marks.cursor is None else self._marks.cursor.line

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
        if cursor is not None:
            self.scroll_to(cursor.line)
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

    def mark(self, line: int) -> LineMark | None:
        """How a line is marked, or None."""
        return self._marks.mark(line, current_theme())

    def number_color(self) -> QColor:
        """Color of line numbers."""
        return QColor(current_theme().muted)

    def event(self, event: QEvent) -> bool:
        """Takes the keys for zooming before the window's shortcuts do, while the code has the focus."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return super().event(event)
        if self._zoom_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zooms, chooses the caret's line on Enter, and moves as usual."""
        points = self._zoom_of(event)
        if points is not None:
            self._zoomed = QKeySequence(event.keyCombination()) != _RESET_KEY
            self._set_points(points)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_clicked.emit(self.textCursor().blockNumber() + 1)
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remembers the line: a click begins and ends on one."""
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed_line = self.line_at(event.position().y()) if left else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Says which line was clicked, unless text was selected."""
        super().mouseReleaseEvent(event)
        line, self._pressed_line = self._pressed_line, None
        if line is not None and line == self.line_at(event.position().y()) and not self._has_selection():
            self.line_clicked.emit(line)

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
            self._highlighter.follow_theme()
            self._draw_marks()
        if event.type() == QEvent.Type.FontChange:
            self._place_gutter()

    def _has_selection(self) -> bool:
        return self.textCursor().hasSelection()

    def _is_in_sight(self, block: QTextBlock) -> bool:
        area = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return area.top() >= 0 and area.bottom() <= self.viewport().height()

    def _draw_marks(self) -> None:
        selections = []
        for line in self._marks.lines():
            block = self.document().findBlockByNumber(line - 1)
            mark = self.mark(line)
            if block.isValid() and mark is not None:
                selections.append(_band(block, mark.band))
        cursor = self._marks.cursor
        if cursor is not None and cursor.span is not None:
            color = faint(mark_color(cursor.kind, current_theme()), SPAN_ALPHA)
            selections += [_painted(piece, color) for piece in pieces(self.document(), cursor.span)]
        for start, end in self._changed:
            changed = QTextCursor(self.document())
            changed.setPosition(start)
            changed.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            selections.append(_painted(changed, faint(QColor(current_theme().parameter), CHANGE_ALPHA)))
        self.setExtraSelections(selections)
        self._gutter.update()

    def _scroll_across(self, cursor: CodeCursor) -> None:
        """Back to the left margin, where lines begin, unless the expression would then be out of sight."""
        bar, target = self.horizontalScrollBar(), self._target(cursor)
        if target is None:
            return
        begins, ends = (edge + bar.value() for edge in self._edges(target))
        room, margin = self.viewport().width(), 2 * self.fontMetrics().horizontalAdvance(" ")
        if begins + margin <= room:
            bar.setValue(0)
        elif not (bar.value() <= begins and ends <= bar.value() + room):
            # All of it where there is room, else its beginning.
            bar.setValue(min(ends + margin - room, begins - margin))

    def _target(self, cursor: CodeCursor) -> QTextCursor | None:
        if cursor.span is not None:
            return next(pieces(self.document(), cursor.span), None)
        block = self.document().findBlockByNumber(cursor.line - 1)
        return _first_letter(block) if block.isValid() else None

    def _edges(self, piece: QTextCursor) -> tuple[int, int]:
        """Where a selected part of a line begins and ends, in pixels of the viewport."""
        start, end = QTextCursor(piece), QTextCursor(piece)
        start.setPosition(piece.selectionStart())
        end.setPosition(piece.selectionEnd())
        return self.cursorRect(start).left(), self.cursorRect(end).left()

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


def _first_letter(block: QTextBlock) -> QTextCursor:
    """The letter with which a line begins."""
    text = block.text()
    start = len(text) - len(text.lstrip())
    return selected(block, start, start + 1)


def changed_spans(before: str, after: str) -> list[tuple[int, int]]:
    """Places in the text after a change that were not there before: whole words, or whole new lines."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, new))]
    found = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "replace" and i2 - i1 == j2 - j1:
            for line in range(j1, j2):
                found += [
                    (starts[line] + start, starts[line] + end)
                    for start, end in _changed_words(old[i1 + line - j1], new[line])
                ]
        elif kind in ("replace", "insert"):
            found.append((starts[j1], starts[j2]))
    return found


def _changed_words(before: str, after: str) -> Iterator[tuple[int, int]]:
    old, new = (re.findall(r"[\w.+-]+|\W", line) for line in (before, after))
    starts = [0, *accumulate(map(len, new))]
    for kind, _, _, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in ("replace", "insert"):
            yield starts[j1], starts[j2]


def _band(block: QTextBlock, color: QColor) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.format.setBackground(color)
    selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    selection.cursor = QTextCursor(block)
    return selection


def _painted(piece: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.format.setBackground(color)
    selection.cursor = piece
    return selection
