"""Marks on lines of code: their kinds and colors, how they look, and which one shows on a line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtGui import QColor

from ui.style.theme import Theme

MARK_COLOURS = {
    "node": "accent",
    "forward": "operation",
    "loss": "loss",
    "backward": "backward",
    "update": "update",
    "marked": "info",
    "error": "error",
}
"""Kinds of mark, and the color of the theme that each has."""
SPAN_ALPHA = 62
"""Of 255, for an expression; on the band of its line it comes to about twice the band's strength."""
_BAND_ALPHA, _WEAK_BAND_ALPHA = 38, 22
"""Strong enough on a projector, faint enough to read the code's own colors."""

CodeSpan: TypeAlias = tuple[int, int, int, int]
"""Line, column, end line, end column: lines from 1, columns in characters from 0, the end excluded."""


class Sign(Enum):
    """What the gutter shows before a marked line."""

    NONE = "none"
    TRIANGLE = "triangle"
    HOLLOW_TRIANGLE = "hollow triangle"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class LineMark:
    """How a line is marked: the full color, that of the band behind it, and the sign before it."""

    color: QColor
    band: QColor
    sign: Sign


@dataclass(frozen=True, slots=True)
class CodeCursor:
    """A place in the run of the code.

    Attributes:
        line: the line that runs.
        span: the expression that runs, or None.
        kind: one of `MARK_COLOURS`.
        origin: the line that made what runs now, or None.
    """

    line: int
    span: CodeSpan | None
    kind: str
    origin: int | None = None

    @property
    def band(self) -> range:
        """The line, or all lines of an expression that goes on below it or began above."""
        if self.span is None:
            return range(self.line, self.line + 1)
        return range(min(self.line, self.span[0]), max(self.line, self.span[2]) + 1)


class Marks:
    """All marks of one text: sets of lines by kind, and the cursor above them."""

    def __init__(self) -> None:
        """Without marks at first."""
        self.cursor: CodeCursor | None = None
        self._lines: dict[str, frozenset[int]] = {}

    def set_lines(self, kind: str, lines: Collection[int]) -> bool:
        """Marks exactly these lines in one kind; whether that changes anything."""
        marked = frozenset(lines)
        if marked == self._lines.get(kind, frozenset()):
            return False
        self._lines[kind] = marked
        return True

    def lines(self) -> list[int]:
        """Every line with a mark."""
        found = frozenset().union(*self._lines.values())
        if self.cursor is not None:
            found |= {*self.cursor.band, self.cursor.origin or self.cursor.line}
        return sorted(found)

    def mark(self, line: int, theme: Theme) -> LineMark | None:
        """What shows on a line: the cursor, else its origin, else of two marks the one made later."""
        found = next(self._on(line), None)
        if found is None:
            return None
        kind, sign = found
        color = mark_color(kind, theme)
        weak = sign in (Sign.HOLLOW_TRIANGLE, Sign.DOT)
        return LineMark(color, faint(color, _WEAK_BAND_ALPHA if weak else _BAND_ALPHA), sign)

    def _on(self, line: int) -> Iterator[tuple[str, Sign]]:
        cursor = self.cursor
        if cursor is not None:
            if line == cursor.line:
                yield cursor.kind, Sign.TRIANGLE
            elif line in cursor.band:
                yield cursor.kind, Sign.NONE
            elif line == cursor.origin:
                yield cursor.kind, Sign.HOLLOW_TRIANGLE
        for kind in reversed(self._lines):
            if line in self._lines[kind]:
                yield kind, Sign.DOT if kind == "marked" else Sign.TRIANGLE


def check_kind(kind: str) -> None:
    """Raises ValueError if there is no such kind of mark."""
    if kind not in MARK_COLOURS:
        raise ValueError(f"kind of mark: ‘{kind}’ is not one of {', '.join(MARK_COLOURS)}")


def mark_color(kind: str, theme: Theme) -> QColor:
    """The full color of a kind of mark."""
    return QColor(getattr(theme, MARK_COLOURS[kind]))


def faint(color: QColor, alpha: int) -> QColor:
    """The color as a background for text."""
    background = QColor(color)
    background.setAlpha(alpha)
    return background
