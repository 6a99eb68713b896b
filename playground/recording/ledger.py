"""The ledgers of a step: what happened to each gradient, and what was saved for backward, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from playground.recording.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one use of a parameter adds to its gradient.

    Attributes:
        event: number of the backward event that gave it.
        source: key of the node that gave it, in the graph of its pass.
        label: the use in words: the module's path and its number of the call, or the expression.
        line: line of the source where the parameter was used, or None.
        value: the summand.
        backward_pass: number of the pass in which it arrived.
    """

    event: int
    source: str
    label: str
    line: int | None
    value: Snapshot
    backward_pass: int = 0


class GradientCause(StrEnum):
    """What happened to a `.grad`."""

    ACCUMULATED = "accumulated"
    """A backward pass added to it."""
    RETURNED = "returned"
    """`torch.autograd.grad` gave the gradient to the program; `.grad` stays as it was."""
    ZEROED = "set to zero"
    REMOVED = "set to None"
    REPLACED = "replaced"
    """The program put another tensor in its place."""
    CHANGED = "changed in place"
    """It was clipped, unscaled, or written in another way."""
    READ = "read by the update"
    UNSEEN = "changed unseen"
    """It is not what it was, though nothing was seen to change it."""


@dataclass(frozen=True, slots=True, eq=False)
class GradientEntry:
    """One thing that happened to a `.grad`.

    Attributes:
        cause: what.
        event: number of the event that did it; None if no event stands for it.
        line: line of the source, or None.
        before, after: `.grad` on either side of it; None where there was none.
        contributions: of a backward pass, what each use added, in the order in which torch adds them up:
            `before + (first + second + …)` is `after`, bit for bit.
        backward_pass: number of the pass that did it; None for anything else.
    """

    cause: GradientCause
    event: int | None
    line: int | None
    before: Snapshot | None
    after: Snapshot | None
    contributions: tuple[Contribution, ...] = ()
    backward_pass: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GradientLedger:
    """Everything that happened to one tensor's `.grad` in a step, in order.

    Attributes:
        name: of the tensor, in the program's words.
        is_leaf: whether it is a leaf; else the program asked for its gradient by `retain_grad()`.
        entries: in the order in which they happened.
    """

    name: str
    is_leaf: bool
    entries: tuple[GradientEntry, ...]

    @property
    def read(self) -> tuple[Snapshot | None, tuple[Contribution, ...]]:
        """What the last update read, and what the uses had added to it since it was last put to nothing.

        Without an update: what is there at the end.
        """
        value: Snapshot | None = None
        uses: list[Contribution] = []
        nothing: tuple[Snapshot | None, tuple[Contribution, ...]] = (None, ())
        # Without a `.grad` an update goes by what `torch.autograd.grad` has given to the program.
        given, found = nothing, None
        for entry in self.entries:
            if entry.cause is GradientCause.READ:
                is_given = entry.before is not None and entry.before is given[0]
                found = given if is_given else (entry.before, tuple(uses))
            elif entry.cause is GradientCause.RETURNED:
                given = entry.after, entry.contributions
            elif entry.cause in (GradientCause.ZEROED, GradientCause.REMOVED, GradientCause.REPLACED):
                value, uses, given = entry.after, [], nothing
            else:
                value = entry.after
                uses += entry.contributions
        return found or (given if value is None else (value, tuple(uses)))


@dataclass(frozen=True, slots=True, eq=False)
class SavedTensor:
    """A tensor that a node put aside for its backward.

    Attributes:
        name: as PyTorch calls it: `"self"`, `"mat2"`, `"saved_tensors[0]"`.
        label: the tensor in the program's words.
        node: key of the node in the graph of its pass; None if it is in no pass's graph.
        backward_pass: number of that pass, or None.
        nbytes: bytes of its storage.
        storage: number of its storage; tensors that share memory have the same.
        made_by: number of the event that saved it, or None.
        freed_by: number of the event in which backward let go of it; None if it was held to the end.
    """

    name: str
    label: str
    node: str | None
    backward_pass: int | None
    nbytes: int
    storage: int
    made_by: int | None
    freed_by: int | None


@dataclass(frozen=True, slots=True, eq=False)
class MemoryLedger:
    """What a step holds for backward.

    Attributes:
        saved: every saved tensor, in the order in which they were saved.
        totals: bytes held after each event of the step; a storage that several share counts once.
    """

    saved: tuple[SavedTensor, ...] = ()
    totals: tuple[int, ...] = ()

    @property
    def peak(self) -> int:
        """The most that was held at once, in bytes."""
        return max(self.totals, default=0)


def held_bytes(saved: tuple[SavedTensor, ...], events: int) -> tuple[int, ...]:
    """Bytes held after each of so many events.

    A storage counts from the first event that saved it until the last of its holders let go of it.
    """
    begin: dict[int, int] = {}
    end: dict[int, int] = {}
    size: dict[int, int] = {}
    for each in saved:
        size[each.storage] = each.nbytes
        begin[each.storage] = min(begin.get(each.storage, events), each.made_by or 0)
        end[each.storage] = max(end.get(each.storage, 0), events if each.freed_by is None else each.freed_by)
    steps = [0] * (events + 1)
    for storage, nbytes in size.items():
        steps[begin[storage]] += nbytes
        steps[end[storage]] -= nbytes
    return tuple(accumulate(steps[:events]))
