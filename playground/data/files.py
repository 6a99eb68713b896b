"""Looks into a file of the user's own: which columns it has, and which of them can become x and y."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.data.arrays import look_into_npy, look_into_npz
from playground.data.columns import LARGEST_FILE, Column, Preview
from playground.data.data_file import LARGEST_COLUMNS, DataFile, Kind
from playground.data.parquet import look_into_parquet
from playground.data.tables import look_into_table
from playground.data.tensors_file import look_into_safetensors
from playground.settings import SettingsError, quoted

KINDS: dict[str, Kind] = {
    **{".csv": "csv", ".tsv": "csv", ".txt": "csv"},
    **{".npy": "npy", ".npz": "npz", ".safetensors": "safetensors", ".parquet": "parquet"},
}
_READERS: dict[Kind, Callable[[Path], Preview]] = {
    "csv": look_into_table,
    "npy": look_into_npy,
    "npz": look_into_npz,
    "safetensors": look_into_safetensors,
    "parquet": look_into_parquet,
}


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file with its columns chosen, and how many rows are there."""

    file: DataFile
    rows: int


def preview(path: Path | str) -> Preview:
    """Looks into a file, without running anything that it holds.

    Raises:
        SettingsError: why it cannot be used, in one line.
    """
    path = Path(os.path.abspath(path))
    kind = KINDS.get(path.suffix.lower())
    with _told(path):
        before = path.stat()
        if path.is_dir():
            raise ValueError("is a folder; a file is needed")
        if kind is None:
            raise ValueError(f"is of an unknown kind; allowed: {', '.join(KINDS)}")
        if before.st_size == 0:
            raise ValueError("is empty")
        if before.st_size > LARGEST_FILE:
            raise ValueError(f"has {before.st_size:,} bytes; at most {LARGEST_FILE:,} are read")
        found = _READERS[kind](path)
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise ValueError("was changed while it was read; read it again")
    return found


def file_for(path: Path | str, inputs: Sequence[str] = (), targets: Sequence[str] = ()) -> ChosenFile:
    """Reads how a file is to be used; what is not named is chosen from what can be used.

    Args:
        path: of the file.
        inputs: columns or arrays for x; none: all that can be used besides the targets.
        targets: the same for y; none: the array that is called y, else the last that can be used.

    Raises:
        SettingsError: why it cannot be used, in one line.
    """
    return chosen_from(preview(path), inputs, targets)


def chosen_from(found: Preview, inputs: Sequence[str] = (), targets: Sequence[str] = ()) -> ChosenFile:
    """The same for a file that has been looked into."""
    with _told(found.path):
        usable = [each.name for each in found.columns if not each.trouble]
        left = [name for name in usable if name not in inputs]
        if not targets:
            called_y = [name for name in left if name.lower() in ("y", "target", "targets", "y_train")]
            targets = called_y[:1] or left[-1:]
        if not targets:
            raise ValueError(f"has no column left for y{_troubles(found)}")
        if not inputs:
            rest = [name for name in usable if name not in targets]
            called_x = [name for name in rest if name in ("x", "X", "x_train", "X_train")]
            inputs = called_x[:1] if found.kind in ("npz", "safetensors") and called_x else rest
        if not inputs:
            raise ValueError(f"has no column left for x{_troubles(found)}")
        chosen_inputs, chosen_targets = (_columns(found, names) for names in (inputs, targets))
        both = [each.name for each in chosen_targets if each in chosen_inputs]
        if both:
            raise ValueError(f"would have column {quoted(both[0])} in x and in y")
        classes = {each.name: each.classes for each in (*chosen_inputs, *chosen_targets) if each.classes}
        widths = [sum(each.width for each in chosen) for chosen in (chosen_inputs, chosen_targets)]
        if max(widths) > LARGEST_COLUMNS:
            raise ValueError(f"makes {max(widths)} columns of numbers; allowed: at most {LARGEST_COLUMNS}")
    file = DataFile(
        path=str(found.path),
        kind=found.kind,
        inputs=tuple(inputs),
        targets=tuple(targets),
        x_columns=widths[0],
        y_columns=widths[1],
        classes=tuple(classes.items()),
        delimiter=found.delimiter,
        encoding=found.encoding,
        header=found.header,
        decimal_comma=found.decimal_comma,
        every=found.every,
    )
    return ChosenFile(file, found.rows)


def _columns(found: Preview, names: Sequence[str]) -> list[Column]:
    by_name = {each.name: each for each in found.columns}
    for name in names:
        if name not in by_name:
            some = [each.name for each in found.columns[:20]]
            raise ValueError(f"has no column {quoted(name)}; allowed: {', '.join(some)}")
        if by_name[name].trouble:
            raise ValueError(by_name[name].trouble)
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"would have column {quoted(twice)} twice")
    return [by_name[name] for name in names]


def _troubles(found: Preview) -> str:
    troubles = [each.trouble for each in found.columns if each.trouble]
    return f": {troubles[0]}" if troubles else ""


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns whatever is wrong with a file into one line that names it."""
    try:
        yield
    except SettingsError:
        raise
    except OSError as error:
        reason = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
        raise SettingsError("data", f"{path} cannot be read: {' '.join(str(reason).split())}") from None
    except MemoryError:
        raise SettingsError("data", f"{path} needs more memory than there is") from None
    except ValueError as error:
        raise SettingsError("data", f"{path} {' '.join(str(error).split())}") from None
