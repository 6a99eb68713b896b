"""What is said of an array in a few numbers, and the small picture that is drawn of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = Callable[[int, int], npt.NDArray[Any]]
"""`rows(start, stop)`: those rows of a matrix, as an array of shape (stop - start, columns)."""

BINS = 40
LONGEST_SIDE = 64
"""A picture has at most so many rows and columns."""
LARGEST = float(np.finfo(np.float64).max)
CHUNK = 1 << 18
"""Elements that are looked at in one go: what does not fit into the cache takes twice as long."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many finite elements lie in each of equally wide bins from `low` to `high`."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """An array in numbers; all but the counts are of its finite elements, NaN if there are none.

    Attributes:
        count: number of elements.
        mean, deviation: deviation of the population (divided by the count).
        smallest, largest: the range.
        norm: Euclidean (Frobenius).
        zeros: share of all elements that are exactly 0, from 0 to 1.
        nans, infinities: how many.
        histogram: None if no element is finite.
    """

    count: int
    mean: float
    deviation: float
    smallest: float
    largest: float
    norm: float
    zeros: float
    nans: int
    infinities: int
    histogram: Histogram | None

    def to_plain(self) -> dict[str, object]:
        """As plain dicts, lists and numbers; a number that is not finite is None."""
        histogram = self.histogram
        numbers = {
            name: value if math.isfinite(value) else None
            for name in ("mean", "deviation", "smallest", "largest", "norm", "zeros")
            for value in [getattr(self, name)]
        }
        return {
            "count": self.count,
            **numbers,
            "nans": self.nans,
            "infinities": self.infinities,
            "histogram": None
            if histogram is None
            else {"low": histogram.low, "high": histogram.high, "counts": list(histogram.counts)},
        }


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A matrix in at most 64 x 64 blocks that keep their range, so that no outlier is lost.

    Attributes:
        rows, columns: of the matrix.
        low, high: float64 arrays of shape (block rows, block columns), the smallest and largest element
            of each block; NaN where a block has no finite element.
        flawed: bool array of the same shape: whether the block holds NaN or infinity.
    """

    rows: int
    columns: int
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    flawed: npt.NDArray[np.bool_]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return int(self.low.nbytes + self.high.nbytes + self.flawed.nbytes)

    def extremes(self) -> npt.NDArray[np.float64]:
        """Of each block the element that is farthest from 0, with its sign."""
        return np.where(np.abs(self.low) > np.abs(self.high), self.low, self.high)

    def block_of(self, row: int, column: int) -> tuple[int, int]:
        """The block that an element of the matrix belongs to."""
        height, width = self.low.shape
        return (
            int(np.searchsorted(edges(self.rows, height), row, side="right")) - 1,
            int(np.searchsorted(edges(self.columns, width), column, side="right")) - 1,
        )

    def extent(self, block_row: int, block_column: int) -> tuple[range, range]:
        """Rows and columns of the matrix that a block stands for."""
        height, width = self.low.shape
        rows, columns = edges(self.rows, height), edges(self.columns, width)
        return (
            range(int(rows[block_row]), int(rows[block_row + 1])),
            range(int(columns[block_column]), int(columns[block_column + 1])),
        )


def matrix_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns in which an array of any shape is drawn: its last dimension runs to the right."""
    if not shape:
        return 1, 1
    return math.prod(shape[:-1]), shape[-1]


def edges(length: int, blocks: int) -> npt.NDArray[np.int64]:
    """Where each of so many nearly equal blocks begins, and at last the length itself."""
    return np.arange(blocks + 1, dtype=np.int64) * length // max(blocks, 1)


def summarize(rows: Rows, shape: tuple[int, int]) -> tuple[Statistics, Picture]:
    """Statistics and picture of a matrix that is read a few rows at a time, twice."""
    moments = _Moments()
    painter = _Painter(shape)
    for start, chunk in _chunks(rows, shape):
        good = _finite(chunk)
        moments.add(chunk, good)
        painter.add(start, chunk, good)
    histogram = _histogram(rows, shape, moments)
    return moments.statistics(histogram), painter.picture()


