"""Looks into safetensors files: named arrays, of which nothing can run."""

from __future__ import annotations

from pathlib import Path

from playground.data.arrays import look_into_arrays
from playground.data.columns import Preview
from playground.data.needed import needed

_ALLOWED = ("BOOL", "U8", "I8", "U16", "I16", "F16", "U32", "I32", "F32", "U64", "I64", "F64")
"""Types, by the format's names, that NumPy has, too."""


def look_into_safetensors(path: Path) -> Preview:
    """Reads a safetensors file, whose arrays stand for columns as those of an NPZ file do.

    Raises:
        ValueError: what is wrong with it, as the rest of a sentence that begins with its name.
    """
    library = needed("safetensors")
    # The library tells of a file that may not be read as of one that is damaged.
    with path.open("rb"):
        pass
    try:
        with library.safe_open(path, framework="numpy") as arrays:
            names = list(arrays.keys())
            kinds = {name: arrays.get_slice(name).get_dtype() for name in names}
            strange = {
                name: f"holds {kind} in {name!r}; allowed: {', '.join(_ALLOWED)}"
                for name, kind in kinds.items()
                if kind not in _ALLOWED
            }
            return look_into_arrays(path, "safetensors", names, arrays.get_tensor, strange)
    except library.SafetensorError as error:
        raise ValueError(f"is no safetensors file: {error}") from None
