"""Chooses what of a run's graphs is drawn folded, and lays it out at once: folded graphs are small."""

from __future__ import annotations

from collections.abc import Collection

from playground.graph.folding import Folding, Repeats, Unit
from playground.graph.layout import Layout, lay_out, small
from playground.graph.model import Graph
from playground.graph.sizes import window_sizes

MOST_NODES = 2000
"""Larger graphs are not looked through for what repeats: it would hold up the window."""
MUCH_ROOM = 18
"""A graph that leaves so many places of a shared layout free is laid out on its own."""
_MOST_KEPT = 128


class Folds:
    """Remembers what was folded: graphs return, and a cursor goes back and forth."""

    def __init__(self) -> None:
        """Nothing has been drawn yet."""
        self._repeats: dict[int, Repeats] = {}
        self._drawings: dict[tuple[int, frozenset[Unit]], tuple[Graph, Layout, Folding | None] | None] = {}

    def drawing(
        self, graph: Graph, layout: Layout | None, keys: Collection[str]
    ) -> tuple[Graph, Layout | None, Folding | None]:
        """What to draw for a graph.

        Args:
            graph: the whole of it.
            layout: of it, perhaps with places for other graphs too; None while it is being made.
            keys: nodes that have to be seen: the uses that they belong to are not folded.

        Returns:
            The folded graph, its layout and how it was folded; what was given, and None, if nothing repeats.
        """
        if len(graph.nodes) > MOST_NODES:
            return graph, layout, None
        # What is kept holds its graph, so no other graph can take its number.
        repeats = self._repeats.get(id(graph))
        if repeats is None:
            if len(self._repeats) >= _MOST_KEPT:
                self._repeats.clear()
                self._drawings.clear()
            repeats = self._repeats[id(graph)] = Repeats(graph)
        place = id(graph), repeats.uses_of(keys)
        if place not in self._drawings:
            if len(self._drawings) >= _MOST_KEPT:
                self._drawings.clear()
            self._drawings[place] = _made(repeats, place[1])
        found = self._drawings[place]
        alone = layout is None or len(layout.boxes) > len(graph.nodes) + MUCH_ROOM
        if found is None or (found[2] is None and not alone):
            return graph, layout, None
        return found


def _made(repeats: Repeats, opened: frozenset[Unit]) -> tuple[Graph, Layout, Folding | None] | None:
    """None where that would take long."""
    folding = repeats.folded(opened)
    graph = repeats.graph if folding is None else folding.graph
    return (graph, lay_out(graph, window_sizes(graph)), folding) if small(graph) else None
