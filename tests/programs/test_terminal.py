"""Lines as a terminal shows them, whatever moves its cursor and however the text is cut in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.programs.rows import MOST_IN_ROW, Rows, Stream
from playground.programs.terminal import Cursor

MOVES = "\x1b[A|\x1b[2B|\x1b[K|\x1b[2K|\x1b[1;31m|\x1b[0m|\x1b[3C|\x1b[D|\x1b[5G|\x1b]0;title\x07"
PIECES = st.sampled_from(["a", "bc ", "\n", "\r", "\b", "\t", "é█", "\x07", *MOVES.split("|")])


def shown(*texts: str) -> list[str]:
    rows = Rows()
    cursor = Cursor(rows, Stream.OUT)
    for text in texts:
        cursor.write(text, 0)
    return [row.text for row in rows.changed_since(0)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\n", ["one", "two"]),
        ("\n\nx", ["", "", "x"]),
        (" 10%|#\r 20%|##\r 30%|###", [" 30%|###"]),
        ("long line\rshort", ["shortline"]),
        ("long line\r\x1b[Kshort", ["short"]),
        ("12345\x1b[3D\x1b[1K", ["   45"]),
        ("abc\b\bX", ["aXc"]),
        ("a\tb", ["a       b"]),
        ("\x1b[31mred\x1b[0m and \x1b[1;4mbold\x1b[m", ["red and bold"]),
        ("\x1b]0;a title\x07text", ["text"]),
        ("windows\r\nlines\r\n", ["windows", "lines"]),
        # Two bars of tqdm: the inner one is written a row below, and the cursor goes back.
        ("outer 1\n\rinner 1\x1b[A\n\rinner 2\x1b[A\router 2", ["outer 2", "inner 2"]),
        ("a\x1b[5Gb", ["a   b"]),
        ("a\x00b\x07c", ["abc"]),
    ],
)
def test_a_terminal_shows(text: str, lines: list[str]) -> None:
    assert shown(text) == lines
    assert shown(*text) == lines


@given(st.lists(PIECES, max_size=40), st.lists(st.integers(1, 5), min_size=1))
def test_it_does_not_matter_where_a_text_is_cut(pieces: list[str], lengths: list[int]) -> None:
    text = "".join(pieces)
    parts, start, turn = [], 0, 0
    while start < len(text):
        length = lengths[turn % len(lengths)]
        parts.append(text[start : start + length])
        start, turn = start + length, turn + 1
    assert shown(*parts) == shown(text)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n")))
def test_plain_text_stands_as_it_is(text: str) -> None:
    lines = text.split("\n")
    # A line that has not begun is not shown.
    assert shown(text) == (lines if lines[-1] else lines[:-1])


def test_a_line_has_an_end() -> None:
    rows = Rows()
    cursor = Cursor(rows, Stream.OUT)
    for _ in range(MOST_IN_ROW + 7):
        cursor.write(".", 0)
    (row,) = rows.changed_since(0)
    assert (len(row.text), row.cut) == (MOST_IN_ROW, 7)


def test_a_row_tells_the_step_in_which_it_was_written_over() -> None:
    rows = Rows()
    cursor = Cursor(rows, Stream.ERR)
    cursor.write("plain", 1)
    cursor.write(" and more\n", 2)
    cursor.write("bar 1\r", 3)
    cursor.write("bar 2\r", 4)
    assert [(row.text, row.step, row.rewritten) for row in rows.changed_since(0)] == [
        ("plain and more", 1, False),
        ("bar 2", 4, True),
    ]
