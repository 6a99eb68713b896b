"""Chooses what of a run's graphs is drawn folded, and lays it out at once: folded graphs are small."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from playground.graph.folding import Block, Folding, Repeats, Unit, folded_again
from playground.graph.framed_layout import Memory, lay_out_framed
from playground.graph.layout import Layout, lay_out, small
from playground.graph.model import Graph
from playground.graph.module_folding import MOST_DRAWN, ModuleFolds
from playground.graph.modules import Chain
from playground.graph.sizes import window_sizes
from ui.state.layouts import look_of

MOST_NODES = 2000
"""Larger graphs are not looked through for what repeats: it would hold up the window."""
MOST_WITH_MODULES = 4000
"""Nor are these for modules."""
LEAST_NODES = 60
"""Graphs of more nodes have their modules folded unless the user wants it otherwise."""
MOST_AT_ONCE = 200
"""So many nodes in frames are laid out while the window waits."""
MUCH_ROOM = 18
"""A graph that leaves so many places of a shared layout free is laid out on its own."""
_MOST_KEPT, _MOST_READ = 128, 64

Drawing = tuple[Graph, Layout | None, Folding | None]
"""What is drawn of a graph, where, and how it was folded."""
_Open = tuple[frozenset[Chain], frozenset[Unit]]


@dataclass(slots=True, eq=False)
class _Read:
    """What is known of a graph.

    Attributes:
        graph: it.
        repeats: what it repeats.
        modules: its modules, if these are what is folded: of a large graph, or of modules within modules.
        is_known: whether a recording has told the modules.
    """

    graph: Graph
    repeats: Repeats | None
    modules: ModuleFolds | None
    is_known: bool

    @property
    def foldable(self) -> bool:
        """Whether there is anything to fold."""
        return self.modules is not None or (self.repeats is not None and bool(self.repeats.owners))

    @property
    def is_large(self) -> bool:
        """Whether its modules are folded by themselves."""
        return len(self.graph.nodes) > LEAST_NODES


class Folds:
    """Remembers what was folded: graphs return, and a cursor goes back and forth.

    Attributes:
        wish: whether the user wants graphs folded; None leaves it to the graph.
    """

    def __init__(self) -> None:
        """Nothing has been drawn yet."""
        self.wish: bool | None = None
        self._opened: set[Chain] = set()
        self._closed: set[Chain] = set()
        self._unrolled: set[str] = set()
        self._reads: dict[int, tuple[Graph, _Read]] = {}
        self._alike: dict[object, _Read] = {}
        self._drawings: dict[tuple[int, _Open], Drawing | None] = {}
        self._memory: Memory = {}
        self._latest: _Read | None = None
        self._stays_large = False

    # What the user asks for

    def want(self, wish: bool) -> None:
        """Folds all graphs, or none; what was opened or closed one by one is forgotten."""
        self.wish = wish
        self._opened.clear()
        self._closed.clear()
        self._unrolled.clear()

    def open(self, block: Block) -> None:
        """Opens what a block stands for: a call of a module, the first of several, or all that repeats."""
        if block.call:
            self._opened.add(block.call)
            self._closed.discard(block.call)
        else:
            self._unrolled.add(block.owner)

    def close(self, call: Chain) -> None:
        """Folds an open call of a module, with all that is open inside it."""
        self._opened = {each for each in self._opened if each[: len(call)] != call}
        self._closed.add(call)

    # What is to be seen

    @property
    def foldable(self) -> bool:
        """Whether something can be folded of the graph that was drawn last, so that it is small then."""
        return self._latest is not None and self._latest.foldable and not self._stays_large

    @property
    def of_modules(self) -> bool:
        """Whether that are modules."""
        return self._latest is not None and self._latest.modules is not None

    @property
    def folds(self) -> bool:
        """Whether that graph is folded: as the user wants it, else where it is large or repeats itself."""
        if self.wish is not None:
            return self.wish
        return self._latest is None or self._latest.modules is None or self._latest.is_large

    def drawing(
        self,
        graph: Graph,
        layout: Layout | None,
        keys: Collection[str],
        known: Mapping[str, Chain] | None = None,
    ) -> Drawing:
        """What to draw for a graph.

        Args:
            graph: the whole of it.
            layout: of it, perhaps with places for other graphs too; None while it is being made.
            keys: nodes that have to be seen: the calls and uses that they belong to are not folded.
            known: the calls of modules that made its nodes, where a recording tells.

        Returns:
            The folded graph, its layout and how it was folded; what was given, and None, if it is not folded.
        """
        read = self._latest = self._read(graph, known)
        self._stays_large = False
        if read.foldable and not self.folds:
            return graph, layout, None
        opened = self._open(read, keys)
        place = id(read), opened
        if place not in self._drawings:
            if len(self._drawings) >= _MOST_KEPT:
                self._drawings.clear()
            self._drawings[place] = self._made(read, opened)
        found = self._drawings[place]
        self._stays_large = found is None
        alone = layout is None or len(layout.boxes) > len(graph.nodes) + MUCH_ROOM
        if found is None or (found[2] is None and not alone):
            return graph, layout, None
        return found

    def knows(self, graph: Graph) -> bool:
        """Whether a recording has told the modules of this graph."""
        return id(graph) in self._reads and self._reads[id(graph)][1].is_known

    def _read(self, graph: Graph, known: Mapping[str, Chain] | None) -> _Read:
        # What is kept holds its graph, so no other graph can take its number.
        kept = self._reads.get(id(graph))
        if kept is not None and (kept[1].is_known or not known):
            return kept[1]
        if len(self._reads) >= _MOST_READ:
            self._reads.clear()
            self._alike.clear()
            self._drawings.clear()
        look = look_of(graph)
        read = self._alike.get(look)
        if read is None or (known and not read.is_known):
            repeats = Repeats(graph) if len(graph.nodes) <= MOST_NODES else None
            read = self._alike[look] = _Read(graph, repeats, _modules(graph, repeats, known), bool(known))
        self._reads[id(graph)] = graph, read
        return read

    def _open(self, read: _Read, keys: Collection[str]) -> _Open:
        calls: frozenset[Chain] = frozenset()
        if read.modules is not None:
            around = read.modules.calls_around(keys)
            # What the walk has left is folded anyway.
            self._closed &= around | read.modules.opened
            inner = {call[:length] for call in self._opened for length in range(1, len(call) + 1)}
            calls = (read.modules.opened | around | inner) - self._closed
        units = frozenset() if read.repeats is None else read.repeats.uses_of(keys, self._unrolled)
        return calls, units

    def _made(self, read: _Read, opened: _Open) -> Drawing | None:
        """None where it would take long to lay out."""
        folding = None if read.repeats is None else read.repeats.folded(opened[1])
        if read.modules is not None:
            folding = read.modules.folded(opened[0])
            if folding is not None and len(folding.graph.nodes) <= MOST_NODES:
                folding = _repeats_in(folding, self._unrolled)
            if folding is None or len(folding.graph.nodes) > MOST_AT_ONCE:
                return None
            sizes = window_sizes(folding.graph)
            return folding.graph, lay_out_framed(folding, sizes, self._memory), folding
        graph = read.graph if folding is None else folding.graph
        return (graph, lay_out(graph, window_sizes(graph)), folding) if small(graph) else None


def _repeats_in(folding: Folding, unrolled: Collection[str]) -> Folding:
    """What repeats among the things that are drawn: uses of one parameter without any module."""
    repeats = Repeats(folding.graph)
    inside = [key for key in folding.frames if key not in folding.blocks]
    again = repeats.folded(repeats.uses_of(inside, unrolled))
    return folding if again is None else folded_again(folding, again)


def _modules(graph: Graph, repeats: Repeats | None, known: Mapping[str, Chain] | None) -> ModuleFolds | None:
    """The modules of a graph, if they are worth folding."""
    if len(graph.nodes) > MOST_WITH_MODULES:
        return None
    modules = ModuleFolds(graph, known)
    nested = any(len(call) > 1 for call in modules.calls)
    if not modules.calls or not (nested or len(graph.nodes) > LEAST_NODES):
        return None
    return None if not nested and repeats is not None and _suffice(repeats, modules) else modules


def _suffice(repeats: Repeats, modules: ModuleFolds) -> bool:
    """Whether a graph of modules side by side is small enough once its repeats are folded."""
    if not repeats.owners or any(modules.uses(owner) != repeats.uses(owner) for owner in repeats.owners):
        return False
    folding = repeats.folded(())
    return folding is not None and len(folding.graph.nodes) <= MOST_DRAWN
