"""Records one step of a stage while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, cast

import numpy as np

from playground.forward_pass import ForwardPass
from playground.graph.model import Graph, Phase
from playground.tracing.frames import read_variables, rebind_variables
from playground.tracing.graph import build_graph
from playground.tracing.numpy_arrays import RECORDING, unwrap, wrap
from playground.tracing.numpy_arrays import see as see_array
from playground.tracing.tape import Seen, Tape

if TYPE_CHECKING:
    import torch

    from playground.programs.driver import Driver
    from playground.programs.program import Program

_Half = TypeVar("_Half")


class StepTracer:
    """Drives one step of a stage and takes down the operations that run.

        with StepTracer(program, driver) as tracer:
            forward = tracer.forward()
            tracer.backward()
        graph = tracer.graph()

    The step's numbers are the same as without it. What it hands over and, once the block is left,
    what the stage's variables hold are the usual arrays; the step costs memory for all its
    intermediate results while the block lasts. Everything happens on the thread that calls it.
    """

    def __init__(
        self,
        program: Program,
        driver: Driver,
        make_tape: Callable[[str, Callable[[], Mapping[str, object]]], Tape] = Tape,
    ) -> None:
        """Takes an execution of the program that stands between two steps."""
        self._program = program
        self._driver = driver
        self._frame: FrameType | None = None
        self._tape = make_tape(program.filename, self._variables)

    def __enter__(self) -> Self:
        """Makes the arrays in the stage's variables record.

        Raises:
            ValueError: the stage has ended, or failed before.
        """
        frame = self._frame = self._driver.frame
        if frame is None or self._driver.ended:
            raise ValueError("a stage that has ended has no step to record")
        for name, value in read_variables(frame).items():
            seen = see(value)
            if seen is not None:
                self._tape.add_leaf(seen, name)
        _convert_variables(frame, partial(_wrap, tape=self._tape))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Gives the stage its plain arrays back, also after an error, and lets go of all others."""
        frame, self._frame = self._frame, None
        self._tape.close()
        if frame is not None:
            _convert_variables(frame, unwrap)

    def forward(self) -> ForwardPass:
        """Runs the first half of the step, until its loss is there.

        Raises:
            Exception: whatever the stage raises.
        """
        handed_over = self._run(self._driver.forward)
        parameters = {name: unwrap(value) for name, value in handed_over.parameters.items()}
        forward = handed_over._replace(
            loss=unwrap(handed_over.loss), parameters=cast("Mapping[str, torch.Tensor]", parameters)
        )
        for name, value in parameters.items():
            seen = see(value)
            if seen is not None:
                self._tape.note_parameter(name, seen)
        self._tape.note_loss(forward.loss)
        return forward

    def backward(self) -> None:
        """Runs the second half of the step: backward and update.

        Raises:
            Exception: whatever the stage raises.
        """
        self._tape.half = Phase.BACKWARD
        self._run(self._driver.finish)

    def graph(self) -> Graph:
        """The trace of what ran so far, also when the step failed."""
        return build_graph(self._tape, self._program.text)

    def _run(self, half: Callable[[], _Half]) -> _Half:
        try:
            with _torch_mode(self._tape):
                return half()
        finally:
            self._tape.note_names()

    def _variables(self) -> dict[str, object]:
        if self._frame is None:
            return {}
        variables = read_variables(self._frame)
        for name, value in variables.items():
            # Asked once for each operation.
            if isinstance(value, RECORDING):
                variables[name] = unwrap(value)
        return variables


def _wrap(value: object, tape: Tape) -> object:
    # A number found ready is a constant; only a number that the step computes is recorded.
    return wrap(value, tape) if isinstance(value, np.ndarray) else value


def _convert_variables(frame: FrameType, convert: Callable[[object], object]) -> None:
    """Replaces the arrays in a frame's variables, and in the lists and dicts that these hold."""
    changed: dict[str, object] = {}
    for name, value in read_variables(frame).items():
        if name == "__builtins__":
            # No array is in there.
            continue
        if type(value) is dict:
            value.update({key: convert(item) for key, item in value.items()})
        elif type(value) is list:
            value[:] = [convert(item) for item in value]
        elif (converted := convert(value)) is not value:
            changed[name] = converted
    rebind_variables(frame, changed)


def _torch_mode(tape: Tape) -> AbstractContextManager[object]:
    """The mode that records torch, where torch is loaded at all."""
    if "torch" not in sys.modules:
        return nullcontext()
    from playground.tracing.torch_functions import RecordingMode

    return RecordingMode(tape)


def see(value: object) -> Seen | None:
    """Describes an array or a tensor; None for anything else."""
    if isinstance(value, np.ndarray):
        return see_array(value)
    if "torch" not in sys.modules:
        return None
    import torch

    from playground.tracing.torch_functions import see as see_tensor

    return see_tensor(value) if isinstance(value, torch.Tensor) else None
