"""Connects the list of runs with the runs that were made."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.runs import RunsPanel


class RunsBinding(QObject):
    """Lists the runs; what the user does to one of them is done to the run."""

    def __init__(self, panel: RunsPanel, context: Context) -> None:
        """Connects both directions."""
        super().__init__(panel)
        self._panel, self._runs = panel, context.runs
        runs = context.runs
        runs.changed.connect(self._show)
        runs.noticed.connect(context.notices.tell)
        panel.visibility_chosen.connect(runs.set_visible)
        panel.renamed.connect(runs.rename)
        panel.pinned.connect(runs.pin)
        panel.removed.connect(runs.remove)
        panel.load_chosen.connect(runs.load)
        panel.refused.connect(context.notices.warn)
        self._show()

    def _show(self) -> None:
        archive = self._runs.archive
        self._panel.show_runs(archive.entries, archive.present)
        self._panel.set_memory(archive.summary())
