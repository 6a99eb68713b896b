"""What a number becomes when it is stepped."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.programs.slots import written
from ui.panels.code.numbers import stepped


@pytest.mark.parametrize(
    ("text", "steps", "after"),
    [
        ("5e-4", 1, "6e-4"),
        ("5e-4", -1, "4.5e-4"),
        ("9e-4", 1, "1e-3"),
        ("1e-3", -1, "9e-4"),
        ("1e-6", 2, "1.2e-6"),
        ("1.23e-4", 1, "1.4e-4"),
        ("1.23e-4", -1, "1.2e-4"),
        ("0.005", 1, "6e-3"),
        ("1e5", 1, "1.1e5"),
        ("0.9", -1, "0.8"),
        ("0.9", 1, "1.0"),
        ("0.1", -3, "0.0"),
        ("0.999", -2, "0.997"),
        ("2.0", 1, "2.1"),
        ("-0.5", 6, "0.1"),
        ("-1e-3", 1, "-9e-4"),
    ],
)
def test_a_number_goes_as_it_is_written(text: str, steps: int, after: str) -> None:
    assert float(written(stepped(text, steps, whole=False))) == float(after)


@pytest.mark.parametrize(
    ("text", "steps", "big", "after"),
    [
        ("64", 1, False, 65),
        ("64", -1, True, 54),
        ("1_000", 1, False, 1001),
        ("0", -1, False, 0),
        ("3", -1, True, 0),
        ("-3", -1, False, -4),
        ("0x10", 1, False, 17),
    ],
)
def test_a_whole_number_stays_whole(text: str, steps: int, big: bool, after: int) -> None:
    value = stepped(text, steps, whole=True, big=big)
    assert value == after
    assert isinstance(value, int)


def test_a_big_step_is_ten_units_or_a_decade() -> None:
    assert stepped("0.15", 1, whole=False, big=True) == pytest.approx(0.25)
    assert stepped("5e-4", -2, whole=False, big=True) == 5e-6


@settings(deadline=None)
@given(st.floats(1e-300, 1e-3), st.integers(1, 60))
def test_the_series_rises_by_a_tenth_to_a_quarter_and_goes_back(start: float, steps: int) -> None:
    text = f"{start!r}" if "e" in repr(start) else f"{start:e}"
    first = stepped(text, 1, whole=False)
    values = [stepped(repr(first), step, whole=False) for step in range(steps)]
    assert first > float(text)
    for lower, upper in pairwise(values):
        if "e" not in repr(first) and first >= 0.01:
            continue
        assert 1.09 < upper / lower < 1.21
    if "e" in repr(first):
        there = stepped(repr(first), steps, whole=False)
        if "e" in repr(there):
            assert math.isclose(stepped(repr(there), -steps, whole=False), first)


@pytest.mark.parametrize("text", ["", "x", "1e999", "1.5.2", "nan"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        stepped(text, 1, whole=False)
    with pytest.raises(ValueError, match="invalid literal"):
        stepped(text, 1, whole=True)
