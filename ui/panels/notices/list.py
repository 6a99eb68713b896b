"""All that the program has told since it was started."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ui.style.sheet import set_class

EMPTY = "Nothing has been told so far."


class NoticeList(QWidget):
    """A text, the newest notice first, that can be read, selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing has been told."""
        super().__init__(parent)
        self.setObjectName("notice_list")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setObjectName("told_text")
        self.text.setAccessibleName("Notices")
        set_class(self.text, "code")
        self._copy = QToolButton()
        self._copy.setText("Copy all")
        set_class(self._copy, "button")
        self._copy.clicked.connect(self._copy_all)
        self._empty = QLabel(EMPTY)
        set_class(self._empty, "muted message")
        column = QVBoxLayout(self)
        column.addWidget(self._empty)
        column.addWidget(self.text, 1)
        column.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignRight)
        self.show_notices([])

    def show_notices(self, notices: Sequence[tuple[str, str, str, str, str]]) -> None:
        """Shows these, each as time, level, text, hint and details; the last one is the newest."""
        self._empty.setVisible(not notices)
        self.text.setVisible(bool(notices))
        self._copy.setVisible(bool(notices))
        self.text.setPlainText("\n\n".join(_written(*each) for each in reversed(notices)))

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())


def _written(time: str, level: str, text: str, hint: str, details: str) -> str:
    lines = [f"{time}  {level}: {text}", *filter(None, (hint, details.rstrip()))]
    return "\n".join(lines)
