"""A graph against an earlier one: which nodes and edges of two scenes differ, and how it is told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from playground.graph.difference import GraphDifference, difference
from playground.graph.layout import EdgeKey
from playground.graph.model import Graph, Node
from playground.graph.sizes import shape_text
from ui.panels.graph.scene import Scene, Scenes


class Change(Enum):
    """What became of a node or an edge since the earlier graph, in a word of the legend."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    CHANGED = "changed"


NO_CHANGES: Mapping[int, Change] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """A scene against the scene of an earlier graph, drawn with the same layout.

    Attributes:
        difference: the same by keys, undrawn nodes included.
        before: the earlier graph, as far as the layout has places for it.
        nodes, edges: what has changed, by places in the present scene; what has not is left out.
        gone, gone_edges: what vanished, by places in `before`.
        rewired, unwired: new and old edges between nodes which both graphs have: no node tells of them.
        undrawn: how many vanished nodes have no place.
    """

    difference: GraphDifference
    before: Scene
    nodes: Mapping[int, Change]
    edges: Mapping[int, Change]
    gone: Mapping[int, Change]
    gone_edges: Mapping[int, Change]
    rewired: tuple[EdgeKey, ...]
    unwired: tuple[EdgeKey, ...]
    undrawn: int

    def in_words(self) -> str:
        """In one line: "8 nodes appeared, 3 vanished (not drawn), 10 stayed"."""
        words, vanished = self.difference.in_words(), len(self.difference.vanished)
        if not self.undrawn:
            return words
        remark = "not drawn" if self.undrawn == vanished else f"{self.undrawn} of them not drawn"
        return words.replace(f"{vanished} vanished", f"{vanished} vanished ({remark})")

    @property
    def kinds(self) -> frozenset[Change]:
        """What a legend has to explain: a change of shape or type is rare enough to be left out else."""
        usual = frozenset({Change.APPEARED, Change.VANISHED})
        return usual | {Change.CHANGED} if self.difference.changed else usual

    def facts(self, scene: Scene, index: int) -> list[str]:
        """What the comparison tells of a node of the present scene, a line each."""
        change = self.nodes.get(index)
        if change is Change.APPEARED:
            return ["appeared: the earlier graph does not have it"]
        if change is Change.CHANGED:
            return [f"changed: it was {_kind(self.before.graph.node(scene.nodes[index].key))}"]
        return []


class Comparer:
    """Compares scenes with one earlier graph, and remembers the answers."""

    def __init__(self, scenes: Scenes, before: Graph | None) -> None:
        """Compares with `before`, placed by these scenes' layout; with None, with nothing."""
        self.before = before
        self._scenes = scenes
        self._known: dict[Scene, Contrast] = {}

    def contrast(self, scene: Scene | None) -> Contrast | None:
        """How this scene differs from the earlier graph; None if one of them is missing."""
        if scene is None or self.before is None:
            return None
        if scene not in self._known:
            if any(other.geometry is not scene.geometry for other in self._known):
                self._known.clear()
            before = self._scenes.scene(self.before, scene.geometry.layout)
            self._known[scene] = compare(before, scene)
        return self._known[scene]


def compare(before: Scene, after: Scene) -> Contrast:
    """How the later scene differs from the earlier one."""
    found = difference(before.graph, after.graph)
    kinds = dict.fromkeys(found.appeared, Change.APPEARED) | dict.fromkeys(found.changed, Change.CHANGED)
    gone = _nodes(before, dict.fromkeys(found.vanished, Change.VANISHED))
    edges = _edges(after, dict.fromkeys(found.new_edges, Change.APPEARED))
    gone_edges = _edges(before, dict.fromkeys(found.old_edges, Change.VANISHED))
    return Contrast(
        difference=found,
        before=before,
        nodes=_nodes(after, kinds),
        edges=edges,
        gone=gone,
        gone_edges=gone_edges,
        rewired=_between_stayed(after, edges, found),
        unwired=_between_stayed(before, gone_edges, found),
        undrawn=len(found.vanished) - len(gone),
    )


def _nodes(scene: Scene, changes: Mapping[str, Change]) -> dict[int, Change]:
    keys = ((place, node.key) for place, node in enumerate(scene.nodes))
    return {place: changes[key] for place, key in keys if key in changes}


def _edges(scene: Scene, changes: Mapping[EdgeKey, Change]) -> dict[int, Change]:
    keys = ((place, edge.key) for place, edge in enumerate(scene.edges))
    return {place: changes[key] for place, key in keys if key in changes}


def _between_stayed(scene: Scene, places: Iterable[int], found: GraphDifference) -> tuple[EdgeKey, ...]:
    keys = (scene.edges[place].key for place in places)
    return tuple(key for key in keys if found.stayed.issuperset(key[:2]))


def _kind(node: Node | None) -> str:
    """Shape, type and device of a node: what makes a changed one differ."""
    if node is None:
        return "unknown"
    shape = "of unknown shape" if node.shape is None else shape_text(node.shape)
    return " ".join(part for part in (shape, node.dtype, f"on {node.device}" if node.device else "") if part)
