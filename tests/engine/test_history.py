"""The history against plain lists, the envelope against a loop over every step, and both beside a writer."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.history import NO_DEPTH, Envelope, History

Floats = NDArray[np.float64]


def history_of(losses: Floats | list[float], capacity: int = 0) -> History:
    history = History(capacity)
    for step, loss in enumerate(losses):
        history.append(float(loss), step % 100 - 1, step * 3)
    return history


def strange_losses(count: int, seed: int = 0) -> Floats:
    """Losses with ties, zeros, negative ones, and stretches that are not finite."""
    random = np.random.default_rng(seed)
    losses = np.round(random.normal(0, 50, count), 1)
    losses[random.random(count) < 0.02] = np.nan
    losses[random.random(count) < 0.02] = np.inf
    losses[random.random(count) < 0.01] = -np.inf
    start = int(random.integers(0, count))
    losses[start : start + count // 10] = np.nan
    return losses


def bucket_by_bucket(losses: Floats, start: int, stop: int, width: int) -> list[int]:
    """The steps that an envelope should give, found by looking at every loss."""
    steps: set[int] = set()
    begin = start
    while begin < stop:
        end = min((begin // width + 1) * width, stop)
        bucket = losses[begin:end].tolist()
        finite = [(loss, step) for step, loss in enumerate(bucket, begin) if math.isfinite(loss)]
        if finite:
            steps.add(min(finite)[1])
            highest = max(finite)[0]
            steps.add(next(step for loss, step in finite if loss == highest))
        steps.update([step for step, loss in enumerate(bucket, begin) if not math.isfinite(loss)][:1])
        begin = end
    return sorted(steps)


def widths(span: int, buckets: int) -> list[int]:
    """Widths of a bucket that are allowed: what is needed, rounded up by no more than a quarter."""
    least = math.ceil(span / buckets)
    rounded = {math.ceil(least / block) * block for block in (1, 64, 512, 4096, 32_768, 262_144)}
    return [width for width in rounded if width <= 1.25 * least]


def assert_is_envelope(
    points: tuple[NDArray[np.int64], Floats], losses: Floats, start: int, stop: int, buckets: int
) -> None:
    steps, values = points
    np.testing.assert_array_equal(values, losses[steps])
    finite = steps[np.isfinite(values)]
    assert len(finite) <= 2 * buckets + 2
    if stop - start <= 2 * buckets:
        assert steps.tolist() == list(range(start, stop))
    else:
        expected = [bucket_by_bucket(losses, start, stop, each) for each in widths(stop - start, buckets)]
        assert steps.tolist() in expected


def test_gives_back_what_was_appended() -> None:
    losses = [2.5, math.inf, -0.0, 1e-310, 1e308]
    history = history_of(losses, capacity=len(losses))
    assert history.length == len(losses)
    assert [history.loss(step) for step in range(5)] == losses
    assert [history.depth(step) for step in range(5)] == [NO_DEPTH, 0, 1, 2, 3]
    assert [history.structure(step) for step in range(5)] == [0, 3, 6, 9, 12]
    assert history.losses(1, 3).tolist() == losses[1:3]
    assert history.depths(3).tolist() == [2, 3]
    assert history.structures().dtype == np.int32


@pytest.mark.parametrize("step", [-1, 3, 2**40])
def test_a_step_that_has_not_run_is_an_index_error(step: int) -> None:
    history = history_of([1.0, 2.0, 3.0], capacity=10)
    for read in (history.loss, history.depth, history.structure):
        with pytest.raises(IndexError, match=rf"step {step} .*allowed: 0 to 2"):
            read(step)


def test_an_empty_history_has_no_step() -> None:
    history = History(10)
    assert history.length == len(history.losses()) == len(history.envelope(0, 10, 5)[0]) == 0
    with pytest.raises(IndexError, match="no step has run"):
        history.loss(0)


@pytest.mark.parametrize("bounds", [(-5, 2), (1, 99), (2, 1), (7, 9), (0, -1)])
def test_slices_are_cut_to_the_steps_that_ran(bounds: tuple[int, int]) -> None:
    history = history_of([1.0, 2.0, 3.0], capacity=10)
    start, stop = (min(max(each, 0), 3) for each in bounds)
    for read in (history.losses, history.depths, history.structures):
        assert len(read(*bounds)) == max(0, stop - start)


def test_readers_cannot_write() -> None:
    history = history_of([1.0, 2.0])
    for column in (history.losses(), history.depths(), history.structures()):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 7
        with pytest.raises(ValueError, match="WRITEABLE"):
            column.flags.writeable = True


def test_grows_by_itself_and_leaves_old_views_right() -> None:
    history = history_of([1.0, 2.0, 3.0], capacity=3)
    before = history.losses()
    history.append(4.0, 0, 0)
    history.reserve(100_000)
    history.reserve(5)
    assert history.capacity == 100_000
    assert before.tolist() == [1.0, 2.0, 3.0]
    assert history.losses().tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(("depth", "structure"), [(128, 0), (-129, 0), (0, 2**31)])
def test_a_value_that_does_not_fit_adds_nothing(depth: int, structure: int) -> None:
    history = history_of([1.0], capacity=10)
    with pytest.raises(ValueError, match="format"):
        history.append(2.0, depth, structure)
    history.append(3.0, 0, 0)
    assert history.losses().tolist() == [1.0, 3.0]


def test_capacity_must_not_be_negative() -> None:
    with pytest.raises(ValueError, match="capacity is -1"):
        History(-1)


def test_ten_million_steps_take_less_than_200_megabytes() -> None:
    history = History(10_000_000)
    envelope = Envelope()
    # The summary of a million steps, ten times; one more float32 column must fit as well.
    envelope.points(np.zeros(1_000_000), 0, 1_000_000, 100)
    assert history.nbytes + 10 * envelope.nbytes + 4 * 10_000_000 < 200_000_000


@pytest.mark.parametrize("buckets", [1, 3, 50, 700])
@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 1000, 5000, 40_000])
def test_the_envelope_is_that_of_a_loop_over_all_steps(count: int, buckets: int) -> None:
    losses = strange_losses(count, seed=count)
    envelope = Envelope()
    random = np.random.default_rng(buckets)
    ranges = [(0, count), *(sorted(random.integers(0, count + 1, 2).tolist()) for _ in range(4))]
    for start, stop in ranges:
        points = envelope.points(losses, start, stop, buckets)
        assert_is_envelope(points, losses, start, stop, buckets)


def test_the_envelope_of_a_long_history_uses_its_coarse_blocks() -> None:
    losses = strange_losses(700_000)
    envelope = Envelope()
    for start, stop, buckets in ((0, 700_000, 2), (12_345, 698_765, 40)):
        points = envelope.points(losses, start, stop, buckets)
        assert_is_envelope(points, losses, start, stop, buckets)


def test_the_envelope_grows_with_the_history() -> None:
    losses = strange_losses(30_000)
    history = History(0)
    for step, loss in enumerate(losses):
        history.append(float(loss), NO_DEPTH, 0)
        if step % 1777 == 0 or step % 4096 == 4095:
            points = history.envelope(0, step + 1, 20)
            assert_is_envelope(points, losses[: step + 1], 0, step + 1, 20)


def test_a_spike_of_one_step_in_a_million_is_in_the_envelope() -> None:
    losses = np.linspace(2.0, 1.0, 1_000_000)
    losses[654_321], losses[123_456] = 1e6, -1e6
    steps, values = Envelope().points(losses, 0, len(losses), 700)
    assert {654_321, 123_456} <= set(steps.tolist())
    assert len(steps) <= 2 * 700 + 2
    assert (values.max(), values.min()) == (1e6, -1e6)


def test_the_envelope_of_nothing_finite_is_its_gaps() -> None:
    losses = np.full(10_000, np.nan)
    steps, values = Envelope().points(losses, 0, 10_000, 10)
    assert_is_envelope((steps, values), losses, 0, 10_000, 10)
    assert len(steps) >= 8


def test_the_envelope_needs_a_bucket() -> None:
    with pytest.raises(ValueError, match="buckets is 0; allowed: 1 or more"):
        History(1).envelope(0, 1, 0)


def test_a_reader_beside_the_writer_sees_only_finished_steps() -> None:
    steps = 150_000
    history = History(10)
    start = threading.Barrier(2)

    def write() -> None:
        start.wait()
        for step in range(steps):
            history.append(step * 0.5, step % 100, step)

    writer = threading.Thread(target=write)
    writer.start()
    start.wait()
    seen = 0
    while seen < steps:
        length = history.length
        assert length >= seen
        seen = length
        if length:
            last = length - 1
            assert (history.loss(last), history.depth(last), history.structure(last)) == (
                last * 0.5,
                last % 100,
                last,
            )
            recent = max(0, length - 3000)
            np.testing.assert_array_equal(history.losses(recent, length), np.arange(recent, length) * 0.5)
            points, losses = history.envelope(0, length, 100)
            np.testing.assert_array_equal(losses, points * 0.5)
            assert points[0] == 0
    writer.join()
    np.testing.assert_array_equal(history.losses(), np.arange(steps) * 0.5)


def test_a_history_of_another_process_goes_on_and_is_its_own() -> None:
    losses = np.array([3.0, 2.0])
    history = History.filled(losses, np.array([1, 2], np.int8), np.array([0, 1], np.int32))
    losses[0] = 9.0
    history.append(1.0, 3, 0)
    assert history.losses().tolist() == [3.0, 2.0, 1.0]
    assert (history.depths().tolist(), history.structures().tolist()) == ([1, 2, 3], [0, 1, 0])
    assert not history.losses().flags.writeable
    with pytest.raises(ValueError, match="not equally long"):
        History.filled(losses, np.zeros(1, np.int8), np.zeros(2, np.int32))
