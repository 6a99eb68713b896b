"""What two graphs have in common, and what only one of them has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from playground.graph.model import Graph

EdgeKey: TypeAlias = tuple[str, str, int]
"""Keys of the nodes at an edge's source and target (as in `Edge`), and its input index."""


@dataclass(frozen=True, slots=True)
class GraphDifference:
    """Nodes by key and edges by their ends, sorted by where they are.

    Attributes:
        appeared, vanished, stayed: nodes that only the later graph has, only the earlier, or both.
        new_edges, old_edges: edges that only the later graph has, or only the earlier.
        changed: nodes of both whose shape, type or device is another.
    """

    appeared: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()
    stayed: frozenset[str] = frozenset()
    new_edges: frozenset[EdgeKey] = frozenset()
    old_edges: frozenset[EdgeKey] = frozenset()
    changed: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether the graphs are alike."""
        return not (self.appeared or self.vanished or self.new_edges or self.old_edges or self.changed)

    def in_words(self) -> str:
        """In one line: `"8 nodes appeared, none vanished, 10 stayed"`."""
        if self.is_empty:
            return f"the same structure: all {len(self.stayed)} nodes stayed"
        parts = [
            f"{_count(self.appeared, 'node')} appeared",
            f"{len(self.vanished) or 'none'} vanished",
            f"{len(self.stayed) or 'none'} stayed",
        ]
        if self.changed:
            parts.append(f"{len(self.changed)} of them changed")
        return ", ".join(parts)


def difference(before: Graph, after: Graph) -> GraphDifference:
    """Compares two graphs of one run.

    Nodes are the same if their keys are: keys name the parameter or the module and count its calls, so
    that the third use of a layer is the third use in either graph. Edges are the same if their ends are,
    and the input that they lead to.

    Args:
        before, after: the earlier and the later one.
    """
    old = {node.key: node for node in before.nodes}
    new = {node.key: node for node in after.nodes}
    old_edges, new_edges = frozenset(_edges(before)), frozenset(_edges(after))
    common = old.keys() & new.keys()
    changed = {
        key
        for key in common
        if (old[key].shape, old[key].dtype, old[key].device)
        != (new[key].shape, new[key].dtype, new[key].device)
    }
    return GraphDifference(
        appeared=frozenset(new.keys() - old.keys()),
        vanished=frozenset(old.keys() - new.keys()),
        stayed=frozenset(common),
        new_edges=new_edges - old_edges,
        old_edges=old_edges - new_edges,
        changed=frozenset(changed),
    )


def _edges(graph: Graph) -> Iterator[EdgeKey]:
    key_of = {node.id: node.key for node in graph.nodes}
    for edge in graph.edges:
        yield key_of[edge.source], key_of[edge.target], edge.input_index


def _count(items: frozenset[str], word: str) -> str:
    count = len(items)
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"
