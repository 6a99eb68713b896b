"""The break-it lab's state: every fault through the worker, and what may come in between."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

import ui.session.answers
from playground.faults import list_faults, look_line
from playground.faults.lab_settings import lab_settings
from tests.gui.state.desk import PATIENCE, Desk
from ui.session.session import RunState
from ui.state.faults import FaultLab
from ui.state.latest_requests import LatestRequests

STEPS = 2


@pytest.fixture
def lab(desk: Desk) -> FaultLab:
    return FaultLab(LatestRequests(desk.session), desk)


def run(qtbot: QtBot, lab: FaultLab, name: str) -> None:
    lab.choose(name)
    lab.start(STEPS)
    qtbot.waitUntil(lambda: not lab.running, timeout=PATIENCE)


def test_every_fault_runs_and_parts_where_its_file_says(qtbot: QtBot, lab: FaultLab) -> None:
    for fault in list_faults():
        run(qtbot, lab, fault.name)
        assert (lab.problem, lab.run is None) == ("", False), fault.name
        assert lab.run is not None
        twins = lab.run.twins
        assert twins.second_line == look_line(fault, lab_settings(fault, STEPS)), fault.name
        assert fault.look.error in twins.second.outcome.error
        assert (twins.first.text, twins.second.text) == (lab.healthy, lab.faulty)
        assert len(twins.first.outcome.losses) == STEPS
    assert set(lab.runs) == {fault.name for fault in list_faults()}


def test_next_and_previous_go_round(lab: FaultLab) -> None:
    names = [fault.name for fault in lab.faults]
    lab.move(-1)
    assert lab.fault.name == names[-1]
    lab.move(1)
    assert lab.fault.name == names[0]
    with pytest.raises(KeyError):
        lab.choose("none-of-them")


def test_a_run_is_paused_for_it_and_can_go_on(qtbot: QtBot, desk: Desk, lab: FaultLab) -> None:
    desk.choose(steps=1_000_000)
    desk.session.train()
    qtbot.waitUntil(lambda: desk.session.steps_made > 5, timeout=PATIENCE)
    run(qtbot, lab, "no-zero-grad")
    assert desk.session.state is RunState.PAUSED
    made = desk.session.steps_made
    desk.make_step(qtbot)
    assert desk.session.steps_made == made + 1


class _Endless:
    """In place of running both: lasts until it is told that nobody waits."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []

    def __call__(self, fault: object, _settings: object, tell: object) -> None:
        name = getattr(fault, "name", "")
        self.begun.append(name)
        assert callable(tell)
        try:
            while True:
                threading.Event().wait(0.002)
                tell(1, 2)
        finally:
            self.ended.append(name)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> _Endless:
    work = _Endless()
    monkeypatch.setattr(ui.session.answers, "run_lab", work)
    return work


def test_it_is_cancelled(qtbot: QtBot, lab: FaultLab, endless: _Endless) -> None:
    with qtbot.waitSignal(lab.progressed, timeout=PATIENCE):
        lab.start(STEPS)
    lab.cancel()
    assert (lab.running, lab.run, lab.problem) == ("", None, "")
    qtbot.waitUntil(lambda: endless.ended == [lab.fault.name], timeout=PATIENCE)


def test_another_fault_is_chosen_and_run_while_one_runs(
    qtbot: QtBot, lab: FaultLab, endless: _Endless
) -> None:
    first, second = lab.faults[0].name, lab.faults[1].name
    with qtbot.waitSignal(lab.progressed, timeout=PATIENCE):
        lab.start(STEPS)
    lab.choose(second)
    assert (lab.running, lab.is_running) == (first, False)
    lab.start(STEPS)
    qtbot.waitUntil(lambda: endless.begun == [first, second], timeout=PATIENCE)
    assert endless.ended == [first]
    assert lab.is_running


def test_what_was_chosen_meanwhile_does_not_take_the_answer(qtbot: QtBot, lab: FaultLab) -> None:
    lab.choose("item-too-early")
    lab.start(STEPS)
    lab.choose("no-zero-grad")
    qtbot.waitUntil(lambda: not lab.running, timeout=PATIENCE)
    assert (lab.run, list(lab.runs)) == (None, ["item-too-early"])


def test_it_closes_while_one_runs(qtbot: QtBot, desk: Desk, lab: FaultLab, endless: _Endless) -> None:
    with qtbot.waitSignal(lab.progressed, timeout=PATIENCE):
        lab.start(STEPS)
    assert desk.session.close(PATIENCE)
    assert endless.ended == [lab.fault.name]


def test_why_it_cannot_be_run_is_said(qtbot: QtBot, lab: FaultLab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> None:
        raise MemoryError("no room on purpose")

    monkeypatch.setattr(ui.session.answers, "run_lab", fail)
    run(qtbot, lab, "diverges")
    assert lab.problem == "MemoryError: no room on purpose"
    monkeypatch.undo()
    run(qtbot, lab, "diverges")
    assert lab.problem == ""
