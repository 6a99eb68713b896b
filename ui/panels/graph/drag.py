"""Tells a click from a drag."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication


class Drag:
    """What the pointer does from the press of its button to the release."""

    def __init__(self) -> None:
        """The button is up."""
        self._pressed: QPointF | None = None
        self._dragged: QPointF | None = None

    @property
    def is_pressed(self) -> bool:
        """Whether the button is down."""
        return self._pressed is not None

    def press(self, position: QPointF) -> None:
        """The button goes down."""
        self._pressed = position

    def move(self, position: QPointF) -> QPointF | None:
        """How far to drag for this movement; None as long as it may become a click."""
        if self._pressed is None:
            return None
        far = (position - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._dragged is None and not far:
            return None
        step = position - (self._dragged or self._pressed)
        self._dragged = position
        return step

    def release(self) -> bool:
        """The button goes up; whether that was a click."""
        clicked = self._pressed is not None and self._dragged is None
        self._pressed = self._dragged = None
        return clicked
