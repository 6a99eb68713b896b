"""How much a step held for backward, now and at most, in words."""

from __future__ import annotations

from playground.recording.ledger import MemoryLedger
from ui.widgets.tensor.text import short_bytes_text


def peak_text(memory: MemoryLedger) -> str:
    """The most that was held at once, and when: `"peak 3.4 MB at event 12"`; "" if nothing was."""
    peak = memory.peak
    return f"peak {short_bytes_text(peak)} at event {memory.totals.index(peak) + 1}" if peak else ""


def memory_text(memory: MemoryLedger, peak: str, cursor: int | None) -> str:
    """`"saved for backward: 1.2 MB now, peak 3.4 MB at event 12"`.

    Args:
        memory: of the step.
        peak: what `peak_text` says of it.
        cursor: number of the event after which it is now, or None.
    """
    now = "" if cursor is None else f"{short_bytes_text(held_at(memory, cursor))} now, "
    return f"saved for backward: {now}{peak}" if peak else ""


def held_at(memory: MemoryLedger, cursor: int) -> int:
    """Bytes held after an event; after one that follows all that was watched, as at the end."""
    return memory.totals[min(cursor, len(memory.totals) - 1)] if memory.totals else 0
