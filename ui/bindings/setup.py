"""Connects shared set-ups with the clipboard and with the dialog that takes them over."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from playground.workspace.share import Setup, SharedTextError, decode_setup, looks_shared
from ui.bindings.context import Context
from ui.panels.setup import SetupDialog

COPIED = "The set-up is on the clipboard, a line of {} characters."
COPIED_HINT = (
    "File › Share › Paste a set-up takes it over in another window; so does torch-playground open LINE."
)


def setup_actions(context: Context) -> dict[str, Callable[[], object]]:
    """What the entries of the Share menu do, by their names."""

    def copy() -> None:
        text = context.sharing.text()
        QGuiApplication.clipboard().setText(text)
        context.notices.tell("info", COPIED.format(len(text)), "", COPIED_HINT)

    return {"copy_setup": copy, "paste_setup": lambda: context.places.bring_forward("setup")}


class SetupBinding(QObject):
    """Shows what the line in the dialog is, and takes it over."""

    def __init__(self, dialog: SetupDialog, context: Context) -> None:
        """Puts in what is on the clipboard, if that is a set-up."""
        super().__init__(dialog)
        self._dialog, self._sharing = dialog, context.sharing
        self._setup: Setup | None = None
        dialog.text_changed.connect(self._read)
        dialog.taken.connect(self._take)
        text = QGuiApplication.clipboard().text()
        if looks_shared(text):
            dialog.set_line(text)

    def _read(self, text: str) -> None:
        self._setup = None
        if not text.strip():
            self._dialog.show_meaning("", "", False)
            return
        try:
            self._setup = decode_setup(text)
        except SharedTextError as error:
            message = str(error)
            self._dialog.show_meaning(f"{message[:1].upper()}{message[1:]}.".replace("..", "."), "", False)
            return
        own = self._setup.settings.own
        self._dialog.show_meaning(self._sharing.in_words(self._setup), "" if own is None else own.text, True)

    def _take(self) -> None:
        if self._setup is not None:
            self._sharing.take(self._setup)
