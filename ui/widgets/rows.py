"""Small parts that several windows are made of: a button with its tip, widgets in a row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.style.sheet import set_class


def button(text: str, tip: str, action: Callable[[], None]) -> QToolButton:
    """A button that the keyboard reaches; the tip is its accessible name, too."""
    button = QToolButton()
    set_class(button, "button")
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(lambda _checked: action())
    return button


def row(margins: tuple[int, int, int, int], *parts: tuple[QWidget, int], spacing: int = 12) -> QHBoxLayout:
    """Widgets side by side, each with its share of the room that is left."""
    row = QHBoxLayout()
    row.setContentsMargins(*margins)
    row.setSpacing(spacing)
    for part, stretch in parts:
        row.addWidget(part, stretch)
    return row
