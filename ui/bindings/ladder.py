"""Connects the ladder of stages with the session."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.settings import Settings
from ui.bindings.context import Context
from ui.panels.ladder import StageLadder


class LadderBinding(QObject):
    """Shows which stage runs, and chooses another."""

    def __init__(self, ladder: StageLadder, context: Context) -> None:
        """Connects both directions."""
        super().__init__(ladder)
        self._ladder = ladder
        ladder.stage_chosen.connect(context.session.choose_stage)
        context.session.settings_changed.connect(self._show)
        self._show(context.session.settings)

    def _show(self, settings: Settings) -> None:
        self._ladder.show_stage(settings.stage)
