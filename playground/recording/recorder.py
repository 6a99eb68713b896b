"""Records one step: of a stage, or of any function that returns a loss."""

from __future__ import annotations

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

    def forward(self) -> ForwardPass:
        """Runs the first half of the step, up to the stage's `yield`; raises what the stage raises."""
        try:
            passed = super().forward()
        except Exception as error:
            self._give_up(error)
            raise
        self._passed = passed
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
    import torch

    from playground.tracing.torch_functions import RecordingMode

    code = _code_of(function)
    variables = _variables_of(function)
    named, paths = _named(parameters, variables)
    text = "".join(linecache.getlines(code.co_filename))
    tape = StepTape(code.co_filename, dict, code, SnapshotTaker(largest_tensor, largest_recording))
    started = time.perf_counter()
    loss: torch.Tensor | None = None
    error: Exception | None = None
    watch = tape.watch
    assert watch is not None, "torch is loaded"
    for name, value in variables.items():
        if isinstance(value, torch.Tensor):
            tape._add(value, name)
    tape.note_step(named, optimizer)
    try:
        with RecordingMode(tape):
            loss = _checked(function())
            tape.note_loss(loss)
            if not watch.done and loss.requires_grad:
                watch.capture([loss], named)
                loss.backward()
            if optimizer is not None:
                optimizer.step()
    except (TypeError, ValueError) as wrong:
        if isinstance(wrong, _WrongLoss):
            raise wrong.reason from None
        error = wrong
    except Exception as raised:
        error = raised
    if error is not None and watch.graph is None:
        watch.capture_ends(named)
    tape.note_states()
    recording = _recording(
        tape,
        text,
        code.co_filename,
        paths,
        loss,
        error,
        stage=None,
        step=step,
        depth=None,
        run=0,
        seconds=time.perf_counter() - started,
    )
    tape.close()
    return recording


class _WrongLoss(ValueError):
    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _checked(loss: object) -> torch.Tensor:
    import torch

    if not isinstance(loss, torch.Tensor):
        raise _WrongLoss(
            TypeError(
                f"the function returned {type(loss).__name__}; allowed: a loss, a tensor of one element"
            )
        )
    if loss.numel() != 1:
        shape = tuple(loss.shape)
        raise _WrongLoss(ValueError(f"the loss has the shape {shape}; allowed: one element"))
    return loss


def _recording(
    tape: StepTape,
    text: str,
    filename: str,
    paths: dict[int, str],
    loss: object,
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
        loss=None if loss is None else cast("torch.Tensor", loss).item(),
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
        outside = inspect.getclosurevars(plain)
        found = {**outside.globals, **outside.nonlocals, **found}
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
