"""The pace of a run: how far apart its steps are, what acts at once all the same, and where it halts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from playground.halting import Halt, HaltKind
from playground.settings import make_settings
from tests.engine.plain_loops import plain_losses
from ui.session.orders import Halted
from ui.session.session import RunState, Session

PATIENCE = 30_000
SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}
SLOW = 0.01
"""Steps a second: a test that waited for the next one would never end."""


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(make_settings(**SIZES))
    with qtbot.waitSignal(session.worker.optimizers_found, timeout=PATIENCE):
        session.start()
    yield session
    assert session.close(PATIENCE)


def made(qtbot: QtBot, session: Session, steps: int) -> None:
    qtbot.waitUntil(lambda: session.steps_made >= steps, timeout=PATIENCE)


def test_steps_are_no_closer_than_the_pace_says(qtbot: QtBot, session: Session) -> None:
    session.set_pace(50.0)
    session.choose("steps", 11)
    began = time.monotonic()
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED, timeout=PATIENCE)
    # The first is due at once, the last is not waited for when it is recorded: nine times between at least.
    assert time.monotonic() - began >= 9 / 50
    run = session.run
    assert run is not None
    assert run.history.losses().tolist() == plain_losses("autograd", 0, 11, (8, 20, 10, 3))


@pytest.mark.parametrize(
    "act",
    [Session.pause, Session.make_one_step, Session.reset, lambda each: each.set_pace(0.0)],
    ids=["pause", "step", "reset", "faster"],
)
def test_what_the_user_does_acts_at_once(
    qtbot: QtBot, session: Session, act: Callable[[Session], None]
) -> None:
    session.set_pace(SLOW)
    session.train()
    made(qtbot, session, 1)
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        act(session)


def test_closing_acts_at_once(qtbot: QtBot, session: Session) -> None:
    session.set_pace(SLOW)
    session.train()
    made(qtbot, session, 1)
    assert session.close(PATIENCE)


def test_a_slow_run_records_every_step(qtbot: QtBot, session: Session) -> None:
    session.set_pace(3.0)
    session.choose("steps", 3)
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED, timeout=PATIENCE)
    assert session.run is not None
    assert session.run.recordings.steps == (0, 1, 2)


def test_the_first_step_is_made_by_itself_and_recorded(qtbot: QtBot) -> None:
    session = Session(make_settings(**SIZES))
    session.makes_first_step = True
    session.start()
    made(qtbot, session, 1)
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.recordings.steps == (0,), timeout=PATIENCE)
    assert session.state is RunState.PAUSED
    session.choose_stage("nn")
    qtbot.waitUntil(lambda: session.run not in (None, run), timeout=PATIENCE)
    made(qtbot, session, 1)
    session.choose("learning_rate", 1e-3)
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        session.reset()
    made(qtbot, session, 1)
    assert session.steps_made == 1
    assert session.close(PATIENCE)


def test_of_a_large_network_it_is_not(qtbot: QtBot) -> None:
    session = Session(make_settings(batch_size=4096, input_size=4096, hidden_size=4096))
    session.makes_first_step = True
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        session.start()
    assert session.steps_made == 0
    assert session.close(PATIENCE)


def halted_at(qtbot: QtBot, session: Session, halt: Halt) -> Halted:
    with qtbot.waitSignal(
        session.worker.halted, timeout=PATIENCE, check_params_cb=lambda each: bool(each.reached)
    ) as signal:
        session.run_to(halt)
    assert signal.args is not None
    halted = signal.args[0]
    assert isinstance(halted, Halted)
    qtbot.waitUntil(lambda: session.state is RunState.PAUSED, timeout=PATIENCE)
    return halted


def test_it_runs_to_a_loss_and_records_that_step(qtbot: QtBot, session: Session) -> None:
    expected = plain_losses("autograd", 0, 200, (8, 20, 10, 3))
    bound = expected[120] * 1.0000001
    first = next(step for step, loss in enumerate(expected) if loss < bound)
    halted = halted_at(qtbot, session, Halt(HaltKind.LOSS_BELOW, bound))
    assert halted.steps == first + 1
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.recordings.get(first) is not None, timeout=PATIENCE)


def test_it_runs_to_a_depth_and_to_a_new_variant(qtbot: QtBot, session: Session) -> None:
    session.choose_stage("dynamic")
    halted = halted_at(qtbot, session, Halt(HaltKind.DEPTH, 0))
    assert session.run is not None
    assert session.run.history.depth(halted.steps - 1) == 0
    known = len(session.run.structures)
    halted = halted_at(qtbot, session, Halt(HaltKind.VARIANT))
    assert session.run.history.structure(halted.steps - 1) == known


def test_it_runs_to_a_gradient(qtbot: QtBot, session: Session) -> None:
    halted = halted_at(qtbot, session, Halt(HaltKind.GRADIENT_ABOVE, 1e-3))
    assert halted.steps == 1


def test_what_never_comes_is_said_at_the_end(qtbot: QtBot, session: Session) -> None:
    told: list[str] = []
    session.noticed.connect(lambda _level, text, *_: told.append(text))
    session.choose("steps", 5)
    session.run_to(Halt(HaltKind.LOSS_BELOW, -1.0))
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED, timeout=PATIENCE)
    assert told[-1] == "All 5 steps are made; what was waited for did not come."


def test_a_pause_forgets_the_place(qtbot: QtBot, session: Session) -> None:
    session.set_pace(SLOW)
    session.run_to(Halt(HaltKind.STEP, 3))
    made(qtbot, session, 1)
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        session.pause()
    session.set_pace(0.0)
    session.choose("steps", 20)
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED, timeout=PATIENCE)
    assert session.steps_made == 20


def test_changes_during_a_rest_delay_nothing(qtbot: QtBot, session: Session) -> None:
    session.set_pace(1.0)
    session.train()
    made(qtbot, session, 1)
    began = time.monotonic()
    for rate in range(1, 30):
        session.choose("learning_rate", rate * 1e-7)
    made(qtbot, session, 2)
    # Thirty rests would take half a minute.
    assert time.monotonic() - began < 10
    session.pause()


def test_a_step_that_is_there_is_not_run_to(qtbot: QtBot, session: Session) -> None:
    told: list[str] = []
    session.noticed.connect(lambda _level, text, *_: told.append(text))
    halted_at(qtbot, session, Halt(HaltKind.STEP, 5))
    session.run_to(Halt(HaltKind.STEP, 1))
    session.run_to(Halt(HaltKind.DEPTH, 1))
    assert session.state is RunState.PAUSED
    assert told[-2] == "Step 1 has been made already; the slider goes there."
    assert told[-1].startswith("Depth: only DynamicNet")


def test_a_change_in_mid_run_leaves_the_place_to_run_to(qtbot: QtBot, session: Session) -> None:
    session.choose_stage("dynamic")
    session.run_to(Halt(HaltKind.LOSS_BELOW, -1.0))
    made(qtbot, session, 3)
    session.choose("learning_rate", 2e-5)
    made(qtbot, session, 20)
    halted = halted_at(qtbot, session, Halt(HaltKind.DEPTH, 3))
    assert session.run is not None
    assert session.run.history.depth(halted.steps - 1) == 3


def test_what_is_chosen_after_a_divergence_starts_nothing(qtbot: QtBot, session: Session) -> None:
    session.choose_stage("nn")
    session.choose("learning_rate", 10.0)
    with qtbot.waitSignal(session.worker.diverged, timeout=PATIENCE):
        session.train()
    assert session.state is RunState.PAUSED
    session.choose("learning_rate", 1e-4)
    session.set_pace(100.0)
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        session.choose("learning_rate", 1e-5)
    step = session.steps_made - 1
    run = session.run
    assert run is not None
    assert run.history.losses()[:step].tolist() == [
        each for each in run.history.losses() if math.isfinite(each)
    ]
    assert session.state is RunState.PAUSED
