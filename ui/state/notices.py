"""What the user is told, whoever tells it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Notices(QObject):
    """Hands notices on to whoever shows them.

    Signals:
        told(str, str, str, str): level (info, warning, error), text, details to be copied, and a hint.
    """

    told = Signal(str, str, str, str)

    def tell(self, level: str, text: str, details: str = "", hint: str = "") -> None:
        """Tells the user something.

        Args:
            level: info, warning or error.
            text: one line.
            details: what can be copied, a traceback say.
            hint: what the user may do about it.
        """
        self.told.emit(level, text, details, hint)

    def warn(self, text: str) -> None:
        """Tells why something that the user wants cannot be."""
        self.tell("warning", text)
