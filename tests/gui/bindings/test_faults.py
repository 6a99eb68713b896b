"""The break-it lab in the whole window: opened by its key, run on the worker, handed on."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.faults import fault_named
from tests.gui.driver import press
from tests.gui.whole_window import PATIENCE, opened
from ui.bindings.faults import FaultsBinding
from ui.panels.faults import FaultsView
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance

# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot)


def lab_of(window: MainWindow) -> tuple[FaultsView, FaultsBinding]:
    press(window, "compare_faults_action")
    view = window.panel("faults")
    assert isinstance(view, FaultsView)
    binding = view.findChild(FaultsBinding)
    assert binding is not None
    view.steps.setValue(3)
    return view, binding


def test_a_fault_is_run_and_read(qtbot: QtBot, window: MainWindow) -> None:
    view, binding = lab_of(window)
    fault = fault_named("retain-graph")
    assert fault is not None
    view.list.rows.setCurrentRow([each.name for each in binding.lab.faults].index(fault.name))
    assert fault.question in view.text()
    view.run_button.click()
    assert not view.run_button.isEnabled()
    qtbot.waitUntil(lambda: view.run_button.isEnabled(), timeout=PATIENCE)
    assert f"Watch: {fault.watch}" in view.text()
    view.answer_button.click()
    assert fault.url in view.text()
    for appearance in (Appearance.DARK, Appearance.LIGHT):
        window.choose_appearance(appearance)
        view.grab()
    assert "retain_graph=True" in binding.lab.faulty
    view.open_button.click()
    assert (window.programs.current, window.programs.text) == ("autograd", binding.lab.faulty)
    assert window.session.settings.own is not None
    assert window.session.settings.own.text == binding.lab.faulty
    assert window.programs.edited


def test_the_window_closes_while_a_fault_runs(qtbot: QtBot, window: MainWindow) -> None:
    view, binding = lab_of(window)
    view.steps.setValue(2_000)
    with qtbot.waitSignal(binding.lab.progressed, timeout=PATIENCE):
        view.run_button.click()
    window.close()
    assert window.session.worker.isFinished()


def test_it_is_cancelled_and_the_next_one_runs(qtbot: QtBot, window: MainWindow) -> None:
    view, binding = lab_of(window)
    view.steps.setValue(2_000)
    with qtbot.waitSignal(binding.lab.progressed, timeout=PATIENCE):
        view.run_button.click()
    view.cancel_button.click()
    assert view.run_button.isEnabled()
    view.steps.setValue(2)
    view.moved.emit(1)
    view.run_button.click()
    qtbot.waitUntil(lambda: binding.lab.run is not None, timeout=PATIENCE)
    assert list(binding.lab.runs) == [binding.lab.fault.name]
