"""The parts of a session's file: JSON and arrays without pickle in a zip, each of which is read by itself."""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import IO, Any, BinaryIO, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from playground.workspace.files import Progress, ToldFile

LARGEST_PART = 1 << 31
"""Bytes of one part at most."""
NUMBERS = "biufc"
"""Kinds of arrays that hold numbers, by NumPy's letters."""

_Part = TypeVar("_Part")


class Told:
    """How much of the columns of all runs is written."""

    def __init__(self, on_progress: Progress, of: int) -> None:
        """Nothing yet, of so many bytes."""
        self._on_progress, self._of, self._done = on_progress, of, 0

    def __call__(self, done: int) -> None:
        """So many bytes of the present column are."""
        self._on_progress(min(self._done + done, self._of), self._of)

    def go_on(self, written: int) -> None:
        """A column is at its end."""
        self._done += written
        self(0)


def put_json(archive: zipfile.ZipFile, name: str, data: object) -> None:
    """Writes plain data."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False)
    archive.writestr(_info(name, True), text.encode(errors="surrogatepass"))


def put_array(
    archive: zipfile.ZipFile, name: str, values: NDArray[Any], packed: bool, told: Told | None = None
) -> None:
    """Writes an array of any shape; of one that is `told` of, in slices."""
    with archive.open(_info(name, packed), "w", force_zip64=True) as part:
        file = part if told is None else cast("IO[bytes]", ToldFile(cast("BinaryIO", part), told))
        np.lib.format.write_array(file, np.asarray(values, order="C"), allow_pickle=False)
    if told is not None:
        told.go_on(values.nbytes)


def _info(name: str, packed: bool) -> zipfile.ZipInfo:
    # Without a time: the same session is the same file.
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    # The quickest.
    info._compresslevel = 1  # type: ignore[attr-defined]
    return info


class DamagedError(Exception):
    """A part that is not whole; the message says why."""


class Archive:
    """The parts of a whole zip.

    Attributes:
        names: of the parts.
        missing_end: whether the list of them was lost.
    """

    missing_end = False

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Reads the list of the parts."""
        self._archive = archive
        self.names = archive.namelist()

    def is_listed_right(self) -> bool:
        """Whether the list at the end says of each part what the part's own header says."""
        try:
            for info in self._archive.infolist():
                self._archive.open(info).close()
                # None was written: a length that is wrong hides the rest of the list.
                if info.comment:
                    return False
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError):
            return False
        return True

    def read(self, name: str, use: Callable[[IO[bytes], int], _Part]) -> _Part:
        """What `use` makes of a part and its size in bytes. Raises DamagedError."""
        try:
            info = self._archive.getinfo(name)
            if info.file_size > LARGEST_PART:
                raise DamagedError("it is larger than is read")
            with self._archive.open(info) as part:
                found = use(part, info.file_size)
                # Only at the end its checksum is looked at.
                if part.read(1):
                    raise DamagedError("it is longer than it should be")
                return found
        except KeyError:
            raise DamagedError(f"{name} is missing") from None
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
            raise DamagedError(f"{name} is damaged ({error})") from None


class Salvaged:
    """The parts that are whole of a zip without an end; attributes as of `Archive`."""

    missing_end = True

    def __init__(self, parts: Mapping[str, IO[bytes]]) -> None:
        """Takes what was found."""
        self._parts = parts
        self.names = list(parts)

    def read(self, name: str, use: Callable[[IO[bytes], int], _Part]) -> _Part:
        """As `Archive.read`."""
        part = self._parts.get(name)
        if part is None:
            raise DamagedError(f"{name} is missing")
        size = part.seek(0, 2)
        part.seek(0)
        return use(part, size)


def read_array(part: IO[bytes], size: int, name: str, kind: np.dtype[Any] | None = None) -> NDArray[Any]:
    """An array, read only where its own header agrees with the size of its part.

    Args:
        part: open at its beginning.
        size: of the part, in bytes.
        name: for people.
        kind: of a column, which has one dimension; None for numbers of any kind and shape.

    Raises:
        DamagedError: it is none, or not such a one.
    """
    npy = np.lib.format
    try:
        if npy.read_magic(part) != (1, 0):
            raise ValueError
        shape, by_columns, found = npy.read_array_header_1_0(part)
    except (ValueError, SyntaxError):
        raise DamagedError(f"{name} is damaged") from None
    wanted = found.kind in NUMBERS and not by_columns if kind is None else found == kind and len(shape) == 1
    head = size - math.prod(shape) * found.itemsize
    if not wanted or not 0 < head < 10_000:
        raise DamagedError(f"{name} is not what it should be: {found}, {shape}")
    values = np.frombuffer(part.read(size), found)
    if len(values) != math.prod(shape):
        raise DamagedError(f"{name} is damaged")
    return values.reshape(shape)
