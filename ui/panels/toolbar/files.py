"""The File menu: programs, and below them what the window gives away and takes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ui.widgets.actions import ActionSpec, actions_of, tooltip

SUBMENUS = (("export", "E&xport"), ("share", "S&hare"), ("session", "Sess&ions"))
"""Groups of actions, and what their menus are called."""
SEPARATED = ("export_graph", "export_model")
"""Entries above which a line is drawn."""


class FileMenu(QMenu):
    """Entries and submenus.

    Attributes:
        entries: every action, by its name.

    Signals:
        recent_chosen(str): the user wants this file, which was open before.
    """

    recent_chosen = Signal(str)

    def __init__(self, make: Callable[[ActionSpec], QAction], parent: QWidget) -> None:
        """Makes the actions.

        Args:
            make: makes an action that tells of itself.
            parent: the button that opens the menu.
        """
        super().__init__("File", parent)
        self._purposes: dict[str, str] = {}
        self.entries: dict[str, QAction] = {}
        self._recent_paths: tuple[str, ...] | None = None
        self._recent = QMenu("Open &recent", self)
        self._recent.setToolTipsVisible(True)
        for spec in actions_of("file"):
            self._add(self, spec, make)
            if spec.name == "open":
                self.addMenu(self._recent)
        self.addSeparator()
        for group, title in SUBMENUS:
            self.addMenu(self._submenu(group, title, make))

    def set_file(self, can_save: bool, can_close: bool, recent: Sequence[str]) -> None:
        """What can be done with the program's file; see `RunBar.set_files`."""
        self.entries["save"].setEnabled(can_save)
        self.entries["close_file"].setEnabled(can_close)
        if tuple(recent) == self._recent_paths:
            return
        self._recent_paths = tuple(recent)
        self._recent.clear()
        self._recent.setEnabled(bool(recent))
        for path in recent:
            entry = self._recent.addAction(Path(path).name)
            entry.setToolTip(path)
            entry.triggered.connect(lambda _checked=False, path=path: self.recent_chosen.emit(path))

    def set_possible(self, reasons: Mapping[str, str]) -> None:
        """Enables entries, or says in their tooltips why they are not; see `RunBar.set_exports`."""
        for name, reason in reasons.items():
            entry = self.entries[name]
            entry.setEnabled(not reason)
            purpose = self._purposes[name]
            entry.setToolTip(f"{purpose}. Not now: {reason}." if reason else tooltip(purpose, entry))

    def _submenu(self, group: str, title: str, make: Callable[[ActionSpec], QAction]) -> QMenu:
        menu = QMenu(title, self)
        menu.setObjectName(f"{group}_menu")
        menu.setToolTipsVisible(True)
        for spec in actions_of(group):
            if spec.name in SEPARATED:
                menu.addSeparator()
            self._add(menu, spec, make)
        return menu

    def _add(self, menu: QMenu, spec: ActionSpec, make: Callable[[ActionSpec], QAction]) -> None:
        self.entries[spec.name] = entry = make(spec)
        self._purposes[spec.name] = spec.purpose
        menu.addAction(entry)
