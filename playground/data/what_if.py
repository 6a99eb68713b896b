"""What a recorded step would have been with one element changed: made again beside it, the run untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.graph.model import Phase
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording
from playground.recording.variables import find_in
from playground.trainer import Trainer

if TYPE_CHECKING:
    import torch

    from playground.threads import Threads

Index = tuple[int, ...]


class WhatIfError(ValueError):
    """Why something cannot be changed, in one line."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """One element with another value.

    Attributes:
        index: of the element.
        value: that it shall have.
        name: of a variable (`"x"`, `"w1"`) or of a parameter (`"0.weight"`); "" with an event.
        event: number of an operation of the forward pass, whose result is changed before anything uses it;
            None with a name.
    """

    index: Index
    value: float
    name: str = ""
    event: int | None = None


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
    """A recorded step beside the same step with one element changed.

    Attributes:
        intervention: what was changed.
        before: the element's recorded value.
        real, changed: the two recordings; their events have the same numbers if `same_events`.
        same_events: whether the same operations ran.
        differences: of every tensor that differs, in the order of the events; none if others ran.
    """

    intervention: Intervention
    before: float
    real: Recording
    changed: Recording
    same_events: bool
    differences: tuple[Difference, ...]


def what_if(
    trainer: Trainer,
    recording: Recording,
    intervention: Intervention,
    on_progress: Callable[[int, int], None] | None = None,
    threads: Threads | None = None,
) -> WhatIf:
    """Makes a recorded step of the run once more, from the beginning of the run, with one element changed.

    A result is changed where it stands, without autograd hearing of it: what follows uses the new value,
    what was computed before stays, and gradients flow back through the operation as they did.

    Args:
        trainer: the run.
        recording: a step of it.
        intervention: what is changed.
        on_progress, threads: as `Trainer.record_again`.

    Raises:
        WhatIfError: an element that is not there, or that cannot be changed.
        Exception: whatever the program raises.
    """
    before = _value(recording, intervention) if intervention.event is not None else float("nan")

    @contextmanager
    def around(twin: Trainer) -> Iterator[None]:
        nonlocal before
        if intervention.event is None:
            before = _put(_array(twin, intervention.name), intervention)
            yield
            return
        with _changing_result(recording, recording.events[intervention.event], intervention) as done:
            yield
        if not done:
            raise WhatIfError(f"the operation of event {intervention.event} has not run again")

    changed = trainer.record_again(recording.step, recording.run, on_progress, threads, around)
    same = [each.op for each in recording.events] == [each.op for each in changed.events]
    differences = tuple(_differences(recording, changed)) if same else ()
    return WhatIf(intervention, before, recording, changed, same, differences)


def _value(recording: Recording, intervention: Intervention) -> float:
    """The recorded value of the result that shall be changed."""
    number = intervention.event
    assert number is not None, "the caller has looked"
    if not 0 <= number < len(recording.events):
        raise WhatIfError(f"event {number} is not allowed; allowed: 0 to {len(recording.events) - 1}")
    event = recording.events[number]
    value = _first_output(event)
    if recording.stage == "numpy" or event.phase is not Phase.FORWARD or value is None:
        raise WhatIfError(
            f"the result of event {number}, {event.op}, cannot be changed; allowed: a result of the forward "
            "pass of a stage with tensors"
        )
    _check(intervention.index, value.shape, event.label or event.op)
    return float(value[intervention.index])


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


def _put(array: Any, intervention: Intervention) -> float:
    """Changes the element; its value before."""
    _check(intervention.index, tuple(array.shape), intervention.name)
    # Not a step of the program's: autograd shall not hear of it.
    values = array if isinstance(array, np.ndarray) else array.data
    before = float(values[intervention.index])
    values[intervention.index] = intervention.value
    return before


def _check(index: Index, shape: tuple[int, ...], name: str) -> None:
    inside = len(index) == len(shape) and all(
        0 <= place < length for place, length in zip(index, shape, strict=True)
    )
    if not inside:
        raise WhatIfError(f"{name}{list(index)} is not allowed; allowed: an element of shape {list(shape)}")


@contextmanager
def _changing_result(recording: Recording, event: Event, intervention: Intervention) -> Iterator[list[bool]]:
    """Changes the result of the operation that is the event's in the step that runs in the block."""
    from torch.overrides import TorchFunctionMode

    from playground.tracing.torch_functions import name_of

    wanted = _first_output(event)
    assert wanted is not None, "the caller has looked"
    alike = [
        each.number
        for each in recording.events
        if each.kind is event.kind
        and each.phase is Phase.FORWARD
        and each.op == event.op
        and (value := _first_output(each)) is not None
        and value.shape == wanted.shape
    ]
    left = alike.index(event.number)
    done: list[bool] = []

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal left
            result: torch.Tensor = func(*args, **(kwargs or {}))
            if not done and name_of(func) == event.op and getattr(result, "shape", None) == wanted.shape:
                if left == 0:
                    result.data[intervention.index] = intervention.value
                    done.append(True)
                left -= 1
            return result

    with Mode():
        yield done


def _first_output(event: Event) -> Any:
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
            differing = (values != others) & ~((values != values) & (others != others))
            if differing.any():
                with np.errstate(all="ignore"):
                    largest = np.abs(np.asarray(values, np.float64) - np.asarray(others, np.float64))
                yield Difference(one.number, number, float(largest[differing].max()), int(differing.sum()))
