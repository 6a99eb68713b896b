"""How often a run built each of its graphs, and how the loss spreads at each depth, counted as it goes on.

A run may have ten million steps and is looked at many times a second, so every step is read once: an
update reads the steps that came since the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from playground.history import NO_DEPTH, History

RECENT = 512
"""Steps of each depth whose losses are kept: where the loss is now, not where it came from."""
LOW, HIGH = 0.1, 0.9
"""The quantiles between which most losses lie."""

_STEPS_AT_ONCE = 1 << 18
_NEVER = np.iinfo(np.int64).max

_Number = TypeVar("_Number", np.float64, np.int64)
_Integers = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StructureCount:
    """How often a run has built one structure.

    Attributes:
        structure: its number in the run's list of structures.
        depth: the depth of its first step; None if the stage has none.
        count: steps that built it, 1 or more.
        share: their part of all steps, above 0 and up to 1.
        first, newest: the first and the newest of these steps.
    """

    structure: int
    depth: int | None
    count: int
    share: float
    first: int
    newest: int


@dataclass(frozen=True, slots=True)
class DepthLoss:
    """How the loss spreads at one depth; NaN stands for a number that no finite loss gives.

    Attributes:
        depth: how often the middle layer was used.
        count: steps of this depth, 1 or more.
        low, median, high: quantiles `LOW`, 1/2 and `HIGH` of the finite ones of its latest losses.
        share: the part of all steps, above 0 and up to 1.
        mean: of the same losses.
        recent: how many losses are looked at: the latest ones, `RECENT` at most.
        not_finite: how many of these are NaN or infinite, and left out.
    """

    depth: int
    count: int
    low: float
    median: float
    high: float
    share: float
    mean: float
    recent: int
    not_finite: int


class StructureStatistics:
    """Counts the steps of one run by structure and by depth; another run gets another tally.

    It reads a history as any reader may while another thread writes it. The tally itself belongs to one
    thread, the one that looks.
    """

    def __init__(self, history: History) -> None:
        """Nothing is counted before the first update."""
        self._history = history
        self._read = 0
        self._counts = np.zeros(0, np.int64)
        self._first = np.zeros(0, np.int64)
        self._newest = np.zeros(0, np.int64)
        self._losses = _LatestLosses()
        self._structures: tuple[StructureCount, ...] | None = None
        self._depths: tuple[DepthLoss, ...] | None = None

    @property
    def steps(self) -> int:
        """Number of steps that are counted."""
        return self._read

    def update(self) -> bool:
        """Counts the steps that came since the last call; says whether there were any."""
        start, stop = self._read, self._history.length
        if start == stop:
            return False
        for first in range(start, stop, _STEPS_AT_ONCE):
            last = min(first + _STEPS_AT_ONCE, stop)
            self._count_structures(first, self._history.structures(first, last))
            self._losses.add(self._history.depths(first, last), self._history.losses(first, last))
        self._read = stop
        self._structures = self._depths = None
        return True

    def structures(self) -> tuple[StructureCount, ...]:
        """Every structure that was built, in order of first appearance; one object until steps come."""
        if self._structures is None:
            built = np.flatnonzero(self._counts)
            built = built[np.argsort(self._first[built])]
            columns = (built, self._counts[built], self._first[built], self._newest[built])
            self._structures = tuple(
                StructureCount(structure, self._depth(first), count, count / self._read, first, newest)
                for structure, count, first, newest in zip(
                    *(column.tolist() for column in columns), strict=True
                )
            )
        return self._structures

    def depths(self) -> tuple[DepthLoss, ...]:
        """Every depth that was used, rising; none if the stage has no depth; one object until steps come."""
        if self._depths is None:
            self._depths = self._losses.summary(self._read)
        return self._depths

    def _depth(self, step: int) -> int | None:
        depth = self._history.depth(step)
        return None if depth == NO_DEPTH else depth

    def _count_structures(self, start: int, structures: NDArray[np.int32]) -> None:
        counts = np.bincount(structures, minlength=len(self._counts))
        if len(counts) > len(self._counts):
            self._counts = _lengthened(self._counts, len(counts), 0)
            self._first = _lengthened(self._first, len(counts), _NEVER)
            self._newest = _lengthened(self._newest, len(counts), -1)
        steps = np.arange(start, start + len(structures))
        new = (self._counts == 0) & (counts > 0)
        if new.any():
            np.minimum.at(self._first, structures, steps)
        np.maximum.at(self._newest, structures, steps)
        self._counts += counts


class _LatestLosses:
    """The latest losses of each depth: a row a depth, written round and round; NaN where none is yet."""

    def __init__(self) -> None:
        self._counts = np.zeros(0, np.int64)
        self._rows = np.full((0, RECENT), np.nan)

    def add(self, depths: NDArray[np.int8], losses: _Floats) -> None:
        """Takes the losses of further steps; those of steps without a depth are left out."""
        # A stable sort of int8 takes linear time, and keeps the steps of one depth in their order.
        order = np.argsort(depths, kind="stable")
        order = order[np.searchsorted(depths, 0, sorter=order) :]
        if not len(order):
            return
        ordered = depths[order]
        counts = np.bincount(ordered, minlength=len(self._counts))
        if len(counts) > len(self._counts):
            self._counts = _lengthened(self._counts, len(counts), 0)
            more = np.full((len(counts) - len(self._rows), RECENT), np.nan)
            self._rows = np.concatenate([self._rows, more])
        ends = np.cumsum(counts)
        # Of steps that would be written to one place only the last may be.
        late = np.arange(len(ordered)) >= ends[ordered] - RECENT
        kept = ordered[late].astype(np.int64)
        ranks = np.flatnonzero(late) - (ends - counts)[kept]
        self._rows[kept, (self._counts[kept] + ranks) % RECENT] = losses[order[late]]
        self._counts += counts

    def summary(self, steps: int) -> tuple[DepthLoss, ...]:
        """What is known of each depth that was used, of so many steps in all."""
        used = np.flatnonzero(self._counts)
        losses = self._rows[used]
        finite = np.isfinite(losses)
        numbers = finite.sum(axis=1)
        recent = np.minimum(self._counts[used], RECENT)
        losses[~finite] = np.nan
        losses.sort(axis=1)
        columns = (
            used,
            self._counts[used],
            *(_quantiles(losses, numbers, share) for share in (LOW, 0.5, HIGH)),
            self._counts[used] / steps if steps else np.zeros(0),
            _means(losses, numbers),
            recent,
            recent - numbers,
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return tuple(DepthLoss(*row) for row in rows)


def _lengthened(column: NDArray[_Number], length: int, filling: int) -> NDArray[_Number]:
    """A column with more entries at its end."""
    return np.concatenate([column, np.full(length - len(column), filling, column.dtype)])


def _quantiles(ordered: _Floats, numbers: _Integers, share: float) -> _Floats:
    """A quantile of each row, between its two neighbours where it falls between them; NaN for none.

    Args:
        ordered: rows of rising numbers, with NaN at their ends.
        numbers: how many each row has.
        share: which quantile, from 0 to 1.
    """
    place = share * np.maximum(numbers - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(numbers - 1, 0))
    rows, part = np.arange(len(ordered)), place - below
    # Not the lower plus a part of the difference, which may be too large for a float.
    between: _Floats = ordered[rows, below] * (1 - part) + ordered[rows, above] * part
    return between


def _means(ordered: _Floats, numbers: _Integers) -> _Floats:
    """The mean of each row's numbers; NaN for none."""
    parts = np.nan_to_num(ordered, copy=True, nan=0.0) / np.maximum(numbers, 1)[:, np.newaxis]
    means: _Floats = np.where(numbers > 0, parts.sum(axis=1), np.nan)
    return means
