"""Blocks that repeat are drawn as one node; nothing else is lost, and the uses that are opened stay."""

from __future__ import annotations

import itertools

import pytest
import torch

from playground.graph import capture
from playground.graph.folding import LEAST_USES, Folding, Repeats
from playground.graph.layout import lay_out, small
from playground.graph.model import Graph, data_flow
from playground.graph.sharing import split_shared
from playground.graph.sizes import window_sizes


def dynamic(uses: int, seed: int = 0) -> Graph:
    torch.manual_seed(seed)
    layers = torch.nn.ModuleDict({name: torch.nn.Linear(4, 4) for name in ("first", "middle", "last")})
    hidden = layers["first"](torch.randn(2, 4)).clamp(min=0)
    for _ in range(uses):
        hidden = layers["middle"](hidden).clamp(min=0)
    return capture(layers["last"](hidden).pow(2).sum(), dict(layers.named_parameters()))


def folded(graph: Graph, *open_keys: str) -> Folding:
    repeats = Repeats(graph)
    found = repeats.folded(repeats.uses_of(open_keys))
    assert found is not None
    return found


def keys(graph: Graph) -> set[str]:
    return {node.key for node in graph.nodes}


def is_acyclic(graph: Graph) -> bool:
    after: dict[int, list[int]] = {node.id: [] for node in graph.nodes}
    waiting = {node.id: 0 for node in graph.nodes}
    for start, end, _ in data_flow(graph):
        after[start].append(end)
        waiting[end] += 1
    ready = [number for number, count in waiting.items() if not count]
    for number in ready:
        for user in after[number]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return len(ready) == len(graph.nodes)


@pytest.mark.parametrize("uses", [0, 1, 3, LEAST_USES - 1])
def test_few_uses_are_drawn_as_they_are(uses: int) -> None:
    repeats = Repeats(dynamic(uses))
    assert repeats.owners == frozenset()
    assert repeats.folded(()) is None


@pytest.mark.parametrize("uses", [LEAST_USES, 32])
def test_many_uses_are_one_block(uses: int) -> None:
    graph = dynamic(uses)
    found = folded(graph)
    (key,) = found.blocks
    block = found.blocks[key]
    assert block.name == f"middle × {uses}"
    assert (block.first, block.last) == (1, uses)
    assert len(block.members) == 3 * uses  # the product, the transposed weight and the clamp
    assert keys(found.graph) - {key} == keys(graph) - block.members
    assert is_acyclic(found.graph)
    node = found.graph.node(key)
    assert node is not None
    assert node.op == block.name
    assert node.shape == (2, 4)
    # One line to the weight and one to the bias, one in and one out.
    at_block = [edge for edge in found.graph.edges if node.id in (edge.source, edge.target)]
    assert len(at_block) == 4
    assert small(found.graph)


def test_every_edge_is_drawn_or_lies_inside_a_block() -> None:
    graph = dynamic(10)
    found = folded(graph, "ClampBackward1<middle#4")
    drawn = {
        (found.graph.nodes[edge.source].key, found.graph.nodes[edge.target].key, edge.input_index)
        for edge in found.graph.edges
    }
    assert set(found.edges.values()) == drawn
    for edge in graph.edges:
        ends = graph.nodes[edge.source].key, graph.nodes[edge.target].key
        inside = any(set(ends) <= block.members for block in found.blocks.values())
        assert ((*ends, edge.input_index) in found.edges) == (not inside)


@pytest.mark.parametrize("use", [1, 2, 5, 9, 10])
def test_a_use_that_is_opened_stays_between_the_blocks(use: int) -> None:
    graph = dynamic(10)
    found = folded(graph, f"AddmmBackward0(middle)#{use}")
    counts = sorted(block.last - block.first + 1 for block in found.blocks.values())
    # A single use beside it is no block.
    assert counts == sorted(count for count in (use - 1, 10 - use) if count > 1)
    assert f"ClampBackward1<middle#{use}" in keys(found.graph)
    assert f"TBackward0(middle.weight)#{use}" in keys(found.graph)
    assert is_acyclic(found.graph)


def test_copies_of_parameters_go_with_their_use() -> None:
    graph = split_shared(dynamic(8))
    found = folded(graph)
    assert not [key for key in keys(found.graph) if key.startswith("middle.")]
    assert is_acyclic(found.graph)


def test_layers_that_take_turns_are_not_folded() -> None:
    one, other = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
    hidden = torch.randn(2, 4)
    for _ in range(10):
        hidden = other(one(hidden))
    names = {
        f"{name}.{part}": each
        for name, layer in (("one", one), ("other", other))
        for part, each in layer.named_parameters()
    }
    assert Repeats(capture(hidden.sum(), names)).folded(()) is None


def test_a_result_that_is_used_elsewhere_ends_a_block() -> None:
    layer = torch.nn.Linear(4, 4)
    hidden, kept = torch.randn(2, 4), None
    for number in range(20):
        hidden = layer(hidden)
        kept = hidden if number == 9 else kept
    assert kept is not None
    names = {f"layer.{name}": each for name, each in layer.named_parameters()}
    found = folded(capture((hidden + kept).sum(), names))
    assert sorted((block.first, block.last) for block in found.blocks.values()) == [(1, 10), (11, 20)]
    assert is_acyclic(found.graph)


def test_the_layout_stays_as_the_opened_use_moves_on() -> None:
    graph = dynamic(16)
    sizes = []
    for use in (5, 6, 7):
        found = folded(graph, f"ClampBackward1<middle#{use}")
        layout = lay_out(found.graph, window_sizes(found.graph))
        sizes.append((layout.width, layout.height))
    assert all(abs(one[0] - other[0]) < 20 for one, other in itertools.pairwise(sizes))
