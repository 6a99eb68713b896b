"""How much memory a recording takes: its tensors, and the objects that tell of them."""

from __future__ import annotations

from playground.recording.model import Recording, snapshots_of

RECORDING, PORT, SNAPSHOT, NODE = 8_000, 380, 300, 500
"""Bytes of Python's objects, measured with tracemalloc over the eight stages: of a small network they are
more than its tensors."""


def bytes_of(recording: Recording) -> int:
    """An estimate of the memory that a recording holds on to, in bytes."""
    kept: dict[int, int] = {}
    snapshots = 0
    for each in snapshots_of(recording):
        snapshots += 1
        # A tensor and its transpose, or its `.data`, share their elements.
        shared = (
            each.picture
            if each.values is None
            else each.values
            if each.values.base is None
            else each.values.base
        )
        kept[id(shared)] = each.kept_bytes
    ports = sum(len(event.inputs) + len(event.outputs) for event in recording.events)
    nodes = len(recording.nodes) + sum(len(each.nodes) for each in recording.passes[1:])
    objects = RECORDING + PORT * ports + SNAPSHOT * snapshots + NODE * nodes
    return sum(kept.values()) + objects
