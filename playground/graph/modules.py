"""Which calls of modules made each node of a graph: from a recording, else from the parameters' names."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from playground.graph.model import Graph, GraphKind, Node, NodeKind, data_flow, data_order


class Call(NamedTuple):
    """One call of a module.

    Attributes:
        path: of the module: `"encoder.layers.0"`.
        use: which call of it that is, counted from 1.
    """

    path: str
    use: int


Chain: TypeAlias = tuple[Call, ...]
"""Calls one within another, the outermost first; empty outside all modules."""

_MOST_NEIGHBORS = 6
"""An operation between more different modules than these belongs to none of them."""
_NUMBER = re.compile(r"#(\d+)")


def chains_of(graph: Graph, known: Mapping[str, Chain] | None = None) -> dict[str, Chain]:
    """The calls in which each node of a graph of autograd was made, by its key.

    What is known wins. Of the rest, a parameter belongs to the calls that all its users have in common; any
    other node to the innermost call that goes on around it: one of its inputs and one of its users lie in it.
    Where nothing is known, names of parameters tell: what uses `fc.weight` was made by `fc`, and if its
    parameters are used several times alike, by as many calls. A trace has no modules.

    Args:
        graph: any graph; with copies of shared leaves or without.
        known: calls by the keys of nodes, as a recording tells them.
    """
    if graph.kind is GraphKind.TRACE:
        return {}
    return _Assignment(_Wiring(graph), known or {}).chains()


def common(chains: Iterable[Chain]) -> Chain:
    """The calls with which all of these begin."""
    found: Chain | None = None
    for chain in chains:
        found = chain if found is None else _both(found, chain)
        if not found:
            return ()
    return found or ()


def _both(one: Chain, other: Chain) -> Chain:
    length = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        length += 1
    return one[:length]


class _Wiring:
    """A graph by places: what each node takes and what uses it, in the direction of the data.

    Attributes:
        nodes, inputs, users: of each place.
        order: all places, each behind its inputs.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes: Sequence[Node] = graph.nodes
        self.inputs: list[list[int]] = [[] for _ in graph.nodes]
        self.users: list[list[int]] = [[] for _ in graph.nodes]
        for start, end, _ in data_flow(graph):
            self.users[start].append(end)
            self.inputs[end].append(start)
        self.order = data_order(graph)
        self.leaf_of = self._reshaped()

    def _reshaped(self) -> dict[int, int]:
        """From each leaf, and from what only turns or reshapes one, to the leaf."""
        found = {n: n for n, node in enumerate(self.nodes) if node.kind is NodeKind.PARAMETER}
        for place in self.order:
            inputs = self.inputs[place]
            if len(inputs) == 1 and inputs[0] in found and place not in found:
                shape, leaf = self.nodes[place].shape, self.nodes[found[inputs[0]]].shape
                if shape is not None and leaf is not None and math.prod(shape) == math.prod(leaf):
                    found[place] = found[inputs[0]]
        return found

    def parameters(self, place: int) -> tuple[str, ...]:
        """Names of the parameters that an operation takes, perhaps turned."""
        leaves = (self.leaf_of.get(each) for each in self.inputs[place])
        names = (self.nodes[leaf].parameter for leaf in leaves if leaf is not None)
        return tuple(sorted({name for name in names if name is not None}))


class _Assignment:
    """Finds the calls of each node."""

    def __init__(self, wiring: _Wiring, known: Mapping[str, Chain]) -> None:
        self._wiring = wiring
        self._chains: dict[int, Chain] = {}
        if known:
            for place, node in enumerate(wiring.nodes):
                if node.key in known and place not in wiring.leaf_of:
                    self._chains[place] = known[node.key]
        else:
            self._chains.update(_named(wiring))

    def chains(self) -> dict[str, Chain]:
        """Of all nodes."""
        self._fill_between()
        wiring = self._wiring
        for place in reversed(wiring.order):
            if place in wiring.leaf_of:
                self._chains[place] = common(self._chains.get(user, ()) for user in wiring.users[place])
        return {node.key: self._chains.get(place, ()) for place, node in enumerate(wiring.nodes)}

    def _fill_between(self) -> None:
        """Gives operations without parameters to the calls that go on around them."""
        wiring, known = self._wiring, dict(self._chains)
        before = self._nearest(wiring.order, wiring.inputs, known)
        after = self._nearest(list(reversed(wiring.order)), wiring.users, known)
        for place in wiring.order:
            if place not in known and place not in wiring.leaf_of:
                pairs = (_both(one, other) for one in before[place] for other in after[place])
                self._chains[place] = max(pairs, key=len, default=())

    def _nearest(
        self, order: Sequence[int], neighbors: Sequence[Sequence[int]], known: Mapping[int, Chain]
    ) -> dict[int, tuple[Chain, ...]]:
        """For each place the chains of the nearest nodes on one side of which something is known."""
        found: dict[int, tuple[Chain, ...]] = {}
        for place in order:
            chains: dict[Chain, None] = {}
            for each in neighbors[place]:
                if each not in self._wiring.leaf_of:
                    chains.update(dict.fromkeys((known[each],) if each in known else found.get(each, ())))
            found[place] = tuple(chains) if len(chains) <= _MOST_NEIGHBORS else ()
        return found


def _named(wiring: _Wiring) -> Iterator[tuple[int, Chain]]:
    """Operations that take parameters, with the calls that their names tell."""
    uses: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for place in wiring.order:
        names = () if place in wiring.leaf_of else wiring.parameters(place)
        if names:
            uses[wiring.nodes[place].op, names].append(place)
    paths = {alike: _path(alike[1]) for alike in uses}
    counts: Counter[str] = Counter()
    for alike, places in uses.items():
        for path in prefixes(paths[alike]):
            counts[path] = math.gcd(counts[path], len(places))
    for alike, places in uses.items():
        # Keys count in the order of the forward pass, which the wiring does not know.
        places.sort(key=lambda place: (_count(wiring.nodes[place].key), place))
        for number, place in enumerate(places):
            around = prefixes(paths[alike])
            yield place, tuple(Call(path, number * counts[path] // len(places) + 1) for path in around)


def _count(key: str) -> int:
    found = _NUMBER.findall(key)
    return int(found[-1]) if found else 0


def _path(parameters: Sequence[str]) -> str:
    """The path that the modules of some parameters have in common."""
    modules = [name.split(".")[:-1] for name in parameters]
    shared = []
    for parts in zip(*modules, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def prefixes(path: str) -> list[str]:
    """`["encoder", "encoder.layers", "encoder.layers.0"]`."""
    parts = path.split(".") if path else []
    return [".".join(parts[: length + 1]) for length in range(len(parts))]
