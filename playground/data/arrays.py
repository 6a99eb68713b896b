"""Looks into NumPy's files: which arrays they hold, without unpickling anything."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from playground.data.columns import LARGEST_FILE, MOST_OF_ARRAY, MOST_SHOWN, Column, Preview, stride
from playground.data.data_file import Kind
from playground.data.reading import told_rows
from playground.settings import quoted


def look_into_npy(path: Path) -> Preview:
    """Reads an NPY file, whose columns are called by their numbers.

    Raises:
        ValueError: what is wrong with it, as the rest of a sentence that begins with its name.
    """
    table = _loaded(path)
    if not isinstance(table, np.ndarray):
        raise ValueError("is no NPY file")
    _check_type(table, "")
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"holds an array of shape {table.shape}; allowed: rows of at least two columns")
    if not len(table):
        raise ValueError("has no rows")
    every = stride(len(table))
    used = table[::every]
    columns = tuple(_column(str(number), used[:, number]) for number in range(table.shape[1]))
    return Preview(path, "npy", columns, len(used), every, len(table))


def look_into_npz(path: Path) -> Preview:
    """Reads an NPZ file, whose arrays stand for columns; an array's first dimension counts the examples.

    Raises:
        ValueError: what is wrong with it, as the rest of a sentence that begins with its name.
    """
    if not zipfile.is_zipfile(path):
        raise ValueError("is no NPZ file")
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > LARGEST_FILE:
        raise ValueError(f"unpacks to {unpacked:,} bytes; at most {LARGEST_FILE:,} are read")
    with _loaded(path) as arrays:
        return look_into_arrays(path, "npz", arrays.files, arrays.__getitem__)


def look_into_arrays(
    path: Path,
    kind: Kind,
    names: Iterable[str],
    array_named: Callable[[str], NDArray[np.generic]],
    strange: Mapping[str, str] = MappingProxyType({}),
) -> Preview:
    """Looks into named arrays, each of which is read by itself.

    Args:
        path: of the file.
        kind: how it is read.
        names: of its arrays.
        array_named: reads one of them.
        strange: why some of them cannot be read.

    Raises:
        ValueError: their lengths differ.
    """
    columns, lengths = [], []
    for name in names:
        try:
            if name in strange:
                raise ValueError(strange[name])
            array = array_named(name)
            _check_type(array, f" in {quoted(name)}")
        except ValueError as error:
            columns.append(Column(name, "text", trouble=_pickled(error)))
            continue
        if array.ndim == 0 or not len(array):
            columns.append(Column(name, "number", trouble=f"has no rows in array {quoted(name)}"))
            continue
        lengths.append(len(array))
        used = array[:: stride(len(array))]
        columns.append(_column(name, used.reshape(len(used), -1)))
        told_rows(len(columns))
    if len(set(lengths)) > 1:
        raise ValueError(f"has arrays of different lengths: {', '.join(map(str, lengths))}")
    rows = lengths[0] if lengths else 0
    every = stride(rows)
    return Preview(path, kind, tuple(columns), -(-rows // every), every, rows)


def _loaded(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(_pickled(error)) from None


def _pickled(error: Exception) -> str:
    if "pickle" in str(error).lower():
        return "holds Python objects, or nothing of NumPy's: that is never unpickled"
    return str(error) if str(error).startswith("holds") else f"cannot be read: {error}"


def _check_type(array: NDArray[np.generic], where: str) -> None:
    if array.dtype.kind not in "fiub":
        raise ValueError(f"holds {array.dtype}{where}; allowed: numbers")


def _column(name: str, values: NDArray[np.generic]) -> Column:
    numbers = cast("NDArray[np.float64]", values.astype(np.float64))
    finite = np.isfinite(numbers)
    missing = int((~finite).sum())
    low, high = (float(numbers[finite].min()), float(numbers[finite].max())) if finite.any() else (None, None)
    trouble = ""
    if missing:
        row = int(np.argwhere(~finite)[0][0])
        trouble = (
            f"lacks {missing} values in {quoted(name)}, the first in row {row}; "
            "allowed: columns of finite numbers"
        )
    every = -(-len(numbers) // MOST_SHOWN)
    shown = np.where(finite, numbers, np.nan)[::every].reshape(-(-len(numbers) // every), -1)
    width = math.prod(values.shape[1:])
    return Column(
        name, "number", low, high, missing, trouble, width=width, shown=shown[:, :MOST_OF_ARRAY].copy()
    )
