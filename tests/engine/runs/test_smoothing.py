"""Smoothing, against the plain loop that it stands for."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.history import NO_DEPTH, History
from playground.runs.smoothing import SmoothedHistory, Smoother
from tests.engine.plain_loops import plain_averages

WINDOWS = (1, 2, 3, 10, 30, 100, 1000, 10_000)


def falling(count: int) -> NDArray[np.float64]:
    """Noisy losses that fall by 12 decades."""
    rng = np.random.default_rng(0)
    return np.asarray(3e7 * 10.0 ** np.linspace(0, -12, count) * np.exp(rng.normal(0, 0.5, count)))


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("window", WINDOWS)
def test_equals_the_plain_loop(window: int, logarithmic: bool) -> None:
    losses = falling(30_000)
    averages = Smoother(window, logarithmic).extend(losses)
    np.testing.assert_allclose(averages, plain_averages(losses, window, logarithmic), rtol=1e-9, atol=0)


@pytest.mark.parametrize("window", WINDOWS)
def test_equals_the_plain_loop_where_the_loss_jumps(window: int) -> None:
    rng = np.random.default_rng(1)
    losses = 10.0 ** rng.uniform(-12, 12, 20_000)
    losses[5000:5100] = 0.0
    averages = Smoother(window).extend(losses)
    np.testing.assert_allclose(averages, plain_averages(losses, window, False), rtol=1e-9, atol=0)


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("window", [1, 3, 100, 10_000])
def test_pieces_give_what_the_whole_gives(window: int, logarithmic: bool) -> None:
    losses = falling(5000)
    losses[[0, 1, 700, 701, 4999]] = [math.nan, math.inf, -math.inf, math.nan, math.nan]
    whole = Smoother(window, logarithmic).extend(losses)
    smoother = Smoother(window, logarithmic)
    edges = [0, 0, 1, 2, 3, 40, 701, 702, 703, 2500, 5000]
    pieces = [smoother.extend(losses[edges[i] : edges[i + 1]]) for i in range(len(edges) - 1)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=1e-12, atol=0)
    np.testing.assert_allclose(whole, plain_averages(losses, window, logarithmic), rtol=1e-9, atol=0)


def test_what_cannot_be_averaged_is_left_out() -> None:
    losses = np.array([math.nan, 8.0, math.inf, -math.inf, math.nan, 2.0])
    expected = [math.nan, 8.0, 8.0, 8.0, 8.0, (0.5 * 8 + 2) / 1.5]
    np.testing.assert_allclose(Smoother(3).extend(losses), expected, rtol=1e-14)
    alone = Smoother(3)
    assert math.isnan(alone.extend(losses[:1])[0])
    np.testing.assert_allclose(alone.extend(losses[1:]), expected[1:], rtol=1e-14)


def test_logarithms_leave_out_zero_and_less() -> None:
    averages = Smoother(3, logarithmic=True).extend(np.array([100.0, 0.0, -5.0, 1.0]))
    np.testing.assert_allclose(averages, [100.0, 100.0, 100.0, 10.0 ** (0.5 * 2 / 1.5)], rtol=1e-14)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_first_average_is_the_first_loss_and_a_level_run_stays_level(window: int) -> None:
    averages = Smoother(window).extend(np.full(1000, 0.1))
    np.testing.assert_allclose(averages, 0.1, rtol=1e-12)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_largest_and_the_smallest_numbers_do_not_overflow(window: int) -> None:
    losses = np.full(5000, 1.7e308)
    np.testing.assert_allclose(Smoother(window).extend(losses), losses, rtol=1e-9)
    np.testing.assert_allclose(Smoother(window).extend(-losses), -losses, rtol=1e-9)
    small = np.full(5000, 1e-300)
    np.testing.assert_allclose(Smoother(window).extend(small), small, rtol=1e-9)
    np.testing.assert_allclose(Smoother(window, True).extend(losses), losses, rtol=1e-9)


def test_on_a_logarithmic_axis_the_average_stays_within_a_falling_curve() -> None:
    losses = falling(20_000)
    lag = np.log10(Smoother(1000, True).extend(losses) / losses)[5000:]
    assert abs(np.median(lag)) < 1


def test_a_window_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="window is 0; allowed: 1 or more"):
        Smoother(0)


def test_no_losses_give_no_averages() -> None:
    assert len(Smoother(10).extend(np.empty(0))) == 0


@pytest.mark.parametrize("window", [3, 1000])
def test_a_million_steps_take_far_less_than_the_plain_loop(window: int) -> None:
    losses = falling(1_000_000)
    began = perf_counter()
    Smoother(window).extend(losses)
    between = perf_counter()
    plain_averages(losses, window, False)
    assert between - began < 0.5 * (perf_counter() - between)


def test_a_history_is_followed_as_it_grows() -> None:
    losses = falling(10_000)
    history = History(0)
    smoothed = SmoothedHistory(history, 30, logarithmic=True)
    assert len(smoothed.averages(10)) == 0
    for count in (1, 2, 3000, 10_000):
        for loss in losses[history.length : count].tolist():
            history.append(loss, NO_DEPTH, 0)
        assert len(smoothed.averages(count)) == count
    expected = plain_averages(losses, 30, True)
    np.testing.assert_allclose(smoothed.averages(10_000), expected, rtol=1e-9)
    steps, averages = smoothed.envelope(0, 10_000, 100)
    assert len(steps) <= 202
    np.testing.assert_array_equal(averages, smoothed.averages(10_000)[steps])
