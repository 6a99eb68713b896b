"""Looks into a file of data on a thread of its own, so that a large one does not stop the window."""

from __future__ import annotations

import threading
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, Signal

from playground.data.columns import Preview
from playground.data.files import preview
from playground.data.reading import StoppedError, telling
from playground.settings import SettingsError


class DataFileLook(QObject):
    """One look at a time: what an older one finds is dropped.

    Signals:
        found(object): the Preview of the file that was asked for last.
        refused(str): why it cannot be used, in one line.
        progressed(int): so many rows of it were read.
    """

    found = Signal(object)
    refused = Signal(str)
    progressed = Signal(int)
    _told = Signal(int, int)
    _ended = Signal(int, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Looks into nothing yet."""
        super().__init__(parent)
        self._number = 0
        self._told.connect(self._progress, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def look(self, path: str) -> None:
        """Begins; one of the two signals tells what came of it."""
        self._number += 1
        threading.Thread(target=self._look, args=(self._number, path), name="data file", daemon=True).start()

    def forget(self) -> None:
        """Nobody wants to know any more: reading ends soon, and without a signal."""
        self._number += 1

    def _look(self, number: int, path: str) -> None:
        found, problem = None, ""

        def tell(rows: int) -> None:
            if number != self._number:
                raise StoppedError
            # The window may have been closed meanwhile.
            with suppress(RuntimeError):
                self._told.emit(number, rows)

        try:
            with telling(tell):
                found = preview(path)
        except SettingsError as error:
            problem = str(error)
        except StoppedError:
            return
        with suppress(RuntimeError):
            self._ended.emit(number, found, problem)

    def _progress(self, number: int, rows: int) -> None:
        if number == self._number:
            self.progressed.emit(rows)

    def _tell(self, number: int, found: Preview | None, problem: str) -> None:
        if number != self._number:
            return
        if found is None:
            self.refused.emit(problem)
        else:
            self.found.emit(found)
