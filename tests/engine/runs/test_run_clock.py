"""The time that a run has taken."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.runs.clock import MOST_SAMPLES, RunClock


def test_a_clock_starts_at_nothing() -> None:
    clock = RunClock()
    assert clock.seconds == 0
    assert clock.seconds_of(np.array([0, 1, 500])).tolist() == [0, 0, 0]


def test_between_two_readings_time_goes_evenly_and_after_them_at_the_runs_pace() -> None:
    clock = RunClock()
    for step, seconds in ((10, 1.0), (20, 5.0), (40, 8.0)):
        clock.note(step, seconds)
    assert clock.seconds == 8
    steps = np.array([0, 5, 10, 15, 20, 30, 40, 50])
    assert clock.seconds_of(steps).tolist() == [0, 0.5, 1, 3, 5, 6.5, 8, 10]


def test_a_reading_without_a_new_step_tells_nothing() -> None:
    clock = RunClock()
    clock.note(10, 1.0)
    clock.note(10, 9.0)
    clock.note(5, 2.0)
    assert (clock.seconds, clock.samples) == (1, 2)


def test_time_does_not_run_backwards() -> None:
    clock = RunClock()
    clock.note(10, 2.0)
    clock.note(20, 1.9)
    clock.note(30, 4.0)
    assert clock.seconds_of(np.array([10, 20, 30])).tolist() == [2, 2, 4]


@pytest.mark.parametrize("seconds", [-0.1, math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="allowed: a finite number of at least 0"):
        RunClock().note(1, seconds)


@pytest.mark.parametrize("readings", [1999, 2000, 2001, 5000, 100_000])
def test_a_clock_stays_small_and_true(readings: int) -> None:
    clock = RunClock()
    steps = np.arange(1, readings + 1) * 7

    def seconds(step: int) -> float:
        return math.pow(step, 1.5) / 1000

    for step in steps.tolist():
        clock.note(step, seconds(step))
        assert clock.samples <= MOST_SAMPLES
    assert clock.samples > min(readings, MOST_SAMPLES // 2 - 1)
    # The newest reading is always there.
    assert clock.seconds_of(steps[-1:])[0] == clock.seconds == seconds(int(steps[-1]))
    times = clock.seconds_of(steps)
    assert (np.diff(times) > 0).all()
    np.testing.assert_allclose(times, steps**1.5 / 1000, atol=2e-3 * clock.seconds)
