"""Finds an expression of the source in a text document."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from ui.panels.code.marks import CodeSpan


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
