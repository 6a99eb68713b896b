"""Kept steps: recorded first if need be, gone with their run, shown while another run is present."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.own_program import OwnProgram
from tests.gui.state.desk import PATIENCE, Desk
from ui.state.kept_steps import KeptSteps

GAN = """import torch

w = torch.ones(3, requires_grad=True)
for step in range(6):
    loss_d = (w * 2).sum()
    loss_d.backward()
    loss_g = w.pow(3).sum()
    loss_g.backward()
    w.data -= 0.1 * w.grad
    w.grad = None
"""


@pytest.fixture
def kept(desk: Desk) -> KeptSteps:
    return KeptSteps(desk.session, desk.timeline, desk.runs)


def test_a_step_is_recorded_first_and_shown_while_another_run_is_present(
    qtbot: QtBot, desk: Desk, kept: KeptSteps
) -> None:
    desk.train(qtbot)
    assert not kept.is_kept(4)
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE):
        kept.switch(4)
    assert kept.is_kept(4)
    desk.choose(learning_rate=1e-5)
    desk.session.reset()
    desk.train(qtbot)
    (one,) = kept.steps
    assert one.recording.step == 4
    assert kept.leaves(one) == ""
    present = desk.session.run
    kept.show(one)
    now = desk.now
    assert now.kept is one
    assert now.recording is one.recording
    assert now.graph is not None
    # Of the run that is present nothing has changed.
    assert desk.session.run is present
    assert desk.session.steps_made == now.made == 30
    desk.timeline.go_to(4)
    assert desk.now.kept is None
    assert desk.now.recording is not one.recording


def test_a_step_of_another_program_asks_for_it_and_goes_with_its_run(
    qtbot: QtBot, desk: Desk, kept: KeptSteps
) -> None:
    desk.make_step(qtbot)
    kept.switch()
    (one,), entry = kept.steps, desk.runs.present
    assert entry is not None
    assert entry.pinned
    desk.choose(stage="nn")
    desk.train(qtbot)
    assert kept.leaves(one) == "nn 2"
    kept.show(one)
    assert desk.session.settings.stage == "autograd"
    assert desk.now.recording is one.recording
    kept.switch()
    assert not kept.is_kept()
    kept.restore([(entry.number, one.recording)])
    (again,) = kept.steps
    assert again.recording.run == entry.number
    desk.runs.remove(entry.number)
    assert not kept.steps


def test_an_older_run_keeps_all_of_its_losses(qtbot: QtBot, desk: Desk) -> None:
    desk.session.choose_program(OwnProgram("/nowhere/gan.py", GAN), "own")
    desk.train(qtbot)
    desk.choose(stage="autograd")
    desk.train(qtbot)
    older, _ = desk.runs.archive.entries
    assert [(each.name, each.history.length) for each in older.series] == [("loss_d", 6), ("loss_g", 6)]
