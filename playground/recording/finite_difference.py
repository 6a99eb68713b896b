"""Measures a slope: nudges one element of a parameter, and runs the stage's own forward pass."""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.programs.slots import depth_values
from playground.recording.model import ParameterRecord, Recording
from playground.recording.variables import find_in
from playground.tracing.frames import read_variables

if TYPE_CHECKING:
    from playground.programs.driver import Driver
    from playground.programs.program import Program

EPSILON = 1e-4


class GradientCheckError(ValueError):
    """A slope that cannot be measured; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """A measured slope beside the gradient.

    Attributes:
        step: of the recording.
        parameter, index: which element was nudged.
        epsilon: by how much, in both directions.
        value: the element before the update.
        lower, upper: the losses at `value - epsilon` and `value + epsilon`, in float64.
        gradient: what the recorded step computed for the element; None if it had none.
    """

    step: int
    parameter: str
    index: tuple[int, ...]
    epsilon: float
    value: float
    lower: float
    upper: float
    gradient: float | None

    @property
    def slope(self) -> float:
        """The central difference, `(upper - lower) / (2 epsilon)`."""
        return (self.upper - self.lower) / (2 * self.epsilon)

    @property
    def difference(self) -> float | None:
        """How far gradient and slope are apart, relative to the larger; 0 if both are 0."""
        if self.gradient is None:
            return None
        scale = max(abs(self.gradient), abs(self.slope))
        return abs(self.gradient - self.slope) / scale if scale else 0.0


def check_gradient(
    program: Program,
    driver: Driver,
    recording: Recording,
    parameter: str,
    index: tuple[int, ...],
    epsilon: float = EPSILON,
    on_progress: Callable[[int, int], None] | None = None,
) -> GradientCheck:
    """Measures the slope of the loss along one element, at the weights that a recorded step began with.

    The stage's own lines are run, on copies in float64; the run itself is not touched.

    Args:
        program: the run's.
        driver: the run, standing between two steps; it lends its data and its modules.
        recording: a step of that run, whose parameters were kept.
        parameter: its name.
        index: of the element, as many numbers as the parameter has dimensions.
        epsilon: above 0.
        on_progress: hears before each of the forward passes how many are made, and of how many; what it
            raises ends the work.

    Raises:
        GradientCheckError: something that is missing, or not allowed, in one line.
    """
    record = _checked_parameter(recording, parameter, epsilon)
    values = {each.name: np.array(each.before.values, dtype=np.float64) for each in recording.parameters}
    _check_index(values[parameter].shape, parameter, index)
    tell = on_progress or (lambda _done, _of: None)
    tell(0, 3)
    run = _ForwardPassAgain(program, driver, recording)
    nudged = values[parameter].copy()
    losses: list[float] = []
    for sign in (-1.0, 1.0):
        tell(1 + len(losses), 3)
        nudged[index] = values[parameter][index] + sign * epsilon
        losses.append(run.loss({**values, parameter: nudged}))
    gradient = None if record.gradient is None else record.gradient.values
    return GradientCheck(
        step=recording.step,
        parameter=parameter,
        index=index,
        epsilon=epsilon,
        value=float(values[parameter][index]),
        lower=losses[0],
        upper=losses[1],
        gradient=None if gradient is None else float(gradient[index]),
    )


def _checked_parameter(recording: Recording, name: str, epsilon: float) -> ParameterRecord:
    """The parameter of that name, if it can be nudged by ε; raises GradientCheckError."""
    record = recording.parameter(name)
    if record is None:
        names = ", ".join(each.name for each in recording.parameters)
        raise GradientCheckError(f"{name!r} is no parameter of this step; allowed: {names}")
    if not (epsilon > 0 and np.isfinite(epsilon)):
        raise GradientCheckError(f"ε: {epsilon!r} is not allowed; allowed: a finite number above 0")
    if any(each.before.values is None for each in recording.parameters):
        raise GradientCheckError("the parameters are too large to be kept: there is nothing to nudge")
    return record


def _check_index(shape: tuple[int, ...], parameter: str, index: tuple[int, ...]) -> None:
    inside = len(index) == len(shape) and all(
        0 <= place < length for place, length in zip(index, shape, strict=True)
    )
    if not inside:
        raise GradientCheckError(
            f"{parameter}{list(index)} is not allowed; allowed: an element of shape {list(shape)}"
        )


class _ForwardPassAgain:
    """The statements of the loop up to the loss, with copies in float64 of what they use."""

    def __init__(self, program: Program, driver: Driver, recording: Recording) -> None:
        frame = driver.frame
        if program.loss is None:
            raise GradientCheckError("the text of the program does not tell where its forward pass ends")
        if frame is None or driver.ended:
            raise GradientCheckError("the run has ended with an error: there is nothing left to nudge")
        self._namespace: dict[str, Any] = dict(frame.f_globals)
        memo: dict[int, Any] = {}
        for name, value in read_variables(frame).items():
            self._namespace[name] = _in_float64(value, memo)
        self._driver = driver
        # The same graph as in the recorded step.
        self._depth = {} if recording.depth is None else depth_values(recording.depth, recording.depth)
        self._loss_name = program.loss.name
        module = ast.Module(program.forward, [])
        self._code = compile(ast.fix_missing_locations(module), program.filename, "exec")
        self._parameters = self._parameters_of(recording)

    def loss(self, values: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]) -> float:
        """The loss with these parameters."""
        for name, parameter in self._parameters.items():
            if isinstance(parameter, np.ndarray):
                parameter[...] = values[name]
            else:
                import torch

                with torch.no_grad():
                    parameter.copy_(torch.from_numpy(values[name]))
        return self._run()

    def _parameters_of(self, recording: Recording) -> dict[str, Any]:
        """The copies of the parameters, by the names that the recording has for them."""
        named = dict(find_in(self._namespace).parameters)
        return {
            each.name: self._namespace.get(each.name, named.get(each.name)) for each in recording.parameters
        }

    def _run(self) -> float:
        before = {name: self._driver.builtins[name] for name in self._depth if name in self._driver.builtins}
        self._driver.builtins.update({name: self._depth[name] for name in before})
        try:
            exec(self._code, self._namespace)
        finally:
            self._driver.builtins.update(before)
        return float(self._namespace[self._loss_name].item())


def _in_float64(value: object, memo: dict[int, Any]) -> object:
    """A copy of a variable with its elements in float64; what is neither data nor a module is handed on.

    Args:
        value: of the variable.
        memo: of copies that were made, so that a layer of a copied model is that layer's copy.
    """
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind == "f" else value.copy()
    if "torch" not in sys.modules:
        return value
    import torch

    if isinstance(value, torch.nn.Module):
        return copy.deepcopy(value, memo).double()
    if isinstance(value, torch.Tensor):
        plain = value.detach().clone()
        plain = plain.double() if plain.is_floating_point() else plain
        return plain.requires_grad_(value.requires_grad)
    return value
