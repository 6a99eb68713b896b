"""Work on files: in order, off the window's thread, cancelled, and what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.workspace.files import FileError, write_file
from ui.state.file_work import FileWork, Tell


@pytest.fixture
def work() -> Iterator[FileWork]:
    made = FileWork()
    yield made
    made.close()


def test_pieces_come_one_after_the_other_and_answer_in_the_windows_thread(
    qtbot: QtBot, work: FileWork
) -> None:
    threads: list[threading.Thread] = []
    answers: list[tuple[int, threading.Thread]] = []

    def piece(number: int, _tell: Tell) -> int:
        threads.append(threading.current_thread())
        return number

    for number in range(3):
        work.do(
            "counting",
            partial(piece, number),
            lambda answer: answers.append((answer, threading.current_thread())),
        )
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers == [(number, threading.current_thread()) for number in range(3)]
    assert len(set(threads)) == 1
    assert threading.current_thread() not in threads
    assert not work.busy


def test_what_takes_long_is_told_of_and_cancelled_with_the_old_file_whole(
    qtbot: QtBot, work: FileWork, tmp_path: Path
) -> None:
    path = tmp_path / "losses.csv"
    path.write_text("old", encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    given_up: list[bool] = []
    work.progressed.connect(lambda *values: told.append(values))
    begins = threading.Event()

    def endless(tell: Tell) -> None:
        def write(file: object) -> None:
            begins.set()
            turn = 0
            while True:
                turn += 1
                tell(turn, 0)

        write_file(path, write, force=True)

    with qtbot.waitSignal(work.progressed):
        work.do("writing the losses", endless, otherwise=lambda: given_up.append(True))
    assert told[0][0] == "writing the losses"
    work.cancel()
    qtbot.waitUntil(lambda: bool(given_up))
    assert told[-1] == ("", 0, 0)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("error", "level", "text"),
    [
        (
            FileError("'x' was not written: the disk is full"),
            "warning",
            "'x' was not written: the disk is full.",
        ),
        (ValueError("odd"), "error", "writing failed: ValueError: odd"),
    ],
)
def test_what_goes_wrong_is_one_line(
    qtbot: QtBot, work: FileWork, error: Exception, level: str, text: str
) -> None:
    def fails(_tell: Tell) -> None:
        raise error

    with qtbot.waitSignal(work.noticed) as told:
        work.do("writing", fails)
    assert told.args is not None
    assert told.args[:2] == [level, text]
    assert ("Traceback" in told.args[2]) is (level == "error")
