"""The answer to a fault's question, with the page of PyTorch's documentation that treats it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from playground.faults.fault import Fault


class FaultAnswer(QLabel):
    """What happens, why, and what would be right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("faults_answer")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setOpenExternalLinks(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.hide()

    def show_answer(self, fault: Fault | None) -> None:
        """Shows that of a fault; None hides it."""
        self.setVisible(fault is not None)
        if fault is not None:
            page = f'<a href="{escape(fault.url)}">{escape(fault.url.removeprefix("https://"))}</a>'
            self.setText(f"<p>{escape(fault.answer)}</p><p>PyTorch’s page: {page}</p>")
