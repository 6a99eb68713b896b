"""A program whose output goes to a tape: what it prints, asks and ends with, and what it leaves behind."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.own_program import OwnProgram
from playground.own_trainer import OwnTrainer
from playground.programs.errors import ProgramError, ProgramStopped
from playground.programs.execution import Execution, ProgramFailure
from playground.programs.output import Line, OutputTape
from playground.programs.program import Program
from playground.programs.rows import Stream
from playground.settings import make_settings

HEAD = """\
import logging, os, sys, warnings
import torch

w = torch.ones(3, requires_grad=True)
"""
LOOP = """\
for step in range(3):
    print("top", step)
    loss = w.pow(2).sum()
    loss.backward()
    w.grad = None
    print("bottom", step)
print("after")
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], OutputTape]:
    def run(text: str, tape: OutputTape | None = None) -> OutputTape:
        tape = tape or OutputTape()
        program = Program(text, str(tmp_path / "mine.py"))
        execution = Execution(program, output=tape.stdout, errors=tape.stderr)
        try:
            for _ in execution.steps():
                pass
        finally:
            execution.close()
        return tape

    return run


def lines(tape: OutputTape) -> list[Line]:
    news = tape.since(0)
    return [] if news is None else [each for each in news.entries if isinstance(each, Line)]


def texts(tape: OutputTape) -> list[str]:
    return [line.text for line in lines(tape)]


def test_each_line_has_the_step_that_printed_it(run: Callable[[str], OutputTape]) -> None:
    tape = run(HEAD + "def train():\n" + "".join(f"    {line}\n" for line in LOOP.splitlines()) + "train()\n")
    first, *rest = lines(tape)
    # Which loop trains is known when the first loss is.
    assert (first.text, first.step) == ("top 0", -1)
    expected = [(f"{where} {step}", step) for step in range(3) for where in ("top", "bottom")][1:]
    assert [(line.text, line.step) for line in rest] == [*expected, ("after", 2)]


def test_what_logs_and_warns_stands_in_stderr_and_warnings_once(run: Callable[[str], OutputTape]) -> None:
    warns = (
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('always')\n"
        "    for _ in range(4):\n"
        "        warnings.warn('odd')\n"
        "logger, handler = logging.getLogger('mine'), logging.StreamHandler()\n"
        "logger.propagate = False\n"
        "logger.addHandler(handler)\n"
        "logger.warning('logged')\n"
        "logger.removeHandler(handler)\n"
    )
    tape = run(HEAD + warns + LOOP)
    errors = [(line.text, line.count) for line in lines(tape) if line.stream is Stream.ERR]
    assert errors == [("mine.py:8: UserWarning: odd", 4), ("logged", 1)]


@pytest.mark.parametrize(
    ("asks", "answers", "prompts", "says"),
    [
        ("print('hello', input('Who? '))", ["Ada"], ["Who? "], ["Who? Ada", "hello Ada"]),
        ("print(sys.stdin.readline())", ["a line"], [""], ["a line", "a line", ""]),
        (
            "print([each for each in sys.stdin])",
            ["1", "2", None],
            [""] * 3,
            ["1", "2", "", r"['1\n', '2\n']"],
        ),
        ("print(repr(sys.stdin.read()))", ["1", None], [""] * 2, ["1", "", r"'1\n'"]),
        ("try: input('? ')\nexcept EOFError: print('none')", [None], ["? "], ["? ", "none"]),
        # A library finds Python's own.
        ("import builtins; print(builtins.input('? '))", ["y"], ["? "], ["? y", "y"]),
    ],
)
def test_it_asks_its_user(
    run: Callable[[str, OutputTape], OutputTape],
    asks: str,
    answers: list[str | None],
    prompts: list[str],
    says: list[str],
) -> None:
    tape = OutputTape()
    assert not tape.answer("too early")
    asked = []

    def answer() -> None:
        for text in answers:
            while (question := tape.question) is None:
                pass
            asked.append(question)
            assert tape.answer(text)

    user = threading.Thread(target=answer)
    user.start()
    run(f"{HEAD}{asks}\n{LOOP}", tape)
    user.join()
    assert asked == prompts
    assert texts(tape)[: len(says)] == says
    assert tape.question is None


def test_a_program_that_waits_for_an_answer_can_be_stopped(tmp_path: Path) -> None:
    tape = OutputTape()
    program = Program(f"{HEAD}input('forever? ')\n{LOOP}", str(tmp_path / "mine.py"))
    execution = Execution(program, output=tape.stdout, errors=tape.stderr)

    def stop() -> None:
        while tape.question is None:
            pass
        execution.driver.stop()

    other = threading.Thread(target=stop)
    other.start()
    with pytest.raises(ProgramStopped):
        execution.forward()
    other.join()
    execution.close()
    assert texts(tape) == ["forever? ", "stopped"]
    assert tape.question is None


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ("sys.exit(3)", ["ended by sys.exit(3)"]),
        ("sys.exit()", ["ended by sys.exit()"]),
        ("sys.exit('all wrong')", ["all wrong", "ended by sys.exit(…)"]),
        ("exit()", ["ended by sys.exit()"]),
        ("pass", []),
    ],
)
def test_how_it_has_ended_is_said_last(run: Callable[[str], OutputTape], ends: str, says: list[str]) -> None:
    tape = run(f"{HEAD}{LOOP}{ends}\n")
    assert texts(tape)[texts(tape).index("after") + 1 :] == says


