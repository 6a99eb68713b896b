"""A changed step in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_DIGITS = range(4, 10)


@dataclass(frozen=True, slots=True)
class Changed:
    """One change.

    Attributes:
        label: what is changed: `"w1[3, 7]"`.
        value: that it has.
        before: that it had; None of a whole row or column.
    """

    label: str
    value: float
    before: float | None


def question(changes: Sequence[Changed]) -> str:
    """`"What if w1[3, 7] were 0.5 instead of 0.0213"`; several changes are joined by "and"."""
    parts = [_part(each) for each in changes]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"What if {listed}"


def loss_words(before: float | None, after: float | None) -> str:
    """`"loss 312.4 → 318.9"`, with so many digits that the two differ; `"loss 312.4, the same"`."""
    if before is None:
        return "no loss"
    if after is None:
        return f"loss {before:.4g} → none"
    if before == after:
        return f"loss {before:.4g}, the same"
    digits = next((each for each in _DIGITS if f"{before:.{each}g}" != f"{after:.{each}g}"), _DIGITS[-1])
    return f"loss {before:.{digits}g} → {after:.{digits}g}"


def progress_words(done: int, of: int) -> str:
    """How far the steps before it are made again."""
    return "computing …" if not of else f"step {done:,} of {of:,} is made again …".replace(",", "\u00a0")


def _part(change: Changed) -> str:
    instead = "" if change.before is None else f" instead of {change.before:.4g}"
    return f"{change.label} were {change.value:.6g}{instead}"
