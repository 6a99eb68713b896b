"""What can be done with the selected runs: as buttons, as a menu, and by keys in the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from playground.runs.entry import RunEntry
from ui.style.sheet import set_class
from ui.widgets.picture_menu import add_copy

_ONE_ONLY = "Select one run to load its settings"
_ANY = "Select runs to pin them"
_PRESENT_STAYS = "The present run cannot be removed"


class RunsActions(QWidget):
    """A row of buttons, and a menu with further actions.

    Attributes:
        toggle, rename, load, pin, copy, remove: the actions.
        menu: all of them.
    """

    def __init__(self, keys_from: QWidget) -> None:
        """Makes the actions, for which no run is selected yet.

        Args:
            keys_from: the list whose keys set them off.
        """
        super().__init__()
        self.menu = QMenu(self)
        self.toggle = self._action("toggle", "Show or hide", "Space", keys_from)
        self.rename = self._action("rename", "Rename", "F2", keys_from)
        self.menu.addSeparator()
        self.load = self._action("load", "Load settings", "", keys_from)
        self.pin = self._action("pin", "Pin", "", keys_from)
        self.copy = self._action("copy", "Copy", "Ctrl+C", keys_from)
        self.remove = self._action("remove", "Remove", "Del", keys_from)
        add_copy(self.menu, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 4)
        row.setSpacing(6)
        self._buttons = [self._button(each) for each in (self.load, self.pin, self.remove)]
        for button in self._buttons:
            row.addWidget(button)
        row.addStretch(1)

    def show_chosen(self, chosen: Sequence[RunEntry], present: int | None, listed: bool) -> None:
        """Enables what can be done.

        Args:
            chosen: the selected runs.
            present: number of the present run, or None.
            listed: whether there is any run.
        """
        one = len(chosen) == 1
        removable = any(entry.number != present for entry in chosen)
        all_pinned = bool(chosen) and all(entry.pinned for entry in chosen)
        self.toggle.setEnabled(listed)
        self.rename.setEnabled(listed)
        self.load.setEnabled(one)
        self.load.setToolTip(f"Take the settings of {chosen[0].name!r}" if one else _ONE_ONLY)
        self.pin.setEnabled(bool(chosen))
        self.pin.setText("Unpin" if all_pinned else "Pin")
        self.pin.setToolTip(_pin_tip(all_pinned) if chosen else _ANY)
        self.copy.setEnabled(listed)
        self.remove.setEnabled(removable)
        self.remove.setToolTip(_remove_tip(bool(chosen), removable))
        for button in self._buttons:
            button.setAccessibleName(f"{button.text()} (selected runs)")

    def _action(self, name: str, text: str, keys: str, keys_from: QWidget) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"run_{name}_action")
        if keys:
            action.setShortcut(QKeySequence(keys))
            # Only while the list has the focus: Space and Del mean something else in every other place.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        keys_from.addAction(action)
        self.menu.addAction(action)
        return action

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setObjectName(action.objectName().replace("action", "button"))
        set_class(button, "button small")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setDefaultAction(action)
        return button


def _pin_tip(all_pinned: bool) -> str:
    if all_pinned:
        return "Let the selected runs go when memory is short"
    return "Keep the selected runs when memory is short"


def _remove_tip(chosen: bool, removable: bool) -> str:
    if removable:
        return "Throw the selected runs away (Del)"
    return _PRESENT_STAYS if chosen else "Select runs to remove them"
