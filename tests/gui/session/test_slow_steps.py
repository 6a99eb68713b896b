"""A step that takes long: told of before it is made, shown while it is, and ended when it is not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground import step_time
from playground.settings import Settings, make_settings
from playground.step_time import Speed
from tests.gui.whole_window import run_instead
from ui.session.session import RunState, Session
from ui.state.run_figures import RunFiguresWatch

PATIENCE = 30_000
ENDLESS_STEP = """
import torch

w = torch.ones(3, 2, requires_grad=True)
while True:
    loss = w.sum()
    while w.requires_grad:
        pass
    loss.backward()
    w.grad = None
"""


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """On a machine that is taken for slow, with a step of autograd's that never ends."""

    def measured(_settings: Settings) -> Speed:
        return Speed(100.0, 1e15)

    run_instead(monkeypatch, tmp_path, ENDLESS_STEP)
    monkeypatch.setattr(step_time, "WORTH_MEASURING", 1)
    monkeypatch.setattr(step_time, "measured_speed", measured)
    session = Session(make_settings(batch_size=8, input_size=20, hidden_size=10, output_size=3, steps=5))
    told.clear()
    session.noticed.connect(lambda _level, text, _details, hint: told.append(f"{text} {hint}"))
    with qtbot.waitSignal(session.worker.steps_are_slow, timeout=PATIENCE):
        session.start()
    yield session
    assert session.close(PATIENCE)


told: list[str] = []


def begin_step(qtbot: QtBot, session: Session) -> None:
    session.train()
    qtbot.waitUntil(lambda: session.worker.slow_step is not None, timeout=PATIENCE)


def test_it_is_told_before_it_is_made(session: Session) -> None:
    # 8 x 10 x (2 x 20 + 3 x 3) multiplications, a hundred of them a second.
    assert [each for each in told if each.startswith("A step will take about 39 s and ")]
    assert session.steps_made == 0
    assert session.worker.slow_step is None


def test_while_it_is_made_its_time_is_shown(qtbot: QtBot, session: Session) -> None:
    begin_step(qtbot, session)
    figures = RunFiguresWatch(session).look()
    assert figures is not None
    assert figures.slow_step.startswith("step 0 since ")
    assert figures.slow_step.endswith(" s, about 39 s")


@pytest.mark.parametrize("way", ["pause", "reset", "another stage"])
def test_it_is_given_up(qtbot: QtBot, session: Session, way: str) -> None:
    begin_step(qtbot, session)
    if way == "pause":
        session.pause()
    elif way == "reset":
        session.reset()
    else:
        session.choose_stage("nn")
    qtbot.waitUntil(lambda: session.worker.slow_step is None, timeout=PATIENCE)
    if way != "another stage":
        assert session.state is RunState.PAUSED
        session.choose_stage("nn")
    session.train()
    qtbot.waitUntil(lambda: session.state is RunState.FINISHED, timeout=PATIENCE)
    assert session.steps_made == session.settings.steps
    assert not [each for each in told if "failed" in each or "unexpectedly" in each]


def test_closing_gives_it_up(qtbot: QtBot, session: Session) -> None:
    begin_step(qtbot, session)
    assert session.close(PATIENCE)
