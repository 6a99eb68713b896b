"""A recording's parts as plain data for JSON, each tensor written once."""

from __future__ import annotations

import math

from playground.recording.ledger import Contribution, GradientLedger, MemoryLedger
from playground.recording.snapshot import Snapshot


class PlainValues:
    """Writes the tensors of a recording into one list, each once.

    Attributes:
        written: what has been written so far; see `Snapshot.to_plain`.
    """

    def __init__(self) -> None:
        """The list is empty at first."""
        self.written: list[dict[str, object]] = []
        self._places: dict[Snapshot, int] = {}

    @property
    def snapshots(self) -> list[Snapshot]:
        """What has been written, in the same order."""
        return list(self._places)

    def place(self, value: Snapshot | None) -> int | None:
        """Where a tensor stands in the list, None for none; it is written the first time."""
        if value is None:
            return None
        place = self._places.setdefault(value, len(self.written))
        if place == len(self.written):
            self.written.append(value.to_plain())
        return place

    def contribution(self, each: Contribution) -> dict[str, object]:
        """What one use of a parameter adds, as plain data."""
        return {
            "label": each.label,
            "event": each.event,
            "source": each.source,
            "line": each.line,
            "pass": each.backward_pass,
            "norm": norm_of(each.value),
            "value": self.place(each.value),
        }


def plain_gradients(ledger: GradientLedger, values: PlainValues) -> dict[str, object]:
    """What happened to one tensor's `.grad`, as plain data."""
    return {
        "name": ledger.name,
        "leaf": ledger.is_leaf,
        "entries": [
            {
                "cause": str(entry.cause),
                "event": entry.event,
                "line": entry.line,
                "pass": entry.backward_pass,
                "before": values.place(entry.before),
                "after": values.place(entry.after),
                "before_norm": norm_of(entry.before),
                "after_norm": norm_of(entry.after),
                "contributions": [values.contribution(each) for each in entry.contributions],
            }
            for entry in ledger.entries
        ],
    }


def plain_memory(memory: MemoryLedger) -> dict[str, object]:
    """What was held for backward, as plain data."""
    return {
        "peak_bytes": memory.peak,
        "totals": list(memory.totals),
        "saved": [
            {
                "name": each.name,
                "label": each.label,
                "node": each.node,
                "pass": each.backward_pass,
                "bytes": each.nbytes,
                "storage": each.storage,
                "made_by": each.made_by,
                "freed_by": each.freed_by,
            }
            for each in memory.saved
        ],
    }


def norm_of(value: Snapshot | None) -> float | None:
    """The norm of a tensor; None if there is none, or if it is not finite."""
    return None if value is None else finite(value.statistics.norm)


def finite(number: float | None) -> float | None:
    """The number, or None if JSON has no word for it."""
    return number if number is not None and math.isfinite(number) else None
