"""Calls of modules drawn as one node each: which of them are folded, and what is drawn then."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from playground.graph.folding import LEAST_USES, Block, Folding, fold
from playground.graph.model import Graph, NodeKind, data_flow
from playground.graph.modules import Call, Chain, chains_of

MOST_DRAWN = 40
"""As many boxes, parameters and operations are drawn together, if folding can do it."""
_LEAST_DRAWN = 8
_DRAWN_SHARE = 3
"""Of this many nodes one is drawn: a small graph is folded further than to `MOST_DRAWN`."""
_LEAST_MEMBERS = 2
"""A call that made less is drawn as what it made."""
_PLURALS = {"weight": "weights", "bias": "biases"}
_SHORT_NUMBERS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


class ModuleFolds:
    """The calls of a graph's modules, and the graph with some of them folded.

    Attributes:
        graph: the whole of it.
        opened: the calls that are open unless somebody asks for more: the outer ones before the inner, and
            what is called once before what is called many times, as far as there is room for it.
        calls: all calls that can be folded.
    """

    def __init__(
        self, graph: Graph, known: Mapping[str, Chain] | None = None, most: int = MOST_DRAWN
    ) -> None:
        """Reads a graph.

        Args:
            graph: of autograd; a trace has no modules.
            known: what a recording tells of its nodes, see `chains_of`.
            most: how much may be drawn together.
        """
        self.graph = graph
        self._chains = _without_idle(chains_of(graph, known))
        self._made_by: defaultdict[Chain, list[str]] = defaultdict(list)
        for key, chain in self._chains.items():
            self._made_by[chain].append(key)
        self._elements = {
            node.key: math.prod(node.shape)
            for node in graph.nodes
            if node.kind is NodeKind.PARAMETER and node.shape is not None
        }
        self._inside: defaultdict[Chain, set[Chain]] = defaultdict(set)
        self._loose: Counter[Chain] = Counter()
        self._members: defaultdict[Chain, set[str]] = defaultdict(set)
        for chain, keys in self._made_by.items():
            self._loose[chain] = len(keys)
            for length in range(len(chain), 0, -1):
                self._inside[chain[: length - 1]].add(chain[:length])
                self._members[chain[:length]].update(keys)
        self.calls = frozenset(each for inside in self._inside.values() for each in inside)
        self._uses = Counter(call[-1].path for call in self.calls)
        room = min(most, max(len(graph.nodes) // _DRAWN_SHARE, _LEAST_DRAWN))
        self.opened = frozenset(self._planned(room))
        self._quotient = _Quotient(graph)
        self._is_known = bool(known)
        self._sound: set[tuple[Chain, str]] = set()
        """What may be drawn as one box though it is called many times."""

    def calls_around(self, keys: Collection[str]) -> frozenset[Chain]:
        """All calls in which some nodes were made: those that have to be open for them to be seen."""
        chains = {self._chains.get(key, ()) for key in keys}
        return frozenset(chain[:length] for chain in chains for length in range(1, len(chain) + 1))

    def folded(self, opened: Collection[Chain]) -> Folding | None:
        """The graph with all calls folded but these; None if nothing is folded then, and none is open.

        A call inside a folded one is folded with it.
        """
        if not self.calls:
            return None
        boxes = {_first_closed(chain, opened) for chain in self._made_by}
        blocks = self._without_cycles(self._merged(box for box in boxes if box is not None))
        blocks |= self._parameters(blocks)
        hidden = {key for block in blocks.values() for key in block.members}
        frames = {name: block.call[:-1] for name, block in blocks.items() if len(block.call) > 1}
        for chain, keys in self._made_by.items():
            if chain and _first_closed(chain, opened) is None:
                frames.update((key, chain) for key in keys if key not in hidden)
        around = {chain[:n] for chain in frames.values() for n in range(1, len(chain) + 1)}
        return fold(self.graph, blocks, frames, {call: self.title(call) for call in around})

    def uses(self, path: str) -> int:
        """How often a module was called that made more than one node."""
        return self._uses[path]

    def title(self, chain: Chain) -> str:
        """What a call is called inside the one around it: `"layers.0"`, `"D, use 3"`."""
        call = chain[-1]
        name = _within(call.path, chain[-2].path if len(chain) > 1 else "")
        return f"{name}, use {call.use}" if self._uses[call.path] > 1 else name

    # The plan

    def _planned(self, room: int) -> Iterator[Chain]:
        left = room - self._size(())
        waiting = _alike(self._inside[()])
        while waiting:
            # The outer ones first; of one depth first what is called once.
            shapes = sorted(waiting, key=lambda shape: (len(shape), len(waiting[shape]) > 1, shape))
            fitting = next((shape for shape in shapes if self._cost(waiting[shape]) <= left), None)
            if fitting is None:
                return
            opened = waiting.pop(fitting)
            left -= self._cost(opened)
            yield from opened
            waiting |= _alike(inner for call in opened for inner in self._inside[call])

    def _size(self, call: Chain) -> int:
        """How much is drawn directly inside a call."""
        uses = Counter(each[-1].path for each in self._inside[call])
        return self._loose[call] + sum(1 if count >= LEAST_USES else count for count in uses.values())

    def _cost(self, group: list[Chain]) -> int:
        """How much more is drawn when all these are open."""
        one = len(group) >= LEAST_USES and len({call[-1].path for call in group}) == 1
        return sum(map(self._size, group)) - (1 if one else len(group))

    # What is drawn

    def _merged(self, boxes: Iterable[Chain]) -> dict[str, Block]:
        """A block for each folded call; one for all where a module is called many times in a row."""
        uses: defaultdict[tuple[Chain, str], list[Chain]] = defaultdict(list)
        for box in boxes:
            uses[box[:-1], box[-1].path].append(box)
        blocks = {}
        for (_, path), calls in sorted(uses.items()):
            for run in _consecutive(sorted(calls)):
                groups = [run] if len(run) >= LEAST_USES else [[box] for box in run]
                for group in groups:
                    keys = frozenset().union(*(self._members[box] for box in group))
                    block = self._block(group, keys)
                    span = f"{block.first}-{block.last}" if len(group) > 1 else block.first
                    blocks[f"module({path})#{span}"] = block
        return blocks

    def _block(self, calls: list[Chain], members: frozenset[str]) -> Block:
        first, last = calls[0][-1], calls[-1][-1]
        name = _within(first.path, calls[0][-2].path if len(calls[0]) > 1 else "")
        title = f"{name} × {len(calls)}" if len(calls) > 1 else self.title(calls[0])
        numbers = sum(self._elements.get(key, 0) for key in members)
        says = [f"{len(members)} nodes"] + ([f"{short_number(numbers)} params"] if numbers else [])
        return Block(
            first.path,
            first.use,
            last.use,
            members,
            call=calls[0],
            title=title,
            says=tuple(says),
            numbers=numbers,
        )

    def _without_cycles(self, blocks: dict[str, Block]) -> dict[str, Block]:
        """The blocks, those apart that would close a circle: what is left and entered again is two things."""
        runs = {(block.call[:-1], block.owner) for block in blocks.values() if block.first != block.last}
        # What a recording tells lies in time as calls do: only several calls together can close a circle.
        if self._is_known and runs <= self._sound:
            return blocks
        ways: tuple[Callable[[str, Block], dict[str, Block]], ...]
        ways = self._uses_apart, self._visits_apart, lambda _name, _block: {}
        for apart in ways:
            guilty = self._quotient.on_cycles(blocks)
            if not guilty:
                self._sound |= runs
                break
            for name in guilty:
                blocks |= apart(name, blocks.pop(name))
        return blocks

    def _uses_apart(self, name: str, block: Block) -> dict[str, Block]:
        if block.first == block.last:
            return {name: block}
        around = block.call[:-1]
        calls = [(*around, Call(block.owner, use)) for use in range(block.first, block.last + 1)]
        return {
            f"module({block.owner})#{call[-1].use}": self._block([call], frozenset(self._members[call]))
            for call in calls
        }

    def _visits_apart(self, name: str, block: Block) -> dict[str, Block]:
        parts = self._quotient.visits(block.members)
        if len(parts) < 2:
            return {name: block}
        pieces = {
            f"{name}/{number}": replace(
                self._block([block.call], part), title=f"{block.title}, part {number}"
            )
            for number, part in enumerate(parts, start=1)
        }
        return {key: piece for key, piece in pieces.items() if len(piece.members) >= _LEAST_MEMBERS}

    def _parameters(self, blocks: Mapping[str, Block]) -> dict[str, Block]:
        """Parameters that several folded calls of a module share, as one node."""
        hidden = {key: block for block in blocks.values() for key in block.members}
        groups: defaultdict[tuple[Chain, str], list[str]] = defaultdict(list)
        for key, users in self._quotient.users_of_parameters.items():
            owners = {hidden[user].owner if user in hidden else "" for user in users}
            owner = owners.pop() if len(owners) == 1 else ""
            if key not in hidden and owner:
                groups[self._chains[key], owner].append(key)
        found = {}
        for (frame, owner), keys in groups.items():
            if len(keys) >= _LEAST_MEMBERS:
                block = self._block([(*frame, Call(owner, 1))], frozenset(keys))
                found[f"parameters({owner})"] = replace(
                    block,
                    kind=NodeKind.PARAMETER,
                    title=_within(owner, frame[-1].path if frame else ""),
                    says=(_counted_parameters(keys),),
                )
        return found


class _Quotient:
    """What folding asks of the edges of a graph.

    Attributes:
        users_of_parameters: keys of what uses each parameter, by its key.
    """

    def __init__(self, graph: Graph) -> None:
        keys = [node.key for node in graph.nodes]
        self._edges = [(keys[start], keys[end]) for start, end, _ in data_flow(graph)]
        parameters = {node.key for node in graph.nodes if node.kind is NodeKind.PARAMETER}
        self.users_of_parameters: dict[str, set[str]] = {}
        for start, end in self._edges:
            if start in parameters:
                self.users_of_parameters.setdefault(start, set()).add(end)

    def on_cycles(self, blocks: Mapping[str, Block]) -> list[str]:
        """Keys of the blocks that lie on a circle of the folded graph, or between two."""
        name_of = {key: name for name, block in blocks.items() for key in block.members}
        drawn = {(name_of.get(start, start), name_of.get(end, end)) for start, end in self._edges}
        edges = {(start, end) for start, end in drawn if start != end}
        backwards = {(end, start) for start, end in edges}
        circular = _not_reached(edges) & _not_reached(backwards)
        return [name for name in blocks if name in circular]

    def visits(self, members: frozenset[str]) -> list[frozenset[str]]:
        """Members by how often the data has left them all and come back before."""
        inputs: defaultdict[str, list[str]] = defaultdict(list)
        waiting: Counter[str] = Counter()
        users: defaultdict[str, list[str]] = defaultdict(list)
        for start, end in self._edges:
            inputs[end].append(start)
            users[start].append(end)
            waiting[end] += 1
        ready = [key for key in users if not waiting[key]]
        visit: dict[str, int] = {}
        for key in ready:
            inside = key in members
            visit[key] = max(
                (visit[each] + (each in members and not inside) for each in inputs[key]), default=0
            )
            for user in users[key]:
                waiting[user] -= 1
                if not waiting[user]:
                    ready.append(user)
        # A parameter, and what only comes of parameters, goes with what uses it.
        sources: set[str] = set()
        for key in ready:
            if sources.issuperset(inputs[key]):
                sources.add(key)
        for key in reversed(ready):
            if key in sources:
                visit[key] = min((visit[user] for user in users[key] if user in members), default=visit[key])
        parts: defaultdict[int, set[str]] = defaultdict(set)
        for key in members:
            parts[visit.get(key, 0)].add(key)
        return [frozenset(parts[number]) for number in sorted(parts)]


def short_number(number: float) -> str:
    """A count in three digits: `"912"`, `"4.51k"`, `"11.2M"`."""
    for unit, letter in _SHORT_NUMBERS:
        if number >= unit:
            return f"{number / unit:.3g}{letter}"
    return f"{number:.0f}"


def _not_reached(edges: set[tuple[str, str]]) -> set[str]:
    """What cannot be put in an order: it lies on a circle, or behind one."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    waiting: Counter[str] = Counter()
    for start, end in edges:
        users[start].append(end)
        waiting[end] += 1
    ready = [key for key in users if not waiting[key]]
    for key in ready:
        for user in users[key]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return {key for key, count in waiting.items() if count}


