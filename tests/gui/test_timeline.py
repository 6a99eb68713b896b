"""Going to any step of a run in the whole window: its graph, what is new in it, and the structures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QSlider
from pytestqt.qtbot import QtBot

from playground.graph.difference import difference
from playground.history import NO_DEPTH
from playground.trainer import Trainer
from ui.panels.filmstrip import Filmstrip
from ui.panels.graph_view import GraphView
from ui.panels.step_bar import StepBar
from ui.session import RunState
from ui.window import MainWindow

PATIENCE = 30_000
SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
STEPS = 40


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window in which DynamicNet has been trained."""
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    with qtbot.waitSignal(window.session.worker.optimizers_found, timeout=PATIENCE):
        window.show()
    window.session.choose_stage("dynamic")
    for name, value in {**SIZES, "steps": STEPS}.items():
        window.session.choose(name, value)
    train_to_the_end(qtbot, window)
    return window


def train_to_the_end(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(
        window.session.state_changed,
        timeout=PATIENCE,
        check_params_cb=lambda state: state is not RunState.RUNNING,
    ):
        window.session.train()
    window.refresh()
    qtbot.waitUntil(lambda: window.layout_is_there, timeout=PATIENCE)


def part(window: MainWindow, kind: type) -> GraphView | Filmstrip | StepBar:
    found = window.findChild(kind)
    assert isinstance(found, GraphView | Filmstrip | StepBar)
    return found


def graph_of(window: MainWindow) -> GraphView:
    found = part(window, GraphView)
    assert isinstance(found, GraphView)
    return found


def filmstrip_of(window: MainWindow) -> Filmstrip:
    found = part(window, Filmstrip)
    assert isinstance(found, Filmstrip)
    return found


def choose(window: MainWindow, name: str) -> None:
    action = window.findChild(QAction, name)
    assert action is not None
    action.trigger()


def pair_of_depths(window: MainWindow, first: int, second: int) -> tuple[int, int]:
    """A step of each depth."""
    assert window.session.run is not None
    depths = list(window.session.run.history.depths())
    return depths.index(first), depths.index(second)


def test_every_step_shows_the_graph_that_it_built(window: MainWindow) -> None:
    again = Trainer(window.session.settings)
    slider = window.findChild(QSlider, "step_slider")
    assert isinstance(slider, QSlider)
    for step in range(STEPS):
        again.step()
        slider.setValue(step)
        assert window.graph == again.structures[again.history.structure(step)]
        assert window.session.run is not None
        assert window.session.run.history.loss(step) == again.history.loss(step)


def test_the_filmstrip_counts_what_the_run_has_built(window: MainWindow) -> None:
    filmstrip = filmstrip_of(window)
    assert filmstrip.isVisible()
    assert window.session.run is not None
    depths = list(window.session.run.history.depths())
    for depth in range(4):
        share = round(100 * depths.count(depth) / STEPS)
        assert f"depth {depth}" in filmstrip.text()
        assert f"{depths.count(depth)} steps, {share} %" in filmstrip.text().replace("\xa0", " ")
    assert filmstrip.missing_thumbnails() == []


def test_a_structure_leads_to_its_newest_step(window: MainWindow) -> None:
    assert window.session.run is not None
    history = window.session.run.history
    for structure in range(len(window.session.run.structures)):
        filmstrip_of(window).structure_chosen.emit(structure)
        newest = max(step for step in range(STEPS) if history.structure(step) == structure)
        assert window.timeline.chosen == newest
        assert window.graph is window.session.run.structures[structure]


def test_other_stages_have_no_filmstrip(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("autograd")
    train_to_the_end(qtbot, window)
    assert not filmstrip_of(window).isVisible()
    assert window.session.run is not None
    assert set(window.session.run.history.depths()) == {NO_DEPTH}


def test_the_graph_is_compared_with_a_pinned_step(window: MainWindow) -> None:
    shallow, deep = pair_of_depths(window, 1, 3)
    window.timeline.go_to(shallow)
    before = window.graph
    choose(window, "against_pinned")
    assert before is not None
    contrast = graph_of(window).canvas.contrast
    assert contrast is not None
    assert contrast.difference.is_empty
    window.timeline.go_to(deep)
    after = window.graph
    assert after is not None
    contrast = graph_of(window).canvas.contrast
    assert contrast is not None
    assert contrast.difference == difference(before, after)
    assert "AddmmBackward0(middle_linear)#3" in contrast.difference.appeared
    choose(window, "against_nothing")
    assert graph_of(window).canvas.contrast is None


def test_the_graph_is_compared_with_the_step_before(window: MainWindow) -> None:
    choose(window, "against_before")
    assert window.session.run is not None
    structures, history = window.session.run.structures, window.session.run.history
    for step in (1, 7, STEPS - 1):
        window.timeline.go_to(step)
        contrast = graph_of(window).canvas.contrast
        assert contrast is not None
        before, after = (structures[history.structure(each)] for each in (step - 1, step))
        assert contrast.difference == difference(before, after)
    # The first step has none before it.
    window.timeline.go_to(0)
    assert graph_of(window).canvas.contrast is None


def test_what_two_steps_have_in_common_does_not_move(window: MainWindow) -> None:
    shallow, deep = pair_of_depths(window, 0, 3)
    places = []
    for step in (shallow, deep):
        window.timeline.go_to(step)
        graph_of(window).canvas.motion.finish()
        scene = graph_of(window).canvas.scene
        assert scene is not None
        places.append({node.key: box for node, box in zip(scene.nodes, scene.rectangles, strict=True)})
    assert places[0].keys() < places[1].keys()
    assert all(places[1][key] == box for key, box in places[0].items())


def test_a_step_that_was_not_recorded_is_recorded_afterwards(qtbot: QtBot, window: MainWindow) -> None:
    window.timeline.go_to(11)
    assert window.walking.recording is None
    button = window.findChild(QPushButton, "record_again")
    assert button is not None
    with qtbot.waitSignal(window.session.recorded, timeout=PATIENCE):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.refresh()
    recording = window.walking.recording
    assert recording is not None
    assert recording.step == 11
    assert window.session.run is not None
    assert recording.loss == window.session.run.history.loss(11)


def test_a_new_run_starts_without_a_comparison(qtbot: QtBot, window: MainWindow) -> None:
    choose(window, "against_before")
    window.session.reset()
    window.refresh()
    assert filmstrip_of(window).text() != ""
    assert window.timeline.chosen is None
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    window.refresh()
    assert graph_of(window).canvas.contrast is None
