"""Finds the tensors of two recorded steps that are the same quantity, by their values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from playground.graph.model import Phase
from playground.recording.events import Event, EventKind, Port
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot

TOLERANCE = 1e-6
"""Largest relative difference of one quantity computed in two ways, both in float64."""
TOLERANCE_SINGLE = 1e-3
"""The same if one of the two is of a type with fewer digits."""
_ROUNDING = 1e-2
"""Below this share of the tolerance a difference is rounding: it does not tell the better pair."""

Callers = Mapping[int, tuple[int, ...]]
"""Of each event by number, the lines from which the code that ran was called."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A tensor of one side, and where it came from.

    Attributes:
        label: in the program's words; of a parameter, `"w1 before"` and `"w1 after"` the update.
        line: that made it, or None for data and parameters, which were there before the step.
        event: number of the event that made it, or None.
        node: key of the graph's node that made it; of data and parameters their own; None if unknown.
        also: further lines that took part: those that called the one that made it, and those that made
            the tensor that it was written into.
    """

    label: str
    line: int | None = None
    event: int | None = None
    node: str | None = None
    also: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """All lines that took part, the one that made it first."""
        return () if self.line is None else (self.line, *self.also)


@dataclass(frozen=True, slots=True)
class TensorPair:
    """One quantity as the two sides computed it.

    Attributes:
        phase: in which both did.
        left, right: the two tensors.
        transposed: whether one is the other with rows and columns exchanged.
        absolute: largest difference of two elements.
        relative: the same as a share of the largest element.
    """

    phase: Phase
    left: Quantity
    right: Quantity
    transposed: bool
    absolute: float
    relative: float


@dataclass(frozen=True, slots=True, eq=False)
class _Tensor:
    phase: Phase
    quantity: Quantity
    value: Snapshot
    overwrites: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    left: int
    right: int
    transposed: bool
    absolute: float
    relative: float
    is_rounding: bool
    same_name: bool

    def rank(self) -> tuple[bool, bool, bool, int, int]:
        """The likeliest pair comes first: nearest, of one name, as they stand, earliest."""
        return not self.is_rounding, not self.same_name, self.transposed, self.left, self.right


def find_pairs(
    left: Recording, left_callers: Callers, right: Recording, right_callers: Callers
) -> tuple[TensorPair, ...]:
    """Every quantity that both steps have, in the order of the left one; no tensor is used twice.

    Args:
        left, right: the two steps. What is too large for its elements to be kept is left out.
        left_callers, right_callers: from `StepLines.callers`.
    """
    ours, theirs = list(_tensors(left, left_callers)), list(_tensors(right, right_callers))
    chosen: list[_Candidate] = []
    taken: set[int] = set()
    for candidate in sorted(_candidates(ours, theirs), key=_Candidate.rank):
        values = {id(ours[candidate.left].value), id(theirs[candidate.right].value)}
        if not values & taken:
            chosen.append(candidate)
            taken |= values
    return tuple(
        TensorPair(
            ours[each.left].phase,
            _with_first_versions(ours, each.left, taken),
            _with_first_versions(theirs, each.right, taken),
            each.transposed,
            each.absolute,
            each.relative,
        )
        for each in sorted(chosen, key=lambda each: (list(Phase).index(ours[each.left].phase), each.left))
    )


def _candidates(ours: Sequence[_Tensor], theirs: Sequence[_Tensor]) -> Iterator[_Candidate]:
    for i, left in enumerate(ours):
        for j, right in enumerate(theirs):
            if left.phase is not right.phase:
                continue
            tolerance = _tolerance(left.value, right.value)
            same_name = _name(left.quantity.label) == _name(right.quantity.label)
            for transposed, absolute, relative in _differences(left.value, right.value):
                if relative <= tolerance:
                    is_rounding = relative <= tolerance * _ROUNDING
                    yield _Candidate(i, j, transposed, absolute, relative, is_rounding, same_name)


def _differences(left: Snapshot, right: Snapshot) -> Iterator[tuple[bool, float, float]]:
    """Largest absolute and relative difference, as they stand and transposed, where the shapes allow it."""
    if left.values is None or right.values is None:
        return
    if (left.values.dtype == np.bool_) != (right.values.dtype == np.bool_):
        return
    first, second = left.values.astype(np.float64), right.values.astype(np.float64)
    ways = [(False, second)] + ([(True, second.T)] if second.ndim == 2 else [])
    for transposed, other in ways:
        if other.shape == first.shape and first.size:
            with np.errstate(all="ignore"):
                absolute = float(np.abs(first - other).max())
                largest = float(max(np.abs(first).max(), np.abs(other).max()))
            yield transposed, absolute, absolute / largest if largest else absolute


def _tolerance(left: Snapshot, right: Snapshot) -> float:
    both_double = all("float64" in each.dtype for each in (left, right))
    return TOLERANCE if both_double else TOLERANCE_SINGLE


def _name(label: str) -> str:
    """The label with every way to write a gradient written alike: `grad_w1`, `∂L/∂w1` and `w1.grad`."""
    for start in ("∂L/∂", "grad_"):
        if label.startswith(start):
            return "∂" + label.removeprefix(start).removeprefix("(").removesuffix(")")
    return "∂" + label.removesuffix(".grad") if label.endswith(".grad") else label


def _with_first_versions(tensors: Sequence[_Tensor], number: int, paired: Collection[int]) -> Quantity:
    """With the lines that made what it was written into, unless that is a quantity of its own."""
    tensor = tensors[number]
    if not tensor.overwrites:
        return tensor.quantity
    lines = [
        each.quantity.line
        for each in tensors[:number]
        if id(each.value) not in paired
        and each.phase is tensor.phase
        and each.quantity.label == tensor.quantity.label
        and each.quantity.line not in (None, *tensor.quantity.lines)
    ]
    further = tuple(line for line in lines if line is not None)
    return replace(tensor.quantity, also=(*further, *tensor.quantity.also))


def _tensors(recording: Recording, callers: Callers) -> Iterator[_Tensor]:
    """Every tensor of a step at each place that made it, or handed it on unchanged under another name."""
    for parameter in recording.parameters:
        before = Quantity(f"{parameter.name} before", node=parameter.node)
        yield _Tensor(Phase.FORWARD, before, parameter.before)
    yield from _data(recording)
    first = next((event for event in recording.events if event.kind is EventKind.NODE), None)
    for event in sorted(recording.events, key=lambda each: _place(recording, each)):
        # The gradient with which backward begins leaves no node.
        ports = (*event.inputs, *event.outputs) if event is first else event.outputs
        yield from _made_by(recording, event, ports, callers.get(event.number, ()))


def _place(recording: Recording, event: Event) -> tuple[int, bool, int]:
    """Puts what ran inside a node before the node: its code is what did the work."""
    root = event
    while root.parent is not None:
        root = recording.events[root.parent]
    return root.number, root is event, event.number


def _data(recording: Recording) -> Iterator[_Tensor]:
    """What the forward pass used and no operation made."""
    made = {id(port.value) for event in recording.events for port in event.outputs}
    for event in recording.events:
        if event.phase in (Phase.FORWARD, Phase.LOSS):
            for port in event.inputs:
                if port.value is not None and id(port.value) not in made:
                    yield _Tensor(Phase.FORWARD, Quantity(port.label, node=port.node), port.value)


def _made_by(
    recording: Recording, event: Event, ports: Sequence[Port], callers: tuple[int, ...]
) -> Iterator[_Tensor]:
    node = _node_of(recording, event)
    updated = {change.parameter for change in event.changes}
    read = {port.label for port in event.inputs}
    for port in ports:
        if port.value is not None and port.label not in updated:
            overwrites = event.kind is EventKind.OPERATION and port.label in read
            where = node if event.kind is EventKind.NODE else port.node or node
            place = Quantity(port.label, event.line, event.number, where, callers)
            yield _Tensor(event.phase, place, port.value, overwrites)
    for parameter in recording.parameters:
        if parameter.update == event.number and parameter.after is not None:
            written = next((port.node for port in event.outputs if port.label == parameter.name), None)
            where = written or parameter.node
            after = Quantity(f"{parameter.name} after", event.line, event.number, where, callers)
            yield _Tensor(Phase.UPDATE, after, parameter.after)


def _node_of(recording: Recording, event: Event) -> str | None:
    """The node that the event stands for, else the one inside which it ran."""
    while event.node is None and event.parent is not None:
        event = recording.events[event.parent]
    return event.node
