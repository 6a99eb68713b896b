"""Two programs in the whole window: what is edited beside what it was, with the graphs of both."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.driver import press
from tests.gui.whole_window import PATIENCE, opened
from ui.bindings.two_programs import TwoProgramsBinding
from ui.panels.two_programs import TwoProgramsView
from ui.shell.window import MainWindow

# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot, **SIZES)


def view_of(window: MainWindow) -> tuple[TwoProgramsView, TwoProgramsBinding]:
    press(window, "compare_programs_action")
    view = window.panel("two_programs")
    assert isinstance(view, TwoProgramsView)
    binding = view.findChild(TwoProgramsBinding)
    assert binding is not None
    view.steps.setValue(4)
    return view, binding


def test_an_edit_is_held_against_the_original(qtbot: QtBot, window: MainWindow) -> None:
    window.programs.choose("autograd")
    window.programs.edit(window.programs.text.replace("clamp(min=0)", "tanh()"))
    view, binding = view_of(window)
    assert [box.currentText() for box in view.boxes] == ["autograd.py (original)", "autograd.py (edited)"]
    view.compare_button.click()
    qtbot.waitUntil(lambda: view.compare_button.isEnabled(), timeout=PATIENCE)
    assert "has other numbers" in view.text()
    contrast = binding.graph.canvas.contrast
    assert contrast is not None
    assert {key.partition("Backward")[0] for key in contrast.difference.appeared} >= {"Tanh"}
    assert {key.partition("Backward")[0] for key in contrast.difference.vanished} >= {"Clamp"}
    # What is typed meanwhile makes it stale.
    window.programs.edit(window.programs.text.replace("tanh()", "sigmoid()"))
    assert "sigmoid" in binding.state.chosen()[1].program.text
    assert "compare again" in view.text()
    view.grab()


def test_a_file_is_asked_for(qtbot: QtBot, window: MainWindow) -> None:
    view, _ = view_of(window)
    view.open_asked.emit(True)
    dialog = view.findChild(QFileDialog)
    assert dialog is not None
    dialog.close()


def test_the_window_closes_while_they_run(qtbot: QtBot, window: MainWindow) -> None:
    view, binding = view_of(window)
    view.steps.setValue(10_000)
    with qtbot.waitSignal(binding.state.progressed, timeout=PATIENCE):
        view.compare_button.click()
    window.close()
    assert window.session.worker.isFinished()


def test_what_is_typed_while_it_is_closed_costs_nothing(qtbot: QtBot, window: MainWindow) -> None:
    view, binding = view_of(window)
    view.window().close()
    shown: list[object] = []
    binding.state.changed.connect(lambda: shown.append(view.text()))
    before = view.text()
    window.programs.edit("import torch\n")
    assert shown == [before]
    window.bring_forward("two_programs")
    assert view.text() != before
