"""Records one step: of a stage, or of any function that returns a loss."""

from __future__ import annotations

import contextlib
import inspect
import linecache
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import GeneratorType
from typing import TYPE_CHECKING, cast

from playground.forward_pass import ForwardPass
from playground.program import Program
from playground.recording.assembly import Assembly
from playground.recording.drafts import one_line
from playground.recording.model import RecordedFailure, Recording, snapshots_of
from playground.recording.step_tape import StepTape
from playground.recording.taking import LARGEST_RECORDING, LARGEST_TENSOR, SnapshotTaker
from playground.tracing.frames import read_variables
from playground.tracing.tracer import StepTracer

if TYPE_CHECKING:
    import torch


class StepRecorder(StepTracer):
    """Drives one step of a stage, like `StepTracer`, and keeps everything that happens.

        with StepRecorder(program, generator) as recorder:
            forward = recorder.forward()
            recorder.backward()
            recording = recorder.recording("autograd", step)

    The step's numbers are the same as without it, bit for bit.
    """

    def __init__(
        self,
        program: Program,
        generator: Iterator[ForwardPass | None],
        taker: SnapshotTaker | None = None,
    ) -> None:
        """Takes a generator that `program.load()` made and that is suspended between two steps."""
        code = cast("GeneratorType[ForwardPass | None, None, None]", generator).gi_code
        super().__init__(program, generator, partial(StepTape, root=code, taker=taker))
        self._paths: dict[int, str] = {}
        self._found: dict[str, object] = {}
        self._passed: ForwardPass | None = None
        self._number: float | None = None
        self._error: Exception | None = None
        self._started = time.perf_counter()

    @property
    def tape(self) -> StepTape:
        """What has been taken down."""
        return cast("StepTape", self._tape)

    def __enter__(self) -> StepRecorder:
        """Begins to record; see `StepTracer`."""
        self._started = time.perf_counter()
        super().__enter__()
        assert self._frame is not None, "the tracer has looked for it"
        variables = read_variables(self._frame)
        self._paths = _module_paths(variables)
        self._found = _parameters_among(variables)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Lets go of everything; see `StepTracer`."""
        super().__exit__(kind, error, traceback)
        # An exception leads to the frames that it passed through, and one of them to this recorder.
        self._passed = self._error = None
        self._found = {}

    def forward(self) -> ForwardPass:
        """Runs the first half of the step, up to the stage's `yield`; raises what the stage raises."""
        try:
            passed = super().forward()
        except Exception as error:
            self._give_up(error)
            raise
        self._passed, self._number = passed, _number(passed.loss)
        self.tape.note_step(passed.parameters, passed.optimizer)
        watch = self.tape.watch
        if watch is not None and watch.function(passed.loss) is not None:
            watch.capture([cast("torch.Tensor", passed.loss)], passed.parameters)
        return passed

    def backward(self) -> None:
        """Runs the second half of the step; raises what the stage raises."""
        try:
            super().backward()
        except Exception as error:
            self._error = error
            raise
        finally:
            self.tape.note_states()

    def recording(self, stage: str | None, step: int, run: int = 0) -> Recording:
        """What was recorded, also of a step that failed; to be asked for while the block lasts."""
        passed = self._passed
        loss = None if passed is None else passed.loss
        return _recording(
            self.tape,
            self._program.text,
            self._program.filename,
            self._paths,
            loss,
            self._number,
            self._error,
            stage=stage,
            step=step,
            depth=None if passed is None else passed.depth,
            run=run,
            seconds=time.perf_counter() - self._started,
        )

    def _give_up(self, error: Exception) -> None:
        self._error = error
        self.tape.note_step(self._found)
        if self.tape.watch is not None:
            self.tape.watch.capture_ends(self._found)


