"""The menu that gives away a number: a program that computes it, to the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.widgets.picture_menu import add_copy

NUMBERS = {"value": "Copy this value as PyTorch", "gradient": "Copy this gradient as PyTorch"}
"""What can be asked for, and what the entry says."""


WHAT_IF = "What if it were another number …"
WHAT_IF_TIP = (
    "Change one number of a tensor: the step is computed again beside the real one, which stays as it is"
)


def offer_numbers(
    parent: QWidget, place: QPoint, ask: Callable[[str], object], what_if: Callable[[], object]
) -> QMenu:
    """Opens the menu.

    Args:
        parent: what it belongs to.
        place: on the screen.
        ask: hears which of `NUMBERS` the user wants.
        what_if: is called when they want to ask what if a number were another.
    """
    menu = QMenu(parent)
    menu.setObjectName("number_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    asking = menu.addAction(WHAT_IF, what_if)
    asking.setObjectName("what_if_action")
    asking.setToolTip(WHAT_IF_TIP)
    menu.addSeparator()
    for what, words in NUMBERS.items():
        entry = menu.addAction(words)
        entry.setObjectName(f"copy_{what}_action")
        entry.triggered.connect(lambda _checked=False, what=what: ask(what))
    add_copy(menu, parent)
    menu.popup(place)
    return menu