def test_an_interrupt_of_its_own_ends_it(run: Callable[[str, OutputTape], OutputTape]) -> None:
    tape = OutputTape()
    with pytest.raises(KeyboardInterrupt):
        run(f"{HEAD}{LOOP}raise KeyboardInterrupt\n", tape)
    assert texts(tape)[-2:] == ["after", "ended by KeyboardInterrupt"]


def test_a_failure_stands_there_as_in_a_terminal(run: Callable[[str, OutputTape], OutputTape]) -> None:
    tape = OutputTape()
    with pytest.raises(ProgramFailure) as caught:
        run(f"{HEAD}{LOOP}1 / 0\n", tape)
    told = caught.value.details.splitlines()
    assert texts(tape)[-len(told) :] == told
    assert lines(tape)[-1] == Line(6 + len(told), Stream.ERR, 2, "ZeroDivisionError: division by zero")


@pytest.mark.parametrize("call", ["os._exit(3)", "os.abort()"])
def test_what_would_end_the_window_is_refused(
    run: Callable[[str, OutputTape], OutputTape], call: str
) -> None:
    tape, before = OutputTape(), (os._exit, os.abort)
    with pytest.raises(ProgramError, match="is not allowed: it would end the window, too"):
        run(f"{HEAD}{LOOP}{call}\n", tape)
    assert texts(tape)[-1].startswith(f"{call.partition('(')[0]}() is not allowed")
    assert (os._exit, os.abort) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no fork on Windows")
def test_a_process_of_its_own_ends_as_ever(run: Callable[[str], OutputTape]) -> None:
    forks = "child = os.fork()\nif child == 0: os._exit(5)\n"
    forks += "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    assert texts(run(f"{HEAD}{forks}{LOOP}"))[0] == "5"


def test_what_the_main_thread_writes_meanwhile_is_none_of_its_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = OutputTape()
    # What stands for the process's own while pytest captures.
    monkeypatch.setattr(sys, "__stdout__", sys.stdout)
    warned: list[warnings.WarningMessage] = []
    monkeypatch.setattr(warnings, "_showwarnmsg_impl", warned.append)
    program = Program(f"{HEAD}input('? ')\n{LOOP}", str(tmp_path / "mine.py"))

    def run() -> None:
        execution = Execution(program, output=tape.stdout, errors=tape.stderr)
        execution.forward()
        execution.close()

    worker = threading.Thread(target=run)
    worker.start()
    while tape.question is None:
        pass
    print("the window says")
    warnings.warn("the window warns", stacklevel=1)
    tape.answer("y")
    worker.join()
    assert texts(tape) == ["? y", "top 0"]
    assert capsys.readouterr().out == "the window says\n"
    assert [str(each.message) for each in warned] == ["the window warns"]


def test_outside_of_it_all_is_as_before(run: Callable[[str], OutputTape]) -> None:
    before = sys.stdin, sys.stdout, sys.stderr, list(sys.meta_path), os._exit
    run(f"{HEAD}sys.stdin = open(os.devnull)\nassert sys.stdin.read() == ''\nsys.stdin.close()\n{LOOP}")
    assert (sys.stdin, sys.stdout, sys.stderr, list(sys.meta_path), os._exit) == before


def own_trainer(tape: OutputTape, text: str, path: Path, steps: int) -> OwnTrainer:
    own = OwnProgram(str(path), text)
    settings = make_settings(stage="own", own=own, steps=steps)
    return OwnTrainer(settings, output=tape.stdout, errors=tape.stderr)


def test_what_follows_the_last_step_can_be_run(tmp_path: Path) -> None:
    tape = OutputTape()
    trainer = own_trainer(tape, HEAD + LOOP, tmp_path / "mine.py", 3)
    for _ in range(2):
        trainer.step()
    trainer.run_out()
    assert (trainer.history.length, trainer.ended) == (2, False)
    trainer.step()
    assert texts(tape)[-1] == "bottom 2"
    trainer.run_out()
    assert texts(tape)[-1] == "after"
    assert (trainer.history.length, trainer.ended) == (3, True)
    trainer.close()


def test_a_loop_without_a_known_end_is_not_run_out(tmp_path: Path) -> None:
    tape = OutputTape()
    text = HEAD + LOOP.replace("for step in range(3):", "while (step := globals().get('step', -1) + 1) < 9:")
    trainer = own_trainer(tape, text, tmp_path / "mine.py", 2)
    for _ in range(2):
        trainer.step()
    trainer.run_out()
    assert (trainer.history.length, trainer.ended) == (2, False)
    trainer.close()
