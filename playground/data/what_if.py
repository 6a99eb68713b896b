"""What a recorded step would have been with some elements changed: made again beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.data.what_if_targets import Index, Intervention, WhatIfError
from playground.graph.model import Phase
from playground.recording.events import EventKind
from playground.recording.model import Recording, snapshots_of
from playground.recording.pairing import NodeChange, differing, node_changes, paired, same_events
from playground.recording.variables import find_in
from playground.tracing.numpy_arrays import results_heard
from playground.trainer import Trainer

if TYPE_CHECKING:
    import torch

    from playground.threads import Threads


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a tensor of the changed step is from the recorded one.

    Attributes:
        event: number of the event that gave it.
        output: which of its outputs.
        largest: the largest absolute difference of an element; NaN where only one is a number.
        changed: how many elements differ.
    """

    event: int
    output: int
    largest: float
    changed: int


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """A recorded step beside the same step with some elements changed.

    Attributes:
        interventions: what was changed.
        before: the recorded value of each; None of a whole row or column.
        real, changed: the two recordings; their events have the same numbers if `same_events`.
        same_events: whether the same operations ran.
        differences: of every tensor that differs, in the order of the events; none if others ran.
        paired: the real recording, in which each tensor that differs has its `twin`; none if others ran.
        nodes: what differs in the graph of each pass, by key of the node.
    """

    interventions: tuple[Intervention, ...]
    before: tuple[float | None, ...]
    real: Recording
    changed: Recording
    same_events: bool
    differences: tuple[Difference, ...]
    paired: Recording
    nodes: tuple[dict[str, NodeChange], ...]


def what_if(
    trainer: Trainer,
    recording: Recording,
    interventions: Sequence[Intervention],
    on_progress: Callable[[int, int], None] | None = None,
    threads: Threads | None = None,
) -> WhatIf:
    """Makes a recorded step of the run once more, from the beginning of the run, with some elements changed.

    A result is changed where it stands, without autograd hearing of it, as `h.data[7, 2] = 9` does right
    behind the operation: what follows uses the new value, what was computed before stays, and gradients flow
    back through the operation as ever (a ReLU that has saved its result looks at the new one).

    Args:
        trainer: the run.
        recording: a step of it.
        interventions: what is changed.
        on_progress, threads: as `Trainer.record_again`; also heard while the two steps are compared.

    Raises:
        WhatIfError: an element that is not there, or that cannot be changed.
        Exception: whatever the program raises.
    """
    if not interventions:
        raise WhatIfError("no element is changed; allowed: at least one")
    for each in interventions:
        if each.event is not None:
            _check_result(recording, each.event, each.index)
    before: dict[tuple[Index, str, int | None], float | None] = {}
    results = [each for each in interventions if each.event is not None]
    changing = _ChangingResults(recording, results)

    @contextmanager
    def around(twin: Trainer) -> Iterator[None]:
        for each in interventions:
            if each.event is None:
                before[each.place] = _put(_array(twin, each.name), each, each.name)
        with changing.heard():
            yield

    changed = trainer.record_again(recording.step, recording.run, on_progress, threads, around)
    changing.check()
    for each in interventions:
        if each.event is None:
            _check_arrived(changed, each)
        else:
            value = _first_output(recording, each.event)
            before[each.place] = None if None in each.index else float(value[each.index])
    same = same_events(recording, changed)
    both = paired(recording, changed) if same else recording
    tell = on_progress or (lambda _done, _of: None)
    for snapshot in snapshots_of(both):
        if snapshot.twin is not None:
            # The window need not compute what it shows.
            for each_one in (snapshot, snapshot.twin, snapshot.difference):
                tell(recording.step, recording.step)
                _ = None if each_one is None else each_one.statistics
    return WhatIf(
        tuple(interventions),
        tuple(before[each.place] for each in interventions),
        recording,
        changed,
        same,
        tuple(_differences(recording, changed)) if same else (),
        both,
        node_changes(both),
    )


def _check_result(recording: Recording, number: int, index: Index) -> None:
    """Checks an element of the result of an event."""
    if not 0 <= number < len(recording.events):
        raise WhatIfError(f"event {number} is not allowed; allowed: 0 to {len(recording.events) - 1}")
    event = recording.events[number]
    value = _first_output(recording, number)
    if event.phase is not Phase.FORWARD or value is None:
        raise WhatIfError(
            f"the result of event {number}, {event.op}, cannot be changed; allowed: a result of the forward "
            "pass"
        )
    _check(index, value.shape, event.label or event.op)


def _array(twin: Trainer, name: str) -> Any:
    """A variable or parameter of the twin."""
    variables = twin.started().variables()
    found = {**find_in(variables).parameters, **variables}.get(name)
    if name in ("x", "y") and f"{name}_all" in variables:
        raise WhatIfError(
            f"{name} is a mini-batch, which the step itself takes; allowed: {name}_all, all of its rows"
        )
    if not hasattr(found, "shape") or not hasattr(found, "dtype"):
        raise WhatIfError(f"{name!r} is not allowed; allowed: a tensor that the step finds, x or a parameter")
    return found


