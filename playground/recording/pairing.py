"""A recorded step beside the same step with something changed: each tensor with what it would have been."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.graph.model import Graph
from playground.recording.model import NodeRecord, Recording
from playground.recording.snapshot import Snapshot

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class NodeChange:
    """How far a node of the graph is from what it was: ‖changed − real‖ / ‖real‖, elements as one vector.

    Attributes:
        value: of its result; 0 if no element differs, infinite where all were 0, NaN where it is not known.
        gradient: of the gradient of the loss by it, likewise.
    """

    value: float = 0.0
    gradient: float = 0.0


def same_events(real: Recording, changed: Recording) -> bool:
    """Whether the same operations ran, in the same order."""
    return [each.op for each in real.events] == [each.op for each in changed.events]


def paired(real: Recording, changed: Recording) -> Recording:
    """The real recording, in which each tensor that differs has the changed one's as its `twin`.

    Args:
        real, changed: of two steps with the same events.
    """
    merged = _merged(real, changed, {})
    assert isinstance(merged, Recording), "as the first is"
    return merged


def node_changes(recording: Recording) -> tuple[dict[str, NodeChange], ...]:
    """What differs in the graph of each pass, by key of the node; what does not is left out.

    Args:
        recording: as `paired` gives it; without a pass its one graph counts as that of the first.
    """
    graphs = [each.nodes for each in recording.passes] or [recording.nodes]
    return tuple(dict(_changed_nodes(nodes)) for nodes in graphs)


def relative_change(value: Snapshot | None) -> float:
    """‖twin − value‖ / ‖value‖; see `NodeChange`."""
    if value is None or value.twin is None:
        return 0.0
    moved_by = None if value.difference is None else value.difference.values
    if moved_by is None or value.values is None:
        return math.nan
    with np.errstate(all="ignore"):
        moved = float(np.linalg.norm(moved_by.astype(np.float64)))
        size = float(np.linalg.norm(value.values.astype(np.float64)))
    if not math.isfinite(moved) or not math.isfinite(size):
        return math.nan
    return moved / size if size else math.inf


def differing(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Which elements differ; two that are NaN do not."""
    found: np.ndarray[Any, Any] = (one != other) & ~((one != one) & (other != other))
    return found


def _changed_nodes(nodes: Mapping[str, NodeRecord]) -> Iterator[tuple[str, NodeChange]]:
    for key, record in nodes.items():
        change = NodeChange(relative_change(record.value), relative_change(record.gradient))
        if change != NodeChange():
            yield key, change


def _merged(real: object, changed: object, known: dict[int, Snapshot]) -> object:
    """The real one, each tensor in it with its twin; itself where nothing differs."""
    if isinstance(real, Snapshot):
        return _beside(real, changed, known)
    if isinstance(real, tuple) and isinstance(changed, tuple) and type(real) is tuple:
        if len(real) != len(changed):
            return real
        merged = tuple(_merged(one, other, known) for one, other in zip(real, changed, strict=True))
        return merged if any(one is not other for one, other in zip(real, merged, strict=True)) else real
    if isinstance(real, Mapping) and isinstance(changed, Mapping):
        return {key: _merged(value, changed.get(key), known) for key, value in real.items()}
    if is_dataclass(real) and type(real) is type(changed) and not isinstance(real, type | Graph):
        return _merged_fields(real, changed, known)
    return real


def _merged_fields(real: DataclassInstance, changed: object, known: dict[int, Snapshot]) -> object:
    found = {}
    for each in fields(real):
        before = getattr(real, each.name)
        after = _merged(before, getattr(changed, each.name), known) if each.init else before
        if after is not before:
            found[each.name] = after
    return replace(real, **found) if found else real


def _beside(real: Snapshot, changed: object, known: dict[int, Snapshot]) -> Snapshot:
    # One tensor is one snapshot, however often the step used it; so it is in the pair.
    if id(real) not in known:
        differs = isinstance(changed, Snapshot) and _differs(real, changed)
        known[id(real)] = real.beside(changed) if differs and isinstance(changed, Snapshot) else real
    return known[id(real)]


def _differs(real: Snapshot, changed: Snapshot) -> bool:
    if real.shape != changed.shape:
        return False
    if real.values is None or changed.values is None:
        return not real.is_alike(changed)
    return bool(differing(real.values, changed.values).any())