def record(
    function: Callable[[], torch.Tensor],
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None = None,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    step: int = 0,
    largest_tensor: int = LARGEST_TENSOR,
    largest_recording: int = LARGEST_RECORDING,
) -> Recording:
    """Runs a function that returns a loss, then `backward()`, then the optimizer, and records it all.

    It is a real step: gradients are added to `.grad`, and an optimizer updates its parameters. A
    function that calls `backward()` itself is recorded as it is; of several such calls the first is.

    Args:
        function: computes the loss, a tensor with one element; called once, without arguments.
        parameters: names for the leaves of the graph, or a module, whose names and paths are taken; by
            default the tensors and modules among the function's own variables.
        optimizer: makes the update; None leaves the parameters as they are.
        step: the number that the recording shall carry.
        largest_tensor: bytes up to which a tensor's elements are kept; of a larger one there are
            statistics and a picture.
        largest_recording: bytes that all kept elements together may take.

    Returns:
        The recording. If something raised on the way, its `failure` says what and where, and the
        events tell how far the step came; the exception goes no further.

    Raises:
        TypeError: what is given is no function, or what it returns is no tensor.
        ValueError: the loss has more than one element.
    """
    code = _code_of(function)
    variables = _variables_of(function)
    named, paths = _named(parameters, variables)
    taker = SnapshotTaker(largest_tensor, largest_recording)
    tape = StepTape(code.co_filename, dict, code, taker, outside=record.__code__)
    started = time.perf_counter()
    for name, value in variables.items():
        tape._add(value, name)
    tape.note_step(named, optimizer)
    driven = _Driven(tape)
    try:
        wrong = driven.run(function)
        if wrong is not None:
            raise wrong
        tape.note_states()
        return _recording(
            tape,
            "".join(linecache.getlines(code.co_filename)),
            code.co_filename,
            paths,
            driven.loss,
            driven.number,
            driven.error,
            stage=None,
            step=step,
            depth=None,
            run=0,
            seconds=time.perf_counter() - started,
        )
    finally:
        # An exception leads to the frames that it passed through; nobody but the collector would free
        # the tensors in them if these frames led to the exception in turn.
        driven.error = wrong = None
        tape.close()


class _Driven:
    """A step of a function of the user's own.

    Attributes:
        loss: what the function returned, if it is a loss.
        number: the loss as a number: the update may change the tensor.
        error: what the step raised.
    """

    def __init__(self, tape: StepTape) -> None:
        self._tape = tape
        self.loss: torch.Tensor | None = None
        self.number: float | None = None
        self.error: Exception | None = None

    def run(self, function: Callable[[], object]) -> Exception | None:
        """Runs the step as far as it comes; returns what is to be said if the function gives no loss."""
        from playground.tracing.torch_functions import RecordingMode

        tape, watch = self._tape, self._tape.watch
        assert watch is not None, "torch is loaded"
        try:
            with RecordingMode(tape):
                given = function()
                wrong = _wrong_loss(given)
                if wrong is not None:
                    return wrong
                self._finish(cast("torch.Tensor", given))
        except Exception as error:
            self.error = error
            if watch.graph is None:
                watch.capture_ends(tape.parameters)
        return None

    def _finish(self, loss: torch.Tensor) -> None:
        tape, watch = self._tape, self._tape.watch
        assert watch is not None, "torch is loaded"
        self.loss, self.number = loss, _number(loss)
        tape.note_loss(loss)
        if not watch.done and loss.requires_grad:
            watch.capture([loss], tape.parameters)
            loss.backward()
        if tape.optimizer is not None:
            tape.optimizer.step()


def _wrong_loss(given: object) -> Exception | None:
    import torch

    if not isinstance(given, torch.Tensor):
        name = type(given).__name__
        return TypeError(f"the function returned {name}; allowed: a loss, a tensor of one element")
    if given.numel() != 1:
        return ValueError(f"the loss has the shape {tuple(given.shape)}; allowed: one element")
    return None


def _number(loss: object) -> float | None:
    number = cast("torch.Tensor", loss).item()
    return None if isinstance(number, complex) else number


