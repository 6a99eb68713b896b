"""Statistics and picture of a tensor that is too large to keep, computed by torch on its own threads.

They are those of `statistics.summarize`. To be called where torch computes anyway: a second thread that
used torch would slow down both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from playground.recording.statistics import (
    BINS,
    LONGEST_SIDE,
    Histogram,
    Picture,
    Statistics,
    edges,
    histogram_range,
    summarize,
)

CHUNK = 1 << 18
"""Elements that are looked at in one go: what does not fit into the cache takes twice as long."""
LARGEST_SQUARED = 1e150
"""Beyond, squares overflow: NumPy's slower way minds that."""


def summarize_tensor(matrix: Tensor) -> tuple[Statistics, Picture]:
    """Statistics and picture of a matrix, each element of which is read twice.

    Args:
        matrix: real; of any type and on any device. It is fetched a few rows at a time.
    """
    if not matrix.numel():
        return summarize(lambda start, stop: matrix[start:stop].cpu().numpy(), _shape(matrix))
    reader = _Reader(matrix)
    sums, picture = _Sums(), _Blocks(_shape(matrix))
    for row, start, stop in picture.pieces(reader.rows_at_once):
        chunk = reader.chunk(start, stop)
        low, high = chunk.amin(0), chunk.amax(0)
        ends = float(low.min()), float(high.max())
        flawed = not (math.isfinite(ends[0]) and math.isfinite(ends[1]))
        if not flawed:
            picture.add(row, low, high, None)
            sums.add(chunk, reader.in_double(chunk), ends)
            continue
        good = torch.isfinite(chunk)
        picture.add(
            row,
            torch.where(good, chunk, math.inf).amin(0),
            torch.where(good, chunk, -math.inf).amax(0),
            (~good).any(0),
        )
        sums.add_flawed(chunk, good)
    if max(abs(sums.low), abs(sums.high)) > LARGEST_SQUARED and sums.finite:
        return summarize(lambda start, stop: reader.chunk(start, stop).numpy(), _shape(matrix))
    return sums.statistics(_histogram(reader, sums)), picture.picture()


def checksum(tensor: Tensor) -> int:
    """A number made of the bits of every element: the same on any device and any number of threads.

    Integers are added up and wrap around, so that no order of summation rounds. One element that changes
    always changes it; elements that only change places within a chunk do not.
    """
    real = torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
    bits = real.resolve_neg().contiguous().view(-1).view(_INTEGERS[real.element_size()])
    found = 0
    for chunk in bits.split(CHUNK):
        found = (found * _ODD + int(chunk.sum(dtype=torch.int64))) % _WRAP
    return found


