"""Windows of their own that compare stages: two side by side, what each costs, and what runs where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.comparing.device_results import CheckedDevice
from playground.devices import Device
from playground.settings import Settings
from playground.stages import STAGES
from ui.session.requests import Answer, CostsRequest, DevicesRequest, Request, RosettaRequest
from ui.session.session import RunState, Session

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost
    from playground.comparing.rosetta import Rosetta
    from ui.panels.costs.panel import CostsView
    from ui.panels.devices.panel import DevicesView
    from ui.panels.rosetta.panel import RosettaView

    View: TypeAlias = RosettaView | CostsView | DevicesView

RECORDING = "Recording a step of both …"
NOTE = "Same data and weights for both ({}, float64, seed {}); pairs were found by their values."
BY_HAND, BY_AUTOGRAD = "numpy", "autograd"


class Comparisons(QObject):
    """Opens the windows, asks the worker for what they show, and hands the answers on.

    Signals:
        node_chosen(str): the user chose a node of a graph.
    """

    node_chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget) -> None:
        """Opens nothing yet; what the windows need is loaded with the first of each."""
        super().__init__(parent)
        self._session = session
        self._latest: dict[type[Request], Request] = {}
        self._rosetta: _Window | None = None
        self._costs: _Window | None = None
        self._devices: _Window | None = None
        self._asked_devices = 0
        self._measured: tuple[StageCost, ...] = ()
        self._here: tuple[CheckedDevice, ...] = ()
        session.worker.devices_found.connect(self._take_devices)
        session.worker.answered.connect(self._take_answer)
        session.worker.progressed.connect(self._take_progress)

    def show_rosetta(self) -> None:
        """Opens the window with two stages side by side, at first the present one beside NumPy.

        What was compared before the sizes or the seed changed is compared anew.
        """
        if self._rosetta is None:
            from ui.panels.rosetta.panel import RosettaView

            self._rosetta_view = view = RosettaView()
            self._rosetta = self._open(view, "Two stages side by side", 1200, 760)
            view.stages_chosen.connect(self._ask_rosetta)
            view.node_chosen.connect(self.node_chosen)
            view.cancel_asked.connect(self._stop_rosetta)
            present = self._session.settings.stage
            right = BY_AUTOGRAD if present == BY_HAND else present
            view.set_stages([(stage.name, stage.title) for stage in STAGES], BY_HAND, right)
            self._ask_rosetta(BY_HAND, right)
        elif not self._rosetta.isVisible():
            asked = self._latest.get(RosettaRequest)
            # One that was cancelled waits for its button.
            if isinstance(asked, RosettaRequest) and _start(asked.settings) != _start(self._session.settings):
                self._ask_rosetta(asked.left, asked.right)
        self._raise(self._rosetta)

    def show_costs(self) -> None:
        """Opens the window with the bars of what each stage costs."""
        if self._costs is None:
            from ui.panels.costs.panel import CostsView

            self._costs_view = view = CostsView()
            self._costs = self._open(view, "What each way costs", 760, 520)
            view.measure_asked.connect(self._ask_costs)
            view.cancel_asked.connect(self._stop_costs)
        self._raise(self._costs)

    def show_devices(self) -> None:
        """Opens the window with the devices of this machine, and what runs on each."""
        if self._devices is None:
            from ui.panels.devices.panel import DevicesView

            self._devices_view = view = DevicesView()
            self._devices = self._open(view, "What runs where", 760, 520)
            view.check_asked.connect(self._ask_devices)
            view.cancel_asked.connect(self._stop_devices)
            view.show_devices(self._here)
        self._raise(self._devices)

    def close(self) -> None:
        """Closes the windows."""
        for window in (self._rosetta, self._costs, self._devices):
            if window is not None:
                window.close()

    def _open(self, view: View, title: str, width: int, height: int) -> _Window:
        # Not kept: a child that refers to its parent keeps it alive.
        window = _Window(view, title, cast("QWidget", self.parent()))
        window.resize(width, height)
        return window

    def _raise(self, window: QWidget) -> None:
        window.show()
        window.raise_()
        window.activateWindow()

    # Questions and answers

    def _ask_rosetta(self, left: str, right: str) -> None:
        settings = self._session.settings
        self._rosetta_view.set_waiting(RECORDING)
        self._rosetta_view.set_note(NOTE.format(*_start(settings)))
        self._ask(RosettaRequest(left, right, settings))

    def _ask_costs(self, stages: tuple[str, ...]) -> None:
        settings = self._session.settings
        sizes, seed = _start(settings)
        self._costs_view.set_conditions(f"{sizes}, cpu, seed {seed}; NumPy in float64, torch in float32")
        self._costs_view.show_progress(0, 1)
        self._ask(CostsRequest(stages, settings))

    def _ask_devices(self) -> None:
        self._asked_devices += 1
        self._devices_view.show_progress(0, 0)
        self._ask(DevicesRequest(self._asked_devices, self._session.settings.threads))

    def _stop_rosetta(self) -> None:
        self._stop(RosettaRequest)
        self._rosetta_view.set_cancelled()

    def _stop_costs(self) -> None:
        self._stop(CostsRequest)
        self._costs_view.show_costs(self._measured)

    def _stop_devices(self) -> None:
        self._stop(DevicesRequest)
        self._devices_view.show_devices(self._here)

    def _stop(self, kind: type[Request]) -> None:
        request = self._latest.pop(kind, None)
        if request is not None:
            self._session.worker.cancel(request)

    def _take_devices(self, devices: Sequence[Device]) -> None:
        self._here = tuple(CheckedDevice(device) for device in devices)
        if self._devices is not None:
            self._devices_view.show_devices(self._here)

    def _ask(self, request: Request) -> None:
        # Each window waits for its own answer, whatever the other has asked since.
        self._latest[type(request)] = request
        if self._session.state is RunState.RUNNING:
            # One thread does all the computing.
            self._session.pause()
        self._session.ask(request)

    def _take_progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, CostsRequest) and request is self._latest.get(CostsRequest):
            self._costs_view.show_progress(done, of)
        elif isinstance(request, DevicesRequest) and request is self._latest.get(DevicesRequest):
            self._devices_view.show_progress(done, of)

    def _take_answer(self, request: Request, answer: Answer | None, problem: str) -> None:
        if request is not self._latest.get(type(request)):
            return
        if isinstance(request, RosettaRequest):
            if problem:
                self._rosetta_view.set_problem(problem)
            else:
                self._rosetta_view.show_rosetta(cast("Rosetta", answer))
        elif isinstance(request, CostsRequest):
            if problem:
                self._costs_view.show_problem(problem)
            else:
                self._measured = cast("tuple[StageCost, ...]", answer)
                self._costs_view.show_costs(self._measured)
        elif isinstance(request, DevicesRequest):
            if problem:
                self._devices_view.show_problem(problem)
            else:
                self._devices_view.show_devices(cast("tuple[CheckedDevice, ...]", answer))


def _start(settings: Settings) -> tuple[str, int]:
    """What both windows take over of the settings: the sizes, in words, and the seed."""
    return " × ".join(str(size) for size in settings.sizes), settings.seed


class _Window(QWidget):
    """A window of its own around a panel; it goes with the main window."""

    def __init__(self, view: View, title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{title} — PyTorch Playground")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(view)
        closing = QAction("Close", self, shortcut=QKeySequence("Ctrl+W"))
        closing.triggered.connect(self.close)
        self.addAction(closing)
