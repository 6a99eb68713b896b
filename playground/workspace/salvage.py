"""Finds the parts of a zip whose list at the end is lost or wrong: each has a header of its own.

Source: PKWARE's APPNOTE.TXT, 4.3.7 (local file header) and 4.5.3 (sizes of 64 bits).
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import IO

_HEADER = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
_SIZES_FOLLOW = 8
_IS_64 = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_BLOCK = 1 << 20


def salvaged(file: IO[bytes], largest: int) -> dict[str, IO[bytes]]:
    """The parts that are whole, by name, each as a stream of its own.

    Args:
        file: open for binary reading, at its beginning.
        largest: bytes of a part at most; a larger one is passed over.
    """
    found: dict[str, list[bytes]] = {}
    while (start := _next_header(file)) is not None:
        part = _part(file, largest)
        if part is None:
            # What is damaged is passed over: the next header may lie within what this one claims.
            file.seek(start + len(_SIGNATURE))
        else:
            name, content = part
            found.setdefault(name, []).append(content)
    # Of two parts of one name, nobody knows which one has the wrong name.
    return {name: io.BytesIO(contents[0]) for name, contents in found.items() if len(contents) == 1}


def _next_header(file: IO[bytes]) -> int | None:
    """Goes to where the next header begins, and gives that place; None if there is no other."""
    place = file.tell()
    while block := file.read(_BLOCK):
        found = block.find(_SIGNATURE)
        if found >= 0:
            return file.seek(place + found)
        if len(block) < _BLOCK:
            return None
        # A signature may lie across the border of two blocks.
        place = file.seek(place + _BLOCK - len(_SIGNATURE) + 1)
    return None


def _part(file: IO[bytes], largest: int) -> tuple[str, bytes] | None:
    """Name and content of the part whose header begins here; None if it is not whole."""
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    _, _, flags, method, _, _, checksum, packed, size, name_length, extra_length = _HEADER.unpack(head)
    name, extra = file.read(name_length), file.read(extra_length)
    if flags & _SIZES_FOLLOW:
        return None
    if _IS_64 in (packed, size):
        sizes = _sizes_of(extra)
        if sizes is None:
            return None
        size, packed = sizes
    if max(size, packed) > largest:
        return None
    content = _unpacked(file.read(packed), method, size)
    if content is None or zlib.crc32(content) != checksum:
        return None
    return name.decode(errors="replace"), content


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
