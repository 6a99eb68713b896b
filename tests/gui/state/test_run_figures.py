"""The numbers of a run: how far, how fast, how long."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.state.desk import PATIENCE, Desk
from ui.session.session import RunState
from ui.state.run_figures import SECONDS, RunFiguresWatch


class Clock:
    """Goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_run_that_stands_still_has_no_speed(qtbot: QtBot, desk: Desk) -> None:
    watch = RunFiguresWatch(desk.session)
    before = watch.look()
    assert before is not None
    assert (before.made, before.total, before.loss, before.steps_per_second) == (0, 30, None, None)
    assert watch.look() is None
    desk.train(qtbot)
    after = watch.look()
    assert after is not None
    assert desk.session.run is not None
    assert (after.made, after.state) == (30, RunState.FINISHED)
    assert after.loss == desk.session.run.history.loss(29)
    assert (after.steps_per_second, after.seconds_left, after.slowed) == (None, None, False)


def test_speed_and_time_left_come_from_the_clock(qtbot: QtBot, desk: Desk) -> None:
    clock = Clock()
    watch = RunFiguresWatch(desk.session, clock)
    desk.choose(steps=10_000_000)
    desk.session.train()
    qtbot.waitUntil(lambda: desk.session.steps_made > 0, timeout=PATIENCE)
    first = watch.look()
    assert first is not None
    assert first.steps_per_second is None
    qtbot.waitUntil(lambda: desk.session.steps_made > first.made, timeout=PATIENCE)
    # Nobody could read numbers that change this fast.
    clock.now += SECONDS / 2
    assert watch.look() is None
    made = desk.session.steps_made
    qtbot.waitUntil(lambda: desk.session.steps_made > made, timeout=PATIENCE)
    clock.now += 2.0
    second = watch.look()
    assert second is not None
    assert second.steps_per_second is not None
    assert second.steps_per_second > 0
    rest = (second.total - second.made) / second.steps_per_second
    assert second.seconds_left == pytest.approx(rest, rel=0.01)
    desk.session.pause()


def test_what_is_loaded_is_told_at_once(desk: Desk) -> None:
    watch = RunFiguresWatch(desk.session)
    watch.look()
    watch.loading = "loading torch …"
    figures = watch.look()
    assert figures is not None
    assert figures.loading == "loading torch …"


def test_another_run_that_has_come_as_far_is_told(qtbot: QtBot, desk: Desk) -> None:
    watch = RunFiguresWatch(desk.session)
    desk.make_step(qtbot)
    first = watch.look()
    desk.choose(stage="numpy")
    desk.make_step(qtbot)
    second = watch.look()
    assert first is not None
    assert second is not None
    assert desk.session.run is not None
    assert second.made == first.made == 1
    assert second.loss == desk.session.run.history.loss(0) != first.loss
