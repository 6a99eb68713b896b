"""The window as a user meets it: something to see before the first click, and a run that can be followed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.graph.model import Phase
from playground.pace import PACES
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, alive
from ui.panels.code import CodeView
from ui.panels.toolbar.pace import PaceSlider
from ui.panels.toolbar.run_to import RunToWindow
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.widgets.figure import Figure

SMALL = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return alive(qtbot, **SMALL)


def test_every_panel_shows_the_first_step_before_the_first_click(window: MainWindow) -> None:
    window.refresh()
    assert window.graph is not None
    assert window.replay.recording is not None
    assert window.replay.player.cursor == 0
    assert find(window, Figure, "step_label").text() == "1 of 500 steps · paused"
    assert window.panel("graph").property("step") == 0
    assert window.session.state is RunState.PAUSED


def test_the_slider_sets_the_pace_and_is_remembered(qtbot: QtBot, window: MainWindow) -> None:
    slider = find(window, PaceSlider, "pace_slider")
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 6, 2)
    assert window.session.pace == 10
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert window.session.pace == 30
    press(window.panel("toolbar"), "pace_slower_action")
    press(window.panel("toolbar"), "pace_slower_action")
    assert (slider.value(), window.session.pace, window.view.options.pace) == (1, 3, 1)
    assert find(window, Figure, "speed_label").text() == "3 steps/s"
    window.close()
    second = alive(qtbot, **SMALL)
    assert find(second, PaceSlider, "pace_slider").value() == 1
    second.close()


def test_a_slow_run_is_played_event_by_event(qtbot: QtBot, window: MainWindow) -> None:
    cursors: list[int] = []
    window.replay.player.moved.connect(cursors.append)
    window.view.change(pace=PACES.index(3))
    window.session.train()
    qtbot.waitUntil(lambda: len(cursors) > 4, timeout=PATIENCE)
    assert window.session.state is RunState.RUNNING
    assert window.replay.recording is not None
    # Somebody who takes the cursor keeps the step, though the run goes on.
    qtbot.waitUntil(lambda: window.replay.player.runs_through, timeout=PATIENCE)
    step = window.replay.recording.step
    window.replay.player.go(1)
    made = window.session.steps_made
    qtbot.waitUntil(lambda: window.session.steps_made > made + 1, timeout=PATIENCE)
    window.refresh()
    assert window.replay.recording.step == step
    assert window.replay.player.cursor == 1
    window.session.pause()


def test_without_motion_nothing_is_played(qtbot: QtBot, window: MainWindow) -> None:
    press(window.panel("toolbar"), "motion_action")
    assert not window.view.options.motion
    cursors: list[int] = []
    window.replay.player.moved.connect(cursors.append)
    window.view.change(pace=PACES.index(3))
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 3, timeout=PATIENCE)
    window.session.pause()
    assert cursors == []


def test_a_notice_moves_nothing(qtbot: QtBot, window: MainWindow) -> None:
    def places() -> list[QRect]:
        return [window.panel(name).geometry() for name in ("graph", "code", "loss", "step", "settings")]

    before = places()
    window.notices.warn("Something that the user should know.")
    toast = window.panel("notices")
    qtbot.waitUntil(toast.isVisible)
    qtbot.waitUntil(lambda: toast.width() > 200)
    assert places() == before
    assert window.rect().contains(toast.geometry())
    for name in ("loss", "health", "replay"):
        beside = window.panel(name)
        covered = QRect(beside.mapTo(window, QPoint()), beside.size())
        assert not covered.intersects(toast.geometry()), name
    # Only the newest is seen, all are kept.
    window.notices.warn("Something else.")
    assert [each.text for each in window.notices.kept][-2:] == [
        "Something that the user should know.",
        "Something else.",
    ]


def test_a_notice_of_a_run_goes_with_the_run(qtbot: QtBot, window: MainWindow) -> None:
    window.session.noticed.emit("warning", "Loss became nan at step 3; training paused.", "", "")
    assert "nan" in window.notice
    window.session.reset()
    assert window.notice == ""


def test_run_to_asks_and_the_run_halts_there(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "run_to_action")
    ask = find(window, RunToWindow, "run_to_window")
    assert ask.isVisible()
    number = find(ask, QLineEdit, "run_to_number")
    number.setText("many")
    find(ask, QToolButton, "run_to_go").click()
    assert "must be a whole number" in window.notice
    assert ask.isVisible()
    number.setText("4")
    window.view.change(pace=PACES.index(0.0))
    QTest.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED, timeout=PATIENCE)
    assert window.session.steps_made == 5
    assert not ask.isVisible()
    assert window.notice == "Halted at step 4: as asked."


def test_each_place_says_whether_it_needs_a_number(window: MainWindow) -> None:
    press(window, "run_to_action")
    ask = find(window, RunToWindow, "run_to_window")
    kinds, number = find(ask, QComboBox, "run_to_kind"), find(ask, QLineEdit, "run_to_number")
    needs = {}
    for row in range(kinds.count()):
        kinds.setCurrentIndex(row)
        needs[kinds.itemData(row)] = number.isVisible()
    assert needs == {
        "step": True,
        "loss": True,
        "variant": False,
        "depth": True,
        "nan": False,
        "gradient": True,
    }
    ask.close()


def test_the_code_has_half_of_the_window_on_demand(window: MainWindow) -> None:
    code: QWidget = window.panel("code")
    before = code.width()
    press(window, "wide_code_action")
    assert code.width() > before
    press(window, "wide_code_action")
    assert code.width() == before


def test_a_click_on_a_line_goes_there_and_plays_what_ran_on_it(qtbot: QtBot, window: MainWindow) -> None:
    window.refresh()
    recording = window.replay.recording
    assert recording is not None
    line = next(event.line for event in recording.events if event.phase is Phase.BACKWARD)
    ran = [event.number for event in recording.events if event.line == line]
    visited: list[int] = []
    window.replay.player.moved.connect(visited.append)
    find(window, CodeView).line_clicked.emit(line)
    assert window.replay.player.cursor == ran[0]
    qtbot.waitUntil(lambda: not window.replay.player.runs_through, timeout=PATIENCE)
    assert window.replay.player.cursor == ran[-1]
    assert set(visited) <= set(ran)
    # Without motion it is there at once.
    window.view.change(motion=False)
    find(window, CodeView).line_clicked.emit(line)
    find(window, CodeView).line_clicked.emit(line)
    assert window.replay.player.cursor == ran[0]
    assert not window.replay.player.runs_through


def test_brackets_change_the_pace_while_a_number_is_edited(qtbot: QtBot, window: MainWindow) -> None:
    field = find(window, QWidget, "hidden_size")
    window.activateWindow()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_BracketRight)
    assert window.view.options.pace == 3
    assert "]" not in field.property("text")


def test_who_plays_or_chooses_a_node_in_a_played_step_keeps_it(qtbot: QtBot, window: MainWindow) -> None:
    window.view.change(pace=PACES.index(3))
    window.session.train()
    qtbot.waitUntil(lambda: window.replay.player.runs_through, timeout=PATIENCE)
    window.replay.player.play(True)
    assert window.replay.player.playing
    step = window.timeline.chosen
    assert step is not None
    made = window.session.steps_made
    qtbot.waitUntil(lambda: window.session.steps_made > made + 1, timeout=PATIENCE)
    assert window.timeline.chosen == step
    window.timeline.follow(True)
    qtbot.waitUntil(lambda: window.replay.player.runs_through, timeout=PATIENCE)
    window.replay.select("w1")
    assert window.timeline.chosen is not None
    assert window.replay.key == "w1"
    window.session.pause()
