"""The weights of recorded steps: one after the other, and put into a copy of the net."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playground.data.forward_lines import ForwardLines, Values, as_array
from playground.programs.slots import depth_values
from playground.recording.variables import find_in

if TYPE_CHECKING:
    from playground.programs.driver import Driver
    from playground.programs.program import Program
    from playground.recording.model import Recording

Weights: TypeAlias = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One parameter over recorded steps.

    Attributes:
        steps: rising.
        values: of the parameter before each step's update, shape (steps, *its shape).
    """

    steps: tuple[int, ...]
    values: NDArray[np.floating]


def weights_of(recording: Recording) -> dict[str, NDArray[Any]]:
    """The parameters that a recorded step began with, by name; those too large to be kept are left out."""
    return {each.name: each.before.values for each in recording.parameters if each.before.values is not None}


def strip_of(recordings: Iterable[Recording], name: str) -> Strip:
    """A parameter over the steps that were recorded; those without it are left out."""
    found = {each.step: weights_of(each).get(name) for each in recordings}
    there = {step: values for step, values in sorted(found.items()) if values is not None}
    return Strip(tuple(there), np.array(list(there.values())))


class NetCopy:
    """A copy of a stage's net, to be given other weights than the run has; the run is untouched.

    Attributes:
        lines: the stage's forward lines, on the copy.
        x, y: all that is trained on.
        rows: the same in words, as of `Net`.
    """

    def __init__(self, program: Program, driver: Driver) -> None:
        """Copies what the execution has now; raises NoForwardLinesError like `ForwardLines`."""
        self._driver = driver
        memo: dict[int, Any] = {}
        self._variables = {name: _copied(value, memo) for name, value in driver.variables().items()}
        self.lines = ForwardLines(program, lambda: dict(self._variables))
        self.x, self.y = (np.asarray(each, np.float64) for each in self.lines.data())
        self.rows = f"all {len(self.x)} examples"
        self._named = dict(find_in(self._variables).parameters)

    def weights(self, names: Sequence[str]) -> dict[str, Values]:
        """The weights that it has now, copied."""
        return {name: as_array(self._parameter(name)) for name in names}

    def put(self, weights: Weights) -> None:
        """Gives it other weights; raises KeyError for a name that it does not have."""
        for name, values in weights.items():
            put_values(self._parameter(name), values)

    @contextmanager
    def depth(self, depth: int | None) -> Iterator[None]:
        """Uses DynamicNet's middle layer so often in the block, None as often as it likes."""
        wanted = {} if depth is None else depth_values(depth, depth)
        builtins = self._driver.builtins
        before = {name: builtins[name] for name in wanted if name in builtins}
        builtins.update({name: wanted[name] for name in before})
        try:
            yield
        finally:
            builtins.update(before)

    def loss(self, weights: Weights) -> float:
        """The loss of all rows that are trained on, with these weights."""
        self.put(weights)
        return self.lines.loss(self.x, self.y)

    def _parameter(self, name: str) -> object:
        if name in self._named:
            return self._named[name]
        return self._variables[name]


def put_values(parameter: Any, values: NDArray[Any]) -> None:
    """Gives a tensor or an array other elements, which autograd does not hear of."""
    if isinstance(parameter, np.ndarray):
        parameter[...] = values
        return
    import torch

    with torch.no_grad():
        parameter.copy_(torch.as_tensor(np.array(values)))


def _copied(value: object, memo: dict[int, Any]) -> object:
    """A copy of data and modules; what is neither is handed on."""
    if isinstance(value, np.ndarray):
        return value.copy()
    torch = sys.modules.get("torch")
    if torch is None:
        return value
    if isinstance(value, torch.nn.Module):
        return copy.deepcopy(value, memo)
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value
