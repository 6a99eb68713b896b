"""The graph of a recorded step in the whole window: folded, with its cursor, its NaN and its surroundings."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.driver import click, find, press
from tests.gui.panels.graph.drawings import place_of, scene_of
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.graph import GraphView
from ui.shell.window import MainWindow

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 3}
DEPTH = 12


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = opened(qtbot)
    for name, value in SIZES.items():
        window.session.choose(name, value)
    return window


def stepped(qtbot: QtBot, window: MainWindow) -> GraphView:
    """Makes a step; the view with its graph laid out."""
    make_step(qtbot, window)
    qtbot.waitUntil(lambda: window.layout_is_there, timeout=PATIENCE)
    window.refresh()
    return find(window, GraphView)


def blocks(view: GraphView) -> list[str]:
    folding = scene_of(view).folding
    return [] if folding is None else sorted(block.name for block in folding.blocks.values())


def test_the_uses_of_a_deep_network_are_folded_but_for_the_one_at_the_cursor(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.session.choose_stage("dynamic")
    window.session.choose("depth", (DEPTH, DEPTH))
    view = stepped(qtbot, window)
    recording = window.replay.recording
    assert recording is not None
    reached = recording.nodes["AddmmBackward0(middle_linear)#5"].reached_by
    assert reached is not None
    window.replay.player.go(reached)
    window.refresh()
    assert blocks(view) == ["middle_linear × 4", "middle_linear × 7"]
    progress = view.canvas.progress
    assert progress is not None
    assert scene_of(view).index("AddmmBackward0(middle_linear)#5") is not None
    assert view.canvas.rect().contains(place_of(view, "AddmmBackward0(middle_linear)#5"))
    # The whole graph is one click away, and back.
    toggle = find(window, QToolButton, "graph_folds")
    toggle.click()
    qtbot.waitUntil(lambda: len(scene_of(view).nodes) == len(recording.graph.nodes), timeout=PATIENCE)
    toggle.click()
    assert blocks(view) == ["middle_linear × 4", "middle_linear × 7"]


def test_few_uses_are_not_folded(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    window.session.choose("depth", (3, 3))
    view = stepped(qtbot, window)
    assert blocks(view) == []
    assert not find(window, QToolButton, "graph_folds").isVisible()


def test_the_ring_is_for_what_was_clicked_not_for_the_cursor(qtbot: QtBot, window: MainWindow) -> None:
    view = stepped(qtbot, window)
    press(window, "walk_first_action")
    assert window.replay.key
    assert view.canvas.selected is None
    key = window.replay.key
    click(view.canvas, place_of(view, key))
    assert view.canvas.selected == key
    click(view.canvas, place_of(view, "w2"))
    assert view.canvas.selected == "w2" == window.replay.key
    press(window, "walk_next_action")
    assert view.canvas.selected is None


def test_a_diverging_run_is_marked_in_red(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("learning_rate", 1e6)
    for _ in range(4):
        view = stepped(qtbot, window)
    recording = window.replay.recording
    assert recording is not None
    press(window, "walk_last_action")
    assert "have NaN or infinity" in view.canvas.accessibleDescription()


def test_the_words_say_what_is_not_in_the_graph(qtbot: QtBot, window: MainWindow) -> None:
    view = stepped(qtbot, window)
    assert "x and y need no gradient: not in the graph." in view.canvas.accessibleDescription()
    window.session.choose_stage("tensor")
    view = stepped(qtbot, window)
    assert "need no gradient" not in view.canvas.accessibleDescription(), "a trace leaves nothing out"
