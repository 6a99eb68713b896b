"""Looks into a table of text: what parts its values, whether it has a header, and what its columns are."""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import SupportsFloat

import numpy as np
from numpy.typing import NDArray

from playground.data.columns import MOST_CLASSES, MOST_LISTED, MOST_ROWS, MOST_SHOWN, Column, Preview, stride
from playground.data.reading import EVERY, told_rows
from playground.settings import quoted

MISSING = ("", "?", "-", "na", "n/a", "nan", "null", "none")
"""Words for a value that is not there, in any case of letters."""
SAMPLE = 20
_DELIMITERS = ("\t", ";", "|", ",")
_COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)
_POINT = re.compile(r"[+-]?\d*\.\d+(e[+-]?\d+)?", re.IGNORECASE)


def look_into_table(path: Path) -> Preview:
    """Reads a CSV or TSV file line by line, at most `MOST_ROWS` rows of it.

    Raises:
        ValueError: what is wrong with it, as the rest of a sentence that begins with its name.
    """
    found = _look(path, 1)
    # How many rows there are is known at their end: a longer file is read twice.
    return found if found.of == found.rows else _look(path, stride(found.of))


def _look(path: Path, every: int) -> Preview:
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    rows = _rows(path, encoding, delimiter)
    first = next(rows, None)
    if first is None:
        raise ValueError("has no rows")
    header = first[1]
    commas = delimiter != "," and _has_decimal_commas(path, encoding, delimiter)
    headless = any(_number(each, commas) is not None for each in header)
    if headless:
        names = tuple(str(number + 1) for number in range(len(header)))
        rows = itertools.chain([first], rows)
    else:
        names = tuple(header)
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"has two columns called {quoted(twice)}")
    columns = [ColumnReader(name, commas, is_shown=place < MOST_LISTED) for place, name in enumerate(names)]
    sample = []
    used = of = 0
    for of, (line, row) in enumerate(rows, 1):
        if of % EVERY == 0:
            told_rows(of)
        if len(row) != len(names):
            raise ValueError(f"is ragged: line {line} has {len(row)} values, the first one {len(names)}")
        if (of - 1) % every or used == MOST_ROWS:
            continue
        for reader, value in zip(columns, row, strict=True):
            reader.take(value, line)
        if used < SAMPLE:
            sample.append(tuple(row))
        used += 1
    if not used:
        raise ValueError("has a header, and no rows below it")
    return Preview(
        path=path,
        kind="csv",
        columns=tuple(each.column() for each in columns),
        rows=used,
        every=every,
        of=of,
        sample=tuple(sample),
        delimiter=delimiter,
        encoding=encoding,
        header=names if headless else None,
        decimal_comma=commas,
    )


