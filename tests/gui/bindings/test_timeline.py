"""Going to any step of a run in the whole window: its graph, what is new in it, and the structures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from playground.graph.difference import difference
from playground.history import NO_DEPTH
from playground.trainer import Trainer
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, opened
from tests.gui.whole_window import train_to_the_end as train
from ui.panels.filmstrip import Filmstrip
from ui.panels.graph import GraphView
from ui.panels.loss import LossPlot
from ui.panels.step import StepBar
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance, theme_for
from ui.style.phases import structure_color

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
STEPS = 40


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window in which DynamicNet has been trained."""
    window = opened(qtbot)
    window.session.choose_stage("dynamic")
    for name, value in {**SIZES, "steps": STEPS}.items():
        window.session.choose(name, value)
    train_to_the_end(qtbot, window)
    return window


def train_to_the_end(qtbot: QtBot, window: MainWindow) -> None:
    train(qtbot, window)
    qtbot.waitUntil(lambda: window.layout_is_there, timeout=PATIENCE)


def wait_for_more(qtbot: QtBot, window: MainWindow) -> None:
    made = window.session.steps_made
    qtbot.waitUntil(lambda: window.session.steps_made > made + 5, timeout=PATIENCE)


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


def test_a_step_is_reached_by_its_number(qtbot: QtBot, window: MainWindow) -> None:
    field = window.findChild(QSpinBox, "step_field")
    slider = window.findChild(QSlider, "step_slider")
    assert isinstance(field, QSpinBox)
    assert isinstance(slider, QSlider)
    assert field.text() == f"step {STEPS - 1}"
    for typed, shown in (("7", 7), ("23", 23), ("9999999", STEPS - 1)):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, typed)
        # What is typed halfway is no step to go to, and stays whatever the run does.
        assert slider.value() != shown
        window.refresh()
        assert field.cleanText() == typed
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert (window.timeline.chosen, slider.value(), field.value()) == (shown, shown, shown)


def test_any_step_is_shown_while_the_run_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 5_000_000)
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > STEPS + 20, timeout=PATIENCE)
    run, slider = window.session.run, window.findChild(QSlider, "step_slider")
    assert run is not None
    assert isinstance(slider, QSlider)
    for step in (11, 0, STEPS + 5):
        find(window, LossPlot).step_chosen.emit(step)
        assert window.graph is run.structures[run.history.structure(step)]
        wait_for_more(qtbot, window)
        window.refresh()
        assert window.session.state is RunState.RUNNING
        assert (slider.value(), window.timeline.chosen) == (step, step)
        assert window.graph is run.structures[run.history.structure(step)]
    bar = find(window, StepBar)
    bar.follow_chosen.emit(True)
    assert window.timeline.chosen is None
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.pause()
    window.refresh()
    assert slider.value() == window.session.steps_made - 1


def test_a_depth_has_one_color_in_the_filmstrip_and_on_the_curve(window: MainWindow) -> None:
    run, plot = window.session.run, find(window, LossPlot)
    assert run is not None
    plot.header.by_depth.trigger()
    dots = plot.canvas.dots
    assert [number for number, _, _ in dots.groups] == sorted(set(run.history.depths().tolist()))
    strip = find(window, Filmstrip).strip
    picture = strip.grab().toImage()
    colors = [structure_color(theme_for(Appearance.DESKTOP), depth) for depth in range(4)]
    for number, steps, _ in dots.groups:
        place = strip.place_of(int(steps[0])).center()
        assert picture.pixelColor(place.x(), strip.height() // 2).name() == colors[number]
    assert plot.names.texts()[-1] == "depth 0 1 2 3"


def test_the_choices_of_the_plot_outlive_the_run(qtbot: QtBot, window: MainWindow) -> None:
    plot = find(window, LossPlot)
    plot.header.by_depth.trigger()
    plot.header.log.click()
    plot.header.against_seconds.trigger()
    plot.header.smooth[10].trigger()
    chosen = (plot.by_depth, plot.logarithmic, plot.in_seconds, plot.smoothing)
    assert chosen[:3] == (True, False, True)
    assert chosen[3] > 0
    for stage in ("autograd", "dynamic"):
        window.session.choose_stage(stage)
        train_to_the_end(qtbot, window)
        assert (plot.by_depth, plot.logarithmic, plot.in_seconds, plot.smoothing) == chosen
    assert plot.canvas.dots.isVisible()


def test_the_filmstrip_counts_what_the_run_has_built(window: MainWindow) -> None:
    filmstrip = find(window, Filmstrip)
    assert filmstrip.isVisible()
    assert window.session.run is not None
    depths = list(window.session.run.history.depths())
    for depth in range(4):
        share = round(100 * depths.count(depth) / STEPS)
        assert f"depth {depth}" in filmstrip.text()
        assert f"{depths.count(depth)} steps, {share} %" in filmstrip.text().replace("\xa0", " ")
    assert filmstrip.missing_thumbnails() == []


def test_other_stages_have_no_filmstrip(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("autograd")
    train_to_the_end(qtbot, window)
    assert not find(window, Filmstrip).isVisible()
    assert window.session.run is not None
    assert set(window.session.run.history.depths()) == {NO_DEPTH}


def test_the_graph_is_compared_with_a_pinned_step(window: MainWindow) -> None:
    shallow, deep = pair_of_depths(window, 1, 3)
    window.timeline.go_to(shallow)
    before = window.graph
    press(window, "against_pinned")
    assert before is not None
    contrast = find(window, GraphView).canvas.contrast
    assert contrast is not None
    assert contrast.difference.is_empty
    window.timeline.go_to(deep)
    after = window.graph
    assert after is not None
    contrast = find(window, GraphView).canvas.contrast
    assert contrast is not None
    assert contrast.difference == difference(before, after)
    assert "AddmmBackward0(middle_linear)#3" in contrast.difference.appeared
    press(window, "against_nothing")
    assert find(window, GraphView).canvas.contrast is None


def test_what_two_steps_have_in_common_does_not_move(window: MainWindow) -> None:
    shallow, deep = pair_of_depths(window, 0, 3)
    places = []
    for step in (shallow, deep):
        window.timeline.go_to(step)
        find(window, GraphView).canvas.motion.finish()
        scene = find(window, GraphView).canvas.scene
        assert scene is not None
        places.append({node.key: box for node, box in zip(scene.nodes, scene.rectangles, strict=True)})
    assert places[0].keys() < places[1].keys()
    assert all(places[1][key] == box for key, box in places[0].items())


def test_a_step_that_was_not_recorded_is_recorded_afterwards(qtbot: QtBot, window: MainWindow) -> None:
    window.timeline.go_to(11)
    assert window.replay.recording is None
    button = window.findChild(QPushButton, "record_again")
    assert button is not None
    with qtbot.waitSignal(window.session.recorded, timeout=PATIENCE):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.refresh()
    recording = window.replay.recording
    assert recording is not None
    assert recording.step == 11
    assert window.session.run is not None
    assert recording.loss == window.session.run.history.loss(11)


def test_a_new_run_starts_without_a_comparison(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "against_before")
    window.session.reset()
    window.refresh()
    assert find(window, Filmstrip).text() != ""
    assert window.timeline.chosen is None
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    window.refresh()
    assert find(window, GraphView).canvas.contrast is None
