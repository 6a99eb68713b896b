"""What is said of an array in a few numbers, and the small picture that is drawn of it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = Callable[[int, int], npt.NDArray[Any]]
"""`rows(start, stop)`: those rows of a matrix, as an array of shape (stop - start, columns)."""

_Found = TypeVar("_Found")

BINS = 40
LONGEST_SIDE = 64
"""A picture has at most so many rows and columns."""
LARGEST = float(np.finfo(np.float64).max)
CHUNK = 1 << 18
"""Elements that are looked at in one go: what does not fit into the cache takes twice as long."""
MANY_CHUNKS = 8
"""From so many on, threads are worth their start."""
MOST_THREADS = 4


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

    @property
    def whole_norm(self) -> float:
        """The norm of all elements, as torch has it: NaN, or infinite, as soon as one of them is."""
        if self.nans:
            return math.nan
        return math.inf if self.infinities else self.norm

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

    def look(bounds: tuple[int, int]) -> tuple[_Moments, _Blocks]:
        chunk = np.asarray(rows(*bounds))
        good = _finite(chunk)
        return _moments_of(chunk, good), painter.blocks(bounds[0], chunk, good)

    for part, blocks in _mapped(look, shape):
        moments.join(part)
        painter.add(blocks)
    histogram = _histogram(rows, shape, moments)
    return moments.statistics(histogram), painter.picture()


def _mapped(look: Callable[[tuple[int, int]], _Found], shape: tuple[int, int]) -> Iterator[_Found]:
    """What is found in each chunk, in order; many chunks are looked at by several threads.

    NumPy lets go of the interpreter for as long as it computes on a chunk.
    """
    height, width = shape
    if not height or not width:
        return
    size = max(1, CHUNK // width)
    chunks = [(start, min(height, start + size)) for start in range(0, height, size)]
    if len(chunks) < MANY_CHUNKS:
        yield from map(look, chunks)
        return
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        yield from pool.map(look, chunks)


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

    def take(self, values: npt.NDArray[np.float64]) -> None:
        """Takes the finite values of a chunk, the first that there are."""
        self.finite = values.size
        self.low, self.high = float(values.min()), float(values.max())
        with np.errstate(over="ignore", invalid="ignore"):
            self._norm = float(np.linalg.norm(values))
            self._mean = float(values.mean())
            deviations = values - self._mean
            self._squares = float(np.square(deviations, out=deviations).sum())

    def join(self, part: _Moments) -> None:
        """Adds what was seen elsewhere."""
        self.count += part.count
        self.zeros += part.zeros
        self.nans += part.nans
        self.infinities += part.infinities
        if not part.finite:
            return
        self.low, self.high = min(self.low, part.low), max(self.high, part.high)
        with np.errstate(over="ignore", invalid="ignore"):
            # Chan, Golub and LeVeque 1979: joins the moments of two parts without cancellation.
            total = self.finite + part.finite
            shift = part._mean - self._mean
            self._squares += part._squares + shift * shift * self.finite * part.finite / total
            self._mean += shift * part.finite / total
            self.finite = total
            self._norm = math.hypot(self._norm, part._norm)

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


def _moments_of(chunk: npt.NDArray[Any], good: npt.NDArray[np.bool_] | None) -> _Moments:
    moments = _Moments()
    moments.count = chunk.size
    moments.zeros = chunk.size - int(np.count_nonzero(chunk))
    values = chunk.astype(np.float64).ravel()
    if good is not None:
        moments.nans = int(np.count_nonzero(np.isnan(values)))
        moments.infinities = int(values.size - np.count_nonzero(good)) - moments.nans
        values = values[good.ravel()]
    if values.size:
        moments.take(values)
    return moments


def _histogram(rows: Rows, shape: tuple[int, int], moments: _Moments) -> Histogram | None:
    if not moments.finite:
        return None
    low, high = histogram_range(moments.low, moments.high)

    def look(bounds: tuple[int, int]) -> npt.NDArray[np.int64]:
        values = np.asarray(rows(*bounds)).astype(np.float64).ravel()
        if moments.finite < moments.count:
            values = values[np.isfinite(values)]
        return np.bincount(_bins(values, low, high), minlength=BINS)

    counts = sum(_mapped(look, shape), np.zeros(BINS, dtype=np.int64))
    return Histogram(low, high, tuple(counts.tolist()))


def histogram_range(low: float, high: float) -> tuple[float, float]:
    """Where the bins begin and end, given the smallest and the largest element."""
    if high / 2 != low / 2:
        return low, high
    # All are equal, or nearly: one bar in the middle, also of the largest number that there is.
    width = abs(low) / 2 or 0.5
    return max(low - width, -LARGEST), min(high + width, LARGEST)


def histogram_bin(histogram: Histogram, number: float) -> int:
    """The bin in which a number lies that is between the ends of a histogram."""
    return int(_bins(np.array([number]), histogram.low, histogram.high)[0])


def _bins(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.int64]:
    # Halved, since the range itself may be too large for a float64; in place, which is twice as fast.
    values /= 2
    values -= low / 2
    values /= high / 2 - low / 2
    values *= BINS
    return np.clip(values, 0, BINS - 1, out=values).astype(np.int64)


class _Blocks(NamedTuple):
    """The range of each block of a picture, as far as some rows tell; `rows` says which blocks."""

    rows: slice
    low: npt.NDArray[Any]
    high: npt.NDArray[Any]
    flawed: npt.NDArray[np.bool_] | None


class _Painter:
    """The range of each block, from rows that come in order."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        height, width = (min(length, LONGEST_SIDE) for length in shape)
        self._rows, self._columns = edges(shape[0], height), edges(shape[1], width)
        self._low = np.full((height, width), np.inf)
        self._high = np.full((height, width), -np.inf)
        self._flawed = np.zeros((height, width), dtype=np.bool_)

    def blocks(self, start: int, chunk: npt.NDArray[Any], good: npt.NDArray[np.bool_] | None) -> _Blocks:
        """The blocks that these rows belong to; changes nothing, so that threads may call it."""
        stop = start + len(chunk)
        first = int(np.searchsorted(self._rows, start, side="right")) - 1
        last = int(np.searchsorted(self._rows, stop, side="left"))
        begins = np.maximum(self._rows[first:last] - start, 0)
        low = chunk if good is None else np.where(good, chunk, np.inf)
        high = chunk if good is None else np.where(good, chunk, -np.inf)
        return _Blocks(
            slice(first, last),
            self._reduce(np.minimum, low, begins),
            self._reduce(np.maximum, high, begins),
            None if good is None else self._reduce(np.logical_or, ~good, begins),
        )

    def add(self, blocks: _Blocks) -> None:
        """Takes in what some rows tell."""
        rows = blocks.rows
        np.minimum(self._low[rows], blocks.low, out=self._low[rows])
        np.maximum(self._high[rows], blocks.high, out=self._high[rows])
        if blocks.flawed is not None:
            self._flawed[rows] |= blocks.flawed

    def _reduce(self, ufunc: np.ufunc, values: npt.NDArray[Any], begins: npt.NDArray[np.int64]) -> Any:
        return ufunc.reduceat(ufunc.reduceat(values, begins, axis=0), self._columns[:-1], axis=1)

    def picture(self) -> Picture:
        nothing = self._low > self._high
        low, high = np.where(nothing, np.nan, self._low), np.where(nothing, np.nan, self._high)
        return Picture(*self._shape, low, high, self._flawed)
