"""What the user is told, whoever tells it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from playground.settings import undisturbed

MOST_KEPT = 200
"""Older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the user was told.

    Attributes:
        level: info, warning or error.
        text: one line.
        details: what can be copied, a traceback say.
        hint: what the user may do about it.
        time: when it was told.
    """

    level: str
    text: str
    details: str
    hint: str
    time: datetime


class Notices(QObject):
    """Hands notices on to whoever shows them, and keeps them.

    Attributes:
        kept: what was told, the newest last.

    Signals:
        told(str, str, str, str): level (info, warning, error), text, details to be copied, and a hint.
        overcome(str): what was told with this text holds no longer.
    """

    told = Signal(str, str, str, str)
    overcome = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing has been told."""
        super().__init__(parent)
        self.kept: deque[Notice] = deque(maxlen=MOST_KEPT)

    def tell(self, level: str, text: str, details: str = "", hint: str = "") -> None:
        """Tells the user something.

        Args:
            level: info, warning or error.
            text: one line.
            details: what can be copied, a traceback say.
            hint: what the user may do about it.
        """
        text, hint = undisturbed(text), undisturbed(hint)
        self.kept.append(Notice(level, text, details, hint, datetime.now().astimezone()))
        self.told.emit(level, text, details, hint)

    def warn(self, text: str) -> None:
        """Tells why something that the user wants cannot be."""
        self.tell("warning", text)

    def take_back(self, text: str) -> None:
        """What was told with this text holds no longer; it stays in the list of what was told."""
        self.overcome.emit(undisturbed(text))
