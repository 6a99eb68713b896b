"""The output of the present run as it is told: only what is new, questions at once, each run for itself."""

from __future__ import annotations

import threading
from typing import NamedTuple

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from playground.history import History
from playground.programs.output import Line, OutputTape, Picture
from playground.recording.cache import RecordingCache
from playground.settings import Settings
from ui.session.orders import Run
from ui.session.session import Session
from ui.state.output import Output


class Told(NamedTuple):
    began: list[bool]
    came: list[tuple[list[str], int, int]]
    asked: list[str | None]


class Desk(QObject):
    """A session whose runs the test begins itself."""

    shown = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(Settings())
        self.output = Output(self.session)
        self.told = Told([], [], [])
        self.output.began.connect(self.told.began.append)
        self.output.came.connect(self._come)
        self.output.asked.connect(self.told.asked.append)

    def begin(self, tape: OutputTape | None) -> None:
        run = Run(0, History(1), [], None, RecordingCache(), [], output=tape)
        self.session.run_changed.emit(None)
        self.session.run_changed.emit(run)

    def _come(self, entries: tuple[Line | Picture, ...], first: int, gone: int) -> None:
        self.told.came.append(([each.text for each in entries if isinstance(each, Line)], first, gone))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_only_what_is_new_is_told(desk: Desk) -> None:
    tape = OutputTape()
    desk.begin(tape)
    assert desk.told.began == [True]
    desk.output.look(True)
    assert desk.told.came == []
    print("one", file=tape.stdout)
    print("two", end="", file=tape.stdout)
    desk.output.look(True)
    desk.output.look(True)
    print(" more", file=tape.stdout)
    desk.output.look(True)
    assert desk.told.came == [(["one", "two"], 0, 0), (["two more"], 0, 0)]


def test_what_nobody_sees_is_told_when_somebody_does(desk: Desk) -> None:
    tape = OutputTape()
    desk.begin(tape)
    print("one", file=tape.stdout)
    desk.output.look(False)
    assert desk.told.came == []
    desk.output.look(True)
    assert desk.told.came == [(["one"], 0, 0)]


def test_after_clearing_only_lines_that_come_then_are_told_of(desk: Desk) -> None:
    tape = OutputTape()
    desk.begin(tape)
    tape.stdout.write("a\nb\n")
    desk.output.clear()
    desk.told.came.clear()
    tape.stdout.write("line\n" * 2_100)
    desk.output.look(True)
    (entries, first, gone) = desk.told.came[0]
    assert (len(entries), first, gone) == (2_000, 102, 100)


def test_a_question_is_told_although_nobody_looks_and_answered_once(qtbot: QtBot, desk: Desk) -> None:
    tape = OutputTape()
    desk.begin(tape)
    got: list[str] = []

    def program() -> None:
        tape.stdout.write("name? ")
        got.append(tape.stdin.readline())

    thread = threading.Thread(target=program)
    thread.start()
    while tape.question is None:
        pass
    desk.output.look(False)
    desk.output.look(False)
    assert desk.told.asked == ["name? "]
    assert desk.told.came == [(["name? "], 0, 0)]
    desk.output.answer("Ada")
    desk.output.answer("Bob")
    thread.join()
    desk.output.look(False)
    assert got == ["Ada\n"]
    assert desk.told.asked == ["name? ", None]


def test_another_run_begins_anew_and_a_stage_has_no_output(desk: Desk) -> None:
    tape = OutputTape()
    desk.begin(tape)
    print("one", file=tape.stdout)
    desk.output.look(True)
    desk.begin(OutputTape())
    desk.output.look(True)
    desk.begin(None)
    desk.output.look(True)
    desk.output.answer("nobody asked")
    desk.output.clear()
    assert desk.told.began == [True, True, False]
    assert len(desk.told.came) == 1
    assert desk.told.asked == []
