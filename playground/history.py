"""Loss, depth and structure of every step of a run, compact, and a summary to draw them from.

`History` is written by the thread that trains and read by any other, without a lock: the writer
stores a step's values first and publishes the new length last, and what has been published never
changes. `Envelope` belongs to a reader.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

NO_DEPTH = -1
"""The depth of a step whose stage has none."""

_SMALLEST_GROWTH = 1024

_Number = TypeVar("_Number", np.float64, np.int8, np.int32)


class _Columns(NamedTuple):
    """What readers see, an entry a step; they cannot write to it."""

    losses: NDArray[np.float64]
    depths: NDArray[np.int8]
    structures: NDArray[np.int32]


class History:
    """Columns with an entry a step: loss (float64), depth (int8) and structure (int32).

    One thread appends; any number of threads read. A step is its number, counted from 0. A depth of
    -1 stands for none; a structure is a number in the run's own list of structures.
    """

    __slots__ = ("_cells", "_columns", "_envelope", "_length")

    def __init__(self, capacity: int) -> None:
        """Make room for `capacity` steps; memory is taken only as it is written.

        Raises:
            ValueError: the capacity is negative.
        """
        if capacity < 0:
            raise ValueError(f"capacity is {capacity}; allowed: 0 or more")
        self._length = 0
        self._envelope = Envelope()
        self._columns = _Columns(np.empty(0, np.float64), np.empty(0, np.int8), np.empty(0, np.int32))
        # The writer's way in: writing through a memoryview takes half the time of writing to an array.
        self._cells = _cells(*self._columns)
        self.reserve(capacity)

    @classmethod
    def filled(
        cls, losses: NDArray[np.float64], depths: NDArray[np.int8], structures: NDArray[np.int32]
    ) -> History:
        """A history of steps that were made before, in another process say.

        Raises:
            ValueError: the columns are not equally long.
        """
        steps = len(losses)
        if not steps == len(depths) == len(structures):
            raise ValueError("the columns are not equally long")
        history = cls(0)
        history._publish(
            _Columns(losses.astype(np.float64), depths.astype(np.int8), structures.astype(np.int32))
        )
        history._length = steps
        return history

    def append(self, loss: float, depth: int, structure: int) -> None:
        """Add a step; only the writer calls this. A full history doubles its capacity.

        Raises:
            ValueError: the depth does not fit in 8 bits, or the structure in 32; nothing is added.
        """
        step = self._length
        losses, depths, structures = self._cells
        try:
            losses[step] = loss
        except IndexError:
            self.reserve(max(2 * step, _SMALLEST_GROWTH))
            losses, depths, structures = self._cells
            losses[step] = loss
        depths[step] = depth
        structures[step] = structure
        self._length = step + 1

    def reserve(self, capacity: int) -> None:
        """Make room for at least `capacity` steps; only the writer calls this. Never shrinks.

        A reader that still holds the old columns keeps what was published when it took them.
        """
        if capacity <= self.capacity:
            return
        length, old = self._length, self._columns
        grown = (
            _grown(old.losses, length, capacity),
            _grown(old.depths, length, capacity),
            _grown(old.structures, length, capacity),
        )
        self._publish(_Columns(*grown))

    def _publish(self, columns: _Columns) -> None:
        """Lets readers see other columns, to which they cannot write."""
        self._cells = _cells(*columns)
        for column in columns:
            column.flags.writeable = False
        self._columns = columns

    @property
    def length(self) -> int:
        """Number of steps published so far."""
        return self._length

    @property
    def capacity(self) -> int:
        """Number of steps that fit without growing."""
        return len(self._columns.losses)

    @property
    def nbytes(self) -> int:
        """Bytes reserved by the columns; memory that was never written is not taken."""
        return sum(column.nbytes for column in self._columns)

    def loss(self, step: int) -> float:
        """Loss of a step. Raises IndexError for a step that has not run."""
        self._check(step)
        return float(self._columns.losses[step])

    def depth(self, step: int) -> int:
        """Depth of a step, -1 for none. Raises IndexError for a step that has not run."""
        self._check(step)
        return int(self._columns.depths[step])

    def structure(self, step: int) -> int:
        """Number of a step's structure. Raises IndexError for a step that has not run."""
        self._check(step)
        return int(self._columns.structures[step])

    def losses(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Losses of the steps from `start` up to `stop`, cut to those that ran; a read-only view."""
        bounds = self._bounds(start, stop)
        return self._columns.losses[bounds]

    def depths(self, start: int = 0, stop: int | None = None) -> NDArray[np.int8]:
        """Depths of the steps from `start` up to `stop`, cut to those that ran; a read-only view."""
        bounds = self._bounds(start, stop)
        return self._columns.depths[bounds]

    def structures(self, start: int = 0, stop: int | None = None) -> NDArray[np.int32]:
        """Structures of the steps from `start` up to `stop`, cut to those that ran; a read-only view."""
        bounds = self._bounds(start, stop)
        return self._columns.structures[bounds]

    def envelope(self, start: int, stop: int, buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The losses from `start` up to `stop`, thinned for drawing: see `Envelope.points`.

        Only one thread, the reader that draws, may call this.
        """
        return self._envelope.points(self.losses(), start, stop, buckets)

    def _check(self, step: int) -> None:
        length = self._length
        if not 0 <= step < length:
            allowed = f"0 to {length - 1}" if length else "none, since no step has run"
            raise IndexError(f"step {step} is not in the history; allowed: {allowed}")

    def _bounds(self, start: int, stop: int | None) -> slice:
        # The length is read before the columns: columns published later hold at least as many steps.
        length = self._length
        stop = length if stop is None else min(max(stop, 0), length)
        return slice(min(max(start, 0), stop), stop)


def _grown(column: NDArray[_Number], length: int, capacity: int) -> NDArray[_Number]:
    """A longer column with the same first `length` entries."""
    grown = np.empty(capacity, column.dtype)
    grown[:length] = column[:length]
    return grown


def _cells(
    losses: NDArray[np.float64], depths: NDArray[np.int8], structures: NDArray[np.int32]
) -> tuple[memoryview[float], memoryview[int], memoryview[int]]:
    return cast("memoryview[float]", losses.data), depths.data, structures.data


_BLOCK_SIZES = (64, 512, 4096, 32_768, 262_144)
_BLOCKS_PER_BUCKET = 4
_STEPS_AT_ONCE = 1 << 18
_NO_GAP = np.iinfo(np.int64).max


class _Extremes(NamedTuple):
    """What is known of stretches of steps, an entry a stretch.

    Without a finite loss, low is above high. Without a loss that is not finite, gap_at is `_NO_GAP`.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    low_at: NDArray[np.int64]
    high_at: NDArray[np.int64]
    gap_at: NDArray[np.int64]

    def part(self, first: int, last: int) -> _Extremes:
        """The stretches from `first` up to `last`."""
        return _Extremes(
            self.low[first:last],
            self.high[first:last],
            self.low_at[first:last],
            self.high_at[first:last],
            self.gap_at[first:last],
        )


class Envelope:
    """Smallest and largest losses of blocks of steps, so that a long history is drawn from few of them.

    It is kept by one reader and grows when that reader asks, by the blocks that were completed since.
    """

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        """Start with no block; the first call of `points` reads everything once."""
        self._levels = [_Level() for _ in _BLOCK_SIZES]

    @property
    def nbytes(self) -> int:
        """Bytes that the summary takes: for ten million losses some 12 MB."""
        return sum(level.nbytes for level in self._levels)

    def points(
        self, losses: NDArray[np.float64], start: int, stop: int, buckets: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The steps from `start` up to `stop`, thinned to what `buckets` columns of pixels can show.

        A bucket is a stretch of steps that begins at a multiple of its width. Each gives its smallest
        and its largest finite loss, and its first loss that is not finite, in order of occurrence.
        Up to `2 * buckets` steps are given as they are.

        Args:
            losses: losses of all steps so far; of the same run and at least as many at each call.
            start: first step; cut to those that ran.
            stop: step after the last; cut to those that ran.
            buckets: number of stretches to divide the steps into, 1 or more.

        Returns:
            Steps (rising) and their losses: at most `2 * buckets + 2` finite ones, and one that is not
            finite for each bucket that has any.

        Raises:
            ValueError: `buckets` is less than 1.
        """
        if buckets < 1:
            raise ValueError(f"buckets is {buckets}; allowed: 1 or more")
        stop = min(max(stop, 0), len(losses))
        start = min(max(start, 0), stop)
        if stop - start <= 2 * buckets:
            return np.arange(start, stop, dtype=np.int64), losses[start:stop]
        self._extend(losses)
        steps = _steps_of(self._buckets(losses, start, stop, buckets))
        return steps, losses[steps]

    def _extend(self, losses: NDArray[np.float64]) -> None:
        """Add the blocks that were completed since the last call."""
        finest, size = self._levels[0], _BLOCK_SIZES[0]
        complete = len(losses) // size * size
        for start in range(finest.count * size, complete, _STEPS_AT_ONCE):
            piece = losses[start : min(start + _STEPS_AT_ONCE, complete)]
            finest.add(_extremes(piece, start, np.arange(0, len(piece), size)))
        for index in range(1, len(_BLOCK_SIZES)):
            finer, level = self._levels[index - 1], self._levels[index]
            ratio = _BLOCK_SIZES[index] // _BLOCK_SIZES[index - 1]
            first, last = level.count * ratio, finer.count // ratio * ratio
            if first < last:
                level.add(_merge(finer.blocks.part(first, last), np.arange(0, last - first, ratio)))

    def _buckets(self, losses: NDArray[np.float64], start: int, stop: int, buckets: int) -> _Extremes:
        """Extremes of each bucket, read from the coarsest blocks that are much finer than a bucket."""
        width = -(-(stop - start) // buckets)
        fitting = [i for i, size in enumerate(_BLOCK_SIZES) if size * _BLOCKS_PER_BUCKET <= width]
        if not fitting:
            return _extremes(losses[start:stop], start, _edges(start, stop, width) - start)
        size = _BLOCK_SIZES[fitting[-1]]
        first, last = -(-start // size), stop // size
        head = _whole(losses[start : first * size], start)
        tail = _whole(losses[last * size : stop], last * size)
        stretches = _joined(head, self._levels[fitting[-1]].blocks.part(first, last), tail)
        # Buckets are whole blocks, so that each begins where a stretch begins.
        starts = _edges(start, stop, -(-width // size) * size) // size - first + len(head.low)
        starts[0] = 0
        return _merge(stretches, starts)


class _Level:
    """Extremes of the blocks of one size, in columns that double when they are full."""

    __slots__ = ("blocks", "count")

    def __init__(self) -> None:
        self.blocks = _nothing(0)
        self.count = 0

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self.blocks)

    def add(self, fresh: _Extremes) -> None:
        count = self.count + len(fresh.low)
        if count > len(self.blocks.low):
            spare = _nothing(max(count, 2 * self.count) - self.count)
            self.blocks = _joined(self.blocks.part(0, self.count), spare)
        for column, values in zip(self.blocks, fresh, strict=True):
            column[self.count : count] = values
        self.count = count


def _nothing(count: int) -> _Extremes:
    """Columns of `count` stretches that nothing is known of yet."""
    low, high = np.empty(count), np.empty(count)
    return _Extremes(
        low, high, np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    )


def _joined(*parts: _Extremes) -> _Extremes:
    low, high, low_at, high_at, gap_at = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _Extremes(low, high, low_at, high_at, gap_at)


def _edges(start: int, stop: int, width: int) -> NDArray[np.int64]:
    """The first step of each bucket: `start`, then the multiples of the width below `stop`."""
    multiples = np.arange((start // width + 1) * width, stop, width, dtype=np.int64)
    return np.concatenate([np.array([start], np.int64), multiples])


def _whole(losses: NDArray[np.float64], first_step: int) -> _Extremes:
    """Extremes of all these losses as one stretch; no stretch if there are none."""
    if not len(losses):
        return _nothing(0)
    return _extremes(losses, first_step, np.zeros(1, np.int64))


def _extremes(losses: NDArray[np.float64], first_step: int, starts: NDArray[np.int64]) -> _Extremes:
    """Extremes of the stretches that begin at the indices `starts` of `losses`."""
    finite = np.isfinite(losses)
    if finite.all():
        gap_at = np.full(len(starts), _NO_GAP)
        low = high = losses
    else:
        steps = np.arange(first_step, first_step + len(losses))
        gap_at = np.minimum.reduceat(np.where(finite, _NO_GAP, steps), starts)
        low, high = np.where(finite, losses, np.inf), np.where(finite, losses, -np.inf)
    smallest, largest, lowest, highest = _reduce(low, high, starts)
    return _Extremes(smallest, largest, first_step + lowest, first_step + highest, gap_at)


def _merge(stretches: _Extremes, starts: NDArray[np.int64]) -> _Extremes:
    """Extremes of longer stretches, which begin at the indices `starts` of the shorter ones."""
    smallest, largest, lowest, highest = _reduce(stretches.low, stretches.high, starts)
    gap_at = np.minimum.reduceat(stretches.gap_at, starts)
    return _Extremes(smallest, largest, stretches.low_at[lowest], stretches.high_at[highest], gap_at)


def _reduce(
    low: NDArray[np.float64], high: NDArray[np.float64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Smallest low and largest high of each stretch, and the indices where they first occur."""
    smallest, largest = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    lengths = np.diff(starts, append=len(low))
    return smallest, largest, _first(low, smallest, starts, lengths), _first(high, largest, starts, lengths)


def _first(
    values: NDArray[np.float64],
    wanted: NDArray[np.float64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Index of the first value of each stretch that equals the one wanted there."""
    hits = np.flatnonzero(values == np.repeat(wanted, lengths))
    return hits[np.searchsorted(hits, starts)]


def _steps_of(buckets: _Extremes) -> NDArray[np.int64]:
    """The steps of all lows, highs and gaps, rising, each once."""
    drawable = buckets.low <= buckets.high
    gaps = buckets.gap_at[buckets.gap_at != _NO_GAP]
    steps = np.concatenate([buckets.low_at[drawable], buckets.high_at[drawable], gaps])
    steps.sort()
    return steps[np.flatnonzero(np.diff(steps, prepend=-1))]
