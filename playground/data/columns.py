"""What is known of a file of data that was looked into, and how much of one is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playground.data.data_file import Kind
from playground.setting_specs import LARGEST_SIZE

LARGEST_FILE = 1_000_000_000
"""Bytes that are read, or unpacked, at most."""
MOST_CLASSES = 100
"""Different words of a column that is taken for classes."""
MOST_ROWS = LARGEST_SIZE
"""Of a longer file so many rows are used, evenly from the first to the last: it may be sorted."""
MOST_SHOWN = 2000
"""Rows that a scatter draws at most."""
MOST_LISTED = 500
"""Columns that are shown at most."""
MOST_OF_ARRAY = 8
"""Columns of an array's that a scatter offers."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or an array of a file that holds several.

    Attributes:
        name: its own, or its number.
        kind: "number", "words", or "text" for too many different words.
        low, high: range of its numbers; None where it has none.
        missing: how many values are not there, or are no finite numbers.
        trouble: why it cannot be used, in one line; "" if it can.
        classes: its different words in order, if they are few enough.
        width: columns of numbers that it makes.
        shown: its values in `MOST_SHOWN` rows or fewer that lie evenly, for a scatter: shape (rows, `width`
            or `MOST_OF_ARRAY` or 1 for classes, whose places stand there), NaN where one is missing.
    """

    name: str
    kind: str
    low: float | None = None
    high: float | None = None
    missing: int = 0
    trouble: str = ""
    classes: tuple[str, ...] = ()
    width: int = 1
    shown: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)


def stride(rows: int) -> int:
    """Every how many-th of so many rows is used, so that they are at most `MOST_ROWS`."""
    return max(1, -(-rows // MOST_ROWS))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds.

    Attributes:
        path: absolute.
        kind: how it is read.
        columns: in their order.
        rows: that are used.
        every: of a file of more than `MOST_ROWS` rows every so many-th is used, from the first on.
        of: rows that the file has.
        sample: the first rows as text; none of arrays.
        delimiter, encoding, header, decimal_comma: as `DataFile`.
    """

    path: Path
    kind: Kind
    columns: tuple[Column, ...]
    rows: int
    every: int = 1
    of: int = 0
    sample: tuple[tuple[str, ...], ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    header: tuple[str, ...] | None = None
    decimal_comma: bool = False
