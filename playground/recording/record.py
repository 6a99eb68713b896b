"""Records a step of any function that returns a loss."""

from __future__ import annotations

import dataclasses
import inspect
import linecache
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from playground.recording.assembly.assemble import Outcome, assemble
from playground.recording.collection import paused_collection
from playground.recording.compiled import COMPILED, is_compiled, running_eagerly
from playground.recording.model import Recording
from playground.recording.snapshotting import LARGEST_RECORDING, LARGEST_TENSOR, SnapshotTaker
from playground.recording.step_tape import StepTape
from playground.recording.variables import (
    Found,
    code_of,
    find_given,
    find_in,
    variables_of,
)

if TYPE_CHECKING:
    import torch


def record(
    function: Callable[[], object],
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None = None,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    step: int = 0,
    largest_tensor: int = LARGEST_TENSOR,
    largest_recording: int = LARGEST_RECORDING,
) -> Recording:
    """Runs a function that returns a loss, then `backward()`, then the optimizer, and records it all.

    It is a real step: gradients are added to `.grad`, and an optimizer updates its parameters. A
    function that calls `backward()` or `torch.autograd.grad` itself, once or often, is recorded as it is,
    and need not return anything.

    Args:
        function: computes the loss, called without arguments: once, or as often as an optimizer asks that
            needs a closure (LBFGS). It returns a tensor with one element, or a tuple, a list, a dict, a
            dataclass that holds one: the one called `loss`, else the first with one element.
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
        TypeError: what is given is no function, or what it returns holds no tensor.
        ValueError: no tensor that it returns has one element.
    """
    with paused_collection():
        return _record(
            function, parameters, optimizer, step, SnapshotTaker(largest_tensor, largest_recording)
        )


def _record(
    function: Callable[[], object],
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None,
    optimizer: torch.optim.Optimizer | None,
    step: int,
    taker: SnapshotTaker,
) -> Recording:
    code = code_of(function)
    variables = variables_of(function)
    found = _found_in(parameters, variables, optimizer)
    tape = StepTape(code.co_filename, dict, code, taker, outside=_record.__code__)
    started = time.perf_counter()
    for name, value in (*variables.items(), *found.buffers.items()):
        tape.guarded(name, tape.note_ready, value, name)
    tape.guarded("the parameters", tape.note_step, found.parameters, optimizer)
    if any(map(is_compiled, (*variables.values(), parameters))):
        tape.note(COMPILED)
    driven = _DrivenStep(tape, found)
    try:
        wrong = driven.run(function)
        if wrong is not None:
            raise wrong
        tape.guarded("the optimizer's state", tape.note_states)
        text = "".join(linecache.getlines(code.co_filename))
        seconds = time.perf_counter() - started
        with tape.unheard():
            return assemble(tape, text, found, driven.outcome, step=step, seconds=seconds)
    finally:
        # An exception leads to the frames that it passed through; nobody but the collector would free
        # the tensors in them if these frames led to the exception in turn.
        driven.outcome.error = wrong = None
        tape.close()


class _DrivenStep:
    """A step of a function of the user's own.

    Attributes:
        outcome: what it came to.
    """

    def __init__(self, tape: StepTape, found: Found) -> None:
        self._tape, self._found = tape, found
        self.outcome = Outcome()

    def run(self, function: Callable[[], object]) -> Exception | None:
        """Runs the step as far as it comes; returns what is to be said if the function gives no loss."""
        from playground.tracing.torch_functions import RecordingMode

        tape, watch = self._tape, self._tape.watch
        assert watch is not None, "torch is loaded"
        try:
            with running_eagerly(), tape.modules.heard(self._found), RecordingMode(tape):
                if tape.states.optimizer is not None and _needs_closure(tape.states.optimizer):
                    closure = partial(self._closure, tape.states.optimizer, function)
                    # LBFGS makes a number of the tensor that it is given.
                    tape.states.optimizer.step(cast("Callable[[], float]", closure))
                else:
                    self._step(function)
        except _NoLossError as error:
            return error.reason
        except Exception as error:
            self.outcome.error = error
            if not watch.passes and watch.prepared is None:
                tape.guarded("the graph", watch.capture_ends, tape.parameters)
        return None

    def _step(self, function: Callable[[], object]) -> None:
        self._differentiate(function)
        if self._tape.states.optimizer is not None:
            self._tape.states.optimizer.step()

    def _closure(self, optimizer: torch.optim.Optimizer, function: Callable[[], object]) -> torch.Tensor:
        """What an optimizer calls that wants to have the loss and its gradients anew."""
        optimizer.zero_grad()
        loss = self._differentiate(function)
        if loss is None:
            raise _NoLossError(TypeError("the function returned no loss, which this optimizer asks for"))
        return loss

    def _differentiate(self, function: Callable[[], object]) -> torch.Tensor | None:
        """Calls the function, and makes the backward pass that it has not made itself; returns the loss."""
        tape, watch = self._tape, self._tape.watch
        assert watch is not None, "torch is loaded"
        before = len(watch.passes)
        given = function()
        made = watch.passes[before:]
        guarded = tape.guarded
        with tape.unheard():
            loss = _loss_in(given, is_needed=not made)
            is_followed = loss is not None and loss.requires_grad
        if loss is None:
            return None
        guarded("the loss", self.outcome.note_loss, loss)
        guarded("the loss", tape.note_loss, loss)
        if is_followed and not guarded("backward", watch.is_differentiated, loss, made):
            guarded("backward", watch.capture, [loss], tape.parameters)
            tape.forget_frame()
            loss.backward()
        return loss


class _NoLossError(Exception):
    """The function has given no loss.

    Attributes:
        reason: what is to be said.
    """

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _needs_closure(optimizer: torch.optim.Optimizer) -> bool:
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    return closure is not None and closure.default is inspect.Parameter.empty


def _loss_in(given: object, is_needed: bool) -> torch.Tensor | None:
    """The loss in what a function returned; None if there is none and none is needed."""
    found = list(_tensors_in(given))
    single = [(name, each) for name, each in found if each.numel() == 1]
    named = [each for name, each in single if name == "loss"]
    if single:
        return named[0] if named else single[0][1]
    if not is_needed:
        return None
    if found:
        shape = tuple(found[0][1].shape)
        raise _NoLossError(ValueError(f"the loss has the shape {shape}; allowed: one element"))
    name = type(given).__name__
    raise _NoLossError(TypeError(f"the function returned {name}; allowed: a loss, a tensor of one element"))


def _tensors_in(given: object, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors in what a function returned, each with the name that it has there."""
    import torch

    if isinstance(given, torch.Tensor):
        yield name, given
    elif isinstance(given, Mapping):
        for key, value in given.items():
            yield from _tensors_in(value, str(key))
    elif isinstance(given, tuple | list):
        names = getattr(given, "_fields", [name] * len(given))
        for each, value in zip(names, given, strict=True):
            yield from _tensors_in(value, each)
    elif dataclasses.is_dataclass(given):
        for field in dataclasses.fields(given):
            yield from _tensors_in(getattr(given, field.name), field.name)


def _found_in(
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None,
    variables: Mapping[str, object],
    optimizer: torch.optim.Optimizer | None,
) -> Found:
    """The parameters by name, and what else has a name."""
    if parameters is None:
        return find_in(variables, optimizer)
    return find_given(parameters, variables, optimizer)
