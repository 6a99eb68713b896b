"""Numbers as people type and read them: from text to number, and what is allowed in words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from playground.setting_specs import short_float

_WHOLE = re.compile(r"[+-]?[0-9](?:[0-9_\s]*[0-9])?")
_LONGEST_WHOLE = 40
"""More digits than any range has; `int` itself refuses texts of some thousand digits."""
_LONGEST_QUOTE = 40
_NO_BREAK_SPACE = "\u00a0"

_SMALLEST_STEP = 1e-6
"""Where a series that may reach zero leaves it, and from where it goes back to zero."""
_MANTISSAS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that a field takes.

    Attributes:
        minimum, maximum: the ends of the range; an infinite one is no bound.
        above_minimum, below_maximum: whether that end itself is left out.
    """

    minimum: float
    maximum: float
    above_minimum: bool = False
    below_maximum: bool = False

    def hold(self, value: float) -> bool:
        """Whether the number is finite and within the bounds."""
        if not math.isfinite(value):
            return False
        above = value > self.minimum if self.above_minimum else value >= self.minimum
        below = value < self.maximum if self.below_maximum else value <= self.maximum
        return above and below

    def first(self) -> float:
        """A number that is held: zero, else the lower end, else the number that follows it.

        A range without a lower end must hold zero.
        """
        if self.hold(0.0):
            return 0.0
        return self.minimum if self.hold(self.minimum) else next_in_series(self.minimum)

    def describe(self) -> str:
        """The range in words: `"a number above 0 and below 1"`."""
        lower, upper = show_float(self.minimum), show_float(self.maximum)
        below = f"{'below' if self.below_maximum else 'at most'} {upper}"
        if math.isinf(self.minimum):
            return "a finite number" if math.isinf(self.maximum) else f"a finite number, {below}"
        at_least = f"above {lower}" if self.above_minimum else f"of at least {lower}"
        if math.isinf(self.maximum):
            return f"a finite number {at_least}"
        if not self.above_minimum and not self.below_maximum:
            return f"a number from {lower} to {upper}"
        return f"a number {at_least} and {below}"


def parse_whole(text: str) -> int | None:
    """The whole number that a text of digits, spaces and underscores names, else None."""
    text = text.strip()
    if not _WHOLE.fullmatch(text):
        return None
    digits = re.sub(r"[_\s]", "", text)
    return int(digits) if len(digits) <= _LONGEST_WHOLE else None


def parse_float(text: str) -> float | None:
    """The finite number that a text names as Python writes it (`"1e-6"`, `".5"`), else None."""
    text = text.strip()
    if not text.isascii():
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    # Adding zero turns -0.0 into 0.0.
    return value + 0.0 if math.isfinite(value) else None


def show_whole(value: int) -> str:
    """A whole number with its thousands set apart: `65 536`, with spaces that never break."""
    return f"{value:_}".replace("_", _NO_BREAK_SPACE)


def show_float(value: float) -> str:
    """The shortest text that gives the same float64 back: `1e-6`, `1e-4`, `0.9`, `1`."""
    return short_float(value)


def quote(text: str) -> str:
    """A typed text on one line, in quotes and cut where it is long, for use in a message."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(line.split())
    if not line:
        return "an empty text"
    if len(line) > _LONGEST_QUOTE:
        line = line[: _LONGEST_QUOTE - 1] + "…"
    return f"‘{line}’"


def next_in_series(value: float) -> float:
    """The next number above in …, 0.1, 0.2, 0.5, 1, 2, 5, 10, …; from zero the first one drawn near it."""
    if value < 0:
        return -previous_in_series(-value)
    if value == 0:
        return _SMALLEST_STEP
    return min(number for number in _series_around(value) if number > value)


def previous_in_series(value: float, *, reaches_zero: bool = True) -> float:
    """The next number below in the same series.

    Args:
        value: any finite number.
        reaches_zero: whether zero follows the smallest step; otherwise the series goes on below it.
    """
    if value <= 0:
        return -next_in_series(-value)
    if reaches_zero and value <= _SMALLEST_STEP:
        return 0.0
    return max(number for number in _series_around(value) if number < value)


def _series_around(value: float) -> list[float]:
    # Parsed from decimal text: 2 * 1e-6 or 10 ** -6 would not always be the float that people type.
    exponent = math.floor(math.log10(value))
    return [float(f"{m}e{e}") for e in range(exponent - 1, exponent + 2) for m in _MANTISSAS]


def clock_text(seconds: float) -> str:
    """A time for people: `"0:04"`, `"1:02:03"`, `"12 days"`."""
    whole = int(seconds + 0.5)
    if whole >= 2 * 86_400:
        return f"{whole // 86_400} days"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
