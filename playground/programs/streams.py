"""What a program finds as `sys.stdout`, `sys.stderr` and `sys.stdin`: files as far as programs ask."""

from __future__ import annotations

import codecs
import io
import os
import sys
from threading import get_ident
from typing import TYPE_CHECKING, Any, Literal, TextIO

from playground.programs.rows import MOST_IN_ROW, Stream

if TYPE_CHECKING:
    from playground.programs.output import OutputTape
    from playground.programs.questions import Questions

MOST_WAITING = 400
"""Writes that may wait until somebody sorts them into lines."""


class TapeStream(io.TextIOBase):
    """Takes text for a tape. A write costs next to nothing: it only puts the text in a queue.

    Attributes:
        tape: where it goes.
        outsider: a thread that is none of the program's, though it finds the same `sys.stdout`: what that
            writes goes where the process writes. 0 for none.
    """

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    line_buffering = True
    write_through = True
    mode = "w"

    def __init__(self, tape: OutputTape, stream: Stream) -> None:
        """Writes nothing yet."""
        super().__init__()
        self.tape = tape
        self.outsider = 0
        self._stream = stream
        self.name = f"<{stream}>"
        self.buffer = _Bytes(self)
        self._append, self._put, self._length = tape.taker(stream)

    def write(self, text: str) -> int:
        """Writes; whether there is room is the tape's affair.

        Raises:
            TypeError: no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if get_ident() == self.outsider:
            own = self._own()
            return len(text) if own is None else own.write(text)
        self._append((self._put, self.tape.step, text))
        if self._length() > MOST_WAITING or len(text) > MOST_IN_ROW:
            self.tape.sort()
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Stays open: other programs and libraries write as well."""

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def fileno(self) -> int:
        """The process's own, for what writes past Python."""
        own = self._own()
        if own is None:
            raise io.UnsupportedOperation("fileno")
        return own.fileno()

    def _own(self) -> TextIO | None:
        """The process's; none where it was started without."""
        return sys.__stdout__ if self._stream is Stream.OUT else sys.__stderr__

    def reconfigure(self, **_options: object) -> None:
        """It is as it is."""


class _Bytes(io.BufferedIOBase):
    """The bytes under a stream, as `sys.stdout.buffer`."""

    mode = "wb"

    def __init__(self, stream: TapeStream) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: Any) -> int:
        """Writes what the bytes say in UTF-8."""
        given = bytes(data)
        self._stream.write(self._decoder.decode(given))
        return len(given)

    def writable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Stays open like its stream."""

    def fileno(self) -> int:
        """Its stream's."""
        return self._stream.fileno()


class AskedInput(io.TextIOBase):
    """Asks the user for each line; Python's own `input()` reads from it as well."""

    encoding = "utf-8"
    errors = "strict"
    newlines = None
    name = "<stdin>"
    mode = "r"

    def __init__(self, questions: Questions) -> None:
        """Asks nothing yet."""
        super().__init__()
        self._questions = questions
        self._rest = ""

    def readable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def close(self) -> None:
        """Stays open: `exit()` closes it, and may be caught."""

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """A line with its end, or so many characters of it; "" if there are no more."""
        line = self._rest or self._questions.ask()
        end = len(line) if size is None or size < 0 else size
        self._rest = line[end:]
        return line[:end]

    def read(self, size: int | None = -1, /) -> str:
        """All lines up to the end, or so many characters."""
        if size is not None and size >= 0:
            return self.readline(size)
        return "".join(iter(self.readline, ""))


def _let_go() -> Literal[None]:
    """A process that was forked off writes where it was started: nobody reads its copy of a tape."""
    if isinstance(sys.stdout, TapeStream) and sys.__stdout__ is not None:
        sys.stdout = sys.__stdout__
    if isinstance(sys.stderr, TapeStream) and sys.__stderr__ is not None:
        sys.stderr = sys.__stderr__


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
