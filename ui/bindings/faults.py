"""Connects the window of the break-it lab with its state."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.faults import FaultsView
from ui.panels.faults.shown import ShownFault
from ui.state.faults import FaultLab

REPLACED = "The edited text of {} gave way to the faulty program."
UNDO = "Undo in the code brings it back."


class FaultsBinding(QObject):
    """Shows the fault that is looked at, and does what the user wants with it.

    Attributes:
        lab: the state.
    """

    def __init__(self, view: FaultsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._programs, self._notices = view, context.programs, context.notices
        self.lab = lab = FaultLab(context.requests, self)
        view.set_faults(lab.faults)
        view.fault_chosen.connect(lab.choose)
        view.moved.connect(lab.move)
        view.run_asked.connect(lab.start)
        view.cancel_asked.connect(lab.cancel)
        view.open_asked.connect(self._open)
        lab.changed.connect(self._show)
        lab.progressed.connect(view.show_progress)
        self._show()

    def _show(self) -> None:
        lab = self.lab
        self._view.show_fault(
            ShownFault(lab.fault, lab.healthy, lab.faulty, lab.run, lab.problem, lab.is_running)
        )

    def _open(self) -> None:
        """As if the user had typed it over the stage's text: Put back brings that again."""
        programs, stage = self._programs, self.lab.fault.stage
        replaced = stage in programs.edited_stages
        programs.choose(stage)
        programs.edit(self.lab.faulty)
        programs.commit()
        if replaced:
            self._notices.tell("info", REPLACED.format(programs.name), "", UNDO)
