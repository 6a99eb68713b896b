"""A program of many modules in the whole window: folded, and walked through."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from playground.own_program import OwnProgram
from playground.recording.model import Recording
from tests.gui.driver import click, find
from tests.gui.panels.graph.drawings import place_of, scene_of
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.graph import GraphView
from ui.shell.window import MainWindow

TEXT = """
import torch
from torch import nn

torch.manual_seed(0)
layers = [nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh()) for _ in range(9)]
model = nn.Sequential(*layers)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 4), torch.randn(8, 4)
for step in range(20):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window = opened(qtbot)
    window.session.choose_program(OwnProgram(str(tmp_path / "deep.py"), TEXT))
    return window


def walked_to(window: MainWindow, number: int) -> list[str]:
    """What is folded and what is open where the walk stands, by titles."""
    window.replay.player.go(number)
    window.refresh()
    scene = scene_of(find(window, GraphView))
    assert scene.folding is not None
    return sorted(frame.title for frame in scene.frames)


def first_of(recording: Recording, module: str) -> int:
    return next(event.number for event in recording.events if event.module == module)


def test_the_walk_opens_what_it_enters_and_the_user_what_they_click(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    view = find(window, GraphView)
    assert len(recording.graph.nodes) > 60
    assert find(window, QToolButton, "graph_folds").isChecked()
    assert walked_to(window, first_of(recording, "4.2")) == ["4", "4.2"]
    scene = scene_of(view)
    assert view.canvas.progress is not None
    event = recording.events[first_of(recording, "4.2")]
    assert all(scene.index(key) is not None for key in event.nodes)
    assert walked_to(window, first_of(recording, "7.0")) == ["7", "7.0"]
    folding = scene_of(view).folding
    assert folding is not None
    key = next(key for key, block in folding.blocks.items() if block.owner == "6")
    view.canvas.reveal(key)
    click(view.canvas, place_of(view, key))
    assert "6" in [frame.title for frame in scene_of(view).frames]
    # It stays open when the walk is elsewhere.
    assert walked_to(window, 0)[:2] == ["0", "0.0"]
    assert "6" in walked_to(window, 0)


def test_the_whole_graph_is_one_click_away(qtbot: QtBot, window: MainWindow) -> None:
    recording = make_step(qtbot, window)
    view = find(window, GraphView)
    find(window, QToolButton, "graph_folds").click()
    qtbot.waitUntil(lambda: len(scene_of(view).nodes) == len(recording.graph.nodes), timeout=PATIENCE)
    find(window, QToolButton, "graph_folds").click()
    assert len(scene_of(view).nodes) < 40
