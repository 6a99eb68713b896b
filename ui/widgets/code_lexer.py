"""Splits Python into colored pieces, one line at a time: what a line leaves open goes to the next one."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Quoted:
    """Inside a string: its quotes, whether it is an f-string, and whether this is a field's format."""

    mark: str
    formatted: bool
    is_format: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """Inside the braces of an f-string, which hold code; so many brackets are open in it."""

    depth: int = 0


State: TypeAlias = tuple[Quoted | Field, ...]
"""What is open at the end of a line, the outermost first; empty where plain code goes on."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one color: where it starts and how long it is, in UTF-16 units as Qt counts."""

    start: int
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class LexedLine:
    """One line's pieces.

    Attributes:
        spans: the colored pieces in order; blanks outside strings are left out.
        brackets: columns, in characters, and signs of the brackets that are code.
        bare: the line with blanks in place of its strings and its comment, as long as the line.
        state: what the line leaves open.
    """

    spans: tuple[Span, ...]
    brackets: tuple[tuple[int, str], ...]
    bare: str
    state: State


_CODE = re.compile(
    r"""(?P<blank>\s+)
    |(?P<comment>\#.*)
    |(?P<string>(?:[rR][bBfFtT]?|[bBfFtT][rR]?|[uU])?(?P<mark>'''|\"\"\"|'|\"))
    |(?P<number>0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?[jJ]?)
    |(?P<name>[^\W\d]\w*)
    |(?P<operator>.)""",
    re.VERBOSE | re.DOTALL,
)
_DECORATOR = re.compile(r"\s*(@[^\W\d][\w.]*)")
_SOFT_KEYWORD = re.compile(r"\s*(match|case)(?=\s.*:\s*(?:\#.*)?$)")
_KEYWORDS = frozenset(keyword.kwlist)
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) - _KEYWORDS
_OPENING, _CLOSING = "([{", ")]}"
_QUOTES_NEST = sys.version_info >= (3, 12)
"""Whether a field of an f-string may use the quotes of its string again."""


def lex_lines(text: str) -> list[LexedLine]:
    """The pieces of each line of a text."""
    state: State = ()
    found = []
    for line in text.split("\n"):
        found.append(lex_line(line, state))
        state = found[-1].state
    return found


@lru_cache(maxsize=8192)
def lex_line(line: str, state: State = ()) -> LexedLine:
    """The pieces of a line that begins inside what the line before it left open."""
    lexer = _Lexer(line, state)
    lexer.run()
    spans = tuple(Span(start, end - start, kind) for start, end, kind in lexer.found)
    if line and max(line) > "\uffff":
        spans = tuple(_in_units(line, span) for span in spans)
    return LexedLine(spans, tuple(lexer.brackets), "".join(lexer.bare), lexer.state())


def _in_units(line: str, span: Span) -> Span:
    before, inside = line[: span.start], line[span.start : span.start + span.length]
    start, length = (len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in (before, inside))
    return Span(start, length, span.kind)


class _Lexer:
    """Goes through one line."""

    def __init__(self, line: str, state: State) -> None:
        self.found: list[tuple[int, int, str]] = []
        self.brackets: list[tuple[int, str]] = []
        self.bare = list(line)
        self._line = line
        self._stack = list(state)
        self._place = 0

    def run(self) -> None:
        if not self._stack:
            self._begin()
        while self._place < len(self._line):
            top = self._stack[-1] if self._stack else None
            if isinstance(top, Quoted):
                self._string(top)
            else:
                self._code(top)

    def state(self) -> State:
        """What stays open: a string between single quotes only behind a backslash."""
        line = self._line
        goes_on = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        for place, frame in enumerate(self._stack):
            if isinstance(frame, Quoted) and len(frame.mark) == 1 and not goes_on:
                return tuple(self._stack[:place])
        return tuple(self._stack)

    def _begin(self) -> None:
        """What only the start of a line can be."""
        for pattern, kind in ((_DECORATOR, "decorator"), (_SOFT_KEYWORD, "keyword")):
            match = pattern.match(self._line)
            if match is not None:
                self._add(*match.span(1), kind)
                self._place = match.end(1)

    def _add(self, start: int, end: int, kind: str) -> None:
        if self.found and self.found[-1][1:] == (start, kind) and kind == "string":
            start = self.found.pop()[0]
        self.found.append((start, end, kind))
        if kind in ("string", "comment"):
            self.bare[start:end] = " " * (end - start)

    def _code(self, field: Field | None) -> None:
        match = _CODE.match(self._line, self._place)
        assert match is not None
        kind, text, start = match.lastgroup, match[0], self._place
        if match["mark"] is not None:
            kind = "string"
        if field is not None and self._ends_field(field, text, kind):
            return
        self._place = match.end()
        if kind == "string":
            self._add(start, match.end(), "string")
            self._stack.append(Quoted(match["mark"], "f" in text.lower() or "t" in text.lower()))
        elif kind == "name":
            self._add(start, match.end(), self._kind_of_name(text, start))
        elif kind is not None and kind != "blank":
            self._add(start, match.end(), kind)
            if text in _OPENING or text in _CLOSING:
                self.brackets.append((start, text))

    def _kind_of_name(self, name: str, start: int) -> str:
        if name in _KEYWORDS:
            return "keyword"
        is_attribute = self._line[:start].rstrip().endswith(".")
        return "builtin" if name in _BUILTINS and not is_attribute else "name"

    def _ends_field(self, field: Field, text: str, kind: str | None) -> bool:
        """Takes what has a meaning of its own between the braces of an f-string."""
        around = next(each for each in reversed(self._stack) if isinstance(each, Quoted))
        if kind == "string" and not _QUOTES_NEST and text.endswith(around.mark[0]):
            # The quotes of the string around it: this field was never closed.
            while self._stack[-1] is not around:
                self._stack.pop()
            return True
        if field.depth == 0 and text == "}":
            self._stack.pop()
        elif field.depth == 0 and text == ":":
            self._stack.append(Quoted(around.mark, formatted=True, is_format=True))
        else:
            if text in _OPENING or text in _CLOSING:
                self._stack[-1] = Field(max(0, field.depth + (1 if text in _OPENING else -1)))
            return False
        self._add(self._place, self._place + 1, "string")
        self._place += 1
        return True

    def _string(self, quoted: Quoted) -> None:
        """Up to the string's end, or to the braces of a field."""
        line, place = self._line, self._place
        while place < len(line):
            if line[place] == "\\":
                place += 2
            elif line.startswith(quoted.mark, place):
                self._close(quoted, place)
                return
            elif quoted.formatted and line.startswith(("{{", "}}"), place) and not quoted.is_format:
                place += 2
            elif quoted.formatted and line[place] == "{":
                self._take(place + 1)
                self._stack.append(Field())
                return
            elif quoted.is_format and line[place] == "}":
                # The format ends, and with it the field.
                self._take(place + 1)
                del self._stack[-2:]
                return
            else:
                place += 1
        self._take(len(line))

    def _close(self, quoted: Quoted, place: int) -> None:
        if not quoted.is_format:
            self._take(place + len(quoted.mark))
            self._stack.pop()
            return
        # The string around an unfinished field ends.
        self._take(place)
        while isinstance(self._stack[-1], Field) or self._stack[-1].is_format:
            self._stack.pop()

    def _take(self, end: int) -> None:
        end = min(end, len(self._line))
        if end > self._place:
            self._add(self._place, end, "string")
        self._place = end
