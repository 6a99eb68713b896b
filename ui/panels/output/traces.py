"""Lines of output that name a line of a program: those of a traceback, and of a warning."""

from __future__ import annotations

import re
from typing import NamedTuple

from playground.programs.output import Line, Picture
from playground.programs.rows import Stream

_FRAME = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+)')
_WARNING = re.compile(r"^(?P<file>[^:]+\.py):(?P<line>\d+): ")


class Trace(NamedTuple):
    """A line of a program's file, which a traceback gives as a path and a warning by its name."""

    file: str
    line: int


def trace_of(entry: Line | Picture) -> Trace | None:
    """The line of code that a line of output names; None if it names none."""
    if not isinstance(entry, Line) or entry.stream is not Stream.ERR:
        return None
    found = _FRAME.match(entry.text) or _WARNING.match(entry.text)
    return None if found is None else Trace(found["file"], int(found["line"]))
