"""Walking through a recorded step in the whole window: one cursor, four places that light up together."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPlainTextEdit, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from playground.graph.model import Phase
from playground.recording.events import Event
from playground.recording.model import Recording
from playground.stages import STAGES
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.code import CodeView
from ui.panels.events import EventList
from ui.panels.graph import GraphView
from ui.panels.inspector import Inspector
from ui.panels.replay import WalkBar
from ui.session.session import RunState
from ui.shell.window import MainWindow

SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}
HAND_WRITTEN = ("numpy", "tensor")


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    window = opened(qtbot)
    for name, value in SIZES.items():
        window.session.choose(name, value)
    return window


def shown(window: MainWindow) -> Recording:
    recording = window.replay.recording
    assert recording is not None
    return recording


def marked_line(window: MainWindow) -> int | None:
    code = find(window, CodeView)
    assert isinstance(code, CodeView)
    return code.editor.cursor_line


def inspector_text(window: MainWindow) -> str:
    inspector = find(window, Inspector)
    assert isinstance(inspector, Inspector)
    return inspector.text()


def event_at(window: MainWindow) -> Event:
    number = window.replay.player.cursor
    assert number is not None
    return shown(window).events[number]


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_a_step_can_be_walked_through_in_every_stage(qtbot: QtBot, window: MainWindow, stage: str) -> None:
    window.session.choose_stage(stage)
    recording = make_step(qtbot, window)
    # It begins at the end, with everything done.
    assert window.replay.player.cursor == len(recording.events) - 1
    press(window, "walk_first_action")
    phases = []
    for event in recording.events:
        assert event_at(window) is event
        phases.append(event.phase)
        assert marked_line(window) == event.line
        progress = find(window, GraphView).canvas.progress
        assert progress is not None
        assert progress.phase is event.phase
        assert set(event.nodes) <= progress.current
        assert progress.current.isdisjoint(progress.waiting) or event.parent is not None
        press(window, "walk_next_action")
    assert list(dict.fromkeys(phases)) == list(Phase)
    last = find(window, GraphView).canvas.progress
    assert last is not None
    assert last.waiting == frozenset()
    assert len(last.updated) == len(recording.parameters)
    assert (last.differentiated != frozenset()) == (stage not in HAND_WRITTEN)


def test_back_and_forth_shows_the_same_again(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    press(window, "walk_first_action")
    there = []
    for _ in range(6):
        there.append((find(window, GraphView).canvas.progress, marked_line(window), inspector_text(window)))
        press(window, "walk_next_action")
    back = []
    for _ in range(6):
        press(window, "walk_previous_action")
        back.append((find(window, GraphView).canvas.progress, marked_line(window), inspector_text(window)))
    assert back == there[::-1]


def test_phases_are_reached_one_after_the_other(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    press(window, "walk_first_action")
    found = [event_at(window).phase]
    for _ in range(3):
        press(window, "walk_phase_action")
        found.append(event_at(window).phase)
    assert found == list(Phase)


def test_the_slider_and_the_list_move_the_same_cursor(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    slider = find(window, QSlider, "event_slider")
    assert isinstance(slider, QSlider)
    slider.setValue(3)
    assert event_at(window).number == 3
    events = find(window, EventList)
    assert isinstance(events, EventList)
    events.view.setFocus()
    qtbot.keyClick(events.view, Qt.Key.Key_Down)
    assert event_at(window).number == 4
    assert slider.value() == 4
    qtbot.keyClick(events.view, Qt.Key.Key_End)
    assert event_at(window).number == len(recording.events) - 1


def test_a_chosen_node_shows_its_line_its_events_and_its_values(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    key = "MmBackward0(w1)#1"
    here = event_at(window)
    window.choose_node(key)
    assert event_at(window) is here
    assert "MmBackward0" in inspector_text(window)
    value = recording.nodes[key].value
    assert value is not None
    code = find(window, CodeView)
    assert isinstance(code, CodeView)
    line = recording.nodes[key].line
    assert line is not None
    assert code.editor.mark(line) is not None
    assert recording.events_of_node(key) == (0, 12)


def test_a_click_on_a_line_marks_what_ran_there(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    code = find(window, QPlainTextEdit, "code_view")
    assert isinstance(code, QPlainTextEdit)
    line = recording.events[3].line
    assert line is not None
    block = code.document().findBlockByNumber(line - 1)
    place = code.blockBoundingGeometry(block).translated(code.contentOffset()).center().toPoint()
    qtbot.mouseClick(code.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, place.y()))
    events = find(window, EventList)
    assert isinstance(events, EventList)
    assert events.marked == set(recording.events_of_line(line))
    assert {3, 4, 5} <= events.marked
    keys = {key for number in events.marked for key in recording.events[number].nodes}
    assert set(find(window, GraphView).canvas.found) >= keys


def test_without_a_recording_nothing_can_be_walked(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    press(window, "reset_action")
    window.refresh()
    assert window.replay.recording is None
    assert find(window, EventList).marked == frozenset()
    buttons = [find(window, QToolButton, f"walk_{name}") for name in ("first", "next", "play", "last")]
    assert not any(button.isEnabled() for button in buttons)
    assert find(window, GraphView).canvas.progress is None


def test_while_the_run_goes_on_the_newest_graph_is_shown_whole(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    make_step(qtbot, window)
    press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.steps_made > 20, timeout=PATIENCE)
    window.refresh()
    assert window.replay.recording is None
    with qtbot.waitSignal(
        window.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.order.pausing
    ):
        press(window, "pause_action")
    window.refresh()
    assert shown(window).step == window.session.steps_made - 1


def test_an_older_recording_can_be_shown_while_the_run_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    first = make_step(qtbot, window)
    press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.steps_made > 20, timeout=PATIENCE)
    bar = find(window, WalkBar)
    assert isinstance(bar, WalkBar)
    bar.recording_chosen.emit(0)
    assert shown(window) is first
    press(window, "walk_first_action")
    assert event_at(window).number == 0
    assert window.session.state is RunState.RUNNING


def test_a_slope_is_shown_beside_its_gradient(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    window.choose_node("w2")
    inspector = find(window, Inspector)
    assert isinstance(inspector, Inspector)
    with qtbot.waitSignal(window.session.gradient_checked, timeout=PATIENCE) as answer:
        inspector.check_asked_for.emit("w2", (3, 1), 1e-4)
    check = answer.args[0]
    gradient = recording.parameters[1].gradient
    assert gradient is not None
    assert gradient.values is not None
    assert check.gradient == gradient.values[3, 1]
    assert f"{check.slope:.9g}"[:5] in inspector_text(window)
