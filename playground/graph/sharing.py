"""Shared parameters and data drawn once at each of their uses, instead of once with many lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from playground.graph.model import Graph, Node, NodeKind, data_flow


def split_shared(graph: Graph, limit: int = 1) -> Graph:
    """The graph with a copy of each shared leaf at each of its users.

    A leaf is a parameter or a piece of data that no other node feeds. Copies keep everything but their
    number and their key: the leaf `w` becomes `w@1`, `w@2`, … in the natural order of its users' keys
    (`T#2` before `T#10`). A node that uses a leaf twice gets one copy and two edges. An output that is
    a shared leaf becomes its first copy.

    Args:
        graph: stays as it is.
        limit: a leaf with at most so many users is left alone; 1 or more.

    Raises:
        ValueError: if `limit` is less than 1.
    """
    return split_shared_alike([graph], limit)[0]


def split_shared_alike(graphs: Sequence[Graph], limit: int = 1) -> list[Graph]:
    """The graphs of one run, each as by `split_shared`, so that they fit into one union.

    A leaf with more than `limit` users in all graphs together is split in every graph, and its copy for
    one user has the same key in every graph.

    Raises:
        ValueError: if `limit` is less than 1.
    """
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, got {limit}")
    users: dict[str, set[str]] = defaultdict(set)
    for graph in graphs:
        for leaf, found in _users(graph).items():
            users[leaf] |= found
    shared = {leaf: sorted(found, key=_natural) for leaf, found in users.items() if len(found) > limit}
    numbers = {
        leaf: {user: number for number, user in enumerate(found, start=1)} for leaf, found in shared.items()
    }
    return [_split(graph, numbers) for graph in graphs]


def _users(graph: Graph) -> Mapping[str, set[str]]:
    """The keys of each leaf's users, by the leaf's key."""
    flow = list(data_flow(graph))
    fed = {end for _, end, _ in flow}
    key_of = {node.id: node.key for node in graph.nodes}
    leaves = {
        node.id
        for node in graph.nodes
        if node.kind in (NodeKind.PARAMETER, NodeKind.DATA) and node.id not in fed
    }
    users: dict[str, set[str]] = defaultdict(set)
    for start, end, _ in flow:
        if start in leaves:
            users[key_of[start]].add(key_of[end])
    return users


def _split(graph: Graph, numbers: Mapping[str, Mapping[str, int]]) -> Graph:
    """The graph with copies of the leaves in `numbers`, which has each copy's number by its user's key."""
    found = _users(graph)
    id_of = {node.key: node.id for node in graph.nodes}
    nodes: list[Node] = []
    new: dict[int, int] = {}
    copies: dict[tuple[int, int], int] = {}
    for node in graph.nodes:
        new[node.id] = len(nodes)
        number = {user: numbers[node.key][user] for user in found.get(node.key, ()) if node.key in numbers}
        for user in sorted(number, key=number.__getitem__):
            copies[node.id, id_of[user]] = len(nodes)
            nodes.append(replace(node, id=len(nodes), key=f"{node.key}@{number[user]}"))
        if not number:
            nodes.append(replace(node, id=len(nodes)))
    edges = tuple(
        replace(
            edge,
            source=copies.get((edge.source, edge.target), new[edge.source]),
            target=copies.get((edge.target, edge.source), new[edge.target]),
        )
        for edge in graph.edges
    )
    return Graph(tuple(nodes), edges, graph.kind, tuple(new[output] for output in graph.outputs))


def _natural(key: str) -> list[tuple[int, str]]:
    """Orders the numbers in a key by their value."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", key)]


_COPY = re.compile(r"@\d+$")


def original(key: str) -> str:
    """The key of the leaf of which the node with this key is a copy (`w@2` of `w`); else its own."""
    # Asked of every node and edge of a graph, and few are copies.
    return _COPY.sub("", key) if "@" in key else key
