"""Which nodes and edges of a recorded step hold NaN or infinity, and from which event on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from playground.recording.events import EventKind
from playground.recording.model import NodeRecord, Recording, snapshots_of
from playground.recording.progress import EdgeKey
from playground.recording.queries import is_finite
from playground.recording.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Flaw:
    """How many elements of a tensor are not finite; at least one is."""

    nans: int
    infinities: int

    def in_words(self) -> str:
        """`"10 NaN"`, `"6 400 inf"`, `"10 NaN, 3 inf"`."""
        parts = ((self.nans, "NaN"), (self.infinities, "inf"))
        return ", ".join(
            f"{count:,} {word}".replace(",", "\N{NO-BREAK SPACE}") for count, word in parts if count
        )


@dataclass(frozen=True, slots=True)
class FlawedNode:
    """What is not finite at a node.

    Attributes:
        value: in its forward result; of a parameter in its value.
        gradient: in the gradient of the loss by that; None where it is finite or not computed yet.
    """

    value: Flaw | None = None
    gradient: Flaw | None = None

    def in_words(self) -> str:
        """What is written at the node: of the gradient where there is one, since it came last."""
        flaw = self.gradient or self.value
        return "" if flaw is None else flaw.in_words()


def flaw_of(snapshot: Snapshot | None) -> Flaw | None:
    """What is not finite in a tensor; None if all of it is, or if it was not seen."""
    if snapshot is None or is_finite(snapshot):
        return None
    values = snapshot.values
    if values is None:
        return Flaw(snapshot.statistics.nans, snapshot.statistics.infinities)
    return Flaw(int(np.count_nonzero(np.isnan(values))), int(np.count_nonzero(np.isinf(values))))


class FlawFinder:
    """Looks a recording through; each tensor is looked at once."""

    def __init__(self, recording: Recording) -> None:
        """Looks at nothing before it is asked."""
        self._recording = recording
        self._known: dict[int, tuple[Snapshot, Flaw | None]] = {}

    @cached_property
    def _is_clean(self) -> bool:
        """Whether nothing in the whole step is flawed, as it mostly is."""
        return all(self._flaw(value) is None for value in snapshots_of(self._recording))

    def nodes_at(self, number: int) -> Mapping[str, FlawedNode]:
        """The flawed nodes by key once event `number` has run, in the graph of its pass."""
        found: dict[str, FlawedNode] = {}
        if self._is_clean:
            return found
        updated = self._updates(number)
        for key, record in self._recording.nodes_at(number).items():
            value = record.value if record.made_by is None or record.made_by <= number else None
            node = FlawedNode(
                self._flaw(updated.get(key, value)),
                self._flaw(record.gradient if _is_reached(record, number) else None),
            )
            if node.value is not None or node.gradient is not None:
                found[key] = node
        return found

    def edges_at(self, number: int) -> frozenset[EdgeKey]:
        """The edges along which something that is not finite has gone: a result, or a gradient."""
        if self._is_clean:
            return frozenset()
        graph, flawed = self._recording.graph_at(number), self.nodes_at(number)
        keys = [node.key for node in graph.nodes]
        records = self._recording.nodes_at(number)
        forward = (
            (keys[edge.source], keys[edge.target], edge.input_index)
            for edge in graph.edges
            if (found := flawed.get(keys[edge.target])) is not None
            and found.value is not None
            and _is_made(records.get(keys[edge.source]), number)
        )
        return frozenset({*forward, *self._gradients(number)})

    def _gradients(self, number: int) -> Iterator[EdgeKey]:
        owner = self._recording.events[number].backward_pass
        for event in self._recording.events[: number + 1]:
            if event.kind is EventKind.NODE and event.backward_pass == owner and event.node is not None:
                for port in event.outputs:
                    if port.node is not None and self._flaw(port.value) is not None:
                        yield event.node, port.node, port.index

    def _updates(self, number: int) -> dict[str, Snapshot]:
        """The new values of parameters, by the keys of their nodes."""
        node_of = {each.name: each.node for each in self._recording.parameters}
        changes = [change for event in self._recording.events[: number + 1] for change in event.changes]
        found = ((node_of.get(change.parameter), change.after) for change in changes)
        return {key: value for key, value in found if key is not None}

    def _flaw(self, snapshot: Snapshot | None) -> Flaw | None:
        if snapshot is None:
            return None
        if id(snapshot) not in self._known:
            self._known[id(snapshot)] = snapshot, flaw_of(snapshot)
        return self._known[id(snapshot)][1]


def _is_reached(record: NodeRecord, number: int) -> bool:
    return record.reached_by is not None and record.reached_by <= number


def _is_made(record: NodeRecord | None, number: int) -> bool:
    return record is not None and record.made_by is not None and record.made_by <= number
