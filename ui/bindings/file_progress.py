"""Shows which file is being read or written, ends that, and keeps the window open for it if need be."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.file_progress import FileProgress
from ui.session.run_requests import SAVING
from ui.state.file_work import CANCELLED
from ui.widgets.file_dialogs import ask


class FileProgressBinding(QObject):
    """Of the thread for files, and of the worker where it writes a model."""

    def __init__(self, card: FileProgress, context: Context) -> None:
        """Connects both directions."""
        super().__init__(card)
        self._card, self._files, self._session = card, context.files, context.session
        self._notices, self._closes = context.notices, False
        context.files.progressed.connect(self._show)
        context.session.request_progressed.connect(self._show_model)
        card.cancel_asked.connect(self._cancel)
        context.may_close = self._may_close

    def _show(self, words: str, done: int, of: int) -> None:
        self._card.show_progress(words, done, of)
        if not words and self._closes:
            self._card.window().close()

    def _show_model(self, words: str, done: int, of: int) -> None:
        if words == SAVING or (not words and self._card.words == SAVING):
            self._show(words, done, of)

    def _cancel(self) -> None:
        if self._card.words == SAVING:
            self._session.cancel_request()
            self._notices.tell("info", CANCELLED.format(SAVING))
        else:
            self._files.cancel()

    def _may_close(self) -> bool:
        """Whether the window may be closed at once; what takes long is asked about."""
        if self._card.isHidden():
            return True
        ask(
            self._card,
            f"The window is still {self._card.words}.",
            "Finish, then close",
            "Keep it open",
            self._finish,
            ("Close without it", self._give_up),
        )
        return False

    def _finish(self) -> None:
        self._closes = True
        if not self._card.words:
            self._card.window().close()

    def _give_up(self) -> None:
        self._finish()
        self._cancel()
