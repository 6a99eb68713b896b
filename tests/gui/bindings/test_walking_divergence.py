"""A run whose loss becomes NaN, in the whole window: the step is there, and the one that is to blame."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, opened, run_instead
from ui.panels.inspector import Inspector
from ui.session.session import RunState

LOST_IN_UPDATE = """
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
            w /= torch.zeros(2)
    w.grad = None
    step += 1
"""


def test_a_step_that_begins_lost_brings_the_one_before(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, tmp_path, LOST_IN_UPDATE)
    window = opened(qtbot)
    window.session.choose_stage("autograd")
    with qtbot.waitSignal(window.session.worker.diverged, timeout=PATIENCE):
        press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED, timeout=PATIENCE)
    # It is made once more now, to be recorded.
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    window.refresh()
    inspector = find(window, Inspector)
    assert window.replay.recording is not None
    assert window.replay.recording.step == 3
    assert "w was not finite when step 3 began: an update before it left it so." in inspector.text()
    window.timeline.go_to(2)
    window.refresh()
    recording, cursor = window.replay.recording, window.replay.player.cursor
    assert recording is not None
    assert cursor is not None
    assert (recording.step, recording.events[cursor].op) == (2, "div_")
    assert "It began here: div_" in inspector.text()
