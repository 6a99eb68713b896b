"""The runs that were made: kept, named, compared, loaded back, and made one after the other."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from playground.trainer import Trainer
from tests.gui.state.desk import PATIENCE, SIZES, Desk
from ui.session.session import RunState


def stages_of(desk: Desk) -> list[str]:
    return [entry.settings.stage for entry in desk.runs.archive.entries]


def losses_of(desk: Desk, place: int) -> list[float]:
    return list(desk.runs.archive.entries[place].history.losses())


def test_every_run_stays_in_the_list(qtbot: QtBot, desk: Desk) -> None:
    desk.train(qtbot)
    desk.session.choose_stage("nn")
    # It never starts by itself.
    assert desk.session.state is RunState.PAUSED
    desk.train(qtbot)
    assert stages_of(desk) == ["autograd", "nn"]
    for place, stage in enumerate(("autograd", "nn")):
        trainer = Trainer(make_settings(stage=stage, **SIZES, steps=30))
        assert losses_of(desk, place) == [trainer.step() for _ in range(30)]
    assert [entry.steps for entry in desk.runs.archive.entries] == [30, 30]


def test_changes_before_the_first_step_leave_one_run(desk: Desk) -> None:
    for size in (7, 8, 9):
        desk.session.choose("hidden_size", size)
    assert len(desk.runs.archive.entries) <= 1


def test_names_count_the_runs_that_one_sees(qtbot: QtBot, desk: Desk) -> None:
    """Settings that were tried before the first step are no runs."""
    desk.session.choose_stage("module")
    desk.session.choose_stage("optim")
    desk.train(qtbot)
    for size in (7, 8):
        desk.session.reset()
        desk.session.choose("hidden_size", size)
    desk.session.choose_stage("nn")
    desk.train(qtbot)
    assert [entry.name for entry in desk.runs.archive.entries] == ["optim 1", "nn 2"]
    desk.session.reset()
    qtbot.waitUntil(lambda: len(desk.runs.archive.entries) == 3, timeout=PATIENCE)
    desk.runs.archive.rename(desk.runs.archive.entries[-1].number, "mine")
    desk.session.choose_stage("tensor")
    desk.train(qtbot)
    assert [entry.name for entry in desk.runs.archive.entries] == ["optim 1", "nn 2", "mine"]


def test_a_change_in_mid_run_belongs_to_that_run(qtbot: QtBot, desk: Desk) -> None:
    desk.train(qtbot)
    desk.session.choose("learning_rate", 2e-6)
    assert desk.runs.archive.entries[0].settings.learning_rate == 2e-6
    desk.session.choose("seed", 5)
    qtbot.waitUntil(lambda: len(desk.runs.archive.entries) == 2, timeout=PATIENCE)
    assert [entry.settings.seed for entry in desk.runs.archive.entries] == [0, 5]


def test_settings_of_an_older_run_are_loaded_back(qtbot: QtBot, desk: Desk) -> None:
    desk.train(qtbot)
    first = desk.runs.archive.entries[0]
    desk.session.choose_stage("optim")
    desk.session.choose("hidden_size", 9)
    desk.train(qtbot)
    desk.runs.load(first.number)
    assert desk.session.settings == first.settings


def test_without_the_same_start_there_is_nothing_to_compare(qtbot: QtBot, desk: Desk) -> None:
    for stage in ("numpy", "autograd"):
        desk.session.choose_stage(stage)
        if desk.session.state is not RunState.RUNNING:
            desk.session.train()
        qtbot.waitUntil(lambda: desk.session.state is RunState.FINISHED, timeout=PATIENCE)
    assert desk.runs.comparison() is None


def test_a_pause_ends_the_row(qtbot: QtBot, desk: Desk) -> None:
    desk.session.choose("steps", 1_000_000)
    desk.runs.run_stages(("autograd", "nn"))
    qtbot.waitUntil(lambda: desk.session.steps_made > 5, timeout=PATIENCE)
    assert desk.runs.queue == ("nn",)
    with qtbot.waitSignal(desk.session.worker.halted, timeout=PATIENCE):
        desk.session.pause()
    assert len(desk.runs.queue) == 0
    assert stages_of(desk) == ["autograd"]


@pytest.mark.parametrize("ended", [False, True], ids=["paused", "finished"])
def test_a_run_that_stands_still_never_starts_by_itself(qtbot: QtBot, desk: Desk, ended: bool) -> None:
    if ended:
        desk.train(qtbot)
    else:
        desk.make_step(qtbot)
    for name, value in (("stage", "nn"), ("hidden_size", 9), ("same_start", True), ("seed", 3)):
        desk.choose(**{name: value})
        assert desk.session.state is RunState.PAUSED
    with qtbot.waitSignal(desk.session.worker.halted, timeout=PATIENCE):
        desk.session.reset()
    assert desk.session.steps_made == 0


def test_a_halted_row_leaves_its_run_and_gives_the_start_back_with_the_next(qtbot: QtBot, desk: Desk) -> None:
    desk.choose(steps=1_000_000, depth=(1, 2))
    desk.runs.run_stages(("autograd", "nn"), True, "float64")
    qtbot.waitUntil(lambda: desk.session.steps_made > 5, timeout=PATIENCE)
    desk.session.pause()
    assert desk.session.settings.same_start
    qtbot.waitUntil(lambda: desk.session.state is RunState.PAUSED, timeout=PATIENCE)
    desk.session.choose_stage("dynamic")
    qtbot.waitUntil(lambda: not desk.session.settings.same_start, timeout=PATIENCE)
    now = desk.session.settings
    assert (now.stage, now.dtype, now.depth) == ("dynamic", None, (1, 2))


def test_fast_restarts_keep_runs_apart(qtbot: QtBot, desk: Desk) -> None:
    """What a run has answered late never lands in another."""
    for seed in range(1, 16):
        desk.session.choose("seed", seed)
        desk.session.train()
    qtbot.waitUntil(lambda: desk.session.state is RunState.FINISHED, timeout=PATIENCE)
    desk.look()
    for entry in desk.runs.archive.entries:
        trainer = Trainer(entry.settings)
        assert list(entry.history.losses()) == [trainer.step() for _ in range(entry.steps)]
    numbers = [entry.number for entry in desk.runs.archive.entries]
    assert len(set(numbers)) == len(numbers)
    assert desk.runs.archive.entries[-1].settings.seed == 15


def test_a_run_is_renamed_hidden_pinned_and_removed(qtbot: QtBot, desk: Desk) -> None:
    desk.train(qtbot)
    desk.session.reset()
    desk.train(qtbot)
    first, second = (entry.number for entry in desk.runs.archive.entries)
    changes: list[int] = []
    desk.runs.changed.connect(lambda: changes.append(1))
    desk.runs.rename(first, "the first one")
    desk.runs.set_visible(first, False)
    desk.runs.pin(first, True)
    entry = desk.runs.archive.get(first)
    assert entry is not None
    assert (entry.name, entry.visible, entry.pinned) == ("the first one", False, True)
    assert len(changes) == 3
    desk.runs.remove(first)
    desk.runs.remove(second)
    assert [each.number for each in desk.runs.archive.entries] == [second]
    assert "cannot be removed" in desk.told[-1]
    # One that has gone is left alone.
    desk.runs.rename(first, "again")
    desk.runs.remove(first)
    assert len(changes) == 4


def test_a_change_in_mid_run_is_noted_at_the_step_from_which_it_acts(qtbot: QtBot, desk: Desk) -> None:
    desk.choose(stage="tensor", steps=1_000_000)
    desk.session.train()
    qtbot.waitUntil(lambda: desk.session.steps_made > 20, timeout=PATIENCE)
    run = desk.session.run
    assert run is not None
    desk.session.choose("learning_rate", 1e-3)
    qtbot.waitUntil(lambda: len(run.changes) > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: run.history.length > run.changes[0].step + 20, timeout=PATIENCE)
    with qtbot.waitSignal(desk.session.worker.halted, timeout=PATIENCE):
        desk.session.pause()
    desk.look()
    entry = desk.runs.present
    assert entry is not None
    (change,) = entry.changes
    assert change.words == "lr 1e-6 → 1e-3"
    again = Trainer(make_settings(stage="tensor", **SIZES, steps=1_000_000))
    for step in range(entry.steps):
        if step == change.step:
            again.apply(entry.settings)
        again.step()
    assert list(again.history.losses()) == list(entry.history.losses())


def test_what_was_tried_while_the_run_stands_still_is_one_change(qtbot: QtBot, desk: Desk) -> None:
    desk.make_step(qtbot)
    for rate in (1e-5, 1e-4, 1e-3):
        desk.session.choose("learning_rate", rate)
    desk.make_step(qtbot)
    entry = desk.runs.present
    assert entry is not None
    assert [(change.step, change.words) for change in entry.changes] == [(1, "lr 1e-6 → 1e-3")]
