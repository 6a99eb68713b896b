"""How far a step has come at one place of the cursor: what the graph view lights up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    event = recording.events[number]
    # Keys belong to one pass: what happened in the others is seen in their graphs.
    done = [each for each in recording.events[: number + 1] if each.backward_pass == event.backward_pass]
    graph = recording.graph_at(number)
    node_of = {each.name: each.node for each in recording.parameters}
    existing = {key for each in done for key in _touched(each)}
    existing.update(_made_elsewhere(recording, graph, number))
    backward = [each for each in done if each.kind is EventKind.NODE]
    updated = {node_of.get(change.parameter) for each in done for change in each.changes}
    return Progress(
        phase=event.phase,
        current=frozenset(_at_cursor(recording, event, node_of)),
        waiting=frozenset(node.key for node in graph.nodes if node.key not in existing),
        differentiated=frozenset(key for each in backward for key in each.nodes),
        updated=frozenset(key for key in updated if key is not None),
        edges=frozenset(edge for each in backward if each is not event for edge in _edges(each)),
        current_edges=frozenset(_edges(event)) if event.kind is EventKind.NODE else frozenset(),
        failed=event.node if event.error else None,
    )


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
