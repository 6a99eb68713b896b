"""The loss of a program of the user's own with other weights: its own lines, on a copy of its net."""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.data.forward_lines import NoForwardLinesError, as_array, no_gradients
from playground.data.loss_lines import loads, loss_lines, step_lines
from playground.data.weights import Weights, put_values
from playground.failure import one_line
from playground.programs.execution import number_of
from playground.random_states import kept_random_states
from playground.recording.variables import find_in

if TYPE_CHECKING:
    from playground.programs.driver import Driver
    from playground.programs.program import Program

_LOSS = "__loss_with_other_weights"


class OwnNetCopy:
    """A copy of what a program trains, and the lines from it to the loss; the run is untouched.

    The loss is that of the newest step's batch: what does not come from the weights is as that step has left
    it. Random numbers are the same for all weights.

    Attributes:
        rows: as of `Net`.
    """

    def __init__(self, program: Program, driver: Driver, parameters: Mapping[str, object]) -> None:
        """Copies what the execution has now.

        Args:
            program: its text as it is now.
            driver: the execution, which stands still behind a step.
            parameters: what it trains, by name.

        Raises:
            NoForwardLinesError: the lines that give the loss cannot be told, or not be run once more.
        """
        frame = driver.frame
        if frame is None or not parameters:
            raise NoForwardLinesError("the program has made no step that trains anything")
        variables = {**frame.f_globals, **driver.variables()}
        step = step_lines(program, driver)
        before, loss = step.before, step.loss
        variables |= {name: variables[other] for name, other in step.names.items() if other in variables}
        reaching = _Reaching(parameters)
        mentioned = {name for each in (*before, loss) for name in loads(each)} & variables.keys()
        weighty = {name for name in mentioned if reaching(variables[name])}
        lines = loss_lines(step, weighty)
        try:
            copies = _Copies(reaching)
            self._variables = {
                name: copies.of(value) if name in mentioned else value for name, value in variables.items()
            }
            plain = {name: each for name, each in variables.items() if not name.startswith("__")}
            named = {**find_in(plain).parameters, **parameters}
            self._named: dict[str, Any] = {name: copies.of(each) for name, each in named.items()}
            self._code = _compiled(lines, loss, program.filename)
            follows = self._follows_weights(parameters)
        except Exception as error:
            raise NoForwardLinesError(f"its loss cannot be computed once more: {one_line(error)}") from None
        if not follows:
            raise NoForwardLinesError(
                "its loss does not come from the net by way of the variables of its training loop"
            )
        self.rows = "the newest batch"

    def loss(self, weights: Weights) -> float:
        """The loss with these weights; raises KeyError for a name that it does not have."""
        for name, values in weights.items():
            put_values(self._named[name], values)
        return self._loss()

    def depth(self, _depth: int | None) -> AbstractContextManager[None]:
        """The program decides."""
        return nullcontext()

    def _loss(self) -> float:
        names = dict(self._variables)
        with kept_random_states(), no_gradients():
            exec(self._code, names)
        return number_of(names[_LOSS])

    def _follows_weights(self, parameters: Mapping[str, object]) -> bool:
        """Whether the loss changes with the copy's weights, which are put back."""
        before = {name: as_array(self._named[name]) for name in parameters}
        with np.errstate(all="ignore"):
            other = self.loss({name: 0.9 * each + 0.01 for name, each in before.items()})
            return self.loss(before) != other


class _Reaching:
    """Whether something leads to what is trained: it is that, or a module or container that holds it."""

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._ids = {id(each) for each in parameters.values()}

    def __call__(self, value: object) -> bool:
        if id(value) in self._ids:
            return True
        return any(id(each) in self._ids for each in find_in({"value": value}).parameters.values())


class _Copies:
    """Copies modules, tensors, and what holds any of them, each once; anything else is handed on."""

    def __init__(self, reaching: _Reaching) -> None:
        self._reaching = reaching
        # As `copy.deepcopy` keeps it.
        self._memo: dict[int, Any] = {}

    def of(self, value: object) -> object:
        if id(value) not in self._memo:
            made = self._made(value)
            if made is value:
                return value
            self._memo[id(value)] = made
        return self._memo[id(value)]

    def _made(self, value: object) -> object:
        torch = sys.modules.get("torch")
        if isinstance(value, np.ndarray):
            return value.copy()
        if torch is not None and isinstance(value, torch.nn.Module):
            return copy.deepcopy(value, self._memo)
        if torch is not None and isinstance(value, torch.Tensor):
            return value.detach().clone().requires_grad_(value.requires_grad)
        if isinstance(value, type) or not self._reaching(value):
            return value
        if type(value) in (list, tuple):
            assert isinstance(value, list | tuple)
            return type(value)(map(self.of, value))
        if type(value) is dict:
            return {key: self.of(each) for key, each in value.items()}
        # An object of the program's own, which holds its net.
        made = copy.copy(value)
        for name, each in vars(value).items():
            setattr(made, name, self.of(each))
        return made


def _compiled(lines: list[ast.stmt], loss: ast.expr, filename: str) -> CodeType:
    last = ast.Assign([ast.Name(_LOSS, ast.Store())], loss)
    module = ast.Module([*lines, ast.copy_location(last, loss)], [])
    return compile(ast.fix_missing_locations(module), filename, "exec")
