"""Where each line and picture stands, one below the other: numbers only, nothing is painted here."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from playground.programs.output import Line, Picture
from playground.programs.rows import Stream

GONE = -1
"""Number of the line that tells how many are gone."""
PAD = 6
"""Pixels above and below a picture."""

Entry: TypeAlias = Line | Picture


class Place(NamedTuple):
    """A place in the text; places compare in reading order.

    Attributes:
        number: of the entry.
        offset: characters before it in the entry's text.
    """

    number: int
    offset: int


@dataclass(frozen=True, slots=True)
class Room:
    """What there is room for.

    Attributes:
        columns: characters side by side.
        row: height of a row in pixels.
        width, height: of a picture at most, in pixels.
    """

    columns: int = 80
    row: int = 14
    width: int = 400
    height: int = 300


class Sheet:
    """The entries in the order of their numbers, with their heights."""

    def __init__(self) -> None:
        """Without any."""
        self.entries: list[Entry] = []
        self.room = Room()
        self._numbers: list[int] = []
        self._heights: list[int] = []
        self._tops: list[int] = [0]

    @property
    def height(self) -> int:
        """Of all of it, in pixels."""
        return self._tops[-1]

    def set_room(self, room: Room) -> None:
        """Breaks all lines anew for another width."""
        if room != self.room:
            self.room = room
            self._heights = list(map(self._height_of, self.entries))
            self._add_up()

    def clear(self) -> None:
        """Forgets all entries."""
        self.entries, self._numbers, self._heights, self._tops = [], [], [], [0]

    def take(self, entries: Sequence[Entry], first: int, gone: int) -> int:
        """Adds entries or puts them in the place of older ones with the same number.

        Args:
            entries: in the order of their numbers.
            first: number of the oldest one that is still there.
            gone: how many lines before that are to be told of.

        Returns:
            By how many pixels what follows the oldest ones has moved up.
        """
        before = self.height
        kept = bisect_left(self._numbers, first)
        for part in (self.entries, self._numbers, self._heights):
            del part[:kept]
        dropped = before - sum(self._heights)
        if gone:
            text = f"… {gone:,} earlier lines are gone".replace(",", " ")
            self._put(0, Line(GONE, Stream.NOTE, -1, text))
            dropped -= self._heights[0]
        for entry in entries:
            if not self._numbers or entry.number > self._numbers[-1]:
                self._put(len(self._numbers), entry)
                continue
            at = bisect_left(self._numbers, entry.number)
            if self._numbers[at] == entry.number:
                self.entries[at], self._heights[at] = entry, self._height_of(entry)
            else:
                self._put(at, entry)
        self._add_up()
        return dropped

    def index_at(self, y: int) -> int:
        """Index of the entry at a height, in pixels from the top; the nearest one if there is none."""
        return max(0, min(len(self.entries) - 1, bisect_right(self._tops, y) - 1))

    def index_of(self, number: int) -> int:
        """Index of the entry with this number, or of the next one."""
        return max(0, min(len(self.entries) - 1, bisect_left(self._numbers, number)))

    def top(self, index: int) -> int:
        """Pixels above an entry."""
        return self._tops[index]

    def entry_height(self, index: int) -> int:
        """Pixels that an entry takes."""
        return self._heights[index]

    def rows(self, index: int) -> list[str]:
        """The text of an entry as it is broken; none of a picture."""
        return broken(text_of(self.entries[index]), self.room.columns)

    def shows_step(self, index: int) -> bool:
        """Whether an entry is the first of its step, or a picture: there the step is written."""
        entry = self.entries[index]
        return index == 0 or isinstance(entry, Picture) or self.entries[index - 1].step != entry.step

    def picture_size(self, picture: Picture) -> tuple[int, int]:
        """Width and height of a picture as it is shown: as large as there is room, at most as it is."""
        scale = min(1.0, self.room.width / picture.width, self.room.height / picture.height)
        return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))

    def text(self) -> str:
        """All of it, a line a line."""
        return "".join(f"{_copied(entry)}\n" for entry in self.entries)

    def text_between(self, start: Place, end: Place) -> str:
        """What stands between two places."""
        found: list[str] = []
        for index in range(bisect_left(self._numbers, start.number), bisect_right(self._numbers, end.number)):
            entry = self.entries[index]
            text = _copied(entry)
            if isinstance(entry, Line):
                last = end.offset if entry.number == end.number else len(text)
                text = text[start.offset if entry.number == start.number else 0 : last]
            found.append(text)
        return "\n".join(found)

    def ends(self) -> tuple[Place, Place]:
        """The first and the last place; there has to be an entry."""
        return Place(self._numbers[0], 0), Place(self._numbers[-1], len(text_of(self.entries[-1])))

    def word_at(self, place: Place) -> tuple[Place, Place]:
        """Where the word around a place begins and ends: up to the next blanks."""
        text = text_of(self.entries[self.index_of(place.number)])
        start = text.rfind(" ", 0, place.offset) + 1
        end = text.find(" ", place.offset)
        return Place(place.number, start), Place(place.number, len(text) if end < 0 else max(start, end))

    def _put(self, index: int, entry: Entry) -> None:
        self.entries.insert(index, entry)
        self._numbers.insert(index, entry.number)
        self._heights.insert(index, self._height_of(entry))

    def _add_up(self) -> None:
        self._tops = list(accumulate(self._heights, initial=0))

    def _height_of(self, entry: Entry) -> int:
        if isinstance(entry, Picture):
            return self.picture_size(entry)[1] + 2 * PAD
        return self.room.row * len(broken(entry.whole_text, self.room.columns))


def text_of(entry: Entry) -> str:
    """What is written in an entry; nothing in a picture."""
    return entry.whole_text if isinstance(entry, Line) else ""


def broken(text: str, columns: int) -> list[str]:
    """A text in rows of at most so many columns, at blanks where there are some near the end of the row.

    Every character stands in one of the rows; East Asian ones take two columns.
    """
    rows: list[str] = []
    start = 0
    while True:
        end = _fitting(text, start, columns)
        if end >= len(text):
            return [*rows, text[start:]]
        blank = text.rfind(" ", start, end) + 1
        end = blank if blank > (start + end) // 2 else end
        rows.append(text[start:end])
        start = end


def _fitting(text: str, start: int, columns: int) -> int:
    """Where the characters end that fit into a row."""
    end = min(len(text), start + columns)
    if text.isascii():
        return end
    used = 0
    for at in range(start, end):
        used += 2 if unicodedata.east_asian_width(text[at]) in "WF" else 1
        if used > columns and at > start:
            return at
    return end


def _copied(entry: Entry) -> str:
    return entry.whole_text if isinstance(entry, Line) else f"[picture, {entry.width} × {entry.height}]"
