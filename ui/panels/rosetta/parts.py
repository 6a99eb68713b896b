"""Small parts of which the comparison of two stages is put together."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QToolButton, QWidget

from ui.panels.rosetta.code import RosettaCode


def button(text: str, tip: str, action: Callable[[], None]) -> QToolButton:
    """A button that the keyboard reaches; the tip is its accessible name, too."""
    button = QToolButton()
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


def bar_beside(code: RosettaCode) -> QScrollBar:
    """A scroll bar at the outer side of a text: its own would stand between the text and what joins it."""
    own, bar = code.verticalScrollBar(), QScrollBar(Qt.Orientation.Vertical)
    code.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    bar.setAccessibleName(f"Scroll the {code.accessibleName().lower()}")

    def follow(low: int, high: int) -> None:
        bar.setRange(low, high)
        bar.setPageStep(own.pageStep())

    own.rangeChanged.connect(follow)
    own.valueChanged.connect(bar.setValue)
    bar.valueChanged.connect(own.setValue)
    return bar
