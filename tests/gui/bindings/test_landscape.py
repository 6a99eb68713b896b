"""The landscape in the whole window: computed on demand, cancelled, and never noticed by the run."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

import ui.session.answers
from playground.data.landscape import Landscape
from playground.data.run_landscape import net_of
from playground.trainer import Trainer
from tests.gui.driver import colors_of, find
from tests.gui.whole_window import PATIENCE, make_step, opened, train_to_the_end
from ui.panels.landscape import LandscapeView
from ui.session.requests import LandscapeRequest
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.style.theme import current_theme


def on_moons(qtbot: QtBot, steps: int) -> tuple[MainWindow, LandscapeView]:
    window = opened(qtbot, stage="nn", steps=steps)
    window.session.choose_data("moons")
    window.session.choose("hidden_size", 4)
    window._places.bring_forward("landscape")
    return window, find(window, LandscapeView)


def computed(qtbot: QtBot, window: MainWindow, view: LandscapeView, kind: str) -> object:
    view.choose(kind)
    with qtbot.waitSignal(window.session.worker.answered, timeout=PATIENCE) as told:
        view.compute_button.click()
    request, answer, problem = told.args
    assert isinstance(request, LandscapeRequest)
    assert problem == ""
    return answer


def test_it_is_computed_in_the_midst_of_a_run_that_goes_on_as_if_nothing_had_been(qtbot: QtBot) -> None:
    window, view = on_moons(qtbot, 1_000_000)
    view.compute_button.click()
    assert find(view, QLabel, "landscape_note").text().startswith("No step has been made")
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 3, timeout=PATIENCE)
    found = computed(qtbot, window, view, "path")
    assert window.session.state is RunState.RUNNING
    assert isinstance(found, Landscape)
    assert found.plane.steps[0] == 0
    assert 3 < found.plane.steps[-1] <= window.session.steps_made
    seen = window.session.steps_made
    qtbot.waitUntil(lambda: window.session.steps_made > seen, timeout=PATIENCE)
    window.session.pause()
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED, timeout=PATIENCE)
    window.refresh()
    made = window.session.steps_made
    assert find(view, QWidget, "landscape_stale").isVisible()
    title = find(view, QWidget, "landscape_title").accessibleName()
    assert title.endswith(f"of the variance of {len(found.plane.steps)} points")
    computed(qtbot, window, view, "random")
    computed(qtbot, window, view, "step")
    assert view.sizes.isVisible()
    alone = Trainer(window.session.settings)
    losses = [alone.step() for _ in range(made)]
    net = net_of(alone)
    for row, column in ((0, 0), (3, 20)):
        weights = found.plane.weights(found.across[column], found.up[row])
        assert net.loss(weights) == found.losses[row, column]
    losses += [alone.step() for _ in range(2)]
    for _ in range(2):
        make_step(qtbot, window)
    assert window.session.run is not None
    np.testing.assert_array_equal(window.session.run.history.losses(0, made + 2), losses)
    view.choose("path")
    assert find(view, QWidget, "landscape_stale").isVisible()
    window.session.reset()
    assert not view.plane.isVisible()


def test_the_step_that_the_timeline_shows_is_marked(qtbot: QtBot) -> None:
    window, view = on_moons(qtbot, 20)
    train_to_the_end(qtbot, window)
    computed(qtbot, window, view, "path")
    assert view.plane._chosen is None
    window.timeline.go_to(6)
    assert view.plane._chosen == 6
    assert QColor(current_theme().parameter).name() in colors_of(view.plane)
    window.timeline.follow(True)
    assert view.plane._chosen is None


def test_it_is_cancelled_and_gives_way(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_given: object) -> Iterator[tuple[int, int]]:
        pause, done = threading.Event(), 0
        while True:
            pause.wait(0.002)
            done += 1
            yield done % 90, 90

    monkeypatch.setattr(ui.session.answers, "landscape_of_run_parts", endless)
    window, view = on_moons(qtbot, 40)
    make_step(qtbot, window)
    # Not by `waitSignal`, whose listener is gone after the first report while others are on their way.
    told: list[object] = []
    window.session.worker.progressed.connect(lambda request, _done, _of: told.append(request))
    view.compute_button.click()
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    # An order goes first.
    make_step(qtbot, window)
    assert view.cancel_button.isVisible()
    view.cancel_button.click()
    assert view.compute_button.isVisible()
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED
    assert view.compute_button.isVisible()
