"""Places to run to: which step is the first of which something holds, against a plain search."""

from __future__ import annotations

import math

import pytest

from playground.halting import Halt, HaltKind
from playground.history import History
from playground.pace import FULL_SPEED, PACES, is_played, pace_name, pace_text, position_named

STEPS = ((9.0, 0, 0), (5.0, 2, 1), (5.5, 0, 0), (0.5, 1, 2), (math.nan, 3, 3))
"""Loss, depth and graph variant of each step."""


def first_reached(halt: Halt, known_variants: int = 1) -> int | None:
    history = History(len(STEPS))
    for step, (loss, depth, structure) in enumerate(STEPS):
        history.append(loss, depth, structure)
        if halt.reached(history, known_variants):
            return step
    return None


@pytest.mark.parametrize(
    ("halt", "step"),
    [
        (Halt(HaltKind.STEP, 2), 2),
        (Halt(HaltKind.STEP, 99), None),
        (Halt(HaltKind.LOSS_BELOW, 6.0), 1),
        (Halt(HaltKind.LOSS_BELOW, 5.0), 3),
        (Halt(HaltKind.DEPTH, 1), 3),
        (Halt(HaltKind.DEPTH, 7), None),
        (Halt(HaltKind.VARIANT), 1),
        (Halt(HaltKind.NOT_FINITE), 4),
        (Halt(HaltKind.GRADIENT_ABOVE, 1.0), None),
    ],
)
def test_the_first_step_that_is_meant(halt: Halt, step: int | None) -> None:
    assert first_reached(halt) == step


def test_a_variant_that_was_seen_before_is_not_new() -> None:
    assert first_reached(Halt(HaltKind.VARIANT), known_variants=3) == 4


def test_a_gradient_is_compared_with_its_bound() -> None:
    history = History(1)
    history.append(1.0, -1, 0)
    halt = Halt(HaltKind.GRADIENT_ABOVE, 10.0)
    assert halt.needs_gradients
    assert not halt.reached(history, 1, 10.0)
    assert not halt.reached(history, 1, None)
    assert "10.5" in halt.reached(history, 1, 10.5)
    assert "inf" in halt.reached(history, 1, math.inf)


def test_paces_rise_and_have_names() -> None:
    assert PACES == (1, 3, 10, 30, 100, 300, FULL_SPEED)
    assert [position_named(pace_name(position)) for position in range(7)] == list(range(7))
    assert position_named("7") is None
    assert [is_played(pace) for pace in PACES] == [True, True, *[False] * 5]
    assert (pace_text(0), pace_text(2), pace_text(6)) == ("1 step/s", "10 steps/s", "full speed")
