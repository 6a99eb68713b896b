"""The signature of a graph: equal for the same structure only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from playground.graph.autograd import signature
from tests.engine.graph.models import Dynamic, Model, doubled, each_model, grad_fn, weight


def numbered(parameters: Iterable[Tensor]) -> Mapping[int, int]:
    return {id(parameter): number for number, parameter in enumerate(parameters)}


def test_the_signature_is_equal_for_the_same_structure_only() -> None:
    net = Dynamic()
    numbers = numbered(net.parameters())
    signatures = [signature(grad_fn(net.loss(depth)), numbers) for depth in (0, 1, 2, 3, 0, 1, 2, 3)]
    assert signatures[:4] == signatures[4:]
    assert len(set(signatures)) == 4


def different_structures(a: Tensor, b: Tensor) -> list[Tensor]:
    data = torch.ones(2)
    x, y = a.exp(), b.exp()
    first, second = torch.stack([a, b]).unbind(0)
    return [
        a * b,
        b * a,
        a * a,
        b * b,
        a + b,
        a * data,
        data * a,
        b * data,
        x * x,
        a.exp() * a.exp(),
        x * y,
        (x * y) * x,
        x * (y * x),
        first * second,
        second * first,
        first * first,
        first.exp(),
        second.exp(),
        a * weight(2),
        weight(2) * weight(2),
        doubled(a),
    ]


def test_the_signature_tells_apart_what_differs_in_one_edge() -> None:
    a, b = weight(2), weight(2)
    once = different_structures(a, b)
    again = different_structures(a, b)
    numbers = numbered([a, b])
    signatures = [signature(grad_fn(output), numbers) for output in once]
    assert len(set(signatures)) == len(once)
    assert signatures == [signature(grad_fn(output), numbers) for output in again]


@each_model
def test_the_signature_of_any_model_is_the_same_when_built_again(model: Model) -> None:
    def structure() -> object:
        output = model()
        return signature(grad_fn(output[0] if isinstance(output, tuple) else output), {})

    assert hash(structure()) == hash(structure())
    assert structure() == structure()
