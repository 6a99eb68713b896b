"""The code's name, whether it was edited, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

TITLE_TIP = (
    "Type to change the program; Ctrl+Return runs it.\n"
    "Ctrl+F finds, Ctrl+/ comments out, Ctrl+Space completes.\n"
    "Tab indents: to leave the code by keyboard, press Esc, then Tab.\n"
    "Alt+Return marks what ran in the caret's line, as a click on it does."
)


class CodeHeader(QWidget):
    """One row above the code.

    Signals:
        copied(): the user wants the whole code in the clipboard.
        compared(), put_back(), saved(): the user wants the difference to what it was, that text again, or
            this one in a file.
    """

    copied = Signal()
    compared = Signal()
    put_back = Signal()
    saved = Signal()

    def __init__(self) -> None:
        """Without a name, not edited."""
        super().__init__()
        self._title = QLabel("Code")
        self._title.setObjectName("code_title")
        self._title.setToolTip(TITLE_TIP)
        set_class(self._title, "title")
        self.file = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self.file.setObjectName("code_file")
        set_class(self.file, "muted")
        self._edited = QLabel("edited")
        self._edited.setObjectName("code_edited")
        self._edited.setToolTip("You have changed this program")
        set_class(self._edited, "changed")
        self._copy = _button("copy", "Copy", "Copy the whole code")
        self._copy.clicked.connect(self.copied)
        self._difference = _button("difference", "Difference", "Compare with what it was before your changes")
        self._difference.clicked.connect(self.compared)
        self._put_back = _button("put_back", "Put back", "Take all your changes back")
        self._put_back.clicked.connect(self.put_back)
        self._save = _button("save", "Save", "Save as a file (Ctrl+S)")
        self._save.clicked.connect(self.saved)
        self._arrange()
        self.set_edited(is_edited=False, can_put_back=False)

    def set_edited(self, *, is_edited: bool, can_put_back: bool) -> None:
        """Shows whether the code was edited, and what can be done then in place of copying it."""
        for widget in (self._edited, self._difference, self._put_back, self._save):
            widget.setVisible(is_edited)
        self._copy.setVisible(not is_edited)
        self._put_back.setEnabled(can_put_back)
        self._difference.setEnabled(can_put_back)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addSpacing(4)
        row.addWidget(self.file, 1)
        # As high as its word, unlike the buttons.
        row.addWidget(self._edited, 0, Qt.AlignmentFlag.AlignVCenter)
        for button in (self._copy, self._difference, self._put_back, self._save):
            row.addWidget(button)


def _button(name: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"code_{name}")
    set_class(button, "button")
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
