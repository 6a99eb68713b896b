"""Connects the ladder of stages, and the files below it, with the programs."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.bindings.files import Files
from ui.panels.ladder import StageLadder
from ui.panels.ladder.panel import FileRung
from ui.state.view_options import ViewOptions


class LadderBinding(QObject):
    """Shows which program runs, and chooses another."""

    def __init__(self, ladder: StageLadder, context: Context) -> None:
        """Connects both directions."""
        super().__init__(ladder)
        self._ladder, self._programs = ladder, context.programs
        ladder.stage_chosen.connect(context.programs.choose)
        files = Files(ladder, context)
        ladder.close_asked.connect(files.close)
        ladder.open_asked.connect(files.actions["open"])
        context.programs.changed.connect(self._show)
        context.view.changed.connect(self._show_view)
        self._show_view(context.view.options)
        self._show()

    def _show_view(self, options: ViewOptions) -> None:
        self._ladder.set_rail(options.projector)

    def _show(self) -> None:
        programs = self._programs
        files = [FileRung(each.path, each.name, each.edited) for each in programs.files]
        self._ladder.show_programs(programs.current, files, programs.edited_stages)
