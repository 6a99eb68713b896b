"""Syntax colors of a Python text, found line by line, so that a key stroke costs one line."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QColor,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from ui.style.theme import Theme, current_theme
from ui.widgets.code_lexer import LexedLine, Span, State, lex_line, lex_lines

__all__ = ["CodeHighlighter", "Span", "spans_of"]

AT_ONCE = 150
"""Lines that are colored in one go: a quote that opens a string changes all lines below it."""


class CodeHighlighter(QSyntaxHighlighter):
    """Colors a document, and every change of it from `read_document` on."""

    def __init__(self, document: QTextDocument) -> None:
        """Colors nothing before `read_document` is called."""
        super().__init__(document)
        self._theme = current_theme()
        self._formats = _formats_of(self._theme)
        self._states: list[State] = [()]
        self._numbers: dict[State, int] = {(): 0}
        self._reads = False
        self._left = AT_ONCE
        self._waiting: list[QTextCursor] = []
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._go_on)
        # Qt's own slot, which colors, was connected first.
        document.contentsChange.connect(self._rest)

    def read_document(self) -> None:
        """Colors what the document holds now, unless that was done."""
        if not self._reads:
            self._reads = True
            self._rest()
            self.rehighlight()

    def follow_theme(self) -> None:
        """Colors anew if another theme was applied."""
        if self._theme is not current_theme():
            self._theme = current_theme()
            self._formats = _formats_of(self._theme)
            self._left = self.document().blockCount() + 1
            self.rehighlight()
            self._rest()

    def lexed(self, block: QTextBlock) -> LexedLine:
        """The pieces of a line; what it begins in is known of lines that were colored."""
        return lex_line(block.text(), self._state(block.previous().userState()))

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for each line."""
        if not self._reads or self._left < 0:
            return
        self._left -= 1
        if self._left < 0:
            # With its state as it was, Qt goes on to no line that it would not look at anyway.
            self._waiting.append(QTextCursor(self.currentBlock()))
            self._later.start()
            return
        line = lex_line(text, self._state(self.previousBlockState()))
        for span in line.spans:
            self.setFormat(span.start, span.length, self._formats[span.kind])
        number = self._numbers.setdefault(line.state, len(self._states))
        if number == len(self._states):
            self._states.append(line.state)
        self.setCurrentBlockState(number)

    def _rest(self) -> None:
        self._left = AT_ONCE

    def _go_on(self) -> None:
        """Colors the next lines."""
        waiting, self._waiting = self._waiting, []
        for cursor in waiting:
            self._rest()
            # Of lines that were never colored, every next one differs from what Qt knows of it.
            self.rehighlightBlock(cursor.block())
        self._rest()

    def _state(self, number: int) -> State:
        # Qt says -1 before the first line, and of a line that was not colored yet.
        return self._states[number] if 0 <= number < len(self._states) else ()


def spans_of(text: str) -> list[list[Span]]:
    """The colored pieces of each line of a Python text, in order; blanks are left out."""
    return [list(line.spans) for line in lex_lines(text)]


def _formats_of(theme: Theme) -> dict[str, QTextCharFormat]:
    formats = {}
    for kind, color in theme.syntax.items():
        formats[kind] = QTextCharFormat()
        formats[kind].setForeground(QColor(color))
    return formats