def _put(array: Any, intervention: Intervention, name: str) -> float | None:
    """Changes the element; its value before, None of several."""
    index = intervention.index
    _check(index, tuple(array.shape), name)
    kind = str(array.dtype)
    if ("int" in kind or "bool" in kind) and intervention.value != int(intervention.value):
        raise WhatIfError(f"{intervention.value:g} is not allowed in {name}; allowed: a whole number")
    # Not a step of the program's: autograd shall not hear of it.
    values = array if isinstance(array, np.ndarray) else array.data
    places = tuple(slice(None) if each is None else each for each in index)
    before = None if None in index else float(values[places])
    values[places] = intervention.value
    return before


def _check(index: Index, shape: tuple[int, ...], name: str) -> None:
    inside = len(index) == len(shape) and all(
        place is None or 0 <= place < length for place, length in zip(index, shape, strict=True)
    )
    if not inside:
        raise WhatIfError(f"{name}{list(index)} is not allowed; allowed: an element of shape {list(shape)}")


def _check_arrived(changed: Recording, intervention: Intervention) -> None:
    """Checks that the step has used the new value, and not made the variable anew."""
    name, index = intervention.name, intervention.index
    parameter = changed.parameter(name)
    ports = (port for event in changed.events for port in event.inputs if port.label == name)
    seen = [each.value for each in ports] if parameter is None else [parameter.before]
    kept = [each.values for each in seen if each is not None and each.values is not None]
    places = tuple(slice(None) if each is None else each for each in index)
    wanted = intervention.value
    if kept and not any(np.all(each[places] == np.asarray(wanted).astype(each.dtype)) for each in kept):
        raise WhatIfError(
            f"{name} is made by the step itself, after the change; allowed: what the step finds, or a result "
            "of its forward pass"
        )


class _ChangingResults:
    """Changes results of operations of a step while it runs."""

    def __init__(self, recording: Recording, interventions: Sequence[Intervention]) -> None:
        self._waiting = list(interventions)
        self._events = {each: recording.events[each.event or 0] for each in interventions}
        self._shapes = {each: _first_output(recording, each.event or 0).shape for each in interventions}
        self._left = {each: _place_among_alike(recording, each.event or 0) for each in interventions}
        self._problem: WhatIfError | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        """The step runs in the block."""
        with ExitStack() as stack:
            if self._waiting:
                stack.enter_context(results_heard(self._hear))
            if self._waiting and "torch" in sys.modules:
                stack.enter_context(_torch_heard(self._hear))
            yield

    def check(self) -> None:
        """Raises what has gone wrong; in the step itself it would count as the program's own failure."""
        if self._problem is not None:
            raise self._problem
        if self._waiting:
            raise WhatIfError(f"the operation of event {self._waiting[0].event} has not run again")

    def _hear(self, op: str | None, result: Any) -> None:
        for each in tuple(self._waiting):
            event = self._events[each]
            if op == event.op and tuple(getattr(result, "shape", ())) == self._shapes[each]:
                if self._left[each] == 0:
                    self._waiting.remove(each)
                    self._change(result, each, event.label or event.op)
                self._left[each] -= 1

    def _change(self, result: Any, intervention: Intervention, label: str) -> None:
        try:
            if not isinstance(result, np.ndarray) and result._is_view():
                raise WhatIfError(f"{label} is a view; allowed: what has memory of its own")
            _put(result, intervention, label)
        except WhatIfError as problem:
            self._problem = problem


def _torch_heard(hear: Callable[[str | None, object], None]) -> Any:
    from torch.overrides import TorchFunctionMode

    from playground.tracing.torch_functions import name_of

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            result: torch.Tensor = func(*args, **(kwargs or {}))
            hear(name_of(func), result)
            return result

    return Mode()


def _place_among_alike(recording: Recording, number: int) -> int:
    """How many operations of the same name with a result of the same shape ran before an event."""
    event, wanted = recording.events[number], _first_output(recording, number)
    return sum(
        each.kind is event.kind
        and each.phase is Phase.FORWARD
        and each.op == event.op
        and (value := _first_output(recording, each.number)) is not None
        and value.shape == wanted.shape
        for each in recording.events[:number]
    )


def _first_output(recording: Recording, number: int) -> Any:
    event = recording.events[number]
    if event.kind is EventKind.NODE or not event.outputs or event.outputs[0].value is None:
        return None
    return event.outputs[0].value.values


def _differences(real: Recording, changed: Recording) -> Iterator[Difference]:
    for one, other in zip(real.events, changed.events, strict=True):
        for number, (before, after) in enumerate(zip(one.outputs, other.outputs, strict=False)):
            if before.value is None or after.value is None:
                continue
            values, others = before.value.values, after.value.values
            if values is None or others is None or values.shape != others.shape:
                continue
            found = differing(values, others)
            if found.any():
                with np.errstate(all="ignore"):
                    largest = np.abs(np.asarray(values, np.float64) - np.asarray(others, np.float64))
                yield Difference(one.number, number, float(largest[found].max()), int(found.sum()))
