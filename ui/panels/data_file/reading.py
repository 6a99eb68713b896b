"""A small dialog while a large file is read: how far it is, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from ui.widgets.number_text import show_whole

SHOWN_AFTER = 400
"""Milliseconds: a file that is read by then needs no dialog."""


class ReadingDialog(QDialog):
    """Counts rows; `rejected` tells that it should be stopped."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Shows itself when the file of this name takes long."""
        super().__init__(parent)
        self.setObjectName("reading_dialog")
        self.setWindowTitle(f"Reading {name}")
        self._name = name
        self._label = QLabel(f"Reading {name} …")
        self._label.setObjectName("reading_rows")
        self._label.setMinimumWidth(280)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(self._label)
        rows.addWidget(buttons)
        self._wait = QTimer(self, singleShot=True, interval=SHOWN_AFTER)
        self._wait.timeout.connect(self.open)
        self._wait.start()

    def show_rows(self, rows: int) -> None:
        """So many were read."""
        self._label.setText(f"Reading {self._name}: {show_whole(rows)} rows …")

    def end(self) -> None:
        """The file was read, or is not wanted."""
        self._wait.stop()
        self.hide()
        self.deleteLater()
