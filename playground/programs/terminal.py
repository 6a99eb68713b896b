"""What a terminal would show of a text: progress bars that write over themselves, colors left out.

Each stream has a place of its own, so that a progress bar in one does not run into what the other prints.
"""

from __future__ import annotations

import re

from playground.programs.rows import MOST_IN_ROW, Row, Rows, Stream

REACH = 100
"""Rows that a cursor can go back to."""
TAB = 8
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x9b]")
_TOKEN = re.compile(
    r"\x1b\[(?P<numbers>[0-9;?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]|[\x00-\x1f\x7f\x9b]"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;? -/]*|\][^\x07\x1b]{0,200}\x1b?)?\Z")


class Cursor:
    """Where a stream writes next."""

    def __init__(self, rows: Rows, stream: Stream) -> None:
        """At the beginning of a row that is not there yet.

        Args:
            rows: where it writes.
            stream: whose it is.
        """
        self._store, self._stream = rows, stream
        self._rows: list[Row] = []
        self._at = self._column = 0
        self._held = ""

    @property
    def open_text(self) -> str:
        """What stands in the row that has not been ended yet."""
        if self._at < len(self._rows) and not self._rows[self._at].gone:
            return self._rows[self._at].text
        return ""

    def write(self, text: str, step: int) -> None:
        """Writes a text in this step."""
        if self._held:
            text, self._held = self._held + text, ""
        if text == "\n":
            self._end_row(step)
        elif _CONTROL.search(text) is None:
            self._write_plain(text, step)
        else:
            self._write_controlled(text, step)

    def _write_plain(self, text: str, step: int) -> None:
        lines = text.split("\n")
        last = lines.pop()
        add, stream = self._store.add, self._stream
        for each in lines:
            if self._at == len(self._rows) and not self._column:
                self._rows.append(add(stream, step, each))
            elif each:
                self._put(each, step)
            self._end_row(step)
        if last:
            self._put(last, step)

    def _write_controlled(self, text: str, step: int) -> None:
        unfinished = _UNFINISHED.search(text)
        if unfinished is not None:
            # The rest of a color or movement comes with the next text.
            self._held, text = unfinished.group(), text[: unfinished.start()]
        done = 0
        for token in _TOKEN.finditer(text):
            if token.start() > done:
                self._put(text[done : token.start()], step)
            done = token.end()
            if token["final"] is not None:
                self._obey(token["numbers"], token["final"], step)
            else:
                self._obey_character(token.group(), step)
        if done < len(text):
            self._put(text[done:], step)

    def _obey_character(self, character: str, step: int) -> None:
        if character == "\n":
            self._end_row(step)
        elif character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif character == "\t":
            self._put(" " * (TAB - self._column % TAB), step)

    def _obey(self, numbers: str, final: str, step: int) -> None:
        """A movement or an erasure; what says how it looks, or anything else, is left out."""
        first = numbers.split(";")[0]
        amount = int(first) if first.isascii() and first.isdigit() else 0
        count = min(max(1, amount), MOST_IN_ROW)
        if final == "A":
            self._at = max(0, self._at - count)
        elif final == "B":
            self._at = min(len(self._rows), self._at + count)
        elif final == "C":
            self._column = min(MOST_IN_ROW, self._column + count)
        elif final == "D":
            self._column = max(0, self._column - count)
        elif final == "G":
            self._column = count - 1
        elif final == "K":
            self._erase(amount, step)

    def _erase(self, what: int, step: int) -> None:
        """In the row: from the cursor on, up to it and with it, or all."""
        if self._at >= len(self._rows):
            return
        row = self._row(step)
        kept = row.text[: self._column] if what == 0 else ""
        if what == 1:
            kept = " " * (self._column + 1) + row.text[self._column + 1 :]
        row.cut, row.rewritten = 0, True
        self._store.change(row, kept)

    def _put(self, text: str, step: int) -> None:
        row, column = self._row(step), self._column
        before = row.text
        if column == len(before):
            after = before + text
        else:
            after = before[:column].ljust(column) + text + before[column + len(text) :]
            row.step, row.rewritten, row.cut = step, True, 0
        self._column = min(MOST_IN_ROW, column + len(text))
        self._store.change(row, after)

    def _row(self, step: int) -> Row:
        """The one at the cursor; another one where it is not there, or no longer."""
        if self._at == len(self._rows):
            self._rows.append(self._store.add(self._stream, step))
        elif self._rows[self._at].gone:
            self._rows[self._at] = self._store.add(self._stream, step)
        return self._rows[self._at]

    def _end_row(self, step: int) -> None:
        if self._at == len(self._rows):
            self._row(step)
        self._at += 1
        self._column = 0
        if self._at > 2 * REACH:
            del self._rows[:REACH]
            self._at -= REACH
