"""Runs a program of the user's own from its first step to its last."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from playground.forward_pass import ForwardPass
from playground.programs.driver import Driver
from playground.programs.errors import ProgramEnded, ProgramError, ProgramStopped
from playground.programs.program import Program
from playground.programs.surroundings import Surroundings, input_for

if TYPE_CHECKING:
    from playground.graph.model import Graph
    from playground.recording.model import Recording


PATIENCE = 60.0
"""Seconds within which a program must come to its first training step."""


class ProgramFailure(Exception):
    """The program itself has raised.

    Attributes:
        details: its traceback, cut to its own lines.
    """

    def __init__(self, details: str) -> None:
        """Keeps the traceback as text."""
        super().__init__(details.rstrip().rpartition("\n")[2])
        self.details = details


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of a program's training loop.

    Attributes:
        number: counted from 0.
        losses: what `backward` was called on, in order; of a step without any the loss that it has named.
    """

    number: int
    losses: tuple[float, ...]

    @property
    def loss(self) -> float:
        """The first of them."""
        return self.losses[0]


class Execution:
    """One run of a program, driven step by step on the thread that made it."""

    def __init__(
        self,
        program: Program,
        argv: Sequence[str] = (),
        output: IO[str] | None = None,
        errors: IO[str] | None = None,
        loop: int | None = None,
        patience: float | None = PATIENCE,
    ) -> None:
        """Runs nothing yet.

        Args:
            program: what to run.
            argv: words that it finds in `sys.argv` after its name.
            output, errors: where what it prints goes; None leaves the process's own.
            loop: number of its training loop, where that is known.
            patience: seconds within which its first step must come; None waits for as long as it takes.

        Raises:
            ProgramError: the text is not Python.
        """
        self.program = program
        if program.loss is None:
            # To hear of its backward passes torch has to be there before it.
            with suppress(ImportError):
                import torch  # noqa: F401
        self._surroundings = Surroundings(program.filename, argv, output, errors)
        self._driver = program.start(input_for(output), self._surroundings.around, loop)
        self._made = 0
        self._patience = patience
        self._lost_patience = False

    @property
    def driver(self) -> Driver:
        """What drives it."""
        return self._driver

    def steps(self) -> Iterator[Step]:
        """Makes one step after the other, until the program ends.

        Raises:
            ProgramError: it has no training step at all, or asks for what nobody can give.
            ProgramFailure: it has raised.
        """
        while (forward := self.forward()) is not None:
            losses = [number_of(forward.loss), *self._finish()]
            yield Step(self._made - 1, tuple(losses))

    def forward(self) -> ForwardPass | None:
        """Runs the program until its next loss is there; None at its end. Raises like `steps`."""
        try:
            with self._waiting():
                return self._driver.forward()
        except ProgramEnded:
            if not self._made:
                self._driver.check()
            return None
        except BaseException as error:
            raise self._failure(error) from None

    def graph(self, step: int) -> Graph:
        """The graph that the step with this number builds; raises like `steps`."""
        from playground.graph.autograd import capture

        for number in range(step + 1):
            forward = self.forward()
            if forward is None:
                raise ProgramError(f"step {step} is not reached: the program makes {number} steps")
            if number == step:
                if getattr(forward.loss, "grad_fn", None) is None:
                    raise ProgramError(f"step {step} builds no graph: its loss needs no gradient")
                return capture(cast("Any", forward.loss), cast("Any", forward.parameters))
            self._finish()
        raise AssertionError("the loop returns")

    def record(self, step: int) -> Recording:
        """Records the step with this number; raises like `steps`."""
        from playground.recording.recorder import StepRecorder

        for number in range(step):
            if self.forward() is None:
                raise ProgramError(f"step {step} is not reached: the program makes {number} steps")
            self._finish()
        if step == 0 and not self._begin():
            raise ProgramError("its first step cannot be recorded: its text does not tell where that begins")
        recorder = StepRecorder(self.program, self._driver)
        with recorder:
            try:
                recorder.forward()
                recorder.backward()
            except ProgramEnded:
                raise ProgramError(f"step {step} is not reached: the program makes {step} steps") from None
            except Exception as error:
                if recorder.recording(None, step).failure is None:
                    raise self._failure(error) from None
            return recorder.recording(None, step)

    def close(self) -> None:
        """Ends the program where it stands, and leaves nothing of it behind."""
        self._driver.close()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Ends a program that does not come to its first step."""
        if self._made or self._patience is None:
            yield
            return
        timer = threading.Timer(self._patience, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            # Its thread holds the program until it has ended.
            timer.join()

    def _give_up(self) -> None:
        self._lost_patience = True
        self._driver.stop()

    def _begin(self) -> bool:
        try:
            with self._waiting():
                return self._driver.begin()
        except ProgramEnded:
            self._driver.check()
            return False
        except BaseException as error:
            raise self._failure(error) from None

    def _finish(self) -> list[float]:
        """The rest of the step; what else it called `backward` on."""
        self._made += 1
        self._driver.more_losses.clear()
        try:
            self._driver.finish()
        except ProgramEnded:
            return []
        except BaseException as error:
            raise self._failure(error) from None
        return [number_of(each) for _, each in self._driver.more_losses]

    def _failure(self, error: BaseException) -> BaseException:
        if isinstance(error, ProgramStopped) and self._lost_patience:
            return ProgramError(f"there was no training step within {self._patience:g} seconds")
        if isinstance(error, ProgramError | ProgramStopped | KeyboardInterrupt):
            return error
        return ProgramFailure(own_traceback(error, self._driver.files.filenames))


def first_loop(program: Program, argv: Sequence[str] = ()) -> int | None:
    """The training loop as running the program up to its first loss tells; what it prints is not shown.

    Raises:
        ProgramError, ProgramFailure: as `Execution.steps`.
    """
    if program.loss is not None:
        return None
    silence = Silence.stream()
    execution = Execution(program, argv, silence, silence)
    try:
        execution.forward()
        return execution.driver.loop
    finally:
        execution.close()


def own_traceback(error: BaseException, filenames: Sequence[str]) -> str:
    """A traceback with the lines of the program alone."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(error))
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename in filenames]
    lines = traceback.format_list(frames)
    head = ["Traceback (most recent call last):\n"] if lines else []
    return "".join([*head, *lines, *traceback.format_exception_only(error)])


class Silence:
    """Takes what is written, and keeps nothing."""

    encoding = "utf-8"

    @classmethod
    def stream(cls) -> IO[str]:
        """In place of an output."""
        return cast("IO[str]", cls())

    def write(self, text: str) -> int:
        """Keeps nothing."""
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """No terminal."""
        return False


def number_of(loss: Any) -> float:
    """A loss as a number: the sum of its elements if it has several; NaN where it is none."""
    with suppress(AttributeError, RuntimeError, ValueError):
        value = loss.detach() if hasattr(loss, "detach") else loss
        if getattr(value, "numel", lambda: 1)() != 1:
            value = value.sum()
        return float(value.item() if hasattr(value, "item") else value)
    return float("nan")
