"""How far the run has come: how many steps of how many, how long the rest takes, and a line that grows."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.widgets.figure import Figure
from ui.widgets.progress_line import ProgressLine

WIDEST = "888 of 500 steps · 88 min left"


class RunProgress(QWidget):
    """A line of text above a line that grows; its room never changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A run that has made nothing."""
        super().__init__(parent)
        self._text = Figure("Steps made", WIDEST, grows=False)
        self._text.setObjectName("step_label")
        self._text.setBackgroundRole(QPalette.ColorRole.Base)
        self._line = ProgressLine("Progress of the run")
        self._line.setObjectName("progress")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(1)
        column.addStretch(1)
        column.addWidget(self._text)
        column.addWidget(self._line)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def show_progress(self, text: str, share: float) -> None:
        """Shows a text, and the share of the steps that are made, from 0 to 1."""
        self._text.set_text(text)
        self._line.set_share(share)