def _recording(
    tape: StepTape,
    text: str,
    filename: str,
    paths: dict[int, str],
    loss: object,
    number: float | None,
    error: Exception | None,
    *,
    stage: str | None,
    step: int,
    depth: int | None,
    run: int,
    seconds: float,
) -> Recording:
    assembled = Assembly(tape, text, paths, loss)
    failure = None if error is None else _failure(error, filename, assembled)
    recording = Recording(
        stage=stage,
        step=step,
        loss=number,
        depth=depth,
        graph=assembled.graph,
        events=assembled.events,
        nodes=assembled.nodes,
        parameters=assembled.parameters,
        failure=failure,
        seconds=seconds,
        run=run,
    )
    return replace(recording, nbytes=sum(each.kept_bytes for each in snapshots_of(recording)))


def _failure(error: Exception, filename: str, assembled: Assembly) -> RecordedFailure:
    lines = []
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    failed = [event.number for event in assembled.events if event.error]
    return RecordedFailure(one_line(error), lines[-1] if lines else None, failed[-1] if failed else None)


def _code_of(function: Callable[[], object]) -> types.CodeType:
    plain = inspect.unwrap(function)
    while isinstance(plain, partial):
        plain = plain.func
    if inspect.ismethod(plain):
        plain = plain.__func__
    if not inspect.isfunction(plain):
        raise TypeError(f"{function!r} cannot be recorded; allowed: a function written in Python")
    return plain.__code__


def _variables_of(function: Callable[[], object]) -> dict[str, object]:
    """Variables that a function finds outside itself: what it closes over, globals, bound arguments."""
    plain = inspect.unwrap(function)
    found: dict[str, object] = {}
    while isinstance(plain, partial):
        names = list(inspect.signature(plain.func).parameters)
        found.update(zip(names, plain.args, strict=False))
        found.update(plain.keywords)
        plain = plain.func
    if inspect.ismethod(plain):
        found["self"] = plain.__self__
        plain = plain.__func__
    if inspect.isfunction(plain):
        found = {**_globals_of(plain), **_closed_over(plain), **found}
    return found


def _globals_of(function: types.FunctionType) -> dict[str, object]:
    names = function.__code__.co_names
    return {name: function.__globals__[name] for name in names if name in function.__globals__}


def _closed_over(function: types.FunctionType) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        # A variable that is only bound later has nothing in its cell.
        with contextlib.suppress(ValueError):
            found[name] = cell.cell_contents
    return found


def _named(
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None, variables: Mapping[str, object]
) -> tuple[dict[str, object], dict[int, str]]:
    """The parameters by name, and the path of each module by its `id`."""
    import torch

    if isinstance(parameters, torch.nn.Module):
        variables = {"model": parameters}
        return _parameters_among(variables), _module_paths(variables)
    paths = _module_paths(variables)
    return (_parameters_among(variables) if parameters is None else dict(parameters)), paths


def _modules_among(variables: Mapping[str, object]) -> dict[str, torch.nn.Module]:
    if "torch" not in sys.modules:
        return {}
    import torch

    return {name: value for name, value in variables.items() if isinstance(value, torch.nn.Module)}


def _module_paths(variables: Mapping[str, object]) -> dict[int, str]:
    """The path of each module within the models that some variables hold."""
    paths: dict[int, str] = {}
    for model in _modules_among(variables).values():
        for path, module in model.named_modules():
            if path:
                paths.setdefault(id(module), path)
    return paths


def _parameters_among(variables: Mapping[str, object]) -> dict[str, object]:
    """Parameters of modules by their paths, and leaves that require a gradient by their variable."""
    if "torch" not in sys.modules:
        return {}
    import torch

    found: dict[str, object] = {}
    models = _modules_among(variables)
    for variable, model in models.items():
        for name, parameter in model.named_parameters():
            found.setdefault(name if name not in found else f"{variable}.{name}", parameter)
    for name, value in variables.items():
        if isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad:
            found.setdefault(name, value)
    return found
