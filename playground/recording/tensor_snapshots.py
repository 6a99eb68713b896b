"""Snapshots of tensors, taken once as long as a tensor is the same object in the same state.

A step shows each tensor several times: as a result, as an argument, as a gradient that leaves one node
and enters the next. Finding out from its memory that nothing has changed takes longer than all else.
"""

from __future__ import annotations

import weakref
from typing import TypeGuard

from torch import Tensor

from playground.recording.snapshot import Snapshot
from playground.recording.snapshotting import SnapshotTaker
from playground.tracing.torch_functions import is_readable


class TensorSnapshots:
    """Remembers what was taken of which object, for as long as nothing is written."""

    def __init__(self, taker: SnapshotTaker) -> None:
        """Takes with the limits of this taker."""
        self._taker = taker
        self._known: dict[int, tuple[weakref.ref[Tensor], int, bool, Snapshot]] = {}

    def is_tensor(self, value: object) -> TypeGuard[Tensor]:
        """Whether it is one."""
        return isinstance(value, Tensor)

    def take(self, value: object) -> Snapshot | None:
        """A snapshot of a tensor; None for anything else, and for one that cannot be read."""
        if not isinstance(value, Tensor):
            return None
        known = self._known.get(id(value))
        if known is not None:
            reference, version, requires_grad, snapshot = known
            same = reference() is value and value._version == version
            if same and value.requires_grad is requires_grad:
                return snapshot
        taken = self._taker.tensor(value) if is_readable(value) else None
        if taken is not None and not value.is_inference():
            self._known[id(value)] = weakref.ref(value), value._version, value.requires_grad, taken
        return taken

    def know(self, value: Tensor, snapshot: Snapshot) -> None:
        """Says what a tensor is, where its memory has only changed hands."""
        if is_readable(value) and not value.is_inference():
            self._known[id(value)] = weakref.ref(value), value._version, value.requires_grad, snapshot

    def forget(self) -> None:
        """Something was written: perhaps into a tensor whose version does not tell."""
        self._known.clear()
