"""Work on files, off the window's thread: one piece after the other, told of while it lasts, or cancelled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Signal

from playground.failure import details_of, one_line
from playground.workspace.files import FileError
from ui.session.teller import Stopped, Teller

Tell: TypeAlias = Callable[[int, int], None]
"""Hears how much is done, and of how much; what it raises ends the work, as a `Teller` does."""

Result = TypeVar("Result")

CANCELLED = "Cancelled: {}. What was there is as it was."


@dataclass(eq=False, slots=True)
class _Piece:
    """One piece of work.

    Attributes:
        words: what is done, as in "writing the losses".
        work: what runs on the thread.
        then: hears in the window's thread what came of it.
        otherwise: hears there that nothing did.
        asked: whether the user has asked for it.
        wanted: whether somebody still waits for it.
    """

    words: str
    work: Callable[[Tell], Any]
    then: Callable[[Any], object]
    otherwise: Callable[[], object]
    asked: bool
    wanted: bool = True


class FileWork(QObject):
    """One thread for reading and writing, so that what was asked for first is there first.

    Signals:
        progressed(str, int, int): what is being done that the user has asked for, how much of it is done, and
            of how much, 0 while that is not known; "" when it is at an end. It begins at once: whoever shows
            it waits a little, since what is soon done would flicker.
        noticed(str, str, str): level, text and details of a notice for the user.
    """

    progressed = Signal(str, int, int)
    noticed = Signal(str, str, str)
    _told = Signal(object, int, int)
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        """The thread is started by the first piece of work."""
        super().__init__(parent)
        self._thread: ThreadPoolExecutor | None = None
        self._pieces: deque[_Piece] = deque()
        self._shown: _Piece | None = None
        self._closed = False
        self._told.connect(self._tell)
        self._ended.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether anything is being done, or waits."""
        return bool(self._pieces)

    def do(
        self,
        words: str,
        work: Callable[[Tell], Result],
        then: Callable[[Result], object] = lambda _result: None,
        otherwise: Callable[[], object] = lambda: None,
        asked: bool = True,
    ) -> None:
        """Has something done after what was asked for before; after `close` nothing is.

        Args:
            words: for people, as in "writing the losses".
            work: runs on the thread, with what it may tell its progress to. A FileError that it raises is
                told to the user as a warning, any other exception as an error.
            then: hears in the window's thread what it has returned.
            otherwise: hears there that it failed or was cancelled.
            asked: whether the user has asked for it: what happens by itself is not told of, and ended when
                the window is closed.
        """
        if self._closed:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "files")
        piece = _Piece(words, work, then, otherwise, asked)
        self._pieces.append(piece)
        self._thread.submit(self._run, piece)
        if len(self._pieces) == 1:
            self._begin()

    def cancel(self) -> None:
        """Ends what is being told of; a file that was to be replaced stays as it was."""
        if self._shown is not None:
            self._shown.wanted = False
            self._hide()

    def close(self) -> None:
        """Waits for what is being done at the user's wish; what only waits is not begun any more."""
        self._closed = True
        for piece in self._pieces:
            piece.wanted = piece.wanted and piece.asked and piece is self._pieces[0]
        if self._thread is not None:
            self._thread.shutdown()

    def _run(self, piece: _Piece) -> None:
        """On the thread: the one place where what the work raises is caught."""
        tell = Teller(lambda: piece.wanted, lambda done, of: self._told.emit(piece, done, of))
        try:
            tell(0, 0)
            result = piece.work(tell)
        except BaseException as error:
            self._ended.emit(piece, None, error)
        else:
            self._ended.emit(piece, result, None)

    def _begin(self) -> None:
        piece = self._pieces[0]
        if piece.asked and piece.wanted and not self._closed:
            self._shown = piece
            self.progressed.emit(piece.words, 0, 0)

    def _hide(self) -> None:
        if self._shown is not None:
            self._shown = None
            self.progressed.emit("", 0, 0)

    def _tell(self, piece: _Piece, done: int, of: int) -> None:
        if piece is self._shown:
            self.progressed.emit(piece.words, done, of)

    def _end(self, piece: _Piece, result: object, error: BaseException | None) -> None:
        self._pieces.remove(piece)
        self._hide()
        self._answer(piece, result, error)
        if self._pieces and self._shown is None:
            self._begin()

    def _answer(self, piece: _Piece, result: object, error: BaseException | None) -> None:
        if self._closed:
            return
        if error is None:
            piece.then(result)
            return
        if isinstance(error, FileError):
            self.noticed.emit("warning", sentence(error), "")
        elif isinstance(error, Stopped):
            self.noticed.emit("info", CANCELLED.format(piece.words), "")
        else:
            self.noticed.emit("error", f"{piece.words} failed: {one_line(error)}", details_of(error))
        piece.otherwise()


def sentence(error: Exception) -> str:
    """A message as a sentence of its own."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
