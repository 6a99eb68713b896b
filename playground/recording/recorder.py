"""Records one step of a stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, cast

from playground.forward_pass import ForwardPass
from playground.recording.assembly.assemble import Outcome, assemble
from playground.recording.collection import paused_collection
from playground.recording.compiled import running_eagerly
from playground.recording.model import Recording
from playground.recording.snapshotting import SnapshotTaker
from playground.recording.step_tape import StepTape
from playground.recording.variables import Found, find_in
from playground.tracing.frames import read_variables
from playground.tracing.tracer import StepTracer

if TYPE_CHECKING:
    import torch

    from playground.programs.driver import Driver
    from playground.programs.program import Program


_Half = TypeVar("_Half")


class StepRecorder(StepTracer):
    """Drives one step of a stage, like `StepTracer`, and keeps everything that happens.

        with StepRecorder(program, driver) as recorder:
            forward = recorder.forward()
            recorder.backward()
            recording = recorder.recording("autograd", step)

    The step's numbers are the same as without it, bit for bit.
    """

    def __init__(
        self,
        program: Program,
        driver: Driver,
        taker: SnapshotTaker | None = None,
    ) -> None:
        """Takes an execution of the program that stands between two steps."""
        super().__init__(program, driver, partial(StepTape, root=driver.code, taker=taker))
        self._stack = ExitStack()
        self._found = Found()
        self._passed: ForwardPass | None = None
        self._outcome = Outcome()
        self._started = time.perf_counter()

    @property
    def tape(self) -> StepTape:
        """What has been taken down."""
        return cast("StepTape", self._tape)

    def __enter__(self) -> StepRecorder:
        """Begins to record; see `StepTracer`."""
        self._started = time.perf_counter()
        super().__enter__()
        self._stack.enter_context(paused_collection())
        self._stack.enter_context(running_eagerly())
        assert self._frame is not None, "the tracer has looked for it"
        variables = read_variables(self._frame)
        self._found = find_in(variables)
        for name, buffer in self._found.buffers.items():
            self.tape.note_ready(buffer, name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Lets go of everything; see `StepTracer`."""
        super().__exit__(kind, error, traceback)
        self._stack.close()
        # An exception leads to the frames that it passed through, and one of them to this recorder.
        self._passed = None
        self._outcome = Outcome()
        self._found = Found()

    def forward(self) -> ForwardPass:
        """Runs the first half of the step, until its loss is there; raises what the stage raises."""
        try:
            passed = super().forward()
        except Exception as error:
            self._give_up(error)
            raise
        self._passed = passed
        guarded = self.tape.guarded
        guarded("the loss", self._outcome.note_loss, passed.loss)
        # Of an inner `autograd.grad`, a penalty's say, there may be a pass before.
        self._outcome.is_the_steps = True
        guarded("the parameters", self.tape.note_step, passed.parameters, passed.optimizer)
        watch = self.tape.watch
        if watch is not None and guarded("the loss", watch.function, passed.loss) is not None:
            guarded("the graph", watch.capture, [cast("torch.Tensor", passed.loss)], passed.parameters)
        return passed

    def backward(self) -> None:
        """Runs the second half of the step; raises what the stage raises."""
        try:
            super().backward()
        except Exception as error:
            self._outcome.error = error
            raise
        finally:
            self.tape.guarded("the optimizer's state", self.tape.note_states)

    def recording(self, stage: str | None, step: int, run: int = 0, depth: int | None = None) -> Recording:
        """What was recorded, also of a step that failed; to be asked for while the block lasts."""
        return assemble(
            self.tape,
            self._program.text,
            self._found,
            self._outcome,
            stage=stage,
            step=step,
            depth=depth,
            run=run,
            seconds=time.perf_counter() - self._started,
        )

    def _run(self, half: Callable[[], _Half]) -> _Half:
        with self.tape.modules.heard(self._found):
            return super()._run(half)

    def _give_up(self, error: Exception) -> None:
        self._outcome.error = error
        self.tape.note_step(self._found.parameters)
        if self.tape.watch is not None:
            self.tape.watch.capture_ends(self._found.parameters)
