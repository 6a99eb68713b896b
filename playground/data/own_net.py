"""The net of a program of the user's own, found by how the program calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.data.forward_lines import (
    NoForwardLinesError,
    Values,
    as_array,
    heard_relus,
    like,
    no_gradients,
)
from playground.random_states import kept_random_states

if TYPE_CHECKING:
    import torch

    from playground.programs.driver import Driver
    from playground.programs.program import Program


class OwnNet:
    """A module of the program, called on other numbers as the program calls it on a variable."""

    def __init__(self, module: torch.nn.Module, x: torch.Tensor, name: str = "") -> None:
        """Takes both as the program has them.

        Args:
            module, x: what is called, on what.
            name: of the variable that holds the module.
        """
        self._module, self._x, self._name = module, x, name
        self._weights: dict[str, torch.Tensor] = {}

    def at(self, weights: Mapping[str, NDArray[Any]]) -> OwnNet:
        """The same net with the weights of a recorded step.

        Args:
            weights: by the names that the recording has for them.

        Raises:
            NoForwardLinesError: the net has something that is not among these.
        """
        if next(self._module.buffers(), None) is not None:
            raise NoForwardLinesError(
                f"a recorded step holds the weights of “{self._name}”, not its running means and other "
                "buffers: there is a picture of the present step alone"
            )
        import torch

        other = OwnNet(self._module, self._x, self._name)
        for name, weight in self._module.named_parameters():
            found = weights.get(f"{self._name}.{name}", weights.get(name))
            if found is None or found.shape != weight.shape:
                raise NoForwardLinesError(f"the recorded step does not hold {name} of the net “{self._name}”")
            # A snapshot cannot be written.
            other._weights[name] = torch.tensor(found, dtype=weight.dtype, device=weight.device)
        return other

    def data(self) -> tuple[Values, Values]:
        """The x that it was called on, and what it gives for them, since no y is known."""
        x = as_array(self._x)
        return x, self.output_and_hidden(x.astype(np.float64))[0]

    def output_and_hidden(self, x: NDArray[np.float64]) -> tuple[Values, tuple[Values, ...]]:
        """What it gives for other x, and what each ReLU gives on the way; shapes (rows, columns)."""
        with kept_random_states(), no_gradients(), _evaluating(self._module), heard_relus() as heard:
            output = self._call(like(x, self._x))
        hidden = tuple(as_array(each) for each in heard if getattr(each, "ndim", 0) == 2)
        return as_array(output).reshape(len(x), -1), hidden

    def _call(self, x: object) -> object:
        from torch.func import functional_call

        if not self._weights:
            return self._module(x)
        found: object = functional_call(self._module, self._weights, (x,))
        return found


def own_net(program: Program, driver: Driver) -> OwnNet:
    """The module that the program calls on a matrix of examples, `model(x)`.

    Raises:
        NoForwardLinesError: there is none.
    """
    import torch

    variables = driver.variables()
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            module = variables.get(node.func.id)
            x = variables.get(node.args[0].id) if isinstance(node.args[0], ast.Name) else None
            if not (isinstance(module, torch.nn.Module) and isinstance(x, torch.Tensor)):
                continue
            if x.ndim == 2 and x.is_floating_point() and next(module.parameters(), None) is not None:
                return OwnNet(module, x, node.func.id)
    raise NoForwardLinesError(
        "the program calls no module on a matrix of examples, as in model(x), where its loop could show it"
    )


@contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    """As in `eval()`, so that no dropout draws and no running mean moves, and back again."""
    training = [each for each in module.modules() if each.training]
    for each in training:
        each.training = False
    try:
        yield
    finally:
        for each in training:
            each.training = True
