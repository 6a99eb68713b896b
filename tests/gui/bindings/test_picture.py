"""The picture of the net in the whole window: what is made, when, and that the run does not notice."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from playground.data.defaults import with_data
from playground.data.picture import PictureMaker
from playground.settings import Settings
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, make_step, opened, train_to_the_end
from ui.panels.graph import GraphView
from ui.panels.picture import PictureView
from ui.panels.picture.units import UnitPictures
from ui.session.live_pictures import ON_A_PLANE, PictureLook, PictureWish
from ui.shell.window import MainWindow

STEPS = 40


def on(qtbot: QtBot, data: str, stage: str = "nn", shown: bool = True) -> MainWindow:
    window = opened(qtbot, stage=stage, steps=STEPS)
    if data != "random":
        window.session.choose_data(data)
    if shown:
        window._places.bring_forward("picture")
    return window


def newest(window: MainWindow) -> PictureLook | None:
    run = window.session.run
    return run.picture[0] if run is not None and run.picture else None


def title(window: MainWindow) -> str:
    return find(window, QWidget, "picture_title").accessibleName()


def waits_for_title(qtbot: QtBot, window: MainWindow, text: str) -> None:
    def there() -> bool:
        window.refresh()
        return title(window) == text

    qtbot.waitUntil(there, timeout=PATIENCE)


@pytest.mark.parametrize("stage", ["numpy", "autograd", "nn"])
def test_the_picture_is_that_of_the_trained_net(qtbot: QtBot, stage: str) -> None:
    window = on(qtbot, "moons", stage)
    train_to_the_end(qtbot, window)
    waits_for_title(qtbot, window, f"after {STEPS} steps")
    look = newest(window)
    assert look is not None
    assert look.picture is not None
    trainer = Trainer(window.session.settings)
    for _ in range(STEPS):
        trainer.step()
    expected = PictureMaker(trainer).picture(ON_A_PLANE, hidden=True)
    np.testing.assert_array_equal(look.picture.output, expected.output)
    np.testing.assert_array_equal(look.picture.hidden[0], expected.hidden[0])


def test_the_run_has_the_same_bits_with_the_picture_and_without(qtbot: QtBot) -> None:
    window = on(qtbot, "moons", "dynamic")
    # As often as can be.
    window.session.worker._pictures.due = 0.0
    train_to_the_end(qtbot, window)
    assert window.session.run is not None
    # The worker may still make a picture: PyTorch's random state is the process's.
    window.session.close(PATIENCE)
    alone = Trainer(window.session.settings)
    losses = [alone.step() for _ in range(STEPS)]
    assert window.session.run.history.losses(0, STEPS).tolist() == losses


def test_nothing_is_made_while_nobody_looks(qtbot: QtBot) -> None:
    window = on(qtbot, "moons", shown=False)
    train_to_the_end(qtbot, window)
    assert newest(window) is None
    window._places.bring_forward("picture")
    waits_for_title(qtbot, window, f"after {STEPS} steps")


def test_an_earlier_step_shows_the_weights_that_it_began_with(qtbot: QtBot) -> None:
    window = on(qtbot, "moons")
    first = make_step(qtbot, window)
    make_step(qtbot, window)
    waits_for_title(qtbot, window, "after 2 steps")
    window.timeline.go_to(first.step)
    waits_for_title(qtbot, window, "as step 0 began")
    look = newest(window)
    assert look is not None
    assert look.picture is not None
    untrained = PictureMaker(Trainer(window.session.settings)).picture(ON_A_PLANE)
    np.testing.assert_array_equal(look.picture.output, untrained.output)


def test_other_inputs_are_chosen_of_many(qtbot: QtBot) -> None:
    window = on(qtbot, "digits")
    make_step(qtbot, window)
    waits_for_title(qtbot, window, "after 1 step")
    look = newest(window)
    assert look is not None
    assert look.picture is not None
    assert look.picture.plane.kind == "components"
    find(window, PictureView).axes_chosen.emit((10, 20))

    def chosen() -> bool:
        window.refresh()
        now = newest(window)
        return now is not None and now.wish == PictureWish((10, 20))

    qtbot.waitUntil(chosen, timeout=PATIENCE)
    look = newest(window)
    assert look is not None
    assert look.picture is not None
    assert look.picture.plane.axes == (10, 20)
    # Other data have other inputs.
    window.session.choose_data("moons")
    make_step(qtbot, window)
    waits_for_title(qtbot, window, "after 1 step")
    look = newest(window)
    assert look is not None
    assert look.wish == PictureWish()


def test_a_unit_is_chosen_by_a_click_and_told_of(qtbot: QtBot) -> None:
    window = on(qtbot, "xor")
    make_step(qtbot, window)
    waits_for_title(qtbot, window, "after 1 step")
    units = find(window, UnitPictures)
    heard: list[object] = []
    units.unit_chosen.connect(heard.append)
    qtbot.mouseClick(units, Qt.MouseButton.LeftButton, pos=units.place_of(1).center())
    assert heard == [(0, 1)]
    assert "Hidden unit 1" in units.accessibleDescription()
    graph = window.timeline.graph
    assert graph is not None
    assert "Relu" in {each.key: each.op for each in graph.nodes}[window.replay.key]
    # What it has a part of stands out in the graph.
    parameters = {each.parameter: each.key for each in graph.nodes if each.parameter}
    window.refresh()
    lit = find(window, GraphView).canvas.found
    assert {parameters["0.weight"], parameters["0.bias"], parameters["2.weight"], window.replay.key} <= lit
    assert parameters["2.bias"] not in lit
    qtbot.keyClick(units, Qt.Key.Key_Escape)
    assert units.chosen is None
    window.refresh()
    assert not find(window, GraphView).canvas.found


def test_a_step_that_is_not_recorded_has_no_picture_but_a_sentence(qtbot: QtBot) -> None:
    window = on(qtbot, "moons")
    train_to_the_end(qtbot, window)
    waits_for_title(qtbot, window, f"after {STEPS} steps")
    window.timeline.go_to(20)
    waits_for_title(qtbot, window, "")
    view = find(window, PictureView)
    note = find(view, QLabel, "picture_note")
    assert note.text().startswith("Step 20 is not recorded")
    assert not view.canvas.isVisible()
    with qtbot.waitSignal(window.session.recorded, timeout=PATIENCE):
        window.session.ask_recording(20)
    waits_for_title(qtbot, window, "as step 20 began")
    assert view.canvas.isVisible()


def test_settings_that_give_another_run_forget_the_picture(qtbot: QtBot) -> None:
    window = on(qtbot, "moons")
    make_step(qtbot, window)
    waits_for_title(qtbot, window, "after 1 step")
    window.session.reset()
    waits_for_title(qtbot, window, "")
    assert with_data(Settings(stage="nn"), "moons").data == window.session.settings.data
