"""Shared parameters and data drawn once at each of their uses, instead of once with many lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from playground.graph.model import Graph, Node, NodeKind, data_flow


def split_shared(graph: Graph, limit: int = 1) -> Graph:
    """The graph with a copy of each shared leaf at each of its users.

    A leaf is a parameter or a piece of data that no other node feeds. Copies keep everything but their
    number and their key: the leaf `w` becomes `w@1`, `w@2`, … in the natural order of its users' keys
    (`T#2` before `T#10`), so that a copy has one key in all structures of a run that begin alike. A
    node that uses a leaf twice gets one copy and two edges.

    Args:
        graph: stays as it is.
        limit: a leaf with at most so many users is left alone; 1 or more.

    Raises:
        ValueError: if `limit` is less than 1.
    """
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, got {limit}")
    users = {leaf: found for leaf, found in _users(graph).items() if len(found) > limit}
    nodes: list[Node] = []
    number: dict[int, int] = {}
    copies: dict[tuple[int, int], int] = {}
    for node in graph.nodes:
        # An output that is a leaf stays recognizable: as its first copy.
        number[node.id] = len(nodes)
        for index, user in enumerate(users.get(node.id, ()), start=1):
            copies[node.id, user] = len(nodes)
            nodes.append(replace(node, id=len(nodes), key=f"{node.key}@{index}"))
        if node.id not in users:
            nodes.append(replace(node, id=len(nodes)))
    edges = tuple(
        replace(
            edge,
            source=copies.get((edge.source, edge.target), number[edge.source]),
            target=copies.get((edge.target, edge.source), number[edge.target]),
        )
        for edge in graph.edges
    )
    return Graph(tuple(nodes), edges, graph.kind, tuple(number[output] for output in graph.outputs))


def _users(graph: Graph) -> Mapping[int, list[int]]:
    """Each leaf's users, every one once, in the natural order of their keys."""
    flow = list(data_flow(graph))
    fed = {end for _, end, _ in flow}
    leaves = {
        node.id
        for node in graph.nodes
        if node.kind in (NodeKind.PARAMETER, NodeKind.DATA) and node.id not in fed
    }
    users: dict[int, set[int]] = defaultdict(set)
    for start, end, _ in flow:
        if start in leaves:
            users[start].add(end)
    order = {node.id: _natural(node.key) for node in graph.nodes}
    return {leaf: sorted(found, key=order.__getitem__) for leaf, found in users.items()}


def _natural(key: str) -> list[tuple[int, str]]:
    """Orders the numbers in a key by their value."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", key)]
