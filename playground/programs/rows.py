"""The newest of what a program has written: rows of text and pictures, so many and no more."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST_ROWS = 2_000
MOST_CHARACTERS = 1_000_000
MOST_IN_ROW = 10_000
"""Characters of one row; of a longer one the beginning is kept, and how much is missing."""
MOST_PICTURES = 20
MOST_BYTES = 40_000_000
"""Of all pictures together."""
NO_LONGER_KEPT = "a picture stood here; only the newest are kept"


class Stream(StrEnum):
    """Who has written a line."""

    OUT = "stdout"
    ERR = "stderr"
    NOTE = "note"
    """The playground itself."""


@dataclass(frozen=True, slots=True)
class Png:
    """A picture as it was handed over.

    Attributes:
        data: the file's bytes.
        width, height: in pixels.
        key: tells the figure that it is of; two pictures of one figure have the same.
    """

    data: bytes
    width: int
    height: int
    key: object


class Row:
    """One row; there may be many a second.

    Attributes:
        number: counted from 0 over the whole run; a row that is written over keeps it.
        stream: who has written it.
        step: in which it was written, or written over; -1 before the first.
        text: what stands in it.
        picture: what stands there instead.
        count: how often the same was said.
        cut: characters that it has besides.
        rewritten: whether it was written over, as a progress bar is.
        changed: the version of the whole in which it got what it has now.
        gone: whether it is no longer kept.
    """

    __slots__ = (
        "changed", "count", "cut", "gone", "number", "picture", "rewritten", "step", "stream", "text",
    )  # fmt: skip

    def __init__(self, number: int, stream: Stream, step: int, changed: int) -> None:
        """Empty."""
        self.number, self.stream, self.step, self.changed = number, stream, step, changed
        self.text = ""
        self.picture: Png | None = None
        self.count, self.cut = 1, 0
        self.rewritten = self.gone = False


class Rows:
    """Keeps the newest rows; not safe for threads by itself.

    Attributes:
        version: grows with every change.
        gone: how many rows are no longer kept.
    """

    def __init__(self) -> None:
        """Empty."""
        self.version = self.gone = 0
        self._rows: deque[Row] = deque()
        self._pictures: deque[Row] = deque()
        self._characters = 0
        self._made = 0

    def add(self, stream: Stream, step: int, text: str = "") -> Row:
        """A row at the end."""
        self.version += 1
        row = Row(self._made, stream, step, self.version)
        self._made += 1
        self._rows.append(row)
        if text:
            self.change(row, text)
        if len(self._rows) > MOST_ROWS:
            self._drop_oldest()
        return row

    def change(self, row: Row, text: str) -> None:
        """Gives a row another text, of which it keeps what there is room for."""
        if len(text) > MOST_IN_ROW:
            row.cut += len(text) - MOST_IN_ROW
            text = text[:MOST_IN_ROW]
        self._characters += len(text) - len(row.text)
        row.text = text
        self.version += 1
        row.changed = self.version
        while self._characters > MOST_CHARACTERS:
            self._drop_oldest()

    def put_picture(self, picture: Png, step: int) -> None:
        """Adds a picture, in place of the last row if that is an older one of the same figure."""
        last = self._rows[-1] if self._rows else None
        if last is not None and last.picture is not None and last.picture.key == picture.key:
            last.picture, last.step = picture, step
            self.touch(last)
        else:
            row = self.add(Stream.OUT, step)
            row.picture = picture
            self._pictures.append(row)
        while len(self._pictures) > MOST_PICTURES or self._bytes() > MOST_BYTES:
            self._drop_oldest_picture()

    def touch(self, row: Row) -> None:
        """A row is another than it was."""
        self.version += 1
        row.changed = self.version

    def changed_since(self, version: int) -> Iterator[Row]:
        """The rows that have become what they are after that version, in order."""
        return (row for row in self._rows if row.changed > version)

    @property
    def first(self) -> int:
        """Number of the oldest row that is kept; of the next one if none is."""
        return self._rows[0].number if self._rows else self._made

    def _bytes(self) -> int:
        return sum(len(row.picture.data) for row in self._pictures if row.picture is not None)

    def _drop_oldest_picture(self) -> None:
        oldest = self._pictures.popleft()
        oldest.picture = None
        if not oldest.gone:
            oldest.stream = Stream.NOTE
            self.change(oldest, NO_LONGER_KEPT)

    def _drop_oldest(self) -> None:
        row = self._rows.popleft()
        row.gone = True
        row.picture = None
        self._characters -= len(row.text)
        self.gone += 1
