"""What a program prints and draws, kept for whoever shows it.

    tape = OutputTape()
    execution = Execution(program, output=tape.stdout, errors=tape.stderr)
    news = tape.since(0)

The program writes on its thread, the window reads on its own. A write only puts the text in a queue; what
stands in which line is found out later, by whoever comes first.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from playground.programs.questions import Questions
from playground.programs.rows import Png, Row, Rows, Stream
from playground.programs.streams import MOST_WAITING, AskedInput, TapeStream
from playground.programs.terminal import Cursor

MOST_WARNINGS = 500
"""Warnings that are known again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was written.

    Attributes:
        number: counted from 0 over the whole run; of two lines with one number the later one counts.
        stream: who has written it.
        step: in which it was written, or written over; -1 before the first.
        text: without what moves a cursor or colors it.
        count: how often the same was said.
    """

    number: int
    stream: Stream
    step: int
    text: str
    count: int = 1

    @property
    def whole_text(self) -> str:
        """With how often it was said."""
        return self.text if self.count == 1 else f"{self.text} ({self.count} times)"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was shown.

    Attributes:
        number, step: as of a line.
        data: a PNG file's bytes.
        width, height: in pixels.
    """

    number: int
    step: int
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class News:
    """What has come to a tape since somebody looked at it.

    Attributes:
        mark: to ask for the next news with.
        entries: lines and pictures that are new, or others than before, in the order of their numbers.
        first: number of the oldest entry that is kept.
        gone: how many older ones are not.
    """

    mark: int
    entries: tuple[Line | Picture, ...]
    first: int
    gone: int


class OutputTape:
    """One run's output, and the answers that it asks for.

    Attributes:
        step: in which the program is, -1 before the first; whoever drives it sets it.
        questions: what the program asks its user.
    """

    def __init__(self, answers: Sequence[str | None] | None = None) -> None:
        """Nothing is written yet.

        Args:
            answers: what is answered, in order, where nobody is there to do it; nothing else is then.
        """
        self.step = -1
        self.questions = Questions(self._echo, answers)
        self._rows = Rows()
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Callable[[Any, int], None], int, Any]] = deque()
        self._out, self._err = Cursor(self._rows, Stream.OUT), Cursor(self._rows, Stream.ERR)
        self._warned: dict[str, Row] = {}
        self._streams = TapeStream(self, Stream.OUT), TapeStream(self, Stream.ERR)
        self._stdin = AskedInput(self.questions)

    @property
    def stdout(self) -> TextIO:
        """To be the program's `sys.stdout`."""
        return cast("TextIO", self._streams[0])

    @property
    def stderr(self) -> TextIO:
        """To be the program's `sys.stderr`."""
        return cast("TextIO", self._streams[1])

    @property
    def stdin(self) -> TextIO:
        """To be the program's `sys.stdin`: it waits for answers."""
        return cast("TextIO", self._stdin)

    @property
    def question(self) -> str | None:
        """What the program asks: the line that it has left open; None while it waits for no answer."""
        if not self.questions.waits:
            return None
        with self._lock:
            self._sort()
            return _sound(self._out.open_text)

    def answer(self, text: str | None) -> bool:
        """Answers a question, from another thread.

        Args:
            text: a line without its end; None says that there are no more.

        Returns:
            Whether there was a question.
        """
        return self.questions.answer(text)

    def since(self, mark: int) -> News | None:
        """What is new since the news with this mark, 0 for all that is kept; None if nothing is."""
        if not self._waiting and self._rows.version == mark:
            return None
        with self._lock:
            self._sort()
            rows = self._rows
            if rows.version == mark:
                return None
            entries = tuple(_frozen(row) for row in rows.changed_since(mark))
            return News(rows.version, entries, rows.first, rows.gone)

    def note(self, text: str) -> None:
        """Adds a line in the playground's own name."""
        self._take(self._put_note, text)

    def add_picture(self, data: bytes, width: int, height: int, key: object) -> None:
        """Adds a picture.

        Args:
            data: a PNG file's bytes.
            width, height: in pixels.
            key: of the figure; its next picture replaces this one if nothing was written in between.
        """
        self._take(self._rows.put_picture, Png(data, width, height, key))

    def warn(self, message: warnings.WarningMessage) -> None:
        """Adds a warning, or counts it if the same was said in the same line before."""
        name = Path(message.filename).name
        self._take(
            self._put_warning, f"{name}:{message.lineno}: {message.category.__name__}: {message.message}"
        )

    def leave_out(self, thread: int) -> None:
        """What this thread writes is none of the program's; 0 for no thread."""
        for stream in self._streams:
            stream.outsider = thread

    def taker(self, stream: Stream) -> tuple[Callable[[tuple[Any, int, str]], None], Any, Callable[[], int]]:
        """For the streams alone: how to put something in the queue, with whom, and how long that is."""
        cursor = self._out if stream is Stream.OUT else self._err
        return self._waiting.append, cursor.write, self._waiting.__len__

    def sort(self) -> None:
        """Sorts what waits into lines, unless somebody is doing that."""
        if self._lock.acquire(blocking=False):
            try:
                self._sort()
            finally:
                self._lock.release()

    def _take(self, put: Callable[[Any, int], None], what: object) -> None:
        self._waiting.append((put, self.step, what))
        if len(self._waiting) > MOST_WAITING:
            self.sort()

    def _sort(self) -> None:
        waiting = self._waiting
        while waiting:
            put, step, what = waiting.popleft()
            if type(what) is str and waiting and waiting[0][0] is put and waiting[0][1] == step:
                # `print` writes a line in several parts.
                parts = [what]
                while waiting and waiting[0][0] is put and waiting[0][1] == step:
                    parts.append(waiting.popleft()[2])
                what = "".join(parts)
            put(what, step)

    def _put_note(self, text: str, step: int) -> None:
        for each in text.split("\n"):
            self._rows.add(Stream.NOTE, step, each)

    def _put_warning(self, text: str, step: int) -> None:
        known = self._warned.get(text)
        if known is not None and not known.gone:
            known.count += 1
            self._rows.touch(known)
            return
        if len(self._warned) >= MOST_WARNINGS:
            self._warned.clear()
        rows = [self._rows.add(Stream.ERR, step, each) for each in text.split("\n")]
        self._warned[text] = rows[0]

    def _echo(self, text: str) -> None:
        """An answer stands behind its question, as in a terminal."""
        self._streams[0].write(f"{text}\n")


def unheard(output: object) -> tuple[TextIO, TextIO]:
    """Streams for a program that runs once more while nobody looks.

    Args:
        output: of the run that is repeated; what was answered there is answered again.
    """
    tape = OutputTape(tuple(output.tape.questions.given) if isinstance(output, TapeStream) else ())
    return tape.stdout, tape.stderr


def _frozen(row: Row) -> Line | Picture:
    if row.picture is not None:
        return Picture(row.number, row.step, row.picture.data, row.picture.width, row.picture.height)
    text = row.text.rstrip(" ") if row.rewritten else row.text
    if row.cut:
        text = f"{text} … {row.cut} more characters"
    return Line(row.number, row.stream, row.step, _sound(text), row.count)


def _sound(text: str) -> str:
    """Without half characters, which can be printed here but not shown."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
