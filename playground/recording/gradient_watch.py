"""Follows every `.grad` through a step: what backward adds, what the program changes, what updates read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.recording.ledger import GradientCause
from playground.recording.snapshot import Snapshot

if TYPE_CHECKING:
    from torch import Tensor

    from playground.recording.drafts import Draft, PassDraft

ZEROING = frozenset({"zero_", "_foreach_zero_"})


@dataclass(frozen=True, slots=True, eq=False)
class GradientNote:
    """An entry of a ledger in the making; see `GradientEntry`."""

    cause: GradientCause
    draft: Draft | None
    before: Snapshot | None
    after: Snapshot | None
    walk: PassDraft | None = None


@dataclass(slots=True, eq=False)
class Followed:
    """A tensor whose `.grad` is followed.

    Attributes:
        tensor: the tensor.
        notes: what happened to its `.grad`, in order.
        gradient: what `.grad` was when it was last looked at.
        version: that tensor's version then.
        value: what it was.
        returned: what `torch.autograd.grad` gave for the tensor since `.grad` was last put to nothing.
    """

    tensor: Tensor
    notes: list[GradientNote] = field(default_factory=list)
    gradient: Tensor | None = None
    version: int = 0
    value: Snapshot | None = None
    returned: Snapshot | None = None


class GradientWatch:
    """Keeps a ledger for each tensor that has, or may get, a gradient of its own."""

    def __init__(self, take: Callable[[object], Snapshot | None]) -> None:
        """Follows nothing yet.

        Args:
            take: makes a snapshot of a tensor.
        """
        self._take = take
        self._followed: dict[int, Followed] = {}
        self._at_storage: dict[int, dict[int, Followed]] = {}
        self._noted = 0

    def __iter__(self) -> Iterator[Followed]:
        """Every tensor that is followed, in the order in which it was met."""
        return iter(self._followed.values())

    def __len__(self) -> int:
        """How many things have happened."""
        return self._noted

    def follow(self, tensor: Tensor) -> Followed:
        """Follows a tensor and its `.grad`."""
        found = self._followed.get(id(tensor))
        if found is None:
            found = self._followed[id(tensor)] = Followed(tensor)
            self._look(found)
        return found

    def now(self, tensor: Tensor) -> Snapshot | None:
        """What its `.grad` is now; None if it has none."""
        found = self.follow(tensor)
        self.check(found)
        return found.value

    def known(self, tensor: Tensor) -> tuple[Tensor | None, Snapshot | None]:
        """What its `.grad` was when it was last looked at: the tensor and its value."""
        found = self.follow(tensor)
        return found.gradient, found.value

    def note(
        self, tensor: Tensor, cause: GradientCause, draft: Draft | None, walk: PassDraft | None = None
    ) -> None:
        """Something has happened to a tensor's `.grad`."""
        found = self.follow(tensor)
        before = found.value
        self._look(found)
        if cause in (GradientCause.ZEROED, GradientCause.REMOVED, GradientCause.REPLACED):
            found.returned = None
            if before is None and found.value is None:
                return
        self._add(found, GradientNote(cause, draft, before, found.value, walk))

    def returned(self, tensor: Tensor, gradient: Tensor, draft: Draft | None, walk: PassDraft) -> None:
        """`torch.autograd.grad` has given the program a gradient by this tensor."""
        found = self.follow(tensor)
        found.returned = self._take(gradient)
        self._add(found, GradientNote(GradientCause.RETURNED, draft, None, found.returned, walk))

    def written(self, draft: Draft, storages: Iterable[int | None]) -> None:
        """An operation has written into some memory: perhaps that of a gradient."""
        for storage in dict.fromkeys(storages):
            for found in list(self._at_storage.get(storage or 0, {}).values()):
                cause = GradientCause.ZEROED if draft.op in ZEROING else GradientCause.CHANGED
                self.note(found.tensor, cause, draft)

    def read(self, tensor: Tensor, draft: Draft | None) -> Snapshot | None:
        """An update writes the tensor: gives the gradient that it has read for that."""
        found = self.follow(tensor)
        self.check(found)
        value = found.value if found.value is not None else found.returned
        latest = found.notes[-1].cause if found.notes else None
        # The operations of one update read it together.
        if value is not None and latest is not GradientCause.READ:
            self._add(found, GradientNote(GradientCause.READ, draft, value, value))
        return value

    def check(self, found: Followed) -> None:
        """Notices that a `.grad` is not what it was though nothing was seen to change it."""
        if not self.has_changed(found):
            return
        before = found.value
        self._look(found)
        if found.value is not before:
            self._add(found, GradientNote(GradientCause.UNSEEN, None, before, found.value))

    def has_changed(self, found: Followed) -> bool:
        """Whether its `.grad` is not the tensor, or not in the state, that was last looked at."""
        gradient = _gradient_of(found.tensor)
        return gradient is not found.gradient or (
            gradient is not None and _version(gradient) != found.version
        )

    def check_all(self) -> None:
        """Looks at every `.grad` once more."""
        for found in self._followed.values():
            self.check(found)

    def close(self) -> None:
        """Lets go of every tensor."""
        self._followed.clear()
        self._at_storage.clear()

    def _add(self, found: Followed, note: GradientNote) -> None:
        found.notes.append(note)
        self._noted += 1

    def _look(self, found: Followed) -> None:
        gradient = _gradient_of(found.tensor)
        if gradient is not found.gradient:
            for tensor, is_new in ((found.gradient, False), (gradient, True)):
                storage = None if tensor is None else _storage(tensor)
                if storage is None:
                    continue
                if is_new:
                    self._at_storage.setdefault(storage, {})[id(found)] = found
                else:
                    self._at_storage.get(storage, {}).pop(id(found), None)
        found.gradient = gradient
        found.version = 0 if gradient is None else _version(gradient)
        found.value = None if gradient is None else self._take(gradient)


def _gradient_of(tensor: Tensor) -> Tensor | None:
    # PyTorch warns whoever asks this of a tensor that keeps none.
    return tensor.grad if tensor.is_leaf or tensor.retains_grad else None


def _storage(tensor: Tensor) -> int | None:
    from playground.tracing.torch_functions import see

    return see(tensor).storage


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version
