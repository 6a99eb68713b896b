"""Connects the window of the break-it lab with its state."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.bindings.context import Context
from ui.panels.faults import FaultsView
from ui.panels.faults.shown import ShownFault
from ui.state.faults import FaultLab


class FaultsBinding(QObject):
    """Shows the fault that is looked at, and does what the user wants with it.

    Attributes:
        lab: the state.

    Signals:
        opened(str, str): the user wants this text, of the stage of this name, in the main window.
    """

    opened = Signal(str, str)

    def __init__(self, view: FaultsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view = view
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
        self.opened.emit(self.lab.faulty, self.lab.fault.stage)
