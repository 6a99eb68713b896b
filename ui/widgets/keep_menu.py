"""The menu of a step: keeps it in the session, and goes to those that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.widgets.picture_menu import add_copy


def offer_keeping(
    parent: QWidget,
    place: QPoint,
    step: tuple[str, bool] | None,
    kept: Sequence[str],
    keep: Callable[[], object],
    show: Callable[[int], object],
) -> QMenu:
    """Opens the menu.

    Args:
        parent: what it belongs to.
        place: on the screen.
        step: which one it is, `"step 12"`, and whether it is kept; None without a step.
        kept: the steps that are kept, in words.
        keep: the user wants the step kept, or no longer.
        show: hears which of the kept ones the user wants to see.
    """
    menu = QMenu(parent)
    menu.setObjectName("keep_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    entry = menu.addAction("Keep this step" if step is None else f"Keep {step[0]} in the session")
    entry.setObjectName("keep_entry")
    entry.setCheckable(True)
    entry.setEnabled(step is not None)
    entry.setChecked(step is not None and step[1])
    entry.triggered.connect(lambda _checked=False: keep())
    shown = menu.addMenu("Kept steps")
    shown.setEnabled(bool(kept))
    for number, words in enumerate(kept):
        each = shown.addAction(words)
        each.setObjectName(f"kept_{number}_entry")
        each.triggered.connect(lambda _checked=False, number=number: show(number))
    add_copy(menu, parent)
    menu.popup(place)
    return menu
