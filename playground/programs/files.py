"""Writes a program's text to its file, in the encoding and with the line ends that it has."""

from __future__ import annotations

from pathlib import Path

from playground.programs.encoding import encoding_of
from playground.programs.errors import ProgramError
from playground.workspace.files import FileError, Seen, in_words, write_bytes


def write_text(path: Path, text: str, over: Seen | None = None) -> None:
    """Writes a text.

    Args:
        path: of the file; one that is there is replaced, and keeps its permissions.
        text: with "\\n" at the ends of its lines.
        over: what is there as far as the user knows; nothing else is replaced.

    Raises:
        ProgramError: why it cannot be written, in one line; what was there stays.
    """
    try:
        content = _encoded(text, path.read_bytes() if path.exists() else b"")
        write_bytes(path, content, force=True, over=over)
    except FileError as error:
        raise ProgramError(str(error)) from None
    except OSError as error:
        raise ProgramError(f"{path} cannot be written: {in_words(error)}") from None
    except ValueError as error:
        raise ProgramError(f"{path} cannot be written: {error}") from None


def _encoded(text: str, before: bytes) -> bytes:
    """The text as bytes, like those that it takes the place of. Raises ValueError."""
    # The text itself may declare another encoding by now.
    encoding = encoding_of(text.encode("utf-8"))
    if before.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    return text.encode(encoding)
