"""Where in the source an operation was called, found by walking up the frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import CodeType, FrameType

from playground.recording.events import Span


@dataclass(frozen=True, slots=True)
class CallSite:
    """A place in the source from which something was called.

    Attributes:
        line: the line that was running; None if no frame of the source was.
        span: the expression that was running, where Python knows it.
        inside: the function of the source that was running (`"MyReLU.backward"`), "" for the step's own.
        owner: `id` of the innermost object whose `forward` was running, or None; a module, if it is known.
        below: whether that object's `forward` is code of a library.
        caller: the place of the source from which that function was called, or None.
    """

    line: int | None = None
    span: Span | None = None
    inside: str = ""
    owner: int | None = None
    below: bool = False
    caller: CallSite | None = None


def call_site(
    filename: str, root: CodeType, outside: CodeType | None = None
) -> tuple[CallSite, FrameType | None]:
    """The place in this file that is running now, and its frame; an empty one if none is.

    Args:
        filename: of the source, as its code objects name it.
        root: code of the function that is the step itself, above which nothing belongs to the step.
        outside: code of the function that records; it and its callers, which may stand in the same
            file, are none of the step.
    """
    owner: int | None = None
    # Asked for each operation, with some thirty frames: the loops are written out.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (code := frame.f_code) is not outside and code.co_filename != filename:
        if owner is None and code.co_name == "forward":
            owner = _owner(frame)
        frame = frame.f_back
    if frame is None or frame.f_code is outside:
        return CallSite(), None
    below = owner is not None
    above: FrameType | None = frame
    while owner is None and above is not None and (code := above.f_code) is not outside:
        if code.co_name == "forward":
            owner = _owner(above)
        above = above.f_back
    return _site(frame, root, outside, owner, below), frame


def _site(
    frame: FrameType,
    root: CodeType,
    outside: CodeType | None,
    owner: int | None = None,
    below: bool = False,
) -> CallSite:
    code = frame.f_code
    callers = () if code is root else _upwards(frame.f_back, outside)
    caller = next((each for each in callers if each.f_code.co_filename == code.co_filename), None)
    return CallSite(
        frame.f_lineno,
        _span(frame),
        "" if code is root else code.co_qualname,
        owner,
        below,
        None if caller is None else _site(caller, root, outside),
    )


def _span(frame: FrameType) -> Span | None:
    """The expression that a frame is at; Python counts columns in bytes of UTF-8, see `in_characters`."""
    return _span_at(frame.f_code, frame.f_lasti)


@lru_cache(maxsize=4096)
def _span_at(code: CodeType, instruction: int) -> Span | None:
    position = next(islice(code.co_positions(), instruction // 2, None), None)
    if position is None:
        return None
    line, end_line, column, end_column = position
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return Span(line, column, end_line, end_column)


def _owner(frame: FrameType) -> int | None:
    """The object whose `forward` a frame runs, for one of that name; None if it belongs to no object."""
    code = frame.f_code
    if not code.co_argcount or code.co_varnames[0] != "self":
        return None
    return id(frame.f_locals.get("self"))


def _upwards(frame: FrameType | None, outside: CodeType | None) -> Iterator[FrameType]:
    each = frame
    while each is not None and each.f_code is not outside:
        yield each
        each = each.f_back


class Source:
    """The text that runs, for the words of its expressions."""

    def __init__(self, text: str) -> None:
        """Takes the whole text of the file."""
        self._lines = text.splitlines()

    def in_characters(self, span: Span | None) -> Span | None:
        """The span with columns in characters; None if it lies outside the text."""
        if span is None or not 1 <= span.line <= span.end_line <= len(self._lines):
            return None
        start = self._characters(span.line, span.column)
        return Span(span.line, start, span.end_line, self._characters(span.end_line, span.end_column))

    def text(self, span: Span | None) -> str:
        """The expression (columns in characters) on one line, "" if there is none."""
        if span is None:
            return ""
        if span.line == span.end_line:
            return self._lines[span.line - 1][span.column : span.end_column]
        first = self._lines[span.line - 1][span.column :]
        middle = self._lines[span.line : span.end_line - 1]
        last = self._lines[span.end_line - 1][: span.end_column]
        return " ".join(part.strip() for part in (first, *middle, last))

    def _characters(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if text.isascii():
            return min(column, len(text))
        return len(text.encode()[:column].decode(errors="ignore"))
