"""Counts what the nodes of autograd hold for their backward: each storage once, for as long as it is held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from playground.recording.saved_values import saved_values

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

    from playground.recording.drafts import Draft

_Place: TypeAlias = tuple[str, int]
"""Device and address of a storage."""


@dataclass(slots=True, eq=False)
class Held:
    """A saved tensor in the making; see `SavedTensor`.

    Attributes:
        name: as PyTorch calls it.
        function: the node that holds it.
        place: of its storage.
        storage: number of that storage.
        nbytes: its size.
        made_by, freed_by: the events in the making.
    """

    name: str
    function: GradientFunction
    place: _Place
    storage: int
    nbytes: int
    made_by: Draft
    freed_by: Draft | None = None


class SavedMemory:
    """Knows which storages are held, and by which nodes.

    Attributes:
        held: every saved tensor so far, in the order in which they were saved.
    """

    def __init__(self) -> None:
        """Nothing is held yet."""
        self.held: list[Held] = []
        self._of_function: dict[GradientFunction, list[Held]] = {}
        self._holders: dict[_Place, list[Held]] = {}
        self._storages = 0

    def note(self, function: GradientFunction, draft: Draft) -> None:
        """A node was made: it holds what it has saved."""
        if function in self._of_function:
            return
        self._of_function[function] = [
            self._hold(name, function, part, draft)
            for name, value in saved_values(function)
            if isinstance(value, Tensor)
            for part in _parts(value)
            if part.untyped_storage().nbytes()
        ]

    def release(self, function: GradientFunction, draft: Draft) -> None:
        """Backward has let go of what a node had saved."""
        for held in self._of_function.get(function, ()):
            if held.freed_by is None:
                held.freed_by = draft
                holders = self._holders[held.place]
                holders.remove(held)
                if not holders:
                    # The next tensor at this address is another one.
                    del self._holders[held.place]

    def close(self) -> None:
        """Lets go of every node."""
        self.held.clear()
        self._of_function.clear()
        self._holders.clear()

    def _hold(self, name: str, function: GradientFunction, part: Tensor, draft: Draft) -> Held:
        storage = part.untyped_storage()
        place = str(part.device), storage.data_ptr()
        holders = self._holders.setdefault(place, [])
        number = holders[0].storage if holders else self._storages
        self._storages += not holders
        held = Held(name, function, place, number, storage.nbytes(), draft)
        holders.append(held)
        self.held.append(held)
        return held


def _parts(value: Tensor) -> Iterator[Tensor]:
    """The tensors whose memory a tensor is made of: itself, or the parts of a sparse or nested one."""
    if torch._C._functorch.is_functorch_wrapped_tensor(value) or value.device.type == "meta":
        return
    if value.layout is torch.strided:
        yield value
    elif value.layout is torch.sparse_coo:
        yield from (value._indices(), value._values())
    elif value.layout in (torch.sparse_csr, torch.sparse_bsr):
        yield from (value.crow_indices(), value.col_indices(), value.values())
    elif value.layout in (torch.sparse_csc, torch.sparse_bsc):
        yield from (value.ccol_indices(), value.row_indices(), value.values())
    elif value.is_nested:
        yield value.values()
