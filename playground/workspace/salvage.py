"""Finds the parts of a zip that has lost its end, each of which has a header of its own.

Source: PKWARE's APPNOTE.TXT, 4.3.7 (local file header) and 4.5.3 (sizes of 64 bits).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO

_HEADER = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
_SIZES_FOLLOW = 8
_IS_64 = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8


def salvaged(file: IO[bytes], largest: int) -> dict[str, IO[bytes]]:
    """The parts that are whole, by name, each as a stream of its own.

    Args:
        file: open for binary reading, at its beginning.
        largest: bytes of a part at most; a larger one is passed over.
    """
    found: dict[str, IO[bytes]] = {}
    for name, method, checksum, size, packed in _parts(file, largest):
        content = _unpacked(packed, method, size)
        if content is not None and zlib.crc32(content) == checksum:
            found[name] = io.BytesIO(content)
    return found


def _parts(file: IO[bytes], largest: int) -> Iterator[tuple[str, int, int, int, bytes]]:
    """Name, method, checksum, size and packed content, as far as one follows the other."""
    while len(head := file.read(_HEADER.size)) == _HEADER.size:
        signature, _, flags, method, _, _, checksum, packed, size, name_length, extra_length = _HEADER.unpack(
            head
        )
        if signature != _SIGNATURE or flags & _SIZES_FOLLOW:
            return
        name, extra = file.read(name_length), file.read(extra_length)
        if _IS_64 in (packed, size):
            sizes = _sizes_of(extra)
            if sizes is None:
                return
            size, packed = sizes
        if max(size, packed) > largest:
            file.seek(packed, 1)
            continue
        content = file.read(packed)
        if len(content) < packed:
            return
        yield name.decode(errors="replace"), method, checksum, size, content


def _sizes_of(extra: bytes) -> tuple[int, int] | None:
    """Both sizes of 64 bits, the unpacked one first; None if they are not there."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1 and length >= 16 and len(extra) >= 20:
            size, packed = struct.unpack_from("<2Q", extra, 4)
            return size, packed
        extra = extra[4 + length :]
    return None


def _unpacked(packed: bytes, method: int, size: int) -> bytes | None:
    if method == _STORED:
        return packed if len(packed) == size else None
    if method != _DEFLATED:
        return None
    try:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        content = unpacking.decompress(packed, size + 1)
    except zlib.error:
        return None
    return content if len(content) == size and unpacking.eof else None
