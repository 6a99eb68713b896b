"""Runs a program's own forward lines on other x and y than its step has, and leaves the run as it was."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from playground.programs.parse import bound_by
from playground.random_states import kept_random_states

if TYPE_CHECKING:
    import torch

    from playground.programs.driver import Driver
    from playground.programs.program import Program

Values: TypeAlias = NDArray[np.float64] | NDArray[np.float32]
_RELU = ("clamp", "clamp_", "clamp_min", "relu", "relu_", "maximum")


class NoForwardLinesError(ValueError):
    """Why a program's forward pass cannot be run on other numbers, in one line."""


class ForwardLines:
    """The statements of a stage's loop from x to y_pred and to its loss.

    What they give is what the step's own pass would give, bit for bit: the same operations on the same
    weights. Nothing is recorded by autograd, and random numbers that they draw are not missing afterwards.
    """

    def __init__(self, program: Program, driver: Driver | Callable[[], dict[str, object]]) -> None:
        """Takes the stage's program and its execution, whose weights are looked up anew each time.

        Args:
            program: the stage's.
            driver: its execution, or what gives variables in place of that one's.

        Raises:
            NoForwardLinesError: the text does not tell where x, y_pred and loss are.
        """
        statements = program.forward
        # A mini-batch would take the place of the x and y that are given.
        batch = [number for number, each in enumerate(statements) if "x" in _bound(each)]
        statements = statements[batch[-1] + 1 if batch else 0 :]
        if not statements or not any("y_pred" in bound_by(each) for each in statements[:-1]):
            raise NoForwardLinesError("the text does not tell where y_pred and the loss come from")
        self._variables = driver if callable(driver) else driver.variables
        self._to_output = _compiled(statements[:-1], program.filename)
        self._to_loss = _compiled(statements, program.filename)
        self._loss_name = next(iter(bound_by(statements[-1])))

    def data(self) -> tuple[Values, Values]:
        """All x and y that are trained on, shapes (rows, inputs) and (rows, outputs), copied."""
        variables = self._variables()
        found = [variables.get(f"{name}_all", variables[name]) for name in ("x", "y")]
        return as_array(found[0]), as_array(found[1])

    def test_data(self) -> tuple[Values, Values] | None:
        """The x and y that are held out, copied; None where none are."""
        variables = self._variables()
        if "x_test" not in variables:
            return None
        return as_array(variables["x_test"]), as_array(variables["y_test"])

    def test_loss(self) -> float | None:
        """The loss of the rows that are held out, with the weights as they are; None where none are."""
        variables = self._variables()
        if "x_test" not in variables:
            return None
        found = self._run(self._to_loss, variables, variables["x_test"], variables["y_test"])
        return float(cast("torch.Tensor", found[self._loss_name]).item())

    def rows(self) -> tuple[int, int]:
        """How many rows are held out, and how many a step is trained on: those of a mini-batch, or all.

        To be asked only where some are held out.
        """
        variables = self._variables()
        held, trained = (len(cast("Values", variables[name])) for name in ("x_test", "x"))
        return held, int(cast("int", variables.get("minibatch", trained)))

    def test_loss_is_a_sum(self) -> bool:
        """Whether the loss of the rows held out adds up over them: then twice the rows give twice the loss.

        A mean stays what it was. What is neither (a sum with a penalty for large weights, say) counts as
        what it is nearer to; what is not finite as none.
        """
        variables = self._variables()
        x, y = variables["x_test"], variables["y_test"]
        once, twice = (
            float(cast("torch.Tensor", found[self._loss_name]).item())
            for found in (
                self._run(self._to_loss, variables, x, y),
                self._run(self._to_loss, variables, _twice(x), _twice(y)),
            )
        )
        return math.isfinite(twice) and abs(twice) > 1.5 * abs(once)

    def loss(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
        """The loss of other rows."""
        variables = self._variables()
        found = self._run(self._to_loss, variables, *(like(each, variables["x"]) for each in (x, y)))
        return float(cast("torch.Tensor", found[self._loss_name]).item())

    def output(self, x: NDArray[np.float64]) -> Values:
        """What the net gives for other x, shape (rows, outputs)."""
        variables = self._variables()
        return as_array(self._run(self._to_output, variables, like(x, variables["x"]))["y_pred"])

    def output_and_hidden(self, x: NDArray[np.float64]) -> tuple[Values, tuple[Values, ...]]:
        """The same, and what each use of a hidden layer gives behind its ReLU, shapes (rows, units)."""
        variables = self._variables()
        given = like(x, variables["x"])
        if isinstance(given, np.ndarray):
            found = self._run(self._to_output, variables, given)
            return as_array(found["y_pred"]), (as_array(found["h_relu"]),)
        with heard_relus() as hidden:
            found = self._run(self._to_output, variables, given)
        return as_array(found["y_pred"]), tuple(map(as_array, hidden))

    def _run(
        self, code: CodeType, variables: dict[str, object], x: object, y: object = None
    ) -> Mapping[str, object]:
        names = {**variables, "x": x, "y": variables["y"] if y is None else y}
        with kept_random_states(), no_gradients():
            exec(code, names)
        return names


def as_array(value: object) -> Values:
    """A tensor's or an array's numbers, copied."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return cast("Values", cast("torch.Tensor", value).detach().cpu().numpy().copy())


def _twice(value: object) -> object:
    """An array or a tensor, and the same rows once more."""
    if isinstance(value, np.ndarray):
        return np.concatenate([value, value])
    import torch

    assert isinstance(value, torch.Tensor)
    return torch.cat([value, value])


def like(x: NDArray[np.float64], other: object) -> object:
    """The numbers as an array or a tensor of the same type, and on the same device, as another one."""
    if isinstance(other, np.ndarray):
        return x.astype(other.dtype)
    import torch

    assert isinstance(other, torch.Tensor)
    return torch.as_tensor(x, dtype=other.dtype, device=other.device)


@contextmanager
def no_gradients() -> Iterator[None]:
    """Nothing is recorded by autograd, where torch is there."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    with torch.no_grad():
        yield


@contextmanager
def heard_relus() -> Iterator[list[object]]:
    """What every ReLU gives in the block, in order; torch's only."""
    from torch.overrides import TorchFunctionMode

    heard: list[object] = []

    class Mode(TorchFunctionMode):
        depth = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            # One ReLU may call another: the outermost counts.
            self.depth += 1
            try:
                given = func(*args, **(kwargs or {}))
            finally:
                self.depth -= 1
            if self.depth == 0 and getattr(func, "__name__", "") in _RELU:
                heard.append(given)
            return given

    with Mode():
        yield heard


def _compiled(statements: list[ast.stmt], filename: str) -> CodeType:
    return compile(ast.Module(statements, []), filename, "exec")


def _bound(statement: ast.stmt) -> set[str]:
    """Names that an assignment binds, those of a tuple included."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
