"""Places in a text as Qt counts them, and in characters, which is how Python counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from ui.panels.code.changes import changes
from ui.panels.code.marks import CodeSpan


def code_of(document: QTextDocument) -> str:
    """The text to the letter; `toPlainText` would write other blanks and line ends for rare ones."""
    return document.toRawText().replace("\u2029", "\n")


def units(text: str) -> int:
    """Length as Qt counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def column_of(block: QTextBlock, position: int) -> int:
    """The column, in characters, of a place in the document that is in this line."""
    inside = position - block.position()
    text = block.text()
    if text.isascii():
        return inside
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * inside].decode("utf-16-le", "replace"))


def selected(block: QTextBlock, start: int, end: int) -> QTextCursor:
    """A cursor that selects a line's characters from `start`, up to but without `end`."""
    text = block.text()
    return selection(
        block.document(), block.position() + units(text[:start]), block.position() + units(text[:end])
    )


def selection(document: QTextDocument, start: int, end: int) -> QTextCursor:
    """A cursor that selects what lies between two places of the document."""
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


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


def first_letter(block: QTextBlock) -> QTextCursor:
    """The letter with which a line begins."""
    text = block.text()
    start = len(text) - len(text.lstrip())
    return selected(block, start, start + 1)


def replace_text(document: QTextDocument, text: str) -> None:
    """Makes the document hold another text, as one step to undo; what is the same is not touched."""
    before = code_of(document)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for start, end, new in reversed(_replacements(before, text)):
        cursor.setPosition(units(before[:start]))
        cursor.setPosition(units(before[:end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new)
    cursor.endEditBlock()


def _replacements(before: str, after: str) -> list[tuple[int, int, str]]:
    """Characters to take away, and what comes in their place; whole lines, or words within them."""
    old, new = ([line + "\n" for line in text.split("\n")] for text in (before, after))
    starts = [0, *accumulate(map(len, old))]
    found = []
    for stretch in changes(before, after).stretches:
        if stretch.is_equal:
            continue
        if len(stretch.before) == len(stretch.after):
            for i, j in zip(stretch.before, stretch.after, strict=True):
                found += [
                    (starts[i] + start, starts[i] + end, words)
                    for start, end, words in _word_replacements(old[i], new[j])
                ]
            continue
        lines = "".join(new[line] for line in stretch.after)
        start, end = starts[stretch.before.start], starts[stretch.before.stop]
        found.append(_within(before, start, end, lines))
    return found


def _within(text: str, start: int, end: int, lines: str) -> tuple[int, int, str]:
    """The same replacement where the text's last line has no end that could be taken away."""
    if end <= len(text):
        return start, end, lines
    # What goes is the line end before, or all of the text.
    return (start - 1, end - 1, f"\n{lines[:-1]}" if lines else "") if start else (0, len(text), lines[:-1])


def _word_replacements(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    old, new = words_of(before), words_of(after)
    starts = [0, *accumulate(map(len, old))]
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield starts[i1], starts[i2], "".join(new[j1:j2])


def changed_spans(before: str, after: str) -> list[tuple[int, int]]:
    """Places in the text after a change that were not there before: whole words, or whole new lines."""
    moved, found = 0, []
    for start, end, new in _replacements(before, after):
        if new:
            found.append((start + moved, start + moved + len(new)))
        moved += len(new) - (end - start)
    return found


def words_of(line: str) -> list[str]:
    """Names and numbers, and each other sign for itself."""
    return re.findall(r"[\w.+-]+|\W", line)