def _chunks(rows: Rows, shape: tuple[int, int]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    height, width = shape
    if not height or not width:
        return
    size = max(1, CHUNK // width)
    for start in range(0, height, size):
        yield start, np.asarray(rows(start, min(height, start + size)))


def _finite(chunk: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
    """Which elements are finite; None if all are."""
    # NaN and infinity are always among the two extremes, which need no memory to be found.
    if not chunk.size or (np.isfinite(chunk.min()) and np.isfinite(chunk.max())):
        return None
    good: npt.NDArray[np.bool_] = np.isfinite(chunk)
    return good


class _Moments:
    """Counts, sums and the range of what has been seen so far."""

    def __init__(self) -> None:
        self.count = self.finite = self.zeros = self.nans = self.infinities = 0
        self.low, self.high = math.inf, -math.inf
        self._mean = self._squares = self._norm = 0.0

    def add(self, chunk: npt.NDArray[Any], good: npt.NDArray[np.bool_] | None) -> None:
        self.count += chunk.size
        self.zeros += chunk.size - int(np.count_nonzero(chunk))
        values = chunk.astype(np.float64).ravel()
        if good is not None:
            nans = int(np.count_nonzero(np.isnan(values)))
            self.nans += nans
            self.infinities += int(values.size - np.count_nonzero(good)) - nans
            values = values[good.ravel()]
        if values.size:
            self._add_finite(values)

    def _add_finite(self, values: npt.NDArray[np.float64]) -> None:
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            deviations = values - mean
            squares = float(np.square(deviations, out=deviations).sum())
            # Chan, Golub and LeVeque 1979: joins the moments of two parts without cancellation.
            total = self.finite + values.size
            shift = mean - self._mean
            self._squares += squares + shift * shift * self.finite * values.size / total
            self._mean += shift * values.size / total
            self.finite = total
            self._norm = math.hypot(self._norm, float(np.linalg.norm(values)))

    def statistics(self, histogram: Histogram | None) -> Statistics:
        nothing = not self.finite
        return Statistics(
            count=self.count,
            mean=math.nan if nothing else self._mean,
            deviation=math.nan if nothing else math.sqrt(self._squares / self.finite),
            smallest=math.nan if nothing else self.low,
            largest=math.nan if nothing else self.high,
            norm=math.nan if nothing else self._norm,
            zeros=self.zeros / self.count if self.count else math.nan,
            nans=self.nans,
            infinities=self.infinities,
            histogram=histogram,
        )


def _histogram(rows: Rows, shape: tuple[int, int], moments: _Moments) -> Histogram | None:
    if not moments.finite:
        return None
    low, high = moments.low, moments.high
    if high / 2 == low / 2:
        # All are equal, or nearly: one bar in the middle, also of the largest number that there is.
        width = abs(low) / 2 or 0.5
        low, high = max(low - width, -LARGEST), min(high + width, LARGEST)
    counts = np.zeros(BINS, dtype=np.int64)
    for _, chunk in _chunks(rows, shape):
        values = chunk.astype(np.float64).ravel()
        if moments.finite < moments.count:
            values = values[np.isfinite(values)]
        counts += np.bincount(_bins(values, low, high), minlength=BINS)
    return Histogram(low, high, tuple(counts.tolist()))


def _bins(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.int64]:
    # Halved, since the range itself may be too large for a float64; in place, which is twice as fast.
    values /= 2
    values -= low / 2
    values /= high / 2 - low / 2
    values *= BINS
    return np.clip(values, 0, BINS - 1, out=values).astype(np.int64)


class _Painter:
    """The range of each block, from rows that come in order."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        height, width = (min(length, LONGEST_SIDE) for length in shape)
        self._rows, self._columns = edges(shape[0], height), edges(shape[1], width)
        self._low = np.full((height, width), np.inf)
        self._high = np.full((height, width), -np.inf)
        self._flawed = np.zeros((height, width), dtype=np.bool_)

    def add(self, start: int, chunk: npt.NDArray[Any], good: npt.NDArray[np.bool_] | None) -> None:
        stop = start + len(chunk)
        first = int(np.searchsorted(self._rows, start, side="right")) - 1
        last = int(np.searchsorted(self._rows, stop, side="left"))
        begins = np.maximum(self._rows[first:last] - start, 0)
        block = slice(first, last)
        low = chunk if good is None else np.where(good, chunk, np.inf)
        high = chunk if good is None else np.where(good, chunk, -np.inf)
        np.minimum(self._low[block], self._reduce(np.minimum, low, begins), out=self._low[block])
        np.maximum(self._high[block], self._reduce(np.maximum, high, begins), out=self._high[block])
        if good is not None:
            self._flawed[block] |= self._reduce(np.logical_or, ~good, begins)

    def _reduce(self, ufunc: np.ufunc, values: npt.NDArray[Any], begins: npt.NDArray[np.int64]) -> Any:
        return ufunc.reduceat(ufunc.reduceat(values, begins, axis=0), self._columns[:-1], axis=1)

    def picture(self) -> Picture:
        nothing = self._low > self._high
        low, high = np.where(nothing, np.nan, self._low), np.where(nothing, np.nan, self._high)
        return Picture(*self._shape, low, high, self._flawed)
