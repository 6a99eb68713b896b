"""Blocks of a graph drawn as one node each, and those that a step uses many times in a row: "middle × 32"."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from playground.graph.layout import EdgeKey
from playground.graph.model import Edge, FoldedNode, Graph, GraphKind, Node, NodeKind, data_flow
from playground.graph.modules import Chain, common
from playground.graph.sharing import original

LEAST_USES = 7
"""A block that is used less often is drawn as it is."""
_SHORTEST = 2
"""So many uses are worth a node of their own."""
_KEY = re.compile(r"[^(<#]+(?:\((?P<owner>.*)\)|<(?P<anchor>.+))#(?P<call>\d+)(?:/\d+)?'*")

Unit = tuple[str, int]
"""The module or parameter that a block belongs to, and which use of it it is, counted from 1."""


@dataclass(frozen=True, slots=True)
class Block:
    """Several uses in a row, drawn as one node.

    Attributes:
        owner: the module or parameter that is used.
        first, last: numbers of its uses, counted from 1.
        members: keys of the nodes that it stands for.
        kind: of its node.
        call: of what a module has made, the calls that the block stands for; of several uses the first. Empty
            of what merely repeats.
        title: what is written on it, "" for the owner and the number of its uses.
        says: what is written below that, a line each; its shape where there is nothing.
        numbers: how many elements the parameters have that it holds.
    """

    owner: str
    first: int
    last: int
    members: frozenset[str]
    kind: NodeKind = NodeKind.OPERATION
    call: Chain = ()
    title: str = ""
    says: tuple[str, ...] = ()
    numbers: int = 0

    @property
    def name(self) -> str:
        """`"middle_linear × 15"`, `"encoder.layers.0"`."""
        return self.title or f"{self.owner} × {self.last - self.first + 1}"


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """A graph with blocks in place of repeated nodes.

    Attributes:
        graph: it; all other nodes keep their keys.
        blocks: by the keys of their nodes.
        edges: from an edge of the whole graph to the one that stands for it; one inside a block has none.
        whole: the graph that was folded.
        frames: the calls of open modules around each node that is drawn inside some, by its key.
        titles: of these calls.
    """

    graph: Graph
    blocks: Mapping[str, Block]
    edges: Mapping[EdgeKey, EdgeKey]
    whole: Graph
    frames: Mapping[str, Chain] = field(default_factory=dict)
    titles: Mapping[Chain, str] = field(default_factory=dict)


class Repeats:
    """What a graph repeats.

    Attributes:
        graph: it.
        owners: what is used at least `LEAST_USES` times in a row.
    """

    def __init__(self, graph: Graph) -> None:
        """Reads the uses from the nodes' keys; a trace repeats nothing."""
        self.graph = graph
        self._units = _units(graph) if graph.kind is GraphKind.AUTOGRAD else {}
        self._members: defaultdict[Unit, set[str]] = defaultdict(set)
        for key, unit in self._units.items():
            self._members[unit].add(key)
        self._runs = [run for run in self._chains() if len(run) >= LEAST_USES]
        self.owners = frozenset(owner for run in self._runs for owner, _ in run)

    def uses(self, owner: str) -> int:
        """How often something is used."""
        return sum(unit[0] == owner for unit in self._members)

    def uses_of(self, keys: Collection[str], owners: Collection[str] = ()) -> frozenset[Unit]:
        """The uses of what is repeated to which some nodes belong, and all uses of these owners."""
        found = {self._units[key] for key in keys if key in self._units}
        found.update(unit for unit in self._members if unit[0] in owners)
        return frozenset(unit for unit in found if unit[0] in self.owners)

    def folded(self, opened: Collection[Unit]) -> Folding | None:
        """The graph with its repeats folded, except for these uses; None if there is nothing to fold."""
        blocks = {f"{each.name} from {each.first}": each for each in self._blocks(opened)}
        return fold(self.graph, blocks) if blocks else None

    def _chains(self) -> Iterator[list[Unit]]:
        """Uses that follow one another, so that what lies between them is nothing else."""
        ends = self._ends()
        for owner in dict.fromkeys(owner for owner, _ in self._members):
            run: list[Unit] = []
            for call in sorted(call for each, call in self._members if each == owner):
                if run and (call != run[-1][1] + 1 or run[-1] in ends):
                    yield run
                    run = []
                run.append((owner, call))
            yield run

    def _ends(self) -> set[Unit]:
        """Uses whose results go elsewhere than to the use that follows: a run cannot go on behind them."""
        keys = [node.key for node in self.graph.nodes]
        ends = set()
        for start, end, _ in data_flow(self.graph):
            unit, other = self._units.get(keys[start]), self._units.get(keys[end])
            if unit is not None and other not in (unit, (unit[0], unit[1] + 1)):
                ends.add(unit)
        return ends

    def _blocks(self, opened: Collection[Unit]) -> Iterator[Block]:
        for run in self._runs:
            places = [-1, *(place for place, unit in enumerate(run) if unit in opened), len(run)]
            for before, after in pairwise(places):
                part = run[before + 1 : after]
                if len(part) >= _SHORTEST:
                    members = frozenset(key for unit in part for key in self._members[unit])
                    yield Block(part[0][0], part[0][1], part[-1][1], members)


