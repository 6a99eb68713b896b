"""Finds the first place at which a text is no Python."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

MILLISECONDS = 200
"""So long after the last key the text is checked: a check of 2 000 lines takes longer than a key may."""
WHOLE = 40_000
"""Characters up to which a text is compiled; parsing a longer one sees a little less, and is quicker."""
_NAME = "<text that is typed>"
_ONLY_PARSE = 0x400
"""As `ast.PyCF_ONLY_AST`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What Python says of a text.

    Attributes:
        line, column: where it begins: the line from 1, the column in characters from 0.
        end_line, end_column: where it ends; the same place where Python names no end.
        message: Python's own words.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    message: str

    @property
    def text(self) -> str:
        """The problem in one line."""
        return f"line {self.line}: {self.message}"


def find_problem(text: str) -> Problem | None:
    """The first thing at which Python stumbles, or None."""
    _be_quiet()
    try:
        compile(text, _NAME, "exec", flags=0 if len(text) <= WHOLE else _ONLY_PARSE, dont_inherit=True)
    except SyntaxError as error:
        return _problem(error, text)
    except (ValueError, RecursionError, MemoryError) as error:
        # A null character, and brackets within brackets without end.
        return Problem(1, 0, 1, 0, str(error))
    return None


def _problem(error: SyntaxError, text: str) -> Problem:
    lines = text.split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    column = min(max((error.offset or 1) - 1, 0), len(lines[line - 1]))
    end_line = min(max(error.end_lineno or line, line), len(lines))
    end = (error.end_offset or 0) - 1
    end_column = min(end, len(lines[end_line - 1]))
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column
    return Problem(line, column, end_line, end_column, error.msg)


def _be_quiet() -> None:
    """Passes over warnings about the text, which is checked again and again while it is typed."""
    pattern = re.escape(_NAME)
    if not any(getattr(each[3], "pattern", None) == pattern for each in warnings.filters):
        # Once and not for a moment each time: filters belong to all threads.
        warnings.filterwarnings("ignore", module=pattern)


class Checker(QObject):
    """Checks a text some time after its last change.

    Signals:
        found(object): the `Problem` of the text, or None if it is Python.
    """

    found = Signal(object)

    def __init__(self, parent: QObject) -> None:
        """Idle until a text comes."""
        super().__init__(parent)
        self._text = ""
        self._timer = QTimer(self, singleShot=True, interval=MILLISECONDS)
        self._timer.timeout.connect(self._check)

    def check_later(self, text: str) -> None:
        """Takes a text that is not complete yet."""
        self._text = text
        self._timer.start()

    def _check(self) -> None:
        self.found.emit(find_problem(self._text))
