"""What is known of a text that was recorded, told in lines of the text that stands there now."""

from __future__ import annotations

from collections.abc import Collection

from ui.panels.code.changes import UNCHANGED, Changes, changes
from ui.panels.code.marks import CodeCursor, CodeSpan, LineMark, Marks
from ui.style.theme import Theme


class RecordedMarks:
    """Marks that name lines of the recorded text, and which of them fit no more; lines are counted from 1."""

    def __init__(self) -> None:
        """Without a mark, of an empty text."""
        self.marks = Marks()
        self._recorded = self._present = ""
        self._changes: Changes = UNCHANGED
        self._named_stale: frozenset[int] = frozenset()
        self._fitting: frozenset[int] = frozenset()
        self._adopted: set[int] = set()

    @property
    def is_present(self) -> bool:
        """Whether the text that was recorded stands there."""
        return self._recorded == self._present

    def record(self, text: str, fits: bool = False) -> None:
        """Takes the text whose lines the marks name.

        Args:
            text: as it was recorded.
            fits: whether the present one says in other lines what ran: as long as it stands, none is stale.
        """
        self._adopted.clear()
        self._compare(text, self._present)
        self._fitting = self._changes.changed if fits else frozenset()

    def present(self, text: str) -> bool:
        """Takes the text that stands there now; whether any line is another one than before."""
        before = self._changes.stretches
        self._named_stale = self._fitting = frozenset()
        self._compare(self._recorded, text)
        return self._changes.stretches != before

    def adopt(self, lines: Collection[int]) -> None:
        """Takes these lines for recorded ones: they have changed, and what was recorded still fits them."""
        recorded, present = self._recorded.split("\n"), self._present.split("\n")
        for line in lines:
            before = self._changes.before(line)
            if before is not None:
                recorded[before - 1] = present[line - 1]
                self._adopted.add(before)
        self._compare("\n".join(recorded), self._present)

    def set_stale(self, lines: Collection[int]) -> None:
        """Takes these lines for stale besides those that were changed, until the text is another."""
        self._named_stale = frozenset(lines)

    @property
    def has_stale(self) -> bool:
        """Whether any line is stale."""
        return bool(self._named_stale or self._changes.changed - self._fitting)

    def is_stale(self, line: int) -> bool:
        """Whether what was recorded of a line fits it no more."""
        return line in self._changes.changed - self._fitting or line in self._named_stale

    def is_changed(self, line: int) -> bool:
        """Whether a line is not as it was recorded."""
        is_other = line in self._changes.added or self.is_stale(line)
        return is_other or self._changes.before(line) in self._adopted

    @property
    def cursor_line(self) -> int | None:
        """The line at which the run of the code stands, or None."""
        return None if self.marks.cursor is None else self._changes.now(self.marks.cursor.line)

    def lines(self) -> list[int]:
        """Every line with a mark."""
        there = map(self._changes.now, self.marks.lines())
        return sorted({line for line in there if line is not None})

    def mark(self, line: int, theme: Theme) -> LineMark | None:
        """How a line is marked, or None."""
        before = self._changes.before(line)
        return None if before is None else self.marks.mark(before, theme)

    def span(self, cursor: CodeCursor) -> CodeSpan | None:
        """The expression that runs, where its lines are still those that were recorded."""
        if cursor.span is None:
            return None
        line, column, end_line, end_column = cursor.span
        now, end = self._changes.now(line), self._changes.now(end_line)
        if now is None or end is None or end - now != end_line - line:
            return None
        is_same = all(map(self._changes.is_same, range(line, end_line + 1)))
        return (now, column, end, end_column) if is_same else None

    def _compare(self, recorded: str, present: str) -> None:
        self._recorded, self._present = recorded, present
        self._changes = changes(recorded, present)
