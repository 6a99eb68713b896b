"""Copies of shared leaves: which leaves get them, how many, and under which keys."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from playground.graph.layout import EdgeKey
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind
from playground.graph.sharing import split_shared, split_shared_alike


def make_graph(lines: Sequence[tuple[str, str]], kind: GraphKind = GraphKind.TRACE) -> Graph:
    """A graph from (start, end) in the direction of the data; small letters are parameters."""
    keys = list(dict.fromkeys(key for line in lines for key in line))
    number = {key: position for position, key in enumerate(keys)}
    nodes = tuple(
        Node(number[key], "op", NodeKind.PARAMETER if key[0].islower() else NodeKind.OPERATION, key)
        for key in keys
    )
    if kind is GraphKind.AUTOGRAD:
        lines = [(end, start) for start, end in lines]
    edges = [Edge(number[source], number[target], index) for index, (source, target) in enumerate(lines)]
    return Graph(nodes, tuple(edges), kind)


def edge_key(graph: Graph, edge: Edge) -> EdgeKey:
    return graph.nodes[edge.source].key, graph.nodes[edge.target].key, edge.input_index


def keys(graph: Graph) -> set[str]:
    return {node.key for node in graph.nodes}


def edge_keys(graph: Graph) -> set[EdgeKey]:
    return {edge_key(graph, edge) for edge in graph.edges}


def test_copies_of_a_shared_parameter() -> None:
    users = [f"USE#{number}" for number in range(1, 12)]
    graph = make_graph([*(("w", user) for user in reversed(users)), ("v", "USE#1")], kind=GraphKind.AUTOGRAD)
    apart = split_shared(graph)
    assert keys(apart) == {*users, "v", *(f"w@{number}" for number in range(1, 12))}
    assert {(source, target) for source, target, _ in edge_keys(apart)} == {
        ("USE#1", "v"),
        *((user, f"w@{number}") for number, user in enumerate(users, start=1)),
    }
    assert [node.id for node in apart.nodes] == list(range(len(apart.nodes)))


def test_node_that_uses_a_leaf_twice_gets_one_copy() -> None:
    apart = split_shared(make_graph([("w", "MUL"), ("w", "MUL"), ("w", "ADD")]))
    assert sorted(edge_keys(apart)) == [("w@1", "ADD", 2), ("w@2", "MUL", 0), ("w@2", "MUL", 1)]


def test_only_leaves_with_more_users_than_the_limit_are_copied() -> None:
    graph = make_graph([("w", "A"), ("w", "B"), ("v", "A"), ("v", "B"), ("v", "C"), ("A", "B"), ("A", "C")])
    assert keys(split_shared(graph, limit=2)) == {"w", "v@1", "v@2", "v@3", "A", "B", "C"}
    assert split_shared(graph, limit=3) == graph


def test_parameter_that_is_computed_is_no_leaf() -> None:
    graph = make_graph([("OLD", "w"), ("w", "A"), ("w", "B")])
    assert split_shared(graph) == graph


def test_copies_keep_what_links_them() -> None:
    nodes = (
        Node(0, "AccumulateGrad", NodeKind.PARAMETER, "w", (3, 4), "layer.weight"),
        Node(1, "A", NodeKind.OPERATION, "A"),
        Node(2, "B", NodeKind.LOSS, "B"),
    )
    apart = split_shared(Graph(nodes, (Edge(1, 0, 0), Edge(2, 0, 0), Edge(2, 1, 1)), outputs=(2,)))
    copies = [node for node in apart.nodes if node.kind is NodeKind.PARAMETER]
    assert [(copy.parameter, copy.shape, copy.op) for copy in copies] == [
        ("layer.weight", (3, 4), "AccumulateGrad")
    ] * 2
    assert [apart.nodes[output].key for output in apart.outputs] == ["B"]


def test_structures_are_split_alike() -> None:
    once, twice = make_graph([("w", "A#1")]), make_graph([("w", "A#1"), ("w", "A#2")])
    first, second = split_shared_alike([once, twice])
    assert keys(first) == {"w@1", "A#1"}
    assert keys(second) == {"w@1", "w@2", "A#1", "A#2"}


def test_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be 1 or more, got 0"):
        split_shared(Graph(), limit=0)
