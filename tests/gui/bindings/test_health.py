"""Health in the window: while the run goes on, of a recorded step, and what a click does."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.health import health_of
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, alive
from ui.panels.health import HealthPanel
from ui.shell.window import MainWindow

SMALL = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2, "steps": 1_000_000}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return alive(qtbot, **SMALL)


def test_the_first_step_is_told(window: MainWindow) -> None:
    window.refresh()
    panel = find(window, HealthPanel)
    recording = window.replay.recording
    assert recording is not None
    told = health_of(recording)
    assert panel.rows.accessibleDescription().startswith("w1 (6 × 5): gradient norm")
    assert [each.name for each in told.parameters] == ["w1", "w2"]


def test_a_running_net_is_looked_at_now_and_then(qtbot: QtBot, window: MainWindow) -> None:
    window.view.change(pace=6)
    window.session.train()
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: bool(run.health), timeout=PATIENCE)
    first = run.health[0]
    qtbot.waitUntil(lambda: run.health[0] is not first, timeout=PATIENCE)
    assert len(run.health) == 1
    assert run.health[0].step > first.step
    window.session.pause()


def test_a_click_chooses_the_parameters_node(window: MainWindow) -> None:
    window.refresh()
    find(window, HealthPanel).parameter_chosen.emit("w2")
    assert window.replay.key == "w2"


def test_what_came_while_it_was_hidden_is_shown_afterwards(qtbot: QtBot, window: MainWindow) -> None:
    window.refresh()
    rows = find(window, HealthPanel).rows
    window.bring_forward("runs")
    window.session.choose_stage("nn")
    qtbot.waitUntil(lambda: window.session.steps_made == 1, timeout=PATIENCE)
    window.bring_forward("health")
    qtbot.waitUntil(lambda: rows.accessibleDescription().startswith("0.weight"), timeout=PATIENCE)


def test_of_a_step_that_was_not_recorded_nothing_is_claimed(qtbot: QtBot, window: MainWindow) -> None:
    window.view.change(pace=6)
    window.session.train()
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: bool(run.health), timeout=PATIENCE)
    window.session.pause()
    window.timeline.go_to(3)
    window.refresh()
    assert run.recordings.get(3) is None
    assert not find(window, HealthPanel).rows.isVisible()
