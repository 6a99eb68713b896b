"""Lines that hold the numbers of a data file themselves, in the place of those that read it."""

from __future__ import annotations

import base64
import textwrap
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.data.text import import_lines, source_lines
from playground.settings import quoted

if TYPE_CHECKING:
    from playground.settings import Settings

MOST_LISTED = 1_500
"""Numbers that are written out as such: a person may read them, and change one."""
LARGEST = 8_000_000
"""Characters of a script that holds more numbers, packed."""
_PACKED_IN = ("<i2", "<f4", "<f8")
"""Types in which the numbers are packed: the first that keeps all bits. All are read back as float64."""
_WIDTH = 76


class WrittenOutError(ValueError):
    """Why the numbers cannot be written out, in one line."""


def reads_a_file(settings: Settings) -> bool:
    """Whether the stage's text reads its data from a file of this computer."""
    return settings.data == "digits" or settings.data_file is not None


def numbers_of(settings: Settings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the lines that read the file make of it: x and y, shape (rows, columns), before anything else.

    Raises:
        WrittenOutError: the file is no longer what it was, in one line.
    """
    sizes = dict(zip(("batch_size", "input_size", "hidden_size", "output_size"), settings.sizes, strict=True))
    names: dict[str, Any] = {"np": np, **sizes}
    lines = "\n".join([*import_lines(settings), *source_lines(settings)])
    try:
        exec(compile(lines, "<data>", "exec"), names)
        x, y = (np.asarray(names[name], np.float64) for name in ("x", "y"))
    except Exception as error:
        where = "" if settings.data_file is None else f"{quoted(settings.data_file.path)} "
        raise WrittenOutError(
            f"the data file {where}cannot be written into the script: {error}".replace("\n", " ")
        ) from None
    if len(x) != settings.batch_size or len(y) != settings.batch_size:
        raise WrittenOutError(
            f"the data file has {len(x)} of the {settings.batch_size} rows that the run was made with"
        )
    return x, y


def written_out(settings: Settings) -> tuple[list[str], list[str]]:
    """The lines that hold the numbers, and the modules that they need: with NumPy alone, without a file.

    Returns:
        Lines that import, and lines that make x and y.

    Raises:
        WrittenOutError: as of `numbers_of`; or they are too many.
    """
    x, y = numbers_of(settings)
    comment = next(line for line in source_lines(settings) if line.startswith("#"))
    if x.size + y.size <= MOST_LISTED:
        return [], [comment, *_listed("x", x), *_listed("y", y)]
    packed = [*_packed("x", x), *_packed("y", y)]
    if sum(map(len, packed)) > LARGEST:
        raise WrittenOutError(
            f"{x.size + y.size:,} numbers are too many to be written into a script; "
            f"allowed: about {LARGEST // 8:,}"
        )
    unpacking = [
        "",
        "def unpacked(text, dtype, columns):",
        "    numbers = zlib.decompress(base64.b64decode(text))",
        "    return np.frombuffer(numbers, dtype).reshape(-1, columns).astype(float)",
        "",
    ]
    return ["import base64", "import zlib"], [comment, *unpacking, *packed]


def _listed(name: str, values: NDArray[np.float64]) -> list[str]:
    rows = [f"[{', '.join(map(_number, row))}]," for row in values.tolist()]
    broken = [
        line
        for row in rows
        for line in textwrap.wrap(row, _WIDTH, initial_indent="    ", subsequent_indent="     ")
    ]
    return [f"{name} = np.array([", *broken, "], float)"]


def _number(value: float) -> str:
    return (
        str(int(value)) if value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0" else repr(value)
    )


def _packed(name: str, values: NDArray[np.float64]) -> list[str]:
    kind = next(each for each in _PACKED_IN if _keeps(values, each))
    text = base64.b64encode(zlib.compress(values.astype(kind).tobytes(), 9)).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return [f'{name} = unpacked("""', *lines, f'""", "{kind}", {values.shape[1]})']


def _keeps(values: NDArray[np.float64], kind: str) -> bool:
    """Whether numbers come back from a type as they were, to the bit."""
    with np.errstate(all="ignore"):
        back = values.astype(kind).astype(np.float64)
    return back.tobytes() == values.tobytes()
