"""The menu that gives away a number: a program that computes it, to the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.widgets.picture_menu import add_copy

NUMBERS = {"value": "Copy this value as PyTorch", "gradient": "Copy this gradient as PyTorch"}
"""What can be asked for, and what the entry says."""


def offer_numbers(parent: QWidget, place: QPoint, ask: Callable[[str], object]) -> QMenu:
    """Opens the menu.

    Args:
        parent: what it belongs to.
        place: on the screen.
        ask: hears which of `NUMBERS` the user wants.
    """
    menu = QMenu(parent)
    menu.setObjectName("number_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for what, words in NUMBERS.items():
        entry = menu.addAction(words)
        entry.setObjectName(f"copy_{what}_action")
        entry.triggered.connect(lambda _checked=False, what=what: ask(what))
    add_copy(menu, parent)
    menu.popup(place)
    return menu
