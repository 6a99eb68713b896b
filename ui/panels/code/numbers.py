"""Numbers of a text that can be scrubbed: where they stand, and what comes before and after each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

SMALL = 0.01
"""Below it a number goes in factors, as one that is written with an exponent does."""
BIG = 10
MANTISSAS = (1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0)
"""Steps of a tenth or a fifth, round and of two digits at most."""


@dataclass(frozen=True, slots=True)
class NumberSpot:
    """A number in the text.

    Attributes:
        line: counted from 1.
        start, end: columns in characters, the end excluded.
        text: what stands there.
        live: whether another value acts at the next step; otherwise the run starts again.
        whole: whether it has to stay a whole number.
        name: what it is called: `"learning_rate"`, `"lr"`.
    """

    line: int
    start: int
    end: int
    text: str
    live: bool
    whole: bool
    name: str


def stepped(text: str, steps: int, *, whole: bool, big: bool = False) -> int | float:
    """The number so many steps above the one that is written, or below it.

    A whole number goes by 1. One with an exponent, or nearer to zero than 0.01, goes through round numbers
    that each lie a tenth or a fifth above the last: 5e-4, 6e-4, 7e-4. Any other goes by one unit of its last
    digit. Big steps are ten of these, or a decade. What is written without a minus does not go below zero.

    Args:
        text: as Python writes it.
        steps: below zero for downwards.
        whole: whether the result must be a whole number.
        big: whether to go in big steps.

    Raises:
        ValueError: the text is no number.
    """
    plain = text.replace("_", "").replace(" ", "")
    if whole:
        value = int(plain, 0) + steps * (BIG if big else 1)
        return max(0, value) if not plain.startswith("-") else value
    start = float(plain)
    if not math.isfinite(start):
        raise ValueError(f"{text} is not finite")
    if "e" in plain.lower() or 0 < abs(start) < SMALL:
        return _by_factors(start, steps, big=big)
    unit = Decimal(1).scaleb(int(Decimal(plain).as_tuple().exponent)) * (BIG if big else 1)
    moved = Decimal(plain) + steps * unit
    return float(moved) if plain.startswith("-") else max(0.0, float(moved))


def _by_factors(start: float, steps: int, *, big: bool) -> float:
    if start == 0 or steps == 0:
        return start
    if start < 0:
        return -_by_factors(-start, -steps, big=big)
    if big:
        moved = float(Decimal(repr(start)).scaleb(steps))
    else:
        exponent = math.floor(math.log10(start))
        series = [float(f"{mantissa}e{exponent}") for mantissa in MANTISSAS]
        last = len(MANTISSAS) - 1
        # The first number of the series above, or below, is one step away.
        above = next((place for place, value in enumerate(series) if value > start), last + 1)
        is_member = start in series
        place = above - 1 + steps + (1 if steps < 0 and not is_member else 0)
        decades, rest = divmod(place, last + 1)
        moved = float(f"{MANTISSAS[rest]}e{exponent + decades}")
    return moved if math.isfinite(moved) and moved > 0 else start
