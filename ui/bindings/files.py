"""Opens, saves and closes the user's files: dialogs in front, the programs behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ui.bindings.context import Context
from ui.state.open_file import known_paths
from ui.widgets.file_dialogs import PYTHON, ask, ask_for_program, ask_where_to_save

CHANGED = "{} was changed by another program, and has changes here that are not saved."
OVERWRITES = "{} was changed by another program since it was read. Saving takes its place."
LOST = "{} has changes that are not saved."


class Files(QObject):
    """What the File menu does."""

    def __init__(self, window: QWidget, context: Context) -> None:
        """Nothing is asked yet; the dialogs stand in front of the widget's window."""
        super().__init__(window)
        self._window, self._programs, self._places = window, context.programs, context.places

    def ask_about_the_disk(self) -> None:
        """From now on it asks what is to become of files that others change; one in the window does."""
        self._programs.changed_on_disk.connect(self._ask_about_disk)
        self._programs.would_overwrite.connect(self._ask_to_overwrite)

    @property
    def actions(self) -> dict[str, Callable[[], object]]:
        """By the names of the menu's entries."""
        return {
            "open": self._open,
            "save": self.save,
            "save_as": self._save_as,
            "close_file": self.close_present,
            "edit": lambda: self._places.bring_forward("code"),
        }

    @property
    def recent(self) -> tuple[str, ...]:
        """Files that were open before and are still there."""
        return known_paths(self._programs.recent)

    def save(self) -> None:
        """Writes the program to its file; one that has none is asked for."""
        if self._programs.file is None:
            self._save_as()
        else:
            self._programs.save()

    def close_present(self) -> None:
        """Takes the file that is shown from the list."""
        if self._programs.file is not None:
            self.close(self._programs.file.path)

    def close(self, path: str) -> None:
        """Takes a file from the list; what would be lost is asked about."""
        file = next((each for each in self._programs.files if each.path == path), None)
        if file is None or not file.edited:
            self._programs.close_file(path)
            return
        ask(
            self._window,
            LOST.format(file.name),
            "Close without saving",
            "Keep it open",
            lambda: self._programs.close_file(path),
        )

    def _open(self) -> None:
        file = self._programs.file
        recent = self.recent
        near = file.path if file is not None else recent[0] if recent else ""
        folder = str(Path(near).parent) if near else str(Path.home())
        ask_for_program(self._window, folder, self._programs.open)

    def _save_as(self) -> None:
        file = self._programs.file
        path = str(Path.home() / self._programs.name) if file is None else file.path
        ask_where_to_save(self._window, "Save the program", path, [PYTHON], self._programs.save)

    def _ask_to_overwrite(self, path: str) -> None:
        ask(
            self._window,
            OVERWRITES.format(Path(path).name),
            "Save all the same",
            "Do not save",
            lambda: self._programs.save(anyhow=True),
            ("Take what the disk says", lambda: self._programs.reload(path)),
        )

    def _ask_about_disk(self, path: str) -> None:
        ask(
            self._window,
            CHANGED.format(Path(path).name),
            "Take what the disk says",
            "Keep what stands here",
            lambda: self._programs.reload(path),
        )
