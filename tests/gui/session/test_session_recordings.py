"""Recordings as the session brings them about: by a pause, by a step, by every so many, and by a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.recording.cache import RecordingCache
from playground.recording.finite_difference import GradientCheck
from playground.settings import Settings, make_settings
from playground.trainer import Trainer
from tests.gui.whole_window import run_instead
from ui.session.session import RunState, Session

PATIENCE = 30_000
SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = started(qtbot)
    yield session
    assert session.close(PATIENCE)


def started(qtbot: QtBot, **values: object) -> Session:
    session = Session(make_settings(**{**SIZES, **values}))
    with qtbot.waitSignal(session.worker.optimizers_found, timeout=PATIENCE):
        session.start()
    return session


def shelf_of(session: Session) -> RecordingCache:
    assert session.run is not None
    return session.run.recordings


def step(qtbot: QtBot, session: Session) -> None:
    made = session.steps_made
    # The halts of the changes before it may still be on their way.
    with qtbot.waitSignal(
        session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps > made
    ):
        session.make_one_step()


def run_to_the_end(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(
        session.state_changed, timeout=PATIENCE, check_params_cb=lambda state: state is not RunState.RUNNING
    ):
        session.train()


def plain_losses(settings: Settings, steps: int) -> list[float]:
    trainer = Trainer(settings)
    return [trainer.step() for _ in range(steps)]


@pytest.mark.parametrize("stage", ["numpy", "autograd", "dynamic"])
def test_each_single_step_is_recorded(qtbot: QtBot, session: Session, stage: str) -> None:
    session.choose_stage(stage)
    for _ in range(3):
        step(qtbot, session)
    assert shelf_of(session).steps == (0, 1, 2)
    recordings = [shelf_of(session).get(number) for number in range(3)]
    assert [each.loss for each in recordings if each] == plain_losses(session.settings, 3)


def test_a_pause_records_the_step_that_it_ends_with(qtbot: QtBot, session: Session) -> None:
    session.choose("steps", 1_000_000)
    session.train()
    qtbot.waitUntil(lambda: session.steps_made > 5, timeout=PATIENCE)
    with qtbot.waitSignal(
        session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.order.pausing
    ):
        session.pause()
    newest = session.steps_made - 1
    assert shelf_of(session).steps == (newest,)
    recording = shelf_of(session).get(newest)
    assert recording is not None
    assert session.run is not None
    assert recording.loss == session.run.history.loss(newest)
    # The run goes on as if nothing had been recorded.
    step(qtbot, session)
    assert list(session.run.history.losses()) == plain_losses(session.settings, newest + 2)


def test_the_last_step_of_a_run_is_recorded(qtbot: QtBot, session: Session) -> None:
    session.choose("steps", 40)
    run_to_the_end(qtbot, session)
    assert session.state is RunState.FINISHED
    assert shelf_of(session).steps == (39,)


def test_every_so_many_steps_are_recorded_while_running(qtbot: QtBot, session: Session) -> None:
    session.choose("steps", 50)
    session.record_every(20)
    run_to_the_end(qtbot, session)
    assert shelf_of(session).steps == (0, 20, 40, 49)
    assert session.run is not None
    assert list(session.run.history.losses()) == plain_losses(session.settings, 50)


def test_recording_can_be_switched_on_in_mid_run(qtbot: QtBot, session: Session) -> None:
    session.choose("steps", 1_000_000)
    session.train()
    qtbot.waitUntil(lambda: session.steps_made > 5, timeout=PATIENCE)
    session.record_every(7)
    qtbot.waitUntil(lambda: len(shelf_of(session).steps) > 2, timeout=PATIENCE)
    assert all(number % 7 == 0 for number in shelf_of(session).steps)
    assert session.state is RunState.RUNNING


def test_a_slope_is_measured_beside_its_gradient(qtbot: QtBot, session: Session) -> None:
    step(qtbot, session)
    with qtbot.waitSignal(session.gradient_checked, timeout=PATIENCE) as answer:
        session.ask_gradient_check(0, "w2", (3, 1), 1e-4)
    check, problem = answer.args
    assert isinstance(check, GradientCheck)
    assert problem == ""
    assert check.gradient == pytest.approx(check.slope, rel=1e-4)
    step(qtbot, session)
    assert session.run is not None
    assert list(session.run.history.losses()) == plain_losses(session.settings, 2)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ((0, "w3", (0, 0), 1e-4), "'w3' is no parameter of this step; allowed: w1, w2"),
        ((0, "w2", (10, 0), 1e-4), "w2[10, 0] is not allowed; allowed: an element of shape [10, 3]"),
        ((0, "w2", (0, 0), 0.0), "ε: 0.0 is not allowed; allowed: a finite number above 0"),
        ((5, "w2", (0, 0), 1e-4), "the recording is no longer kept"),
    ],
)
def test_a_slope_that_cannot_be_measured(
    qtbot: QtBot, session: Session, asked: tuple[int, str, tuple[int, ...], float], problem: str
) -> None:
    step(qtbot, session)
    with qtbot.waitSignal(session.gradient_checked, timeout=PATIENCE) as answer:
        session.ask_gradient_check(*asked)
    assert answer.args == [None, problem]


def test_a_step_can_be_recorded_afterwards(qtbot: QtBot, session: Session) -> None:
    session.choose_stage("dynamic")
    session.choose("steps", 30)
    run_to_the_end(qtbot, session)
    with qtbot.waitSignal(session.recorded, timeout=PATIENCE) as answer:
        session.ask_recording(11)
    assert answer.args == [11]
    recording = shelf_of(session).get(11)
    assert recording is not None
    assert session.run is not None
    assert recording.loss == session.run.history.loss(11)
    assert recording.depth == session.run.history.depth(11)


def test_answers_of_an_older_run_are_dropped(qtbot: QtBot, session: Session) -> None:
    step(qtbot, session)
    answers: list[object] = []
    session.gradient_checked.connect(lambda *answer: answers.append(answer))
    session.ask_gradient_check(0, "w2", (0, 0), 1e-4)
    session.reset()
    step(qtbot, session)
    with qtbot.waitSignal(session.gradient_checked, timeout=PATIENCE) as answer:
        session.ask_gradient_check(0, "w1", (0, 0), 1e-4)
    assert len(answers) == 1
    assert answer.args[0].parameter == "w1"


FAILING = """
import torch

x = torch.ones(2, 3)
w = torch.ones(3, 2, requires_grad=True)
step = 0
while True:
    h = x.mm(w)
    if step == {step}:
        h = h.mm(w)
    loss = h.sum()
    loss.backward()
    w.grad = None
    step += 1
"""


@pytest.mark.parametrize("failing_step", [0, 4])
def test_a_failing_step_leaves_a_partial_recording(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_step: int
) -> None:
    text = FAILING.format(step=failing_step)

    run_instead(monkeypatch, tmp_path, text)
    session = started(qtbot)
    session.choose("steps", 20)
    with qtbot.waitSignal(session.worker.failed, timeout=PATIENCE):
        session.train()
    recording = shelf_of(session).get(failing_step)
    assert recording is not None
    failure = recording.failure
    assert failure is not None
    assert failure.event is not None
    assert failure.line == 10
    event = recording.events[failure.event]
    assert (event.op, event.line) == ("mm", 10)
    assert event.error == failure.message
    assert [each.op for each in recording.events] == ["mm", "mm"]
    assert session.close(PATIENCE)
