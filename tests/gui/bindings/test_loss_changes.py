"""A change in mid-run leaves its mark on the curve, at the step where the trainer took it over."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.loss import LossPlot
from ui.panels.runs import RunsPanel
from ui.session.session import RunState
from ui.shell.window import MainWindow

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    window = opened(qtbot)
    for name, value in SIZES.items():
        window.session.choose(name, value)
    return window


def paused(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.pause()
    window.refresh()


def test_a_change_is_marked_where_it_acts(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    plot = find(window, LossPlot)
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 30, timeout=PATIENCE)
    window.session.choose("learning_rate", 1e-3)
    qtbot.waitUntil(lambda: len(plot.changes.marks) == 1, timeout=PATIENCE)
    (mark,) = plot.changes.marks
    qtbot.waitUntil(lambda: window.session.steps_made > mark.step + 30, timeout=PATIENCE)
    paused(qtbot, window)
    assert mark.words == "lr 1e-6 → 1e-3"
    assert "before" in plot.changes.tip_at(plot.changes._pixel_of(mark))
    run, entry = window.session.run, window.runs.present
    assert run is not None
    assert entry is not None
    assert [change.step for change in entry.changes] == [mark.step]
    again = Trainer(make_settings(**SIZES, steps=1_000_000))
    for step in range(mark.step + 30):
        if step == mark.step:
            again.apply(window.session.settings)
        again.step()
    assert again.history.losses().tolist() == run.history.losses(0, mark.step + 30).tolist()
    window.session.reset()
    qtbot.waitUntil(lambda: window.session.run not in (None, run), timeout=PATIENCE)
    assert plot.changes.marks == ()
    old = window.runs.archive.entries[0]
    assert [change.step for change in old.changes] == [mark.step], "the run keeps them"


def test_an_older_run_is_drawn_when_the_user_wants_it(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 30)
    plot = find(window, LossPlot)
    for _ in range(2):
        window.session.train()
        qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
        window.refresh()
        assert plot.names.texts() == []
        window.session.reset()
        qtbot.waitUntil(lambda: window.session.run is not None, timeout=PATIENCE)
    first = window.runs.archive.entries[0]
    find(window, RunsPanel).visibility_chosen.emit(first.number, True)
    assert [text.partition("  ")[0] for text in plot.names.texts()] == ["autograd 3", "autograd 1"]


def test_what_is_said_before_the_second_step_is_noted_and_clutters_no_curve(
    qtbot: QtBot, window: MainWindow
) -> None:
    plot, session = find(window, LossPlot), window.session
    qtbot.waitUntil(lambda: session.run is not None, timeout=PATIENCE)
    if not session.steps_made:
        session.make_one_step()
    qtbot.waitUntil(lambda: session.steps_made == 1, timeout=PATIENCE)
    session.choose("steps", 40)
    session.choose("learning_rate", 1e-4)
    session.make_one_step()
    qtbot.waitUntil(lambda: session.steps_made == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(plot.changes.marks) == 1, timeout=PATIENCE)
    assert plot.changes.marks[0].words == "lr 1e-6 → 1e-4"
    entry = window.runs.present
    assert entry is not None
    # The worker takes over both at once, or one after the other.
    assert sorted(change.name for change in entry.changes) == ["learning_rate", "steps"]
