"""The code as a text to type in: keys, brackets, errors, found places, numbers to scrub."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from ui.panels.code.completion import Completion
from ui.panels.code.hints import Hints
from ui.panels.code.number_marks import NumberMarks
from ui.panels.code.numbers import NumberSpot
from ui.panels.code.problems import Checker, Problem
from ui.panels.code.scrubber import Scrubber
from ui.panels.code.text import CodeText
from ui.panels.code.typing_keys import dedent, erase_level, indent, new_line, toggle_comment, unit_of

_CONTROL, _SHIFT, _ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CodeEditor(CodeText):
    """Code that can be typed in at any time.

    Tab indents; the Tab after an Escape leaves. Alt+Return clicks the caret's line.

    Attributes:
        numbers, scrubber: what can be scrubbed, and what scrubs it.
        completion: the list of names.
        hints: brackets, found places, the error.

    Signals:
        edited(str): the user has changed the text; the whole of it.
        run_requested(), save_requested(), find_requested(): by Ctrl+Return, Ctrl+S, Ctrl+F.
        problem_found(object): the `Problem` of the text, or None where it is Python.
    """

    edited = Signal(str)
    run_requested = Signal()
    save_requested = Signal()
    find_requested = Signal()
    problem_found = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty editor."""
        super().__init__(parent)
        self._pressed_line: int | None = None
        self.hints = Hints(self)
        self.numbers = NumberMarks(self)
        self.scrubber = Scrubber(self, self.numbers)
        self.completion = Completion(self)
        self.destroyed.connect(self.completion.server.end)
        self._checker = Checker(self)
        self._checker.found.connect(self._show_problem)
        self._acts: dict[QKeySequence, Callable[[], None]] = {
            QKeySequence("Ctrl+Return"): self.run_requested.emit,
            QKeySequence("Ctrl+Enter"): self.run_requested.emit,
            QKeySequence("Ctrl+S"): self.save_requested.emit,
            QKeySequence("Ctrl+F"): self.find_requested.emit,
            QKeySequence("Ctrl+Space"): self.completion.start,
            QKeySequence("Ctrl+/"): self._toggle_comment,
            QKeySequence("Alt+Return"): self._click_caret,
            QKeySequence("Alt+Enter"): self._click_caret,
        }
        self.text_changed.connect(self._take_change)
        self.cursorPositionChanged.connect(self.hints.look_at_caret)

    def set_code(self, text: str) -> None:
        """Shows another text from its first line, without marks, and with nothing to undo."""
        self.completion.close()
        self.scrubber.end()
        self.numbers.set_spots(())
        self._show_problem(None)
        self.hints.clear()
        super().set_code(text)
        self._checker.check_later(self.code)

    def set_numbers(self, spots: Sequence[NumberSpot]) -> None:
        """Marks exactly these numbers as ones to scrub."""
        self.numbers.set_spots(spots)

    def event(self, event: QEvent) -> bool:
        """Takes its keys before the window's shortcuts do, while the code has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Says what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if not self.scrubber.tooltip(event):
                self.hints.explain(event)
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Types, or does what the key stands for."""
        if self.completion.key_pressed(event) or self.scrubber.key_pressed(event):
            return
        self.setTabChangesFocus(event.key() == Qt.Key.Key_Escape)
        act = self._act_of(event) or self._typing_of(event)
        if act is not None:
            act()
        elif event.key() == Qt.Key.Key_Backspace and not event.modifiers() & (_CONTROL | _ALT):
            if not erase_level(self.textCursor(), unit_of(self.code)):
                super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)
        if act is None:
            self.completion.follow(event)
        elif act != self.completion.start:
            self.completion.close()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Ends what a held key began."""
        self.scrubber.key_released(event)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Ends what the keys began."""
        super().focusOutEvent(event)
        self.completion.close()
        self.scrubber.end()
        self.setTabChangesFocus(False)
        self._repaint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the caret's line."""
        super().focusInEvent(event)
        self._repaint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remembers the line: a click begins and ends on one."""
        self.setTabChangesFocus(False)
        self.completion.close()
        if self.scrubber.mouse_pressed(event):
            return
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed_line = self.line_at(event.position().y()) if left else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrubs, or selects."""
        if not self.scrubber.mouse_moved(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Says which line was clicked, unless text was selected or a number scrubbed."""
        if self.scrubber.mouse_released():
            return
        super().mouseReleaseEvent(event)
        line, self._pressed_line = self._pressed_line, None
        is_click = line == self.line_at(event.position().y()) and not self.textCursor().hasSelection()
        if line is not None and is_click:
            self.line_clicked.emit(line)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Takes texts; a file that is dropped is the window's to open."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints numbers and found places below the text, the brackets' frames over it."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.numbers.paint(painter)
        self.hints.paint_below(painter)
        painter.end()
        super().paintEvent(event)
        painter.begin(self.viewport())
        self.hints.paint_above(painter)
        painter.end()

    def _wants(self, event: QEvent) -> bool:
        """Whether a key that the window might want, too, is meant for the code."""
        if not isinstance(event, QKeyEvent):
            return False
        is_listed = event.key() == Qt.Key.Key_Escape and self.completion.list.isVisible()
        return is_listed or self._act_of(event) is not None or self.scrubber.wants_key(event)

    def _act_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key with Ctrl or Alt does."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not modifiers & (_CONTROL | _ALT):
            return None
        if event.text() == "/" and modifiers & _CONTROL:
            # Where the sign needs Shift.
            return self._toggle_comment
        return self._acts.get(QKeySequence(modifiers.value | event.key()))

    def _typing_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key types that is more than a letter."""
        if event.modifiers() & (_CONTROL | _ALT):
            return None
        if event.key() == Qt.Key.Key_Tab:
            return lambda: indent(self.textCursor(), unit_of(self.code))
        if event.key() == Qt.Key.Key_Backtab:
            return lambda: dedent(self.textCursor(), unit_of(self.code))
        return self._new_line if event.key() in _ENTER else None

    def _new_line(self) -> None:
        cursor = self.textCursor()
        block = self.document().findBlock(cursor.selectionStart())
        new_line(cursor, self.highlighter.lexed(block), unit_of(self.code))
        self.ensureCursorVisible()

    def _toggle_comment(self) -> None:
        toggle_comment(self.textCursor())

    def _click_caret(self) -> None:
        self.line_clicked.emit(self.textCursor().blockNumber() + 1)

    def _take_change(self, by_user: bool) -> None:
        self._checker.check_later(self.code)
        self.hints.look_at_caret()
        if by_user and not self.scrubber.is_active:
            self.edited.emit(self.code)

    def _show_problem(self, problem: Problem | None) -> None:
        if self.hints.set_problem(problem):
            self.problem_found.emit(problem)
