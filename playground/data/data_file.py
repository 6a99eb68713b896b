"""A file of the user's own that x and y are read from, as a value that a run is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

Kind = Literal["csv", "npy", "npz", "safetensors", "parquet"]
LARGEST_COLUMNS = 65_535
"""One less than a layer may have: a column of ones may come on top."""


@dataclass(frozen=True)
class DataFile:
    """What is read from which file, and how.

    Attributes:
        path: absolute.
        kind: csv stands for every table of text.
        inputs, targets: names of the columns or arrays that become x and y; of an NPY file the numbers of
            its columns.
        x_columns, y_columns: how many columns of numbers that makes.
        classes: for a column of words its words in order; each becomes a column of 0 and 1.
        delimiter: between the values of a line.
        encoding: of the text.
        header: names of the columns where the file itself has none.
        decimal_comma: whether numbers have a comma for a point.
        every: of its rows every so many-th is read, from the first on.
    """

    path: str
    kind: Kind
    inputs: tuple[str, ...] = Field(min_length=1)
    targets: tuple[str, ...] = Field(min_length=1)
    x_columns: int = Field(ge=1, le=LARGEST_COLUMNS)
    y_columns: int = Field(ge=1, le=LARGEST_COLUMNS)
    classes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    header: tuple[str, ...] | None = None
    decimal_comma: bool = False
    every: int = Field(default=1, ge=1)

    @property
    def x_names(self) -> tuple[str, ...]:
        """What the columns of x are called: one for each word of a column, or number of an array."""
        return self._names(self.inputs, self.x_columns)

    @property
    def y_names(self) -> tuple[str, ...]:
        """The same of y."""
        return self._names(self.targets, self.y_columns)

    def _names(self, chosen: tuple[str, ...], columns: int) -> tuple[str, ...]:
        words = dict(self.classes)
        names = tuple(
            f"{name} = {word}" if name in words else word
            for name in chosen
            for word in words.get(name, (name,))
        )
        if len(names) == columns:
            return names
        if len(chosen) == 1:
            return tuple(f"{chosen[0]}[{number}]" for number in range(columns))
        # How many numbers each of several arrays has is not kept.
        return ()

    @property
    def name(self) -> str:
        """Of the file, without the folder."""
        return Path(self.path).name