_INTEGERS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""By bytes of an element."""
_ODD = 0x9E3779B97F4A7C15
_WRAP = 1 << 64


def _shape(matrix: Tensor) -> tuple[int, int]:
    return matrix.shape[0], matrix.shape[1]


class _Reader:
    """Reads rows of a matrix as real numbers on the CPU, and turns them to float64 in one buffer."""

    def __init__(self, matrix: Tensor) -> None:
        self._matrix = matrix
        self.rows_at_once = max(1, CHUNK // matrix.shape[1])
        rows = min(self.rows_at_once, matrix.shape[0])
        self._double = torch.empty(rows, matrix.shape[1], dtype=torch.float64)

    @property
    def height(self) -> int:
        return self._matrix.shape[0]

    def chunk(self, start: int, stop: int) -> Tensor:
        rows = self._matrix[start:stop].cpu()
        if rows.dtype is torch.bool:
            return rows.to(torch.uint8)
        exact = rows.dtype in (torch.float32, torch.float64) or not rows.is_floating_point()
        return rows if exact else rows.float()

    def in_double(self, chunk: Tensor) -> Tensor:
        """The same elements as one row, in a buffer that the next call uses again."""
        buffer = self._double[: chunk.shape[0]]
        buffer.copy_(chunk)
        return buffer.view(-1)


@dataclass(slots=True)
class _Sums:
    """Counts, sums and the range of what has been seen so far.

    Sums are taken of the distances from a pivot near the mean, so that nothing cancels.
    """

    count: int = 0
    finite: int = 0
    zeros: int = 0
    nans: int = 0
    infinities: int = 0
    low: float = math.inf
    high: float = -math.inf
    _pivot: float | None = None
    _sum: float = 0.0
    _squares: float = 0.0

    def add(self, chunk: Tensor, double: Tensor, ends: tuple[float, float]) -> None:
        """Adds a chunk without a flaw; its elements in float64 are overwritten."""
        self.count += chunk.numel()
        self.zeros += chunk.numel() - int(torch.count_nonzero(chunk))
        self._add(double, ends)

    def add_flawed(self, chunk: Tensor, good: Tensor) -> None:
        self.count += chunk.numel()
        self.zeros += chunk.numel() - int(torch.count_nonzero(chunk))
        nans = int(torch.count_nonzero(torch.isnan(chunk)))
        self.nans += nans
        self.infinities += chunk.numel() - int(torch.count_nonzero(good)) - nans
        values = chunk[good].double()
        if values.numel():
            self._add(values, (float(values.min()), float(values.max())))

    def _add(self, values: Tensor, ends: tuple[float, float]) -> None:
        self.finite += values.numel()
        self.low, self.high = min(self.low, ends[0]), max(self.high, ends[1])
        if self._pivot is None:
            mean = float(values.mean())
            self._pivot = mean if math.isfinite(mean) else 0.0
        values.sub_(self._pivot)
        self._sum += float(values.sum())
        self._squares += float(torch.dot(values, values))

    def statistics(self, histogram: Histogram | None) -> Statistics:
        if not self.finite or self._pivot is None:
            nothing = (math.nan,) * 5
            return Statistics(self.count, *nothing, self._zero_share, self.nans, self.infinities, None)
        n, pivot, shift = self.finite, self._pivot, self._sum / self.finite
        variance = max(0.0, self._squares / n - shift * shift)
        norm = max(0.0, self._squares + pivot * (2 * self._sum + n * pivot))
        return Statistics(
            count=self.count,
            mean=pivot + shift,
            deviation=math.sqrt(variance),
            smallest=self.low,
            largest=self.high,
            norm=math.sqrt(norm),
            zeros=self._zero_share,
            nans=self.nans,
            infinities=self.infinities,
            histogram=histogram,
        )

    @property
    def _zero_share(self) -> float:
        return self.zeros / self.count if self.count else math.nan


def _histogram(reader: _Reader, sums: _Sums) -> Histogram | None:
    if not sums.finite:
        return None
    low, high = histogram_range(sums.low, sums.high)
    counts = torch.zeros(BINS, dtype=torch.float64)
    for start in range(0, reader.height, reader.rows_at_once):
        chunk = reader.chunk(start, min(reader.height, start + reader.rows_at_once))
        # What is not finite lies outside, and is left out.
        counts += torch.histc(reader.in_double(chunk), BINS, low, high)
    return Histogram(low, high, tuple(int(each) for each in counts))


@dataclass(slots=True)
class _Blocks:
    """The range of each block of the picture, from rows that come in order."""

    shape: tuple[int, int]
    _rows: npt.NDArray[np.int64] = field(init=False)
    _columns: npt.NDArray[np.int64] = field(init=False)
    _low: npt.NDArray[np.float64] = field(init=False)
    _high: npt.NDArray[np.float64] = field(init=False)
    _flawed: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        height, width = (min(length, LONGEST_SIDE) for length in self.shape)
        self._rows, self._columns = edges(self.shape[0], height), edges(self.shape[1], width)
        self._low = np.full((height, width), np.inf)
        self._high = np.full((height, width), -np.inf)
        self._flawed = np.zeros((height, width), dtype=np.bool_)

    def pieces(self, most: int) -> Iterator[tuple[int, int, int]]:
        """Rows of the matrix, at most so many at once, none of which belong to two rows of blocks."""
        for row, (begin, end) in enumerate(zip(self._rows[:-1], self._rows[1:], strict=True)):
            for start in range(int(begin), int(end), most):
                yield row, start, min(int(end), start + most)

    def add(self, row: int, low: Tensor, high: Tensor, flawed: Tensor | None) -> None:
        """Takes in the range of each column of some rows, and which columns have a flaw."""
        begins = self._columns[:-1]
        lows, highs = np.minimum.reduceat(low.numpy(), begins), np.maximum.reduceat(high.numpy(), begins)
        np.minimum(self._low[row], lows, out=self._low[row])
        np.maximum(self._high[row], highs, out=self._high[row])
        if flawed is not None:
            self._flawed[row] |= np.logical_or.reduceat(flawed.numpy(), begins)

    def picture(self) -> Picture:
        nothing = self._low > self._high
        low, high = np.where(nothing, np.nan, self._low), np.where(nothing, np.nan, self._high)
        return Picture(*self.shape, low, high, self._flawed)
