"""Looks at a step while it is made, without recording it, and without changing a bit of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.forward_pass import ForwardPass
from playground.health.sample import (
    HealthSample,
    ParameterHealth,
    UnitHealth,
    is_rectifier,
    numbered,
    ratio,
    units_of,
    units_where,
)
from playground.health.spread import MOST_PARAMETERS, Spread, elements_of, spread_of

if TYPE_CHECKING:
    import torch

MOST_NODES = 2_000
"""Nodes of a graph that are looked through for hidden layers."""
LAYER = "hidden layer"


class StepWatch:
    """Between a step's loss and its end: remembers the parameters, hears their gradients."""

    def __init__(self, step: int, forward: ForwardPass, variables: Callable[[], Mapping[str, Any]]) -> None:
        """Begins when the loss is there, before anything is made of it.

        Args:
            step: its number.
            forward: what the program has handed over.
            variables: reads those of the training loop: gradients that are computed by hand are found there.
        """
        self._step, self._variables = step, variables
        self._parameters: dict[str, Any] = dict(forward.parameters)
        self._norms: dict[str, float] = {}
        self._gradients: dict[str, Any] = {}
        self._listed = frozenset([*self._parameters][:MOST_PARAMETERS])
        self._handles: list[Any] = []
        self._layers = self._looked_at_graph(forward.loss)
        self._before = {name: _copy(value) for name, value in self._parameters.items()}
        self._values = {name: elements_of(self._parameters[name]) for name in self._listed}
        for name, value in self._parameters.items():
            if getattr(value, "requires_grad", False) and getattr(value, "is_leaf", False):
                self._handles.append(value.register_post_accumulate_grad_hook(self._hears(name)))

    def sample(self) -> HealthSample:
        """What was seen, when the step is done; to be called once, also where the step has failed."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        variables = self._variables()
        if not self._layers:
            self._layers = _by_hand(variables)
        parameters = tuple(self._health(name, variables) for name in self._parameters)
        spreads = tuple(self._spread(name, variables) for name in self._parameters if name in self._listed)
        known = tuple(each for each in spreads if each is not None)
        return HealthSample(self._step, parameters, numbered(self._layers), known)

    def _hears(self, name: str) -> Callable[[torch.Tensor], None]:
        def hear(parameter: torch.Tensor) -> None:
            if parameter.grad is not None:
                self._norms[name] = _norm(parameter.grad)
                if name in self._listed:
                    # A copy: the update, or the next pass, may write into it.
                    self._gradients[name] = elements_of(parameter.grad)

        return hear

    def _health(self, name: str, variables: Mapping[str, Any]) -> ParameterHealth:
        before, after = self._before[name], variables.get(name, self._parameters[name])
        norm = self._norms.get(name)
        if norm is None:
            by_hand = variables.get(f"grad_{name}")
            norm = None if by_hand is None else _norm(by_hand)
        change = None
        if tuple(getattr(after, "shape", ())) == tuple(before.shape):
            change = ratio(_norm(_detached(after) - before), _norm(before))
        asks = bool(getattr(self._parameters[name], "requires_grad", False))
        return ParameterHealth(name, tuple(before.shape), norm, change, asks)

    def _spread(self, name: str, variables: Mapping[str, Any]) -> Spread | None:
        gradient = self._gradients.get(name)
        by_hand = variables.get(f"grad_{name}")
        if name not in self._norms and by_hand is not None:
            gradient = elements_of(by_hand)
        count = math.prod(self._before[name].shape)
        return spread_of(name, count, self._values[name], gradient)

    def _looked_at_graph(self, loss: Any) -> list[UnitHealth]:
        """Hidden layers of the graph, from what their nodes have saved; it is freed by backward."""
        root = getattr(loss, "grad_fn", None)
        found: list[UnitHealth] = []
        seen: set[Any] = set()
        waiting = [root]
        while waiting and len(seen) < MOST_NODES:
            node = waiting.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            if is_rectifier(node.name()):
                layer = _units_of_node(node)
                found += [] if layer is None else [layer]
            waiting += [each for each, _ in node.next_functions]
        # From the loss back: the last use comes first.
        return found[::-1]


def _units_of_node(node: Any) -> UnitHealth | None:
    result = getattr(node, "_saved_result", None)
    if result is not None and result.dim() == 2:
        return units_where(LAYER, (result.detach() == 0).all(dim=0).cpu().numpy())
    saved = getattr(node, "saved_tensors", None)
    taken = getattr(node, "_saved_self", None)
    if taken is None and saved:
        taken = saved[0]
    if taken is None or taken.dim() != 2:
        return None
    return units_where(LAYER, _is_cut(node, taken.detach()).all(dim=0).cpu().numpy())


def _is_cut(node: Any, taken: torch.Tensor) -> torch.Tensor:
    """Where zero comes out; bounds other than zero let something else through."""
    low, high = getattr(node, "_saved_min", None), getattr(node, "_saved_max", None)
    if low is not None or high is not None:
        return taken.clamp(low, high) == 0
    other = getattr(node, "_saved_other", None)
    return taken <= 0 if other is None else taken.maximum(other.detach()) == 0


def _by_hand(variables: Mapping[str, Any]) -> list[UnitHealth]:
    hidden = variables.get("h_relu")
    if hidden is None or len(getattr(hidden, "shape", ())) != 2:
        return []
    return [units_of(LAYER, _array(hidden))]


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value.detach().clone()


def _detached(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else value.detach()


def _array(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else value.detach().cpu().numpy()


def _norm(value: Any) -> float:
    if isinstance(value, np.ndarray):
        return float(np.linalg.norm(value))
    return float(value.detach().norm())
