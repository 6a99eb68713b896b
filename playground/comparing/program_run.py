"""Runs one of the programs that are compared: its losses, and steps of it that are recorded."""

from __future__ import annotations

import linecache
import random
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TextIO

from playground.programs.errors import ProgramEnded, ProgramError, ProgramStopped
from playground.programs.execution import Execution, ProgramFailure, Silence, own_traceback
from playground.programs.program import Program
from playground.recording.model import Recording
from playground.recording.recorder import StepRecorder
from playground.tracing.frames import line_in

SECONDS_BETWEEN_QUESTIONS = 0.1
"""So often it is asked, while a program is in the middle of something, whether it is still wanted."""

Tell = Callable[[], None]
"""Asked whether the work is still wanted; what it raises ends it."""
Made = Callable[[int], None]
"""The same, told how many steps are made."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning of a program's, in its own words.

    Attributes:
        message: with its kind in front of it.
        line: of the program, None where it came from elsewhere.
    """

    message: str
    line: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of running a program.

    Attributes:
        losses: of the steps that it has made, the first loss of each.
        error: what it has raised, in its own words, of which there may be several lines; "" if nothing.
        line: of the program that has raised it, None if that is unknown.
        details: the traceback, cut to the program's own lines.
        warned: each warning once.
        loop: number of its training loop, None if it has not come so far.
    """

    losses: tuple[float, ...]
    error: str = ""
    line: int | None = None
    details: str = ""
    warned: tuple[Warned, ...] = ()
    loop: int | None = None


def losses_of(
    program: Program,
    words: Sequence[str] = (),
    most_steps: int | None = None,
    tell: Made = lambda _steps: None,
    output: IO[str] | None = None,
) -> Outcome:
    """Runs a program for so many steps, or to its end.

    Args:
        program: what to run.
        words: that it finds in `sys.argv` after its name.
        most_steps: None for all that it makes.
        tell: hears of every step, and now and then, from another thread, of none.
        output: where it prints; None for nowhere.

    Raises:
        ProgramError: it has no training step, or asks for what nobody can give.
        Exception: whatever `tell` raises.
    """
    stream = output or Silence.stream()
    losses: list[float] = []
    with hearing_warnings(program.filename) as warned:
        execution = Execution(program, words, stream, stream)
        try:
            with stopped_unless_wanted([execution], lambda: tell(len(losses))):
                for step in execution.steps():
                    losses.append(step.loss)
                    tell(len(losses))
                    if len(losses) == most_steps:
                        break
            failure = None
        except ProgramFailure as raised:
            failure = raised
        finally:
            loop = execution.driver.loop
            execution.close()
    return _outcome(losses, failure, tuple(warned), loop)


def _outcome(
    losses: list[float], failure: ProgramFailure | None, warned: tuple[Warned, ...], loop: int | None
) -> Outcome:
    if failure is None:
        return Outcome(tuple(losses), warned=warned, loop=loop)
    error = failure.__context__
    assert error is not None, "it was raised for that"
    words = "".join(traceback.format_exception_only(error)).rstrip()
    return Outcome(tuple(losses), words, _last_line(failure.details), failure.details, warned, loop)


def _last_line(details: str) -> int | None:
    """The line that a traceback leads to."""
    lines = [line for line in details.splitlines() if line.startswith('  File "')]
    number = lines[-1].rpartition(", line ")[2].partition(",")[0] if lines else ""
    return int(number) if number.isdigit() else None


class RecordedRun:
    """A run of a program whose steps are recorded, or passed over, one after the other."""

    def __init__(
        self,
        program: Program,
        words: Sequence[str] = (),
        loop: int | None = None,
        stage: str | None = None,
    ) -> None:
        """Runs nothing yet; what the program prints goes nowhere.

        Args:
            program: what to run.
            words: that it finds in `sys.argv` after its name.
            loop: number of its training loop, where the text does not tell it.
            stage: whose program it is, for the recordings.
        """
        silence = Silence.stream()
        self.execution = Execution(program, words, silence, silence, loop)
        self._program, self._stage = program, stage

    def skip(self) -> bool:
        """Makes a step without recording it; whether there was one. Raises ProgramFailure."""
        return next(self.execution.steps(), None) is not None

    @property
    def can_record_first(self) -> bool:
        """Whether the first step can be recorded: where it begins is known. Makes what comes before it."""
        driver = self.execution.driver
        try:
            return driver.begin()
        except ProgramEnded:
            return False
        except Exception as error:
            raise ProgramFailure(own_traceback(error, driver.files.filenames)) from None

    def record(self, step: int) -> Recording | None:
        """Records the next step, also one that fails; None if there is none.

        Args:
            step: its number.

        Raises:
            ProgramFailure: the program fails before its first step, where there is nothing to record.
            ProgramError: it is the first step, and where that begins is unknown.
        """
        driver = self.execution.driver
        if not step and not self.can_record_first:
            if driver.ended:
                return None
            name = self._program.filename
            raise ProgramError(f"the first step of {name} cannot be recorded: where it begins is unknown")
        recorder = StepRecorder(self._program, driver)
        with recorder:
            try:
                recorder.forward()
                recorder.backward()
            except ProgramEnded:
                return None
            except Exception as error:
                # The recording tells what the program has raised, and nothing else may be hidden by it.
                if recorder.recording(self._stage, step).failure is None:
                    raise error
            return recorder.recording(self._stage, step)

    def close(self) -> None:
        """Ends the program where it stands."""
        self.execution.close()


@contextmanager
def hearing_warnings(program: str) -> Iterator[list[Warned]]:
    """Keeps what the program in a file of that name is warned of while the block lasts, each warning once."""
    told: list[Warned] = []
    before, thread = warnings.showwarning, threading.get_ident()

    def hear(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if threading.get_ident() != thread:
            before(message, category, filename, lineno, file, line)
            return
        warning = Warned(f"{category.__name__}: {message}", line_in(program))
        if warning not in told:
            told.append(warning)

    warnings.showwarning = hear
    try:
        yield told
    finally:
        warnings.showwarning = before


@contextmanager
def stopped_unless_wanted(executions: Sequence[Execution], tell: Tell) -> Iterator[None]:
    """Ends programs, also in the middle of a step, when nobody waits for them any more.

    Raises:
        Exception: what `tell` has raised.
    """
    done, raised = threading.Event(), list[BaseException]()

    def watch() -> None:
        while not done.wait(SECONDS_BETWEEN_QUESTIONS):
            try:
                tell()
            except BaseException as error:
                raised.append(error)
                for each in executions:
                    each.driver.stop()
                return

    watcher = threading.Thread(target=watch, name="wanted", daemon=True)
    watcher.start()
    try:
        yield
    except ProgramStopped:
        if raised:
            raise raised[0] from None
        raise
    finally:
        done.set()
        watcher.join()
    if raised:
        raise raised[0]


@contextmanager
def kept_lines(*filenames: str) -> Iterator[None]:
    """Afterwards tracebacks show the lines of these files as before: other texts may run in their names."""
    before = {name: linecache.cache.get(name) for name in filenames}
    try:
        yield
    finally:
        for name, lines in before.items():
            if lines is None:
                linecache.cache.pop(name, None)
            else:
                linecache.cache[name] = lines


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Every program that begins in the block begins with the same random numbers.

    Args:
        seed: of Python's, NumPy's and torch's generator; None leaves them as they are. A program that
            seeds itself does so all the same.
    """
    import numpy as np

    from playground.trainer import kept_random_states

    with suppress(ImportError):
        # Before the program loads it: its generator is seeded as well.
        import torch
    with kept_random_states():
        if seed is not None:
            random.seed(seed)
            np.random.seed(seed)
            if "torch" in sys.modules:
                torch.manual_seed(seed)
        yield
