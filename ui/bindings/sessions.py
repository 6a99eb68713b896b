"""Sessions from the File menu, and the one that a process which was killed has left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground.workspace.autosave import LeftBehind
from ui.bindings.context import Context
from ui.widgets.file_dialogs import SESSION, ask, ask_for_session, ask_where_to_save

LEFT = (
    "The window was not closed the last time: the program was ended, or the machine. "
    "Its runs, as they were on {}, have been kept."
)
KEPT = "Steps that were kept are listed under the dot, below the graph."


class SessionMenu(QObject):
    """Saves and opens sessions."""

    def __init__(self, window: QWidget, context: Context) -> None:
        """Brings back the runs of the last time; the dialogs stand in front of the widget's window."""
        super().__init__(window)
        self._window, self._sessions, self._notices = window, context.sessions, context.notices
        self._folder, self._kept = Path.home(), context.kept
        sessions = self._sessions
        sessions.noticed.connect(context.notices.tell)
        sessions.offered.connect(self._offer)
        sessions.opened.connect(self._tell_of_opened)
        sessions.begin()

    @property
    def actions(self) -> dict[str, Callable[[], object]]:
        """By the names of the menu's entries."""
        return {"save_session": self._ask_where_to, "open_session": self._ask_which}

    def _ask_where_to(self) -> None:
        path = str(self._folder / "playground.session")
        ask_where_to_save(self._window, "Save the session", path, [SESSION], self._save)

    def _save(self, path: str) -> None:
        self._folder = Path(path).parent
        self._sessions.save(Path(path))

    def _ask_which(self) -> None:
        ask_for_session(self._window, str(self._folder), self._open)

    def _open(self, path: str) -> None:
        self._folder = Path(path).parent
        self._sessions.open(Path(path))

    def _offer(self, left: LeftBehind) -> None:
        when = datetime.fromtimestamp(left.saved).astimezone().strftime("%d %B at %H:%M:%S")
        box = ask(
            self._window,
            LEFT.format(when),
            "Bring them back",
            "Not now",
            lambda: self._sessions.take(left),
            ("Throw them away", lambda: self._sessions.throw_away(left)),
        )
        box.setObjectName("left_behind_question")

    def _tell_of_opened(self, problems: Sequence[str]) -> None:
        if problems:
            self._notices.tell(
                "warning",
                f"The session is damaged, or newer than this program: {problems[0]}.",
                "\n".join(problems),
                "What could be read of it is here.",
            )
        else:
            kept = KEPT if self._kept.steps else ""
            self._notices.tell("info", "The session is open: its runs are in the Runs tab.", "", kept)
