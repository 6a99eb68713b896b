"""Asks for a shared set-up, shows what it is, and takes it over when the user agrees."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ui.style.sheet import set_class

WORDS = "Paste the line that somebody has copied from “Copy the set-up as text”; it begins with tp1."
NOT_YET = "Nothing of it runs before you press Run."
WIDTH, LINE_HEIGHT, PROGRAM_HEIGHT = 520, 84, 220
"""Pixels."""


class SetupDialog(QDialog):
    """A field for the line, what it stands for, and the program that comes with it.

    Signals:
        text_changed(str): the field holds another text.
        taken(): the user wants what is shown.
    """

    text_changed = Signal(str)
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty, with nothing to be taken over."""
        super().__init__(parent)
        self.setWindowTitle("Take over a set-up")
        words = QLabel(WORDS)
        words.setWordWrap(True)
        self.line = _field("setup_text", "Set-up", LINE_HEIGHT)
        # Tab leads on: there is nothing to be indented.
        self.line.setTabChangesFocus(True)
        self.line.textChanged.connect(lambda: self.text_changed.emit(self.line.toPlainText()))
        self.meaning = QLabel()
        self.meaning.setObjectName("setup_meaning")
        self.meaning.setTextFormat(Qt.TextFormat.PlainText)
        self.meaning.setWordWrap(True)
        self.program = _field("setup_program", "Program that comes with it", PROGRAM_HEIGHT)
        self.program.setReadOnly(True)
        self.program.setTabChangesFocus(True)
        self._promise = QLabel(NOT_YET)
        set_class(self._promise, "muted")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # Some desktops put a red sign on it.
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self._take = self._buttons.addButton("Take it over", QDialogButtonBox.ButtonRole.AcceptRole)
        self._take.setObjectName("setup_take")
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        for part in (words, self.line, self.meaning, self.program, self._promise, self._buttons):
            column.addWidget(part)
        self.show_meaning("", "", False)

    def set_line(self, text: str) -> None:
        """Puts a text into the field, as the user would."""
        self.line.setPlainText(text)

    def show_meaning(self, words: str, program: str, can_be_taken: bool) -> None:
        """Says what the text in the field is.

        Args:
            words: what it sets, or why it is no set-up.
            program: the text that comes with it, "" if none does.
            can_be_taken: whether it is a set-up.
        """
        self.meaning.setText(words)
        self.meaning.setVisible(bool(words))
        self.program.setPlainText(program)
        self.program.setVisible(bool(program))
        self._promise.setVisible(bool(program))
        self._take.setEnabled(can_be_taken)

    def _accept(self) -> None:
        self.accept()
        self.taken.emit()


def _field(name: str, called: str, height: int) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setObjectName(name)
    field.setAccessibleName(called)
    field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    field.setFixedSize(WIDTH, height)
    return field
