"""What a presenter does with the window's panels: hides them, shows them, copies pictures of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from ui.bindings.context import Context
from ui.state.view_options import HIDEABLE, Hideable
from ui.widgets.actions import actions_of


class Presenting(QObject):
    """Hides, shows and copies panels.

    Attributes:
        actions: what to do, by the names of the actions.
    """

    def __init__(self, parent: QObject, context: Context) -> None:
        """Does nothing until it is asked."""
        super().__init__(parent)
        self._view, self._places, self._notices = context.view, context.places, context.notices
        self.actions: dict[str, Callable[[], object]] = {
            **{f"show_{name}": partial(self._switch, name) for name in HIDEABLE},
            **{spec.name: partial(self._copy, spec.name, spec.title) for spec in actions_of("pictures")},
        }

    def _switch(self, name: Hideable) -> None:
        if not self._view.switch_panel(name):
            self._notices.warn("This is the only panel that is shown: show another one before it is hidden.")

    def _copy(self, action: str, title: str) -> None:
        picture = self._places.picture_of(action.removeprefix("copy_"))
        QGuiApplication.clipboard().setPixmap(picture)
        size = f"{picture.width()} × {picture.height()} pixels"
        self._notices.tell("info", f"{title}: a picture of {size} is on the clipboard.")
