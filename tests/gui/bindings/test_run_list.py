"""The runs that a window has made: listed, compared, hidden, loaded back, and run one after the other."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.run_all import RunAllDialog
from ui.panels.runs import RunsPanel
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.state.runs import SETTINGS_BACK

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    window = opened(qtbot)
    for name, value in {**SIZES, "steps": 30}.items():
        window.session.choose(name, value)
    return window


def stages_of(window: MainWindow) -> list[str]:
    return [entry.settings.stage for entry in window.runs.archive.entries]


def test_runs_are_renamed_hidden_and_removed(qtbot: QtBot, window: MainWindow) -> None:
    train_to_the_end(qtbot, window)
    window.session.reset()
    train_to_the_end(qtbot, window)
    first, second = (entry.number for entry in window.runs.archive.entries)
    panel = find(window, RunsPanel)
    panel.renamed.emit(first, "the first one")
    panel.visibility_chosen.emit(first, False)
    assert "the first one" in panel.text()
    entry = window.runs.archive.get(first)
    assert entry is not None
    assert not entry.visible
    panel.removed.emit(first)
    assert [each.number for each in window.runs.archive.entries] == [second]
    panel.removed.emit(second)
    assert [each.number for each in window.runs.archive.entries] == [second]
    assert "cannot be removed" in window.notice


def test_stages_run_one_after_the_other_from_the_same_start(qtbot: QtBot, window: MainWindow) -> None:
    own = window.session.settings
    action = window.findChild(QAction, "compare_runs_action")
    assert action is not None
    action.trigger()
    dialog = window.findChild(RunAllDialog)
    assert dialog is not None
    for name in ("tensor", "function", "optim", "module"):
        dialog.boxes[name].setChecked(False)
    button = dialog.findChild(QPushButton, "run_all_button")
    assert button is not None
    button.click()
    qtbot.waitUntil(
        lambda: stages_of(window)[2:3] == ["nn"] and window.session.state is RunState.PAUSED, timeout=PATIENCE
    )
    assert window.session.settings == own
    assert SETTINGS_BACK in window.notice
    assert [each.settings.stage for each in window.runs.archive.entries if each.steps] == [
        "numpy",
        "autograd",
        "nn",
    ]
    comparison = window.runs.comparison()
    assert comparison is not None
    assert comparison.reference == "numpy"
    assert [each.stage for each in comparison.stages] == ["numpy", "autograd", "nn"]
    for each in comparison.stages:
        assert each.max_relative_difference <= 1e-9
        assert each.max_difference_of_first_loss <= 1e-14
