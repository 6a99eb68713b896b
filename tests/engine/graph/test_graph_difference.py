"""The difference of two graphs, held against what the program of a shared layer must build."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from playground.graph import Graph, capture
from playground.graph.difference import difference


def net(depth: int, layers: nn.ModuleDict) -> Graph:
    hidden: Tensor = layers["first"](torch.ones(2, 3)).clamp(min=0)
    for _ in range(depth):
        hidden = layers["middle"](hidden).clamp(min=0)
    return capture(layers["last"](hidden).sum(), dict(layers.named_parameters()))


@pytest.fixture
def layers() -> nn.ModuleDict:
    return nn.ModuleDict({"first": nn.Linear(3, 4), "middle": nn.Linear(4, 4), "last": nn.Linear(4, 1)})


def test_equal_structures_differ_in_nothing(layers: nn.ModuleDict) -> None:
    before, after = net(2, layers), net(2, layers)
    found = difference(before, after)
    assert found.is_empty
    assert len(found.stayed) == len(after.nodes)
    assert found.in_words() == f"the same structure: all {len(after.nodes)} nodes stayed"


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 2), (1, 3)])
def test_each_further_use_adds_its_own_nodes(layers: nn.ModuleDict, before: int, after: int) -> None:
    found = difference(net(before, layers), net(after, layers))
    uses = range(before + 1, after + 1)
    expected = {
        key
        for use in uses
        for key in (
            f"AddmmBackward0(middle)#{use}",
            f"TBackward0(middle.weight)#{use}",
            f"ClampBackward1<middle#{use}",
        )
    }
    parameters = {"middle.weight", "middle.bias"} if before == 0 else set()
    assert found.appeared == expected | parameters
    assert found.vanished == frozenset()
    # The last layer now takes its input from another clamp: an edge went, and others came.
    assert len(found.old_edges) == 1
    assert all(source.startswith("AddmmBackward0(last)") for source, _, _ in found.old_edges)


def test_backwards_is_the_mirror_image(layers: nn.ModuleDict) -> None:
    one, three = net(1, layers), net(3, layers)
    there, back = difference(one, three), difference(three, one)
    assert (there.appeared, there.vanished) == (back.vanished, back.appeared)
    assert (there.new_edges, there.old_edges) == (back.old_edges, back.new_edges)
    assert there.stayed == back.stayed
    assert there.stayed.isdisjoint(there.appeared | there.vanished)


def test_another_shape_is_a_change(layers: nn.ModuleDict) -> None:
    graph = net(1, layers)
    nodes = tuple(replace(n, shape=(9, 9)) if n.key == "first.weight" else n for n in graph.nodes)
    found = difference(graph, replace(graph, nodes=nodes))
    assert found.changed == {"first.weight"}
    assert not found.is_empty
    assert found.in_words().endswith("1 of them changed")


def test_nothing_and_something() -> None:
    graph = capture(torch.ones(2, requires_grad=True).sum())
    assert difference(Graph(), graph).appeared == {node.key for node in graph.nodes}
    assert difference(graph, Graph()).in_words() == "no nodes appeared, 2 vanished, none stayed"