class ColumnReader:
    """Takes the values of one column, and tells what it is."""

    def __init__(self, name: str, commas: bool, place: str = "line", is_shown: bool = True) -> None:
        """Begins with no values.

        Args:
            name: of the column.
            commas: whether numbers have a comma for a point.
            place: what is counted to say where a value stands.
            is_shown: whether some of its values are kept for a scatter.
        """
        self._kept: list[str | SupportsFloat] = []
        self._every = 1 if is_shown else 0
        self._name, self._commas, self._place = name, commas, place
        self._low, self._high = math.inf, -math.inf
        self._numbers = self._missing = self._count = 0
        self._first_missing: int | None = None
        self._first_word: tuple[int, str] | None = None
        self._words: dict[str, None] = {}
        self._all: dict[str, None] = {}

    def take(self, value: str | SupportsFloat, line: int) -> None:
        """A value, and its line; a word or a number as text, or a number."""
        if self._every and self._count % self._every == 0:
            self._kept.append(value)
            if len(self._kept) > MOST_SHOWN:
                # Of a file whose end is not known yet: every second one, from now on, too.
                self._kept = self._kept[::2]
                self._every *= 2
        self._count += 1
        text = value if isinstance(value, str) else ""
        if len(self._all) <= MOST_CLASSES:
            self._all[text] = None
        number = _number(value, self._commas) if isinstance(value, str) else float(value)
        if number is not None and math.isfinite(number):
            self._numbers += 1
            self._low, self._high = min(self._low, number), max(self._high, number)
        elif number is not None or text.strip().lower() in MISSING:
            self._missing += 1
            self._first_missing = self._first_missing or line
        else:
            self._first_word = self._first_word or (line, text)
            if len(self._words) <= MOST_CLASSES:
                self._words[text] = None

    def column(self) -> Column:
        """What it is."""
        words = self._count - self._numbers - self._missing
        is_number = self._numbers > words
        low, high = (self._low, self._high) if self._numbers else (None, None)
        if is_number or not words:
            return Column(
                self._name,
                "number",
                low,
                high,
                self._missing,
                self._trouble_of_numbers(),
                shown=self._shown(()),
            )
        many = len(self._words) > MOST_CLASSES or len(self._all) > MOST_CLASSES
        trouble = self._trouble_of_missing()
        if many:
            trouble = (
                f"has more than {MOST_CLASSES} different words in column {quoted(self._name)}; "
                "allowed: numbers, or fewer words, which become classes"
            )
        classes = () if many else tuple(sorted(self._all))
        kind = "text" if many else "words"
        return Column(
            self._name,
            kind,
            low,
            high,
            self._missing,
            trouble,
            classes,
            max(1, len(classes)),
            None if many else self._shown(classes),
        )

    def _shown(self, classes: tuple[str, ...]) -> NDArray[np.float64] | None:
        if not self._every:
            return None
        if classes:
            places = {each: float(place) for place, each in enumerate(classes)}
            values = [places.get(str(each), math.nan) for each in self._kept]
        else:
            values = [self._finite(each) for each in self._kept]
        return np.array(values)[:, None]

    def _finite(self, value: str | SupportsFloat) -> float:
        number = _number(value, self._commas) if isinstance(value, str) else float(value)
        return number if number is not None and math.isfinite(number) else math.nan

    def _trouble_of_numbers(self) -> str:
        if self._first_word is not None:
            line, text = self._first_word
            place = f"{self._place} {line} of column {quoted(self._name)}"
            return f"has {quoted(text)} in {place}, where numbers are"
        return self._trouble_of_missing()

    def _trouble_of_missing(self) -> str:
        if not self._missing:
            return ""
        values = "value" if self._missing == 1 else "values"
        return (
            f"lacks {self._missing} {values} in column {quoted(self._name)}, the first in "
            f"{self._place} {self._first_missing}; allowed: columns without missing values"
        )


def _encoding(path: Path) -> str:
    """UTF-8, or UTF-16 where the file says so."""
    with path.open("rb") as file:
        start = file.read(65_536)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in start:
        raise ValueError("is no table of text: it holds zero bytes")
    return "utf-8-sig"


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line on which it ends."""
    line = 0
    try:
        with path.open(newline="", encoding=encoding) as file:
            reader = csv.reader(file, delimiter=delimiter)
            for row in reader:
                line = reader.line_num
                if row:
                    yield line, row
    except UnicodeDecodeError as error:
        raise ValueError(_undecodable(path, encoding, error)) from None
    except csv.Error as error:
        raise ValueError(f"cannot be read after line {line}: {error}") from None


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError) -> str:
    """Where a text is not in its encoding, as far as its lines tell."""
    name, byte = encoding.removesuffix("-sig").upper(), error.object[error.start]
    where = ""
    with path.open("rb") as file:
        for number, line in enumerate(file if name == "UTF-8" else ()):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as found:
                byte, where = line[found.start], f" in line {number + 1}"
                break
    return f"is not in {name}: byte 0x{byte:02x}{where}; save it as UTF-8"


def _delimiter(path: Path, encoding: str) -> str:
    """What gives the first rows the same number of values, more than one; else a comma."""
    for delimiter in _DELIMITERS:
        rows = itertools.islice(_rows(path, encoding, delimiter), SAMPLE)
        counts = {len(row) for _, row in rows}
        if len(counts) == 1 and counts != {1}:
            return delimiter
    return ","


def _has_decimal_commas(path: Path, encoding: str, delimiter: str) -> bool:
    """Whether the first rows have numbers like 1,5 and none like 1.5."""
    rows = itertools.islice(_rows(path, encoding, delimiter), 1000)
    values = [value.strip() for _, row in rows for value in row]
    return any(map(_COMMA.fullmatch, values)) and not any(map(_POINT.fullmatch, values))


def _number(text: str, commas: bool) -> float | None:
    """A value as Python's float reads it, None if it is no number."""
    try:
        return float(text.replace(",", ".") if commas else text)
    except ValueError:
        return None
