"""What keys do to Python code besides typing: indenting, new lines, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtGui import QTextBlock, QTextCursor

from ui.panels.code.places import column_of
from ui.widgets.code_lexer import LexedLine, lex_lines

INDENT = 4
"""Blanks of a level where the program has none yet."""
WIDEST = 8
_COMMENT = "# "
_ENDS_BLOCK = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_CLOSES = {")": "(", "]": "[", "}": "{"}


def unit_of(code: str) -> str:
    """One level as the program indents its first block: a tabulator, or so many blanks; else four."""
    ends_with_colon = False
    for text, line in zip(code.split("\n"), lex_lines(code), strict=True):
        if not line.bare.strip():
            continue
        start = _start_of(text)
        if ends_with_colon and start:
            return "\t" if start.startswith("\t") else start[:WIDEST]
        ends_with_colon = not start and line.bare.rstrip().endswith(":")
    return " " * INDENT


def indent(cursor: QTextCursor, unit: str) -> None:
    """Moves the selected lines a level to the right; without a selection, fills up to the next level."""
    cursor.beginEditBlock()
    if cursor.hasSelection():
        for block in _blocks(cursor):
            if block.text().strip():
                QTextCursor(block).insertText(unit)
    else:
        cursor.insertText(unit[cursor.positionInBlock() % len(unit) :])
    cursor.endEditBlock()


def dedent(cursor: QTextCursor, unit: str) -> None:
    """Moves the lines of the selection, or the caret's, a level to the left."""
    cursor.beginEditBlock()
    for block in _blocks(cursor):
        text = block.text()
        _remove_start(block, 1 if text.startswith("\t") else min(len(unit), _indentation(text)))
    cursor.endEditBlock()


def erase_level(cursor: QTextCursor, unit: str) -> bool:
    """Takes one level away where only blanks are before the caret; whether it did."""
    before = cursor.block().text()[: cursor.positionInBlock()]
    if cursor.hasSelection() or not before or before.strip(" "):
        return False
    cursor.movePosition(
        QTextCursor.MoveOperation.PreviousCharacter,
        QTextCursor.MoveMode.KeepAnchor,
        (len(before) - 1) % len(unit) + 1,
    )
    cursor.removeSelectedText()
    return True


def new_line(cursor: QTextCursor, line: LexedLine, unit: str) -> None:
    """Begins a line as deep as the code before the caret asks for.

    Args:
        cursor: where; what it selects is replaced.
        line: the pieces of the line that the cursor is in.
        unit: one level.
    """
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    block = cursor.block()
    before = block.text()[: column_of(block, cursor.position())]
    start = start_after(before, line, unit)
    cursor.insertText(f"\n{start}")
    behind = cursor.block().text().removeprefix(start)
    # Blanks between the two parts of a line that is cut would indent the second one further.
    for _ in range(len(behind) - len(behind.lstrip(" ")) if behind.strip() else 0):
        cursor.deleteChar()
    cursor.endEditBlock()


def start_after(before: str, line: LexedLine, unit: str) -> str:
    """Blanks with which the next line begins, by what stands before the caret in this one."""
    start = _start_of(before)
    bare = line.bare[: len(before)].rstrip()
    opened: list[int] = []
    for column, sign in line.brackets:
        if column >= len(before):
            break
        if sign not in _CLOSES:
            opened.append(column)
        elif opened:
            opened.pop()
    if opened:
        # Below the first argument, or a level deeper where none stands there yet.
        is_last = opened[-1] == len(bare) - 1
        return start + (unit if is_last else " " * (opened[-1] + 1 - len(start)))
    if bare.endswith(":"):
        return start + unit
    return start[: -len(unit)] if _ENDS_BLOCK.match(bare) else start


def toggle_comment(cursor: QTextCursor) -> None:
    """Comments out the lines of the selection, or the caret's; takes the signs away where all have one."""
    blocks = [block for block in _blocks(cursor) if block.text().strip()]
    cursor.beginEditBlock()
    if blocks and all(block.text().lstrip().startswith("#") for block in blocks):
        for block in blocks:
            start = len(_start_of(block.text()))
            sign = _COMMENT if block.text().startswith(_COMMENT, start) else "#"
            _remove_start(block, len(sign), start)
    else:
        depth = min((len(_start_of(block.text())) for block in blocks), default=0)
        for block in blocks:
            _at(block, depth).insertText(_COMMENT)
    cursor.endEditBlock()


def _blocks(cursor: QTextCursor) -> Iterator[QTextBlock]:
    """Lines of the selection; one at whose start it ends does not count."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    end = cursor.selectionEnd() - (1 if cursor.hasSelection() else 0)
    last = document.findBlock(end).blockNumber()
    while block.isValid() and block.blockNumber() <= last:
        yield block
        block = block.next()


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _start_of(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]


def _at(block: QTextBlock, column: int) -> QTextCursor:
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + column)
    return cursor


def _remove_start(block: QTextBlock, length: int, start: int = 0) -> None:
    cursor = _at(block, start)
    cursor.setPosition(block.position() + start + length, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