def _units(graph: Graph) -> dict[str, Unit]:
    """The use to which each node belongs, by its key; leaves belong to none, except for copies of one use."""
    units = {node.key: unit for node in graph.nodes if (unit := _unit(node)) is not None}
    keys = [node.key for node in graph.nodes]
    users: dict[str, list[str]] = {}
    inputs: dict[str, list[str]] = {}
    for start, end, _ in data_flow(graph):
        users.setdefault(keys[start], []).append(keys[end])
        inputs.setdefault(keys[end], []).append(keys[start])
    kinds = {node.key: node.kind for node in graph.nodes}
    for key in keys:
        using = {units.get(user) for user in users.get(key, ())}
        user = using.pop() if len(using) == 1 else None
        if user is None:
            continue
        # The transposed weight of a layer is of the weight, but belongs to the use of the layer.
        of_part = key in units and units[key][0].startswith(f"{user[0]}.")
        turned = of_part and all(kinds[each] is NodeKind.PARAMETER for each in inputs.get(key, ()))
        if turned or original(key) != key:
            units[key] = user
    # Copies of leaves whose transposed value has moved to a use follow it.
    for key in keys:
        using = {units.get(user) for user in users.get(key, ())}
        user = using.pop() if len(using) == 1 else None
        if user is not None and original(key) != key:
            units[key] = user
    return units


def _unit(node: Node) -> Unit | None:
    found = _KEY.fullmatch(node.key)
    if found is None or node.kind is not NodeKind.OPERATION:
        return None
    return found["owner"] or found["anchor"], int(found["call"])


def fold(
    graph: Graph,
    blocks: Mapping[str, Block],
    frames: Mapping[str, Chain] | None = None,
    titles: Mapping[Chain, str] | None = None,
) -> Folding:
    """A graph with blocks in place of their members.

    Args:
        graph: the whole of it.
        blocks: by the keys that their nodes shall have; no two have a member in common.
        frames, titles: as of the folding.
    """
    block_of = {key: name for name, block in blocks.items() for key in block.members}
    nodes = _folded_nodes(graph, blocks, block_of, frames or {})
    edges: dict[EdgeKey, Edge] = {}
    stands_for: dict[EdgeKey, EdgeKey] = {}
    counts: Counter[str] = Counter()
    joined: dict[tuple[str, str], EdgeKey] = {}
    keys = [node.key for node in graph.nodes]
    shown = [block_of.get(key, key) for key in keys]
    for edge in graph.edges:
        source, target = shown[edge.source], shown[edge.target]
        if source == target:
            continue
        drawn = (source, target, edge.input_index)
        if source in blocks or target in blocks:
            # However often one draws on the other, there is one line between them.
            if (source, target) in joined:
                drawn = joined[source, target]
            else:
                index = counts[source] if source in blocks else edge.input_index
                drawn = joined[source, target] = (source, target, index)
                counts[source] += 1
        if drawn not in edges:
            edges[drawn] = Edge(nodes[source].id, nodes[target].id, drawn[2])
        stands_for[keys[edge.source], keys[edge.target], edge.input_index] = drawn
    outputs = (block_of.get(graph.nodes[n].key, graph.nodes[n].key) for n in graph.outputs)
    numbered = tuple(dict.fromkeys(nodes[key].id for key in outputs))
    folded = Graph(tuple(nodes.values()), tuple(edges.values()), graph.kind, numbered)
    return Folding(folded, blocks, stands_for, graph, frames or {}, titles or {})


def folded_again(first: Folding, second: Folding) -> Folding:
    """The folding of a graph that was folded before, as one folding of the whole graph."""

    def members(block: Block) -> frozenset[str]:
        inner = (first.blocks[key].members if key in first.blocks else {key} for key in block.members)
        return frozenset().union(*inner)

    blocks = {key: replace(block, members=members(block)) for key, block in second.blocks.items()}
    swallowed = {key for block in second.blocks.values() for key in block.members}
    blocks |= {key: block for key, block in first.blocks.items() if key not in swallowed}
    frames = {key: frame for key, frame in first.frames.items() if key not in swallowed}
    for name, block in second.blocks.items():
        frames[name] = common(first.frames.get(key, ()) for key in block.members)
    edges = {key: second.edges[drawn] for key, drawn in first.edges.items() if drawn in second.edges}
    return Folding(second.graph, blocks, edges, first.whole, frames, first.titles)


def _folded_nodes(
    graph: Graph, blocks: Mapping[str, Block], block_of: Mapping[str, str], frames: Mapping[str, Chain]
) -> dict[str, Node]:
    """The nodes that are drawn, by key, numbered in the order in which the graph has them."""
    keys = [block_of.get(node.key, node.key) for node in graph.nodes]
    # What a block gives on is the result of its last operation: of that which no other one in it uses.
    used = {edge.target for edge in graph.edges if keys[edge.source] == keys[edge.target]}
    last: dict[str, Node] = {}
    for key, node in zip(keys, graph.nodes, strict=True):
        if key in blocks and (key not in last or (last[key].id in used and node.id not in used)):
            last[key] = node
    nodes: dict[str, Node] = {}
    for key, node in zip(keys, graph.nodes, strict=True):
        if key not in nodes:
            framed = _in_frame(node, frames.get(key, ()))
            new = _node(key, blocks[key], last[key]) if key in blocks else framed
            nodes[key] = replace(new, id=len(nodes))
    return nodes


def _node(key: str, block: Block, last: Node) -> Node:
    """The node of a block has the shape of what it gives on."""
    kind = block.kind
    shape = None if block.says else last.shape
    return FoldedNode(
        *(0, block.name, kind, key, shape),
        dtype=last.dtype,
        device=last.device,
        says=block.says,
        title=block.name,
    )


def _in_frame(node: Node, frame: Chain) -> Node:
    """A parameter without the path of the module that it is drawn in."""
    inside = f"{frame[-1].path}." if frame else ""
    if node.parameter is None or not inside or not node.parameter.startswith(inside):
        return node
    values: dict[str, Any] = {each.name: getattr(node, each.name) for each in fields(Node)}
    return FoldedNode(**values, title=node.parameter.removeprefix(inside))
