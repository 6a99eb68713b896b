"""Writes a program's text to its file, in the encoding and with the line ends that it has."""

from __future__ import annotations

import contextlib
import os
import tokenize
from io import BytesIO
from pathlib import Path

from playground.programs.errors import ProgramError


def write_text(path: Path, text: str) -> None:
    """Writes a text.

    Args:
        path: of the file; one that is there is replaced, and keeps its permissions.
        text: with "\\n" at the ends of its lines.

    Raises:
        ProgramError: why it cannot be written, in one line; what was there stays.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(_encoded(text, path.read_bytes() if path.exists() else b""))
        if path.exists():
            os.chmod(new, path.stat().st_mode & 0o777)
        new.replace(path)
    except (OSError, UnicodeError, ValueError, LookupError) as error:
        with contextlib.suppress(OSError, ValueError):
            new.unlink(missing_ok=True)
        raise ProgramError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None


def _encoded(text: str, before: bytes) -> bytes:
    """The text as bytes, like those that it takes the place of."""
    # The text itself may declare another encoding by now.
    encoding, _ = tokenize.detect_encoding(BytesIO(text.encode("utf-8")).readline)
    if before.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    return text.encode(encoding)
