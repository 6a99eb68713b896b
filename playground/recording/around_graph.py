"""What a recorded step has around its graph: what nodes hold for backward, and what is not in the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playground.graph.model import GraphKind, Phase
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording


@dataclass(frozen=True, slots=True)
class Held:
    """What a node has put aside for its backward.

    Attributes:
        parts: each tensor in the program's words, with its bytes.
        nbytes: of all of them; a storage that several share counts once.
        is_freed: whether backward has used the node, and let go of them.
    """

    parts: tuple[tuple[str, int], ...]
    nbytes: int
    is_freed: bool


@dataclass(frozen=True, slots=True)
class Outsider:
    """Something that the step did, or used, which is not in the graph.

    Attributes:
        label: in the program's words: `"x"`; of an update `"update"`.
        shape: of the tensor; None for an update.
        nodes: keys of the nodes that used it; of an update, of the parameters that it changed.
        reason: why it is not in the graph, in a sentence.
        is_update: whether it is the update.
    """

    label: str
    shape: tuple[int, ...] | None
    nodes: tuple[str, ...]
    reason: str
    is_update: bool = False


def held_at(recording: Recording, number: int) -> Mapping[str, Held]:
    """What the nodes hold for backward once event `number` has run, by key, in the graph of its pass."""
    found = recording.pass_at(number)
    owner = None if found is None else found.number
    parts: dict[str, list[tuple[str, int]]] = {}
    storages: dict[str, dict[int, int]] = {}
    held: set[str] = set()
    for each in recording.memory.saved:
        node = each.node
        if node is None or each.backward_pass != owner or (each.made_by or 0) > number:
            continue
        if node not in parts:
            parts[node], storages[node] = [], {}
        parts[node].append((each.label or each.name, each.nbytes))
        storages[node][each.storage] = each.nbytes
        if each.freed_by is None or each.freed_by > number:
            held.add(node)
    return {key: Held(tuple(parts[key]), sum(storages[key].values()), key not in held) for key in parts}


def outside_of(recording: Recording, number: int) -> tuple[Outsider, ...]:
    """What the graph of the pass in which an event stands leaves out; a trace leaves nothing out."""
    graph = recording.graph_at(number)
    if graph.kind is not GraphKind.AUTOGRAD:
        return ()
    keys = {node.key for node in graph.nodes}
    owner = recording.events[number].backward_pass
    events = [event for event in recording.events if event.backward_pass == owner]
    return (*_inputs(events, keys), *_update(recording, keys))


def outside_in_words(outsiders: tuple[Outsider, ...]) -> str:
    """One short line: `"x and y need no gradient: not in the graph."`; "" if there is nothing."""
    names = [each.label for each in outsiders if not each.is_update]
    if not names:
        return ""
    shown = names if len(names) <= _MOST_NAMES else [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{listed} {'needs' if len(names) == 1 else 'need'} no gradient: not in the graph."


_MOST_NAMES = 3


def _inputs(events: list[Event], keys: set[str]) -> Iterator[Outsider]:
    """Tensors that nodes of the graph were computed from, and that require no gradient."""
    users: dict[str, list[str]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for event in events:
        if event.kind is not EventKind.OPERATION or event.node not in keys:
            continue
        for port in event.inputs:
            value = port.value
            if port.node is None and value is not None and not value.requires_grad and port.label:
                users.setdefault(port.label, []).append(event.node or "")
                shapes.setdefault(port.label, value.shape)
    for label in users:
        reason = f"{label} needs no gradient (requires_grad is False), so autograd has no node for it."
        yield Outsider(label, shapes[label], tuple(dict.fromkeys(users[label])), reason)


def _update(recording: Recording, keys: set[str]) -> Iterator[Outsider]:
    changed = [
        change.parameter
        for event in recording.events
        if event.phase is Phase.UPDATE
        for change in event.changes
    ]
    node_of = {each.name: each.node for each in recording.parameters}
    nodes = [key for name in dict.fromkeys(changed) if (key := node_of.get(name)) in keys and key is not None]
    if nodes:
        reason = "The update runs under no_grad: autograd records nothing of it."
        yield Outsider("update", None, tuple(nodes), reason, is_update=True)
