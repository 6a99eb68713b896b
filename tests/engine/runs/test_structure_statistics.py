"""The statistics against plain loops over every step, all at once and bit by bit."""

from __future__ import annotations

import dataclasses
import math
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.history import NO_DEPTH, History
from playground.runs import structure_statistics as tally_module
from playground.runs.structure_statistics import (
    HIGH,
    LOW,
    RECENT,
    DepthLoss,
    StructureCount,
    StructureStatistics,
)

Rows = list[tuple[float, int, int]]


class Watched(History):
    """A history that notes which steps are read of it."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.read: list[tuple[int, int | None]] = []

    def structures(self, start: int = 0, stop: int | None = None) -> NDArray[np.int32]:
        self.read.append((start, stop))
        return super().structures(start, stop)


def rows_of(count: int, *, kinds: int = 5, seed: int = 0) -> Rows:
    """Losses (some not finite), depths (some none) and structures that are not numbered as they appear."""
    random = np.random.default_rng(seed)
    losses = random.lognormal(3, 4, count)
    losses[random.random(count) < 0.05] = np.nan
    losses[random.random(count) < 0.05] = np.inf
    kind = random.integers(0, kinds, count)
    return [
        (float(loss), int(k) if k else NO_DEPTH, int(7 * k % (2 * kinds)))
        for loss, k in zip(losses, kind, strict=True)
    ]


def filled(history: History, rows: Rows) -> History:
    for row in rows:
        history.append(*row)
    return history


def tallied(rows: Rows) -> StructureStatistics:
    statistics = StructureStatistics(filled(History(0), rows))
    statistics.update()
    return statistics


def structures_in(rows: Rows) -> list[StructureCount]:
    """What a loop over every step finds, in order of first appearance."""
    steps: dict[int, list[int]] = {}
    for step, (_, _, structure) in enumerate(rows):
        steps.setdefault(structure, []).append(step)
    depths = [depth if depth != NO_DEPTH else None for _, depth, _ in rows]
    return [
        StructureCount(each, depths[at[0]], len(at), len(at) / len(rows), at[0], at[-1])
        for each, at in steps.items()
    ]


def assert_depths(found: tuple[DepthLoss, ...], rows: Rows) -> None:
    used = sorted({depth for _, depth, _ in rows} - {NO_DEPTH})
    assert [each.depth for each in found] == used
    for each in found:
        losses = [loss for loss, depth, _ in rows if depth == each.depth]
        latest = losses[-RECENT:]
        finite = [loss for loss in latest if math.isfinite(loss)]
        assert (each.count, each.share) == (len(losses), len(losses) / len(rows))
        assert (each.recent, each.not_finite) == (len(latest), len(latest) - len(finite))
        numbers = [each.low, each.median, each.high, each.mean]
        if finite:
            expected = [*np.quantile(finite, [LOW, 0.5, HIGH]).tolist(), float(np.mean(finite))]
            assert numbers == pytest.approx(expected, rel=1e-12)
        else:
            assert all(map(math.isnan, numbers))


@pytest.mark.parametrize("count", [1, 2, 7, RECENT, RECENT + 1, 9_000])
def test_counts_what_a_loop_over_every_step_finds(count: int) -> None:
    rows = rows_of(count)
    statistics = tallied(rows)
    assert statistics.steps == count
    assert list(statistics.structures()) == structures_in(rows)
    assert_depths(statistics.depths(), rows)


@pytest.mark.parametrize("sizes", [[1] * 40, [3000, 1, 0, 2999, 700], [5, 511, 512, 513, 2000]])
def test_bit_by_bit_gives_the_same_as_all_at_once(sizes: list[int]) -> None:
    rows = rows_of(sum(sizes))
    history, done = History(0), 0
    statistics = StructureStatistics(history)
    for size in sizes:
        filled(history, rows[done : done + size])
        done += size
        assert statistics.update() == (size > 0)
        assert list(statistics.structures()) == structures_in(rows[:done])
        assert_depths(statistics.depths(), rows[:done])


def test_a_long_history_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "_STEPS_AT_ONCE", 700)
    rows = rows_of(5_000, kinds=33)
    history = Watched(0)
    filled(history, rows)
    statistics = StructureStatistics(history)
    statistics.update()
    assert history.read == [(start, min(start + 700, 5_000)) for start in range(0, 5_000, 700)]
    assert list(statistics.structures()) == structures_in(rows)
    assert_depths(statistics.depths(), rows)


def test_a_step_is_read_once() -> None:
    history = Watched(0)
    statistics = StructureStatistics(history)
    filled(history, rows_of(300))
    statistics.update()
    filled(history, rows_of(20))
    statistics.update()
    assert not statistics.update()
    assert history.read == [(0, 300), (300, 320)]


def test_results_stay_the_same_objects_until_steps_come() -> None:
    history = filled(History(0), rows_of(50))
    statistics = StructureStatistics(history)
    statistics.update()
    before = statistics.structures(), statistics.depths()
    statistics.update()
    assert statistics.structures() is before[0]
    assert statistics.depths() is before[1]
    history.append(1.0, 2, 0)
    assert statistics.structures() is before[0], "steps are counted by update() alone"
    statistics.update()
    assert statistics.structures() != before[0]
    assert statistics.depths() != before[1]


def test_without_steps_there_is_nothing() -> None:
    statistics = StructureStatistics(History(10))
    assert not statistics.update()
    assert (statistics.steps, statistics.structures(), statistics.depths()) == (0, (), ())


def test_a_stage_without_depth_has_no_losses_by_depth() -> None:
    statistics = tallied([(1.0, NO_DEPTH, 0)] * 600)
    assert statistics.structures() == (StructureCount(0, None, 600, 1.0, 0, 599),)
    assert statistics.depths() == ()


def test_the_latest_losses_alone_are_looked_at() -> None:
    (one,) = tallied([(1e9, 3, 0)] * 40 + [(2.0, 3, 0)] * RECENT).depths()
    assert (one.low, one.median, one.high, one.mean, one.count) == (2.0, 2.0, 2.0, 2.0, RECENT + 40)


def test_losses_at_the_ends_of_float64_give_no_warning() -> None:
    rows = [(loss, 0, 0) for loss in (-1.7e308, 1.7e308, 5e-324, 1.7e308)]
    (one,) = tallied(rows).depths()
    assert one.low < one.median < one.high
    assert math.isfinite(one.mean)


def test_a_loss_that_is_nowhere_finite_is_counted_as_such() -> None:
    (one,) = tallied([(math.nan, 1, 0), (math.inf, 1, 0), (-math.inf, 1, 0)]).depths()
    assert (one.count, one.recent, one.not_finite) == (3, 3, 3)
    assert math.isnan(one.low)
    assert math.isnan(one.mean)


def test_results_are_frozen() -> None:
    statistics = tallied(rows_of(20))
    with pytest.raises(dataclasses.FrozenInstanceError):
        statistics.structures()[0].count = 9  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        statistics.depths()[0].count = 9  # type: ignore[misc]


def test_counts_while_another_thread_appends() -> None:
    rows = rows_of(40_000)
    history = History(0)
    statistics = StructureStatistics(history)
    writer = threading.Thread(target=filled, args=(history, rows))
    writer.start()
    while writer.is_alive():
        statistics.update()
        assert sum(each.count for each in statistics.structures()) == statistics.steps
    writer.join()
    statistics.update()
    assert list(statistics.structures()) == structures_in(rows)
    assert_depths(statistics.depths(), rows)
