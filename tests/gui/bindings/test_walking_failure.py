"""A stage that fails in mid-step, in the whole window: what ran up to the error can be walked through."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.recording.model import Recording
from tests.gui.driver import press
from tests.gui.whole_window import PATIENCE, opened, run_instead
from ui.panels.code import CodeView
from ui.panels.events import EventList
from ui.panels.graph import GraphView
from ui.panels.inspector import Inspector
from ui.session.session import RunState
from ui.shell.window import MainWindow

FAILING_STEP = 2
FORWARD = """
import torch

x = torch.ones(2, 3)
w = torch.ones(3, 2, requires_grad=True)
step = 0
while True:
    h = x.mm(w)
    if step == 2:
        h = h.mm(w)
    loss = h.sum()
    loss.backward()
    w.grad = None
    step += 1
"""
UPDATE = """
import torch

x = torch.ones(2, 3)
w = torch.ones(3, 2, requires_grad=True)
step = 0
while True:
    loss = x.mm(w).sum()
    loss.backward()
    with torch.no_grad():
        w -= w.grad
        if step == 2:
            w -= torch.ones(5)
    w.grad = None
    step += 1
"""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> MainWindow:
    """A window whose third stage is a program that fails in its third step; it has failed."""
    run_instead(monkeypatch, tmp_path, text)
    window = opened(qtbot)
    window.session.choose_stage("autograd")
    with qtbot.waitSignal(window.session.worker.failed, timeout=PATIENCE):
        press(window, "run_action")
    window.refresh()
    return window


def shown(window: MainWindow) -> Recording:
    recording = window.replay.recording
    assert recording is not None
    return recording


def cursor_line(window: MainWindow) -> int | None:
    code = window.findChild(CodeView)
    assert code is not None
    return code.editor.cursor_line


@pytest.mark.parametrize("text", [FORWARD])
def test_the_walk_begins_where_the_step_failed(window: MainWindow) -> None:
    recording = shown(window)
    failure = recording.failure
    assert window.session.state is RunState.FAILED
    assert recording.step == FAILING_STEP
    assert failure is not None
    assert window.replay.player.cursor == failure.event
    assert cursor_line(window) == failure.line == 10
    events, inspector = window.findChild(EventList), window.findChild(Inspector)
    assert events is not None
    assert inspector is not None
    assert "2  h.mm(w)  RuntimeError: mat1 and mat2 shapes cannot be multiplied" in events.text()
    assert failure.message in inspector.text()
    assert f"Step {FAILING_STEP} failed (line 10)" in window.notice


@pytest.mark.parametrize("text", [FORWARD])
def test_what_ran_before_the_error_is_walked_through(window: MainWindow) -> None:
    press(window, "walk_previous_action")
    inspector = window.findChild(Inspector)
    assert inspector is not None
    assert window.replay.player.cursor == 0
    assert cursor_line(window) == 8
    assert "std 0" in inspector.text()
    assert "RuntimeError" not in inspector.text()
    press(window, "walk_next_action")
    assert "RuntimeError" in inspector.text()


@pytest.mark.parametrize("text", [UPDATE])
def test_a_step_that_fails_in_its_update_shows_its_whole_graph(window: MainWindow) -> None:
    recording = shown(window)
    graph = window.findChild(GraphView)
    assert graph is not None
    assert window.graph is not None
    assert {node.parameter for node in window.graph.nodes if node.parameter} == {"w"}
    assert [each.op for each in recording.events if each.error] == ["sub_"]
    assert cursor_line(window) == 13
    press(window, "walk_first_action")
    assert cursor_line(window) == 8
    assert window.replay.key == recording.events[0].nodes[0]


@pytest.mark.parametrize("text", [FORWARD])
def test_the_next_step_starts_a_new_run_that_can_be_walked_through(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(
        window.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps == 1
    ):
        press(window, "step_action")
    window.refresh()
    assert shown(window).step == 0
    assert shown(window).failure is None
    assert window.replay.player.cursor == len(shown(window).events) - 1
