"""Lets the keys be seen that are pressed, where the window is seen from afar."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.keys import PressedKeys
from ui.state.view_options import ViewOptions


class KeysBinding(QObject):
    """Listens while the projector is on."""

    def __init__(self, keys: PressedKeys, context: Context) -> None:
        """Listens at once if it is on."""
        super().__init__(keys)
        self._keys = keys
        context.view.changed.connect(self._show_view)
        self._show_view(context.view.options)

    def _show_view(self, options: ViewOptions) -> None:
        self._keys.listen(options.projector)
