"""A tensor as it was at one moment, as plain data without torch."""

from __future__ import annotations

import math
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from playground.recording.statistics import Picture, Statistics, matrix_shape, summarize


class Snapshot:
    """What is kept of a tensor: its elements, or only its statistics and picture where it is too large.

    Snapshots are compared by identity: one tensor that was not changed in between is one snapshot,
    however often the step used it.

    Attributes:
        shape, dtype, device: as its library writes them (`"torch.float32"`, `"float64"`, `"cpu"`).
        requires_grad: False for an array of NumPy.
        nbytes: bytes of the tensor itself.
        values: its elements, read-only, of the tensor's shape; None if it was too large to keep. A type
            that NumPy lacks (bfloat16) is given as float32.
        layout: how torch stores it: `"torch.sparse_coo"` and its like keep only what is not zero.
        checksum: of a parameter whose elements are not kept, of the bits of every element; else None.
        twin: what it is in the same step with something changed; None where it is no other, or there is no
            such step.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: str,
        device: str,
        requires_grad: bool,
        nbytes: int,
        values: npt.NDArray[Any] | None,
        summary: tuple[Statistics, Picture] | None = None,
        layout: str = "torch.strided",
    ) -> None:
        """Takes the elements, or a summary of them; one of the two must be given."""
        if values is None and summary is None:
            raise ValueError("a snapshot needs the elements or a summary of them")
        self.shape = shape
        self.dtype = dtype
        self.device = device
        self.requires_grad = requires_grad
        self.nbytes = nbytes
        self.values = values
        self.layout = layout
        self.checksum: int | None = None
        self.twin: Snapshot | None = None
        self._given = summary
        if values is not None:
            values.setflags(write=False)

    @property
    def kept(self) -> bool:
        """Whether all elements are there."""
        return self.values is not None

    @property
    def kept_bytes(self) -> int:
        """Memory that the snapshot holds on to."""
        return self.picture.nbytes if self.values is None else self.values.nbytes

    @property
    def statistics(self) -> Statistics:
        """Of all elements; computed when it is first asked for."""
        return self._summary[0]

    @property
    def picture(self) -> Picture:
        """Of all elements; computed when it is first asked for."""
        return self._summary[1]

    @property
    def matrix(self) -> npt.NDArray[Any] | None:
        """The elements as the matrix that is drawn, or None if they are not kept."""
        return None if self.values is None else self.values.reshape(matrix_shape(self.shape))

    def item(self, row: int, column: int) -> float | None:
        """An element of that matrix, or None if it is not kept."""
        matrix = self.matrix
        return None if matrix is None else float(matrix[row, column])

    def index_of(self, row: int, column: int) -> tuple[int, ...]:
        """The tensor's own index of an element of that matrix; () for a tensor of one number."""
        if not self.shape:
            return ()
        lead = np.unravel_index(row, self.shape[:-1]) if len(self.shape) > 1 else ()
        return (*(int(each) for each in lead), column)

    @property
    def number(self) -> float | None:
        """The one element of a tensor that has one, else None."""
        if self.values is None or math.prod(self.shape) != 1:
            return None
        return float(self.values.reshape(()))

    def as_of(self, requires_grad: bool) -> Snapshot:
        """The same elements, of a tensor that does or does not require a gradient."""
        kind = (self.dtype, self.device, requires_grad, self.nbytes)
        found = Snapshot(self.shape, *kind, self.values, self._given, self.layout)
        found.checksum = self.checksum
        found.twin = None if self.twin is None else self.twin.as_of(requires_grad)
        return found

    def beside(self, twin: Snapshot) -> Snapshot:
        """The same elements, with what they are in another step; what was computed of them stays known."""
        found = copy(self)
        found.twin = twin
        # Somebody may have asked it of the one that has no twin.
        found.__dict__.pop("difference", None)
        return found

    @cached_property
    def difference(self) -> Snapshot | None:
        """Its twin's elements less its own; None without a twin, or where elements are not kept."""
        before, after = self.values, None if self.twin is None else self.twin.values
        if before is None or after is None or before.shape != after.shape:
            return None
        with np.errstate(all="ignore"):
            values = np.subtract(after, before, dtype=np.float64)
        if np.issubdtype(before.dtype, np.floating):
            values = values.astype(before.dtype)
        return Snapshot(self.shape, str(values.dtype), self.device, False, values.nbytes, values)

    def is_alike(self, other: Snapshot) -> bool:
        """Whether two that are not kept are of the same elements, as far as what is left of them tells.

        Mean, deviation and norm are not asked: their last bits depend on the order of summation.
        """
        if self is other:
            return True
        if (self.shape, self.dtype, self.checksum) != (other.shape, other.dtype, other.checksum):
            return False
        one, another = self.picture, other.picture
        pairs = (one.low, another.low), (one.high, another.high), (one.flawed, another.flawed)
        return all(np.array_equal(first, second, equal_nan=True) for first, second in pairs)

    def transposed(self) -> Snapshot | None:
        """Of a matrix: the same elements with rows and columns exchanged, as a view by `t()` has them."""
        if len(self.shape) != 2:
            return None
        summary = None
        if self._given is not None:
            statistics, picture = self._given
            turned = Picture(picture.columns, picture.rows, picture.low.T, picture.high.T, picture.flawed.T)
            summary = (statistics, turned)
        values = None if self.values is None else self.values.T
        rows, columns = self.shape
        kind = (self.dtype, self.device, self.requires_grad, self.nbytes)
        found = Snapshot((columns, rows), *kind, values, summary)
        found.twin = None if self.twin is None else self.twin.transposed()
        return found

    def to_plain(self) -> dict[str, object]:
        """Shape, type and statistics as plain data; the elements are left out."""
        return {
            "shape": list(self.shape),
            "dtype": self.dtype,
            "device": self.device,
            "layout": self.layout,
            "requires_grad": self.requires_grad,
            "bytes": self.nbytes,
            "kept": self.kept,
            "statistics": self.statistics.to_plain(),
        }

    @cached_property
    def _summary(self) -> tuple[Statistics, Picture]:
        if self._given is not None:
            return self._given
        matrix = self.matrix
        assert matrix is not None, "__init__ asks for one of the two"
        return summarize(lambda start, stop: matrix[start:stop], matrix_shape(self.shape))
