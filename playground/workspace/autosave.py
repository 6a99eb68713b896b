"""Keeps a session safe while it goes on, and finds what a process that was killed has left behind.

Each process has a file of its own in the folder, and a lock that the system lets go of with the process,
however that ends. So two windows never write the same file, and what nobody holds was left behind.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from playground.settings import quoted
from playground.workspace.files import FileError, Progress, in_words, remove_parts
from playground.workspace.session_file import Session, load_session, save_session

SUFFIX = ".session"
HOUR = 3600.0
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A session whose process has ended without closing it.

    Attributes:
        path: of the file.
        saved: when it was written last, in seconds since 1970.
    """

    path: Path
    saved: float


class Autosave:
    """A process's own file in the folder of all of them; to be used by one thread at a time.

    `save` every half minute and whenever the run stands still; `close` at the end. At the start `left_behind`
    tells what there is to offer: `take` opens one, `discard` removes it when the user has decided.
    """

    def __init__(self, folder: Path) -> None:
        """Takes a name that no other process has.

        Args:
            folder: of this program's state; it is made if need be.

        Raises:
            FileError: it cannot be made or written to.
        """
        self._folder = folder
        self._others: dict[Path, FileLock] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
            self._lock = _lock_of(self.path)
            self._lock.acquire(timeout=0)
            remove_parts(folder, HOUR)
        except OSError as error:
            raise FileError(f"{quoted(str(folder))} cannot keep sessions: {in_words(error)}") from None

    def save(self, session: Session, on_progress: Progress = lambda _done, _of: None) -> None:
        """Writes the session in place of the last one, which stays whole until then. Raises FileError."""
        save_session(self.path, session, force=True, on_progress=on_progress)

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """What other processes have left, the newest first; from now on no other process offers it."""
        found = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            if path != self.path and self._hold(path):
                with suppress(OSError):
                    found.append(LeftBehind(path, path.stat().st_mtime))
        return tuple(sorted(found, key=lambda each: each.saved, reverse=True))

    def take(self, left: LeftBehind, on_progress: Progress = lambda _done, _of: None) -> Session:
        """Opens what was left behind; its file stays until it is discarded. Raises FileError."""
        return load_session(left.path, on_progress)

    def discard(self, left: LeftBehind) -> None:
        """Removes what was left behind."""
        lock = self._others.pop(left.path, None)
        _remove(left.path)
        if lock is not None:
            _let_go(lock)

    def close(self) -> None:
        """Removes the own file, since the user has closed the window; what others have left stays."""
        _remove(self.path)
        _let_go(self._lock)
        for lock in self._others.values():
            lock.release()
        self._others.clear()

    def _hold(self, path: Path) -> bool:
        """Whether the file belongs to no other process; it is held from then on."""
        if path in self._others:
            return True
        lock = _lock_of(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return False
        self._others[path] = lock
        return True


def _lock_of(path: Path) -> FileLock:
    # Taken by the thread that reads and writes, and given back by whichever closes.
    return FileLock(path.with_suffix(_LOCK), thread_local=False)


def _let_go(lock: FileLock) -> None:
    """Releases a lock and removes its file, which nobody asks for any more."""
    lock.release()
    _remove(Path(lock.lock_file))


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
