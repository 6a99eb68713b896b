"""The keys of a graph's nodes: readable, unique, and the same from step to step."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from playground.graph import capture
from tests.engine.graph.models import Dynamic, Model, each_model, keys, weight


@each_model
def test_keys_are_unique_and_the_same_when_built_again(model: Model) -> None:
    graph = capture(model())
    assert len(keys(graph)) == len(graph.nodes)
    assert [node.key for node in graph.nodes] == [node.key for node in capture(model()).nodes]
    assert [node.id for node in graph.nodes] == list(range(len(graph.nodes)))


def test_keys_keep_their_length_below_many_parameters() -> None:
    weights = {f"layer{n}.weight": weight(1) for n in range(200)}
    hidden = torch.cat(list(weights.values()))
    for _ in range(50):
        hidden = hidden.sin()
    assert max(map(len, keys(capture(hidden, weights)))) < 100


def test_operations_are_named_after_the_parameters_that_feed_them() -> None:
    net = Dynamic()
    assert keys(capture(net.loss(2), dict(net.named_parameters()))) == {
        "input_linear.weight",
        "input_linear.bias",
        "TBackward0(input_linear.weight)#1",
        "AddmmBackward0(input_linear)#1",
        "ClampBackward1<input_linear#1",
        "middle_linear.weight",
        "middle_linear.bias",
        "TBackward0(middle_linear.weight)#1",
        "AddmmBackward0(middle_linear)#1",
        "ClampBackward1<middle_linear#1",
        "TBackward0(middle_linear.weight)#2",
        "AddmmBackward0(middle_linear)#2",
        "ClampBackward1<middle_linear#2",
        "output_linear.weight",
        "output_linear.bias",
        "TBackward0(output_linear.weight)#1",
        "AddmmBackward0(output_linear)#1",
        "MseLossBackward0<output_linear#1",
    }


def test_keys_stay_when_the_depth_changes() -> None:
    net = Dynamic()
    names = dict(net.named_parameters())
    by_depth = [capture(net.loss(depth), names) for depth in (0, 1, 2, 3)]
    for shallow, deep in itertools.pairwise(by_depth):
        assert keys(shallow) < keys(deep)
        assert all("middle_linear" in key for key in keys(deep) - keys(shallow))
        for node in shallow.nodes:
            twin = deep.node(node.key)
            assert twin is not None
            assert (twin.op, twin.shape, twin.parameter) == (node.op, node.shape, node.parameter)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_calls_are_counted_in_the_order_of_the_forward_pass(depth: int) -> None:
    net = Dynamic()
    graph = capture(net.loss(depth), dict(net.named_parameters()))
    target = {(e.source, e.input_index): graph.nodes[e.target].key for e in graph.edges}
    for call in range(1, depth + 1):
        node = graph.node(f"AddmmBackward0(middle_linear)#{call}")
        assert node is not None
        before = f"middle_linear#{call - 1}" if call > 1 else "input_linear#1"
        assert target[node.id, 1] == f"ClampBackward1<{before}"
        assert target[node.id, 2] == f"TBackward0(middle_linear.weight)#{call}"


def test_an_operation_on_data_is_not_named_after_the_embedding() -> None:
    table, norm = nn.Embedding(10, 4), nn.LayerNorm(4)
    names = {"words.weight": table.weight, "norm.weight": norm.weight, "norm.bias": norm.bias}
    result = norm(table(torch.tensor([1, 2])))
    assert "NativeLayerNormBackward0(norm)#1" in keys(capture(result, names))


def test_only_a_reshaped_parameter_still_counts_as_one() -> None:
    w = weight(2, 2)
    scaled = (torch.ones(2, 2) * w).exp() + w.t().contiguous().view(4).sum()
    assert keys(capture(scaled, {"w": w})) == {
        "w",
        "MulBackward0(w)#1",
        "ExpBackward0<w#1",
        "TBackward0(w)#1",
        "CloneBackward0(w)#1",
        "ViewBackward0(w)#1",
        "SumBackward0(w)#1",
        "AddBackward0<w#1",
    }


def test_names_that_look_like_keys_stay_apart() -> None:
    a, b, c = weight(1), weight(1), weight(1)
    names = {"leaf#1": a, "AddBackward0(leaf#1,b)#1": c, "b": b}
    graph = capture((a + b) * c + weight(1), names)
    assert len(keys(graph)) == len(graph.nodes)
    assert set(names) <= keys(graph)
