"""Keeps recorded steps, and shows those that are kept, wherever that is asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from ui.bindings.context import Context
from ui.widgets.file_dialogs import ask
from ui.widgets.keep_menu import offer_keeping

LEAVES = "This step is of {}, another program. To see it, {} ends here; its losses stay in the Runs tab."


class Keeping(QObject):
    """What a panel's menu does; questions stand in front of the panel's window."""

    def __init__(self, panel: QWidget, context: Context) -> None:
        """Does nothing by itself."""
        super().__init__(panel)
        self._panel, self._kept = panel, context.kept

    @property
    def names(self) -> list[str]:
        """The kept steps in words."""
        return [f"step {each.recording.step:,} of {each.name}".replace(",", " ") for each in self._kept.steps]

    @property
    def shown(self) -> int | None:
        """Which of them is shown, None if none is."""
        keys = [(each.run, each.recording.step) for each in self._kept.steps]
        return keys.index(self._kept.shown) if self._kept.shown in keys else None

    def open_menu(self, place: QPoint, step: int | None = None) -> None:
        """Opens the menu of a step of the present run, or of what is shown."""
        shown = self._kept.shown
        number = step if step is not None or shown is None else shown[1]
        words = None if number is None else (f"step {number:,}".replace(",", " "), self._kept.is_kept(step))
        offer_keeping(self._panel, place, words, self.names, lambda: self._kept.switch(step), self.show_kept)

    def show_kept(self, number: int) -> None:
        """Shows one of the kept steps; where the present run would end by that it is asked about."""
        steps = self._kept.steps
        if number >= len(steps):
            return
        kept = steps[number]
        leaves = self._kept.leaves(kept)
        if leaves:
            text = LEAVES.format(kept.name, leaves)
            ask(self._panel, text, "Show the step", "Stay here", lambda: self._kept.show(kept))
        else:
            self._kept.show(kept)
