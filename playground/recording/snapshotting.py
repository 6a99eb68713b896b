"""Takes snapshots of arrays and tensors while a step runs: each state of each tensor once."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from playground.recording.snapshot import Snapshot
from playground.recording.statistics import matrix_shape, summarize

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_TENSOR = 4 << 20
"""Bytes of the largest tensor whose elements are kept; a larger one leaves statistics and a picture."""
LARGEST_RECORDING = 48 << 20
"""Bytes that the kept elements of one recording may take; beyond, only summaries are added."""

LARGEST_MADE_DENSE = 256 << 10
"""Bytes that a sparse tensor may have as a dense one to be kept like that."""

Array = npt.NDArray[Any]


class SnapshotTaker:
    """Keeps what has been taken in this step, so that an unchanged tensor is one snapshot.

    It holds no tensor: a tensor is known by its memory, its version, and a weak reference that tells
    whether that memory is still its own.
    """

    def __init__(
        self, largest_tensor: int = LARGEST_TENSOR, largest_recording: int = LARGEST_RECORDING
    ) -> None:
        """Starts without any snapshot.

        Args:
            largest_tensor: bytes up to which a tensor's elements are kept.
            largest_recording: bytes that all kept elements together may take.
        """
        self._largest_tensor = largest_tensor
        self._left = largest_recording
        self._writes: Counter[int] = Counter()
        self._known: dict[Hashable, tuple[weakref.ref[Any], Hashable, Snapshot]] = {}

    def holds(self, value: object, snapshot: Snapshot) -> bool:
        """Whether an array or a tensor has the elements, bit for bit, that a snapshot has kept."""
        is_numpy = isinstance(value, np.ndarray | np.generic)
        array = np.asarray(value) if is_numpy else _kept_form(cast("Tensor", value))
        kept = snapshot.values
        if kept is None or (kept.shape, kept.dtype) != (array.shape, array.dtype):
            return False
        one, other = (np.ascontiguousarray(each).reshape(-1).view(np.uint8) for each in (kept, array))
        return bool(np.array_equal(one, other))

    def written(self, storage: int | None) -> None:
        """Says that an operation has changed this memory, whatever its tensor's version says."""
        if storage is not None:
            self._writes[storage] += 1

    def array(self, value: Array | np.generic) -> Snapshot:
        """What an array, or a number of NumPy, is now."""
        array = np.asarray(value)
        address = array.__array_interface__["data"][0]
        key = (address, array.shape, array.strides, array.dtype.str)
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        version = self._writes[owner.__array_interface__["data"][0]]
        return self._once(value, key, version, lambda: self._of_array(array, str(array.dtype), "cpu", False))

    def tensor(self, value: Tensor) -> Snapshot | None:
        """What a tensor is now; None for one whose elements cannot be read (meta, nested, in vmap)."""
        import torch

        # Inside `vmap`, `torch.func.grad` and the like it stands for many, and has no memory.
        stands_for_many = torch._C._functorch.is_functorch_wrapped_tensor(value)
        if stands_for_many or value.is_meta or value.is_nested or value.is_quantized:
            return None
        with torch._C.DisableTorchFunction():
            # Autograd follows nothing that is done with it.
            detached = value.detach()
            if detached.layout is not torch.strided:
                return self._of_sparse(detached, value)
            return self._strided(detached, value)

    def _strided(self, detached: Tensor, value: Tensor) -> Snapshot:
        """What a tensor is now, or a view of it that is given instead."""
        storage = detached.untyped_storage().data_ptr()
        key = (detached.data_ptr(), detached.shape, detached.stride(), value.dtype, value.device)
        counted = 0 if value.is_inference() else value._version
        version = (counted, self._writes[storage], value.requires_grad)
        return self._once(
            value, key, version, lambda: self._alias(key, version, value) or self._of_strided(detached, value)
        )

    def _alias(self, key: Hashable, version: tuple[int, int, bool], value: Tensor) -> Snapshot | None:
        """The snapshot of another tensor that shows the same memory, as the `.data` of a parameter does.

        It has a version of its own; what was seen to be written counts for both.
        """
        known = self._known.get(key)
        other = None if known is None else known[0]()
        if known is None or other is None or other is value or other.is_inference():
            return None
        if known[1] != (other._version, version[1], other.requires_grad):
            return None
        return known[2].as_of(value.requires_grad)

    def _of_strided(self, detached: Tensor, value: Tensor) -> Snapshot:
        turned = None
        is_turned = detached.dim() == 2 and not detached.is_contiguous() and detached.t().is_contiguous()
        if is_turned and not self._fits(_bytes(value)):
            # A weight transposed: its summary is known already, or it is soon made, as rows lie together.
            turned = self._strided(detached.t(), value).transposed()
        return self._of_tensor(detached, value) if turned is None else turned

    def _once(
        self, value: object, key: Hashable, version: Hashable, take: Callable[[], Snapshot]
    ) -> Snapshot:
        known = self._known.get(key)
        if known is not None and known[1] == version and known[0]() is not None:
            return known[2]
        snapshot = take()
        # NumPy's numbers cannot be referred to weakly; they are small, and taken again.
        if isinstance(value, np.ndarray) or not isinstance(value, np.generic):
            self._known[key] = (weakref.ref(value), version, snapshot)
        return snapshot

    def _of_tensor(self, detached: Tensor, value: Tensor) -> Snapshot:
        readable = detached
        if detached.is_complex():
            readable = detached.abs()
        elif detached.dtype not in _readable_types() and self._fits(_bytes(value)):
            readable = detached.float()
        if readable.is_neg():
            readable = readable.resolve_neg()
        nbytes = _bytes(value)
        dtype, device, requires_grad = str(value.dtype), str(value.device), value.requires_grad
        if self._fits(nbytes):
            return self._of_array(readable.cpu().numpy(), dtype, device, requires_grad, nbytes)
        from torch.nn import Parameter

        from playground.recording.tensor_statistics import checksum, summarize_tensor

        shape = tuple(detached.shape)
        rows = readable.reshape(matrix_shape(shape))
        snapshot = Snapshot(shape, dtype, device, requires_grad, nbytes, None, summarize_tensor(rows))
        if isinstance(value, Parameter) or (requires_grad and value.is_leaf):
            snapshot.checksum = checksum(detached)
        return snapshot

    def _of_sparse(self, detached: Tensor, value: Tensor) -> Snapshot:
        """What a sparse tensor is; only a small one is made dense."""
        from playground.recording.sparse_statistics import summarize_sparse

        shape, dense = tuple(value.shape), _bytes(value)
        kind = str(value.dtype), str(value.device), value.requires_grad
        layout = str(value.layout)
        if dense <= LARGEST_MADE_DENSE and self._fits(dense):
            values = detached.to_dense().cpu()
            readable = values.abs() if values.is_complex() else values
            array = (readable if readable.dtype in _readable_types() else readable.float()).numpy()
            self._left -= array.nbytes
            return Snapshot(shape, *kind, dense, np.array(array, copy=True, order="C"), layout=layout)
        return Snapshot(shape, *kind, _stored_bytes(value), None, summarize_sparse(detached), layout)

    def _of_array(
        self, array: Array, dtype: str, device: str, requires_grad: bool, nbytes: int | None = None
    ) -> Snapshot:
        # NumPy may need more bytes for it than the tensor has: it lacks bfloat16.
        nbytes = array.nbytes if nbytes is None else nbytes
        if self._fits(array.nbytes):
            self._left -= array.nbytes
            copy = np.array(array, copy=True, order="C")
            return Snapshot(array.shape, dtype, device, requires_grad, nbytes, copy)
        rows = array.reshape(matrix_shape(array.shape))
        summary = summarize(lambda start, stop: rows[start:stop], rows.shape)
        return Snapshot(array.shape, dtype, device, requires_grad, nbytes, None, summary)

    def _fits(self, nbytes: int) -> bool:
        return nbytes <= min(self._largest_tensor, self._left)


def _kept_form(value: Tensor) -> Array:
    """The elements of a tensor as a snapshot keeps them, not copied where that can be avoided."""
    import torch

    with torch._C.DisableTorchFunction(), torch.no_grad():
        detached = value.detach()
        strided = detached if detached.layout is torch.strided else detached.to_dense()
        readable = strided.abs() if strided.is_complex() else strided
        known = readable if readable.dtype in _readable_types() else readable.float()
        return known.resolve_neg().cpu().numpy()


def _bytes(value: Tensor) -> int:
    return value.numel() * value.element_size()


def _stored_bytes(value: Tensor) -> int:
    """Bytes of what a sparse tensor stores, its indices left out."""
    stored = value._values() if value.is_sparse else value.values()
    return stored.numel() * stored.element_size()


@cache
def _readable_types() -> frozenset[object]:
    """The types of torch that NumPy has, too."""
    import torch

    return frozenset(
        {
            torch.float64,
            torch.float32,
            torch.float16,
            torch.bool,
            torch.uint8,
            torch.int8,
            torch.int16,
            torch.int32,
            torch.int64,
        }
    )