def _without_idle(chains: Mapping[str, Chain]) -> dict[str, Chain]:
    """The chains without calls that made a single node, and without those that hold all of the one around."""
    sizes = Counter(chain[:length] for chain in chains.values() for length in range(1, len(chain) + 1))
    known: dict[Chain, Chain] = {}
    for chain in set(chains.values()):
        kept: list[Call] = []
        around = -1
        for length, call in enumerate(chain, start=1):
            size = sizes[chain[:length]]
            if size >= _LEAST_MEMBERS and size != around:
                kept.append(call)
            around = size
        known[chain] = tuple(kept)
    return {key: known[chain] for key, chain in chains.items()}


def _first_closed(chain: Chain, opened: Collection[Chain]) -> Chain | None:
    """The outermost of some calls that is not open; None if all are."""
    for length in range(1, len(chain) + 1):
        if chain[:length] not in opened:
            return chain[:length]
    return None


def _consecutive(calls: list[Chain]) -> Iterator[list[Chain]]:
    run: list[Chain] = []
    for call in calls:
        if run and call[-1].use != run[-1][-1].use + 1:
            yield run
            run = []
        run.append(call)
    yield run


def _alike(calls: Iterable[Chain]) -> dict[tuple[str, ...], list[Chain]]:
    """Calls that look alike: `layers.0`, `layers.1` and so on."""
    found: dict[tuple[str, ...], list[Chain]] = {}
    for call in calls:
        found.setdefault(_shape(call), []).append(call)
    return found


def _shape(call: Chain) -> tuple[str, ...]:
    """The paths of calls with their numbers left out: what is alike in this is repeated."""
    return tuple(re.sub(r"\d+", "*", each.path) for each in call)


def _within(path: str, around: str) -> str:
    """A path inside another one; a number alone says too little: `"layer1.0"` in `"net.layer1"`."""
    name = path.removeprefix(f"{around}.") if around else path
    return f"{around.rpartition('.')[2]}.{name}" if name != path and name[:1].isdecimal() else name


def _counted_parameters(keys: Collection[str]) -> str:
    """`"2 weights · 2 biases"`, `"5 parameters"`."""
    counts = Counter(key.rpartition(".")[2] for key in keys)
    if not set(counts) <= set(_PLURALS):
        return f"{len(keys)} parameters"
    present = [(counts[name], name) for name in _PLURALS if counts[name]]
    return " · ".join(f"{count} {_PLURALS[name] if count > 1 else name}" for count, name in present)
