"""Connects the banner with what is changed in the shown step."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.data.what_if_targets import label_of, recorded_value
from ui.bindings.context import Context
from ui.panels.what_if import WhatIfBanner
from ui.panels.what_if.words import Changed


class WhatIfBinding(QObject):
    """The banner has a place as long as something is changed."""

    def __init__(self, banner: WhatIfBanner, context: Context) -> None:
        """Connects both directions."""
        super().__init__(banner)
        self._banner, self._state, self._places = banner, context.what_if, context.places
        banner.end_asked.connect(self._state.end)
        self._state.changed.connect(self._show)

    def _show(self) -> None:
        state = self._state
        recording, found = state.recording, state.found
        if recording is not None:
            changes = [
                Changed(label_of(recording, each), each.value, recorded_value(recording, each))
                for each in state.interventions
            ]
            losses = None if found is None else (found.real.loss, found.changed.loss)
            self._banner.show_changes(changes, losses, state.progress, state.problem)
        self._places.set_present("what_if", recording is not None)
