"""Connects the window of the devices with the worker that looks for them and checks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QObject

from playground.comparing.device_results import CheckedDevice
from playground.devices import Device
from ui.bindings.context import Context
from ui.panels.devices import DevicesView
from ui.session.requests import Answer, DevicesRequest, Request


class DevicesBinding(QObject):
    """Shows the devices of this machine, and what each stage does on them once that was asked for."""

    def __init__(self, view: DevicesView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._session, self._requests = view, context.session, context.requests
        self._asked = 0
        view.check_asked.connect(self._ask)
        view.cancel_asked.connect(self._stop)
        context.session.worker.devices_found.connect(self._show)
        context.requests.answered.connect(self._take)
        context.requests.progressed.connect(self._show_progress)
        self._show(context.session.devices)

    def _show(self, devices: Sequence[Device]) -> None:
        self._view.show_devices(tuple(CheckedDevice(device) for device in devices))

    def _ask(self) -> None:
        self._asked += 1
        self._view.show_progress(0, 0)
        self._requests.ask(DevicesRequest(self._asked, self._session.settings.threads))

    def _stop(self) -> None:
        self._requests.stop(DevicesRequest)
        self._show(self._session.devices)

    def _show_progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, DevicesRequest):
            self._view.show_progress(done, of)

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, DevicesRequest):
            return
        if problem:
            self._view.show_problem(problem)
        else:
            self._view.show_devices(cast("tuple[CheckedDevice, ...]", answer))
