"""A shared line as a QR code, for those who sit before a projector with a phone or a laptop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST_VERSION = 25
"""Modules of 117 a side: what a phone's camera still tells apart on a wall."""
LONGEST = 1273
"""Characters that such a code holds, at the lowest error correction. Source: ISO/IEC 18004, table 7."""


class TooLongError(ValueError):
    """A line that no such code holds; the message is one line."""


def qr_modules(line: str) -> NDArray[np.bool_]:
    """The code's modules, True where it is dark, without the quiet zone; shape (side, side).

    Error correction is the highest for which the code does not become larger.

    Raises:
        TooLongError: the line has too many characters.
    """
    # It is wanted by few.
    import segno

    if len(line) > LONGEST:
        raise TooLongError(
            f"the set-up is a line of {len(line):,} characters; allowed: up to {LONGEST:,} in a QR code"
        )
    code = segno.make(line, error="l", micro=False, boost_error=True, mode="byte")
    return np.array([list(row) for row in code.matrix], dtype=bool)
