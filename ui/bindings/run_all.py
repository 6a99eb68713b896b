"""Connects the dialog that runs several stages with the runs."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.run_all import RunAllDialog


class RunAllBinding(QObject):
    """Runs the chosen stages from the chosen start, and shows the list of runs."""

    def __init__(self, dialog: RunAllDialog, context: Context) -> None:
        """Listens."""
        super().__init__(dialog)
        self._context = context
        dialog.runs_chosen.connect(self._run)

    def _run(self, stages: tuple[str, ...], same_start: bool, dtype: str) -> None:
        self._context.places.bring_forward("runs")
        self._context.runs.run_stages(stages, same_start, dtype if same_start else None)
