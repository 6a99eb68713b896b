"""The index of an element, as people type it."""

from __future__ import annotations

import re

from ui.widgets.number_text import parse_whole, quote

_SEPARATORS = re.compile(r"[\s,]+")


def parse_index(text: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The element that a text names: `[3, 17]`, `3, 17` or `3 17`.

    Raises:
        ValueError: it names none of a tensor of this shape; the message says what is allowed.
    """
    words = [word for word in _SEPARATORS.split(text.strip().strip("[]()").strip()) if word]
    numbers = [parse_whole(word) for word in words]
    index = tuple(number for number in numbers if number is not None)
    inside = all(0 <= number < length for number, length in zip(index, shape, strict=False))
    if len(index) != len(words) or len(index) != len(shape) or not inside:
        raise ValueError(f"element: {quote(text)} is not {_allowed(shape)}")
    return index


def _allowed(shape: tuple[int, ...]) -> str:
    if not shape:
        return "[], the one element"
    ranges = ", ".join(f"0 to {length - 1}" for length in shape)
    count = "a whole number" if len(shape) == 1 else f"{len(shape)} whole numbers"
    return f"{count} from [{ranges}]"
