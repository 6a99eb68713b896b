"""Connects shared set-ups with the clipboard and with the dialog that takes them over."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from playground.workspace.qr import TooLongError, qr_modules
from playground.workspace.share import Setup, SharedTextError, decode_setup, looks_shared
from ui.bindings.context import Context
from ui.panels.setup import SetupDialog
from ui.panels.setup_code import SetupCode
from ui.state.file_work import sentence

COPIED = "The set-up is on the clipboard, a line of {} characters."
COPIED_HINT = (
    "File › Share › Paste a set-up takes it over in another window; so does torch-playground open LINE."
)
TOO_LONG_HINT = "Copy the set-up as text, or save the session, and give that away."


def setup_actions(context: Context) -> dict[str, Callable[[], object]]:
    """What the entries of the Share menu do, by their names."""

    def copy() -> None:
        text = context.sharing.text()
        QGuiApplication.clipboard().setText(text)
        context.notices.tell("info", COPIED.format(len(text)), "", COPIED_HINT)

    def show_code() -> None:
        try:
            qr_modules(context.sharing.text())
        except TooLongError as error:
            context.notices.tell("warning", sentence(error), "", TOO_LONG_HINT)
        else:
            context.places.bring_forward("setup_code")

    return {
        "copy_setup": copy,
        "show_code_of_setup": show_code,
        "paste_setup": lambda: context.places.bring_forward("setup"),
    }


class SetupCodeBinding(QObject):
    """Shows the code of what stands in the window."""

    def __init__(self, dialog: SetupCode, context: Context) -> None:
        """Shows it as it is now."""
        super().__init__(dialog)
        line = context.sharing.text()
        dialog.show_code(qr_modules(line), context.sharing.in_words(decode_setup(line)))
        dialog.copy_asked.connect(setup_actions(context)["copy_setup"])


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
