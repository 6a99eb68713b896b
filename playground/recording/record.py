"""Records a step of any function that returns a loss."""

from __future__ import annotations

import linecache
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from playground.recording.assembly.assemble import Outcome, assemble
from playground.recording.model import Recording
from playground.recording.step_tape import StepTape
from playground.recording.taking import LARGEST_RECORDING, LARGEST_TENSOR, SnapshotTaker
from playground.recording.variables import code_of, module_paths, parameters_among, variables_of

if TYPE_CHECKING:
    import torch


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
    code = code_of(function)
    variables = variables_of(function)
    named, paths = _named(parameters, variables)
    taker = SnapshotTaker(largest_tensor, largest_recording)
    tape = StepTape(code.co_filename, dict, code, taker, outside=record.__code__)
    started = time.perf_counter()
    for name, value in variables.items():
        tape.note_ready(value, name)
    tape.note_step(named, optimizer)
    driven = _DrivenStep(tape)
    try:
        wrong = driven.run(function)
        if wrong is not None:
            raise wrong
        tape.note_states()
        text = "".join(linecache.getlines(code.co_filename))
        seconds = time.perf_counter() - started
        return assemble(tape, text, paths, driven.outcome, step=step, seconds=seconds)
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

    def __init__(self, tape: StepTape) -> None:
        self._tape = tape
        self.outcome = Outcome()

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
            self.outcome.error = error
            if not watch.passes and watch.prepared is None:
                watch.capture_ends(tape.parameters)
        return None

    def _finish(self, loss: torch.Tensor) -> None:
        tape, watch = self._tape, self._tape.watch
        assert watch is not None, "torch is loaded"
        self.outcome.note_loss(loss)
        tape.note_loss(loss)
        if loss.requires_grad and not watch.is_differentiated(loss):
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


def _named(
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module | None, variables: Mapping[str, object]
) -> tuple[dict[str, object], dict[int, str]]:
    """The parameters by name, and the path of each module by its `id`."""
    import torch

    if isinstance(parameters, torch.nn.Module):
        variables = {"model": parameters}
        return parameters_among(variables), module_paths(variables)
    paths = module_paths(variables)
    return (parameters_among(variables) if parameters is None else dict(parameters)), paths
