"""Writes an image as a PNG file: 8 bits a color, with words about it (W3C, PNG, 2nd edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def png(pixels: NDArray[np.uint8], words: Mapping[str, str]) -> bytes:
    """An image as a file.

    Args:
        pixels: red, green and blue, shape (rows, columns, 3), rows from top to bottom.
        words: what is said of it, by keywords of Latin letters.
    """
    rows, columns, _ = pixels.shape
    # Each row begins with the number of its filter: none.
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1)], axis=1)
    texts = [_chunk(b"iTXt", f"{key}\0\0\0\0\0{word}".encode()) for key, word in words.items()]
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)),
            *texts,
            _chunk(b"IDAT", zlib.compress(lines.tobytes())),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
