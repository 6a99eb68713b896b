"""The runs that a window has made: listed, compared, hidden, loaded back, and run one after the other."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from playground.trainer import Trainer
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.run_all import RunAllDialog
from ui.panels.runs import RunsPanel
from ui.session.session import RunState
from ui.shell.window import MainWindow

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    window = opened(qtbot)
    for name, value in {**SIZES, "steps": 30}.items():
        window.session.choose(name, value)
    return window


def panel_of(window: MainWindow) -> RunsPanel:
    found = window.findChild(RunsPanel)
    assert isinstance(found, RunsPanel)
    return found


def stages_of(window: MainWindow) -> list[str]:
    return [entry.settings.stage for entry in window.runs.archive.entries]


def losses_of(window: MainWindow, place: int) -> list[float]:
    return list(window.runs.archive.entries[place].history.losses())


def test_every_run_stays_in_the_list(qtbot: QtBot, window: MainWindow) -> None:
    train_to_the_end(qtbot, window)
    window.session.choose_stage("nn")
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    window.refresh()
    assert stages_of(window) == ["autograd", "nn"]
    for place, stage in enumerate(("autograd", "nn")):
        trainer = Trainer(make_settings(stage=stage, **SIZES, steps=30))
        assert losses_of(window, place) == [trainer.step() for _ in range(30)]
    assert panel_of(window).text().count("30 steps") == 2


def test_changes_before_the_first_step_leave_one_run(window: MainWindow) -> None:
    for size in (7, 8, 9):
        window.session.choose("hidden_size", size)
    assert len(window.runs.archive.entries) <= 1


def test_names_count_the_runs_that_one_sees(qtbot: QtBot, window: MainWindow) -> None:
    """Settings that were tried before the first step are no runs."""
    window.session.choose_stage("module")
    window.session.choose_stage("optim")
    train_to_the_end(qtbot, window)
    for size in (7, 8):
        window.session.reset()
        window.session.choose("hidden_size", size)
    window.session.choose_stage("nn")
    train_to_the_end(qtbot, window)
    assert [entry.name for entry in window.runs.archive.entries] == ["optim 1", "nn 2"]
    window.session.reset()
    qtbot.waitUntil(lambda: len(window.runs.archive.entries) == 3, timeout=PATIENCE)
    window.runs.archive.rename(window.runs.archive.entries[-1].number, "mine")
    window.session.choose_stage("tensor")
    train_to_the_end(qtbot, window)
    assert [entry.name for entry in window.runs.archive.entries] == ["optim 1", "nn 2", "mine"]


def test_a_change_in_mid_run_belongs_to_that_run(qtbot: QtBot, window: MainWindow) -> None:
    train_to_the_end(qtbot, window)
    window.session.choose("learning_rate", 2e-6)
    assert window.runs.archive.entries[0].settings.learning_rate == 2e-6
    window.session.choose("seed", 5)
    qtbot.waitUntil(lambda: len(window.runs.archive.entries) == 2, timeout=PATIENCE)
    assert [entry.settings.seed for entry in window.runs.archive.entries] == [0, 5]


def test_settings_of_an_older_run_are_loaded_back(qtbot: QtBot, window: MainWindow) -> None:
    train_to_the_end(qtbot, window)
    first = window.runs.archive.entries[0]
    window.session.choose_stage("optim")
    window.session.choose("hidden_size", 9)
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    panel_of(window).load_chosen.emit(first.number)
    assert window.session.settings == first.settings


def test_runs_are_renamed_hidden_and_removed(qtbot: QtBot, window: MainWindow) -> None:
    train_to_the_end(qtbot, window)
    window.session.reset()
    train_to_the_end(qtbot, window)
    first, second = (entry.number for entry in window.runs.archive.entries)
    panel = panel_of(window)
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
        lambda: stages_of(window)[-1:] == ["nn"] and window.session.state is RunState.FINISHED,
        timeout=PATIENCE,
    )
    assert stages_of(window) == ["numpy", "autograd", "nn"]
    comparison = window.runs.comparison()
    assert comparison is not None
    assert comparison.reference == "numpy"
    assert [each.stage for each in comparison.stages] == ["numpy", "autograd", "nn"]
    for each in comparison.stages:
        assert each.max_relative_difference <= 1e-9
        assert each.max_difference_of_first_loss <= 1e-14


def test_without_the_same_start_there_is_nothing_to_compare(qtbot: QtBot, window: MainWindow) -> None:
    for stage in ("numpy", "autograd"):
        window.session.choose_stage(stage)
        if window.session.state is not RunState.RUNNING:
            window.session.train()
        qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    assert window.runs.comparison() is None


def test_a_pause_ends_the_row(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    window.runs.run_stages(("autograd", "nn"))
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    assert window.runs.queue == ("nn",)
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.pause()
    assert len(window.runs.queue) == 0
    assert stages_of(window) == ["autograd"]


def test_fast_restarts_keep_runs_apart(qtbot: QtBot, window: MainWindow) -> None:
    """What a run has answered late never lands in another."""
    for seed in range(1, 16):
        window.session.choose("seed", seed)
        window.session.train()
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    window.refresh()
    for entry in window.runs.archive.entries:
        trainer = Trainer(entry.settings)
        assert list(entry.history.losses()) == [trainer.step() for _ in range(entry.steps)]
    numbers = [entry.number for entry in window.runs.archive.entries]
    assert len(set(numbers)) == len(numbers)
    assert window.runs.archive.entries[-1].settings.seed == 15
