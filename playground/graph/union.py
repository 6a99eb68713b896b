"""One graph for all structures of a run, so that what they share is drawn at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playground.graph.layout import EdgeKey
from playground.graph.model import Edge, Graph, Node


def union(graphs: Sequence[Graph]) -> Graph:
    """Every node and every edge that one of the graphs has, each once.

    Nodes are the same if their keys are, edges if their keys and input indices are. A layout of the
    union serves each of the graphs: the common part stays where it is, and what a graph lacks leaves
    its place free. Of a node that differs between the graphs, in its shape for example, the largest
    graph's is taken.

    Args:
        graphs: in any order, which changes nothing in the result as long as nodes with the same key
            are equal. Of none, the union is empty.

    Returns:
        Nodes numbered from 0 in the order of the largest graph, followed by what the others add.

    Raises:
        ValueError: if the graphs are of different kinds, whose edges go in opposite directions.
    """
    kinds = sorted({graph.kind for graph in graphs})
    if not kinds:
        return Graph()
    if len(kinds) > 1:
        raise ValueError(f"a union needs graphs of one kind, got {', '.join(kinds)}")
    nodes: dict[str, Node] = {}
    edges: dict[EdgeKey, Edge] = {}
    outputs: dict[int, None] = {}
    for graph in sorted(graphs, key=_rank):
        for node in graph.nodes:
            nodes.setdefault(node.key, replace(node, id=len(nodes)))
        number = {node.id: nodes[node.key].id for node in graph.nodes}
        for key, edge in zip(_edge_keys(graph), graph.edges, strict=True):
            edges.setdefault(key, replace(edge, source=number[edge.source], target=number[edge.target]))
        outputs.update(dict.fromkeys(number[output] for output in graph.outputs))
    return Graph(tuple(nodes.values()), tuple(edges.values()), kinds[0], tuple(outputs))


def _rank(graph: Graph) -> tuple[int, list[str], list[EdgeKey]]:
    """Orders graphs by what they hold: the largest first."""
    return -len(graph.nodes), [node.key for node in graph.nodes], _edge_keys(graph)


def _edge_keys(graph: Graph) -> list[EdgeKey]:
    key_of = {node.id: node.key for node in graph.nodes}
    return [(key_of[edge.source], key_of[edge.target], edge.input_index) for edge in graph.edges]
