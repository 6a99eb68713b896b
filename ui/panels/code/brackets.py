"""The bracket at the caret and the one that belongs to it; those in strings and comments are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QTextBlock, QTextCursor

from ui.panels.code.places import column_of, selected
from ui.widgets.code_highlighter import CodeHighlighter

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}


@dataclass(frozen=True, slots=True)
class BracketPair:
    """Each bracket as a selected piece of its line; the other is None where there is none of its kind."""

    here: QTextCursor
    other: QTextCursor | None


def pair_at(caret: QTextCursor, highlighter: CodeHighlighter) -> BracketPair | None:
    """The bracket behind which the caret stands, else the one before which it stands, and its partner."""
    block = caret.block()
    column = column_of(block, caret.position())
    brackets = dict(highlighter.lexed(block).brackets)
    place = next((each for each in (column - 1, column) if each in brackets), None)
    if place is None:
        return None
    here = selected(block, place, place + 1)
    return BracketPair(here, _partner(block, place, brackets[place], highlighter))


def _partner(block: QTextBlock, place: int, sign: str, highlighter: CodeHighlighter) -> QTextCursor | None:
    forward = sign in _PAIRS
    open_signs: list[str] = []
    for there, column, each in _brackets_from(block, place, highlighter, forward=forward):
        if (each in _PAIRS) is forward:
            open_signs.append(each)
            continue
        begun = open_signs.pop()
        if (_PAIRS if forward else _CLOSING)[begun] != each:
            return None
        if not open_signs:
            return selected(there, column, column + 1)
    return None


def _brackets_from(
    block: QTextBlock, place: int, highlighter: CodeHighlighter, *, forward: bool
) -> Iterator[tuple[QTextBlock, int, str]]:
    """Every bracket from this one on, itself included, to the text's end or to its start."""
    first = block
    while block.isValid():
        found = highlighter.lexed(block).brackets
        for column, sign in found if forward else reversed(found):
            if block != first or (column >= place if forward else column <= place):
                yield block, column, sign
        block = block.next() if forward else block.previous()
