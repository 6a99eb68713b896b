"""The time of a step: what it is estimated from, and that it is near what a step takes."""

from __future__ import annotations

import pytest

from playground.settings import make_settings
from playground.step_time import Speed, Work, measured_speed, work_of


def test_the_products_of_the_eight_stages_are_counted() -> None:
    sizes = {"batch_size": 2, "input_size": 3, "hidden_size": 5, "output_size": 7}
    # Forward x @ w1 and h @ w2; backward the gradients of w1, w2 and h.
    forward = 2 * 3 * 5 + 2 * 5 * 7
    backward = 3 * 2 * 5 + 5 * 2 * 7 + 2 * 7 * 5
    assert work_of(make_settings(stage="numpy", **sizes)).multiplications == forward + backward
    middle = 3 * (2 * 5 * 5)
    dynamic = work_of(make_settings(stage="dynamic", depth=(4, 4), **sizes))
    assert dynamic.multiplications == forward + backward + 4 * middle


def test_time_is_what_products_and_the_rest_take_together() -> None:
    assert Work(300, 40).seconds(Speed(100.0, 20.0)) == pytest.approx(5.0)


@pytest.mark.parametrize("stage", ["numpy", "autograd"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_machine_is_measured_in_what_a_run_computes_with(stage: str, dtype: str) -> None:
    speed = measured_speed(make_settings(stage=stage, same_start=True, dtype=dtype))
    assert 1e6 < speed.multiplications < 1e15
    assert 1e5 < speed.numbers < 1e15
