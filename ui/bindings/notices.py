"""Connects the notices with whoever has something to tell."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.notices import NoticeList, Toast
from ui.session.session import RunState


class NoticesBinding(QObject):
    """Shows each notice as it comes; what was told of a run goes with the run."""

    def __init__(self, toast: Toast, context: Context) -> None:
        """Listens."""
        super().__init__(toast)
        self._toast, self._notices = toast, context.notices
        self._of_run = ""
        context.notices.told.connect(toast.show_notice)
        context.notices.overcome.connect(self._take_back)
        session = context.session
        session.noticed.connect(self._tell_of_run)
        session.run_changed.connect(self._take_run)
        session.state_changed.connect(self._take_state)

    def _tell_of_run(self, level: str, text: str, details: str, hint: str) -> None:
        self._of_run = text
        self._notices.tell(level, text, details, hint)

    def _take_run(self, run: object) -> None:
        if run is None:
            self._forget()

    def _take_state(self, state: RunState) -> None:
        # What kept the run from going on is overcome.
        if state is RunState.RUNNING and self._toast.level() != "info":
            self._forget()

    def _take_back(self, text: str) -> None:
        if self._toast.text() == text:
            self._toast.clear()

    def _forget(self) -> None:
        if self._of_run and self._toast.text() == self._of_run:
            self._toast.clear()
        self._of_run = ""


class NoticeListBinding(QObject):
    """Lists what was told so far, and what is told from now on."""

    def __init__(self, panel: NoticeList, context: Context) -> None:
        """Listens."""
        super().__init__(panel)
        self._panel, self._notices = panel, context.notices
        context.notices.told.connect(self._show)
        self._show()

    def _show(self) -> None:
        self._panel.show_notices(
            [
                (each.time.strftime("%H:%M:%S"), each.level, each.text, each.hint, each.details)
                for each in self._notices.kept
            ]
        )
