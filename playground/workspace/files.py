"""Writes a file whole or not at all: what was there before stays until the new one is complete."""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from playground.settings import quoted

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full: your share of it is used up",
    errno.EFBIG: "the file would be larger than is allowed here",
    errno.EROFS: "the disk may only be read",
    errno.EACCES: "it may not be written there",
    errno.EPERM: "it may not be written there",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "there is no such folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EBUSY: "another program has it open",
}


_PART = ".torch-playground-{}.part"
_SLICE = 1 << 20
"""Bytes that are written between two reports."""

Progress: TypeAlias = Callable[[int, int], object]
"""Hears how much is done, and of how much; what it raises ends the work: nothing has changed on the disk."""


class FileError(Exception):
    """A file that cannot be written or read; the message is one line that names it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was there under a name at one moment.

    Attributes:
        file: when it was written, its size, and its place on the disk; None if there was nothing.
    """

    file: tuple[int, int, int] | None = None


def seen(path: Path) -> Seen:
    """What is there under a name now; what cannot be looked at counts as nothing."""
    with suppress(OSError, ValueError):
        status = os.stat(path)
        return Seen((status.st_mtime_ns, status.st_size, status.st_ino))
    return Seen()


class ToldFile(io.RawIOBase):
    """A file that is written in slices, each of which is told of before."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], object]) -> None:
        """Nothing is written yet.

        Args:
            file: what is written to; it stays open.
            tell: hears how many bytes there were before each slice; what it raises ends the writing.
        """
        super().__init__()
        self._file, self._tell, self._done = file, tell, 0

    def write(self, data: object) -> int:
        """Writes all of it."""
        content = memoryview(data)  # type: ignore[arg-type]
        if not content.nbytes:
            return 0
        content = content.cast("B")
        for start in range(0, len(content), _SLICE):
            part = content[start : start + _SLICE]
            self._tell(self._done)
            self._file.write(part)
            self._done += len(part)
        return len(content)

    def writable(self) -> bool:
        """Nothing else can be done with it."""
        return True


def write_file(
    path: Path, write: Callable[[BinaryIO], object], force: bool = False, over: Seen | None = None
) -> None:
    """Writes a file beside its place and puts it there when it is complete.

    Args:
        path: where to; a link is followed.
        write: writes the content into what it is given, which is open for binary writing.
        force: whether a file of that name may be replaced.
        over: what was there when the user agreed to have it replaced; nothing else is then.

    Raises:
        FileError: it exists, or cannot be written; then nothing has changed on the disk.
        Exception: whatever `write` raises; likewise.
    """
    try:
        target = Path(os.path.realpath(path))
        _check_free(target, path, force, over)
        with _beside(target) as beside:
            # Of its own: were it there already, it would be another program's.
            with open(beside, "xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            _check_free(target, path, force, over)
            with suppress(FileNotFoundError):
                os.chmod(beside, stat.S_IMODE(target.stat().st_mode))
            os.replace(beside, target)
    except OSError as error:
        why = in_words(error)
        # Some folders, /proc say, refuse a new file in the words for one that is not there.
        if error.errno == errno.ENOENT and target.parent.is_dir():
            why = in_words(OSError(errno.EACCES, ""))
        raise FileError(f"{quoted(str(path))} was not written: {why}") from None
    except ValueError as error:
        # A name that no system takes: with a NUL in it, say.
        if "null" not in str(error):
            raise
        raise FileError(f"{quoted(str(path))} was not written: a file cannot have that name") from None


def check_name(path: Path, force: bool = False) -> None:
    """Refuses at once a name that `write_file` would refuse after a long time of work. Raises FileError."""
    try:
        _check_free(Path(os.path.realpath(path)), path, force)
    except OSError as error:
        raise FileError(f"{quoted(str(path))} was not written: {in_words(error)}") from None
    except ValueError:
        raise FileError(f"{quoted(str(path))} was not written: a file cannot have that name") from None


def remove_parts(folder: Path, older: float) -> None:
    """Removes what processes have left in a folder that were killed while they wrote.

    Args:
        folder: this program's own.
        older: seconds for which nothing must have been written to it: another process may be at work.
    """
    for part in folder.glob(_PART.format("*")):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > older:
                part.unlink()


def write_text(path: Path, text: str, force: bool = False) -> None:
    """Writes a text as UTF-8, as `write_file` does; line ends stay as they are."""
    write_bytes(path, text.encode(), force)


def write_bytes(
    path: Path,
    content: bytes,
    force: bool = False,
    over: Seen | None = None,
    on_progress: Progress = lambda _done, _of: None,
) -> None:
    """Writes what there is, as `write_file` does."""

    def write(file: BinaryIO) -> None:
        ToldFile(file, lambda done: on_progress(done, len(content))).write(content)
        on_progress(len(content), len(content))

    write_file(path, write, force, over)


def _check_free(target: Path, named: Path, force: bool, over: Seen | None = None) -> None:
    """Refuses a name that is taken.

    Args:
        target: where the name leads to.
        named: as the user has said it.
        force: whether a regular file may be replaced.
        over: as for `write_file`.

    Raises:
        FileError: a file is there and may not be replaced, what is there is no file, or there is no folder.
    """
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileError(f"{quoted(str(named))} was not written: there is no such folder") from None
        return
    if stat.S_ISDIR(mode):
        raise FileError(f"{quoted(str(named))} is a folder; allowed: the name of a file")
    if not stat.S_ISREG(mode):
        raise FileError(f"{quoted(str(named))} is no regular file; allowed: the name of a file")
    if over is not None and seen(target) != over:
        raise FileError(
            f"{quoted(str(named))} was not written: another program has written it meanwhile; save once more "
            "to replace that"
        )
    if over is None and not force:
        raise FileError(f"{quoted(str(named))} exists; allowed: another name, or --force to replace it")
    if not os.access(target, os.W_OK):
        raise FileError(f"{quoted(str(named))} was not written: it may only be read")


def in_words(error: OSError, reading: bool = False) -> str:
    """Why the system has refused, in plain words."""
    if reading and error.errno == errno.ENOENT:
        return "there is no such file"
    return _WORDS.get(error.errno or 0) or error.strerror or type(error).__name__


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A free name in the same folder, hence on the same disk; no such file is left afterwards."""
    beside = target.with_name(_PART.format(secrets.token_hex(8)))
    try:
        yield beside
    finally:
        with suppress(OSError):
            os.unlink(beside)
