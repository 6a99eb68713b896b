"""The weights of one hidden unit: those that lead to it, and those that lead from it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.graph.model import Graph, GraphKind


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A row or a column of a weight.

    Attributes:
        parameter: its name.
        label: as Python writes that part of it: `"w1[:, 3]"`, `"0.weight[3]"`.
        values: shape (inputs,) or (outputs,).
    """

    parameter: str
    label: str
    values: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class UnitWeights:
    """What a hidden unit is made of.

    Attributes:
        incoming: what its inputs are multiplied by.
        outgoing: what it counts for in the outputs, or in the next layer.
        bias: name of the parameter that holds its bias; None where it has none.
    """

    incoming: Weights
    outgoing: Weights
    bias: str | None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all that it has a part of."""
        both = self.incoming.parameter, self.outgoing.parameter
        return both if self.bias is None else (*both, self.bias)


def unit_weights(
    weights: Mapping[str, NDArray[Any]], units: tuple[int, ...], layer: int, unit: int
) -> UnitWeights | None:
    """Those of one unit, where the shapes leave no doubt which they are.

    Args:
        weights: of the net, in its order.
        units: of each use of a hidden layer, how many there are.
        layer, unit: which one.
    """
    matrices = [(name, each) for name, each in weights.items() if each.ndim == 2]
    if len(matrices) == 3:
        first, middle, last = matrices
        chain = [first, *[middle] * (len(units) - 1), last]
    else:
        chain = matrices
    if len(chain) != len(units) + 1:
        return None
    into, out_of = chain[layer], chain[layer + 1]
    # A layer has a row for each of its units; the stages written by hand have a column.
    by_rows = all(name.endswith("weight") for name, _ in (into, out_of))
    axes = (0, 1) if by_rows else (1, 0)
    if any(
        matrix.shape[axis] != units[layer] for (_, matrix), axis in zip((into, out_of), axes, strict=True)
    ):
        return None
    incoming, outgoing = (
        Weights(name, f"{name}[{unit}]" if axis == 0 else f"{name}[:, {unit}]", matrix.take(unit, axis))
        for (name, matrix), axis in zip((into, out_of), axes, strict=True)
    )
    bias = f"{into[0].removesuffix('weight')}bias"
    return UnitWeights(incoming, outgoing, bias if by_rows and bias in weights else None)


_RELUS = ("relu", "clamp", "maximum")
"""What the operations are called that the stages use for it."""


def nodes_of_unit(
    graph: Graph, parts: UnitWeights | None, layers: int, layer: int
) -> tuple[str, frozenset[str]]:
    """The nodes of a graph that a hidden unit goes through.

    Args:
        graph: of the step.
        parts: the unit's weights; None where they are not known.
        layers: how often a hidden layer is used in the step.
        layer: which of them.

    Returns:
        The key of its ReLU, "" where that is in doubt; and the keys of all: the ReLU, what it takes, and the
        parameters that the unit has a part of.
    """
    is_autograd = graph.kind is GraphKind.AUTOGRAD
    names = () if parts is None else parts.parameters
    lit = {each.key for each in graph.nodes if each.parameter in names}
    relus = [each for each in graph.nodes if any(word in each.op.lower() for word in _RELUS)]
    if len(relus) != layers:
        return "", frozenset(lit)
    # Autograd's numbers rise from the loss back to the data, a trace's from the data on.
    relu = sorted(relus, key=lambda each: each.id, reverse=is_autograd)[layer]
    if is_autograd:
        before = {each.target for each in graph.edges if each.source == relu.id}
    else:
        before = {each.source for each in graph.edges if each.target == relu.id}
    return relu.key, frozenset({*lit, relu.key, *(each.key for each in graph.nodes if each.id in before)})
