"""How far a step has come at one place of the cursor: what the graph view lights up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from playground.graph.model import Graph, Phase
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording

EdgeKey: TypeAlias = tuple[str, str, int]
"""Keys of the nodes at an edge's source and target (as in `Edge`), and its input index."""

Nodes: TypeAlias = frozenset[str]
Edges: TypeAlias = frozenset[EdgeKey]


@dataclass(frozen=True, slots=True)
class Progress:
    """What has happened to the nodes and edges of a graph; nodes are named by key.

    Attributes:
        phase: the phase that runs.
        current: nodes at the cursor.
        waiting: nodes that do not exist yet: no operation has made or used them so far.
        differentiated: nodes of an autograd graph that backward has reached.
        updated: parameters that have their new value.
        edges: edges along which a gradient has travelled before.
        current_edges: edges along which the gradient travels now.
        failed: the node at which the step failed, once the cursor is there.
    """

    phase: Phase = Phase.FORWARD
    current: Nodes = frozenset()
    waiting: Nodes = frozenset()
    differentiated: Nodes = frozenset()
    updated: Nodes = frozenset()
    edges: Edges = frozenset()
    current_edges: Edges = frozenset()
    failed: str | None = None


def progress_at(recording: Recording, number: int) -> Progress:
    """What the graph looks like when event `number` has run.

    Raises:
        IndexError: there is no such event.
    """
    return StepProgress(recording).at(number)


class StepProgress:
    """Looks a recording through once, to tell quickly how far the step has come at any event."""

    def __init__(self, recording: Recording) -> None:
        """Looks at nothing before it is asked."""
        self._recording = recording
        self._node_of = {each.name: each.node for each in recording.parameters}
        # Keys belong to one pass: what happened in the others is seen in their graphs.
        self._passes: dict[int | None, _PassIndex] = {}

    def at(self, number: int) -> Progress:
        """What the graph looks like when event `number` has run.

        Raises:
            IndexError: there is no such event.
        """
        recording, event = self._recording, self._recording.events[number]
        index = self._passes.get(event.backward_pass)
        if index is None:
            index = self._passes[event.backward_pass] = _PassIndex(recording, event.backward_pass)
        done = bisect_right(index.numbers, number)
        graph = recording.graph_at(number)
        existing = set(chain.from_iterable(index.touched[:done]))
        existing.update(_made_elsewhere(recording, graph, number))
        updated = {self._node_of.get(name) for name in chain.from_iterable(index.updated[:done])}
        is_node = event.kind is EventKind.NODE
        return Progress(
            phase=event.phase,
            current=frozenset(_at_cursor(recording, event, self._node_of)),
            waiting=frozenset(index.keys_of(graph) - existing),
            differentiated=frozenset(chain.from_iterable(index.reached[:done])),
            updated=frozenset(key for key in updated if key is not None),
            edges=frozenset(chain.from_iterable(index.edges[: done - is_node])),
            current_edges=frozenset(_edges(event)) if is_node else frozenset(),
            failed=event.node if event.error else None,
        )


class _PassIndex:
    """What each event of a backward pass does to the pass's graph.

    Attributes:
        numbers: of the events that belong to the pass, in order.
        touched, reached: for each the nodes that it makes or uses, and those that backward reaches in it.
        edges, updated: for each the edges that its gradients travel, and names of parameters that it changes.
    """

    def __init__(self, recording: Recording, number: int | None) -> None:
        events = [each for each in recording.events if each.backward_pass == number]
        self.numbers = [each.number for each in events]
        self.touched = [tuple(_touched(each)) for each in events]
        nodes = [each if each.kind is EventKind.NODE else None for each in events]
        self.reached = [() if each is None else each.nodes for each in nodes]
        self.edges = [() if each is None else tuple(_edges(each)) for each in nodes]
        self.updated = [tuple(change.parameter for change in each.changes) for each in events]
        self._keys: tuple[Graph | None, frozenset[str]] = (None, frozenset())

    def keys_of(self, graph: Graph) -> frozenset[str]:
        """Keys of the nodes of the pass's graph."""
        if self._keys[0] is not graph:
            self._keys = graph, frozenset(node.key for node in graph.nodes)
        return self._keys[1]


def _made_elsewhere(recording: Recording, graph: Graph, number: int) -> Iterator[str]:
    """Nodes that an event made which stands in another pass, and the leaves that these use."""
    if len(recording.passes) < 2:
        return
    records = recording.nodes_at(number)
    made = {key for key, each in records.items() if each.made_by is not None and each.made_by <= number}
    yield from made
    for edge in graph.edges:
        if graph.nodes[edge.source].key in made:
            target = graph.nodes[edge.target].key
            if records[target].made_by is None:
                yield target


def _touched(event: Event) -> Iterator[str]:
    """Nodes that an event makes, and those that it uses: a leaf is there once it is used."""
    yield from event.nodes
    if event.kind is not EventKind.NODE:
        yield from (port.node for port in event.inputs if port.node is not None)


def _at_cursor(recording: Recording, event: Event, node_of: dict[str, str | None]) -> Iterator[str]:
    yield from event.nodes
    for change in event.changes:
        key = node_of.get(change.parameter)
        if key is not None:
            yield key
    parent = None if event.parent is None else recording.events[event.parent]
    if parent is not None:
        yield from parent.nodes


def _edges(event: Event) -> Iterator[EdgeKey]:
    """The edges over which a node of autograd hands its gradients on."""
    for port in event.outputs:
        if event.node is not None and port.node is not None and port.value is not None:
            yield event.node, port.node, port.index
