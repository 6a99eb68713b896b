"""What an update does to a parameter, and what the optimizer's own arithmetic on the way is for."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from playground.recording.events import Change, Event
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot
from playground.setting_specs import short_float

_MEANINGS = {
    "exp_avg": "the running mean of the gradient",
    "exp_avg_sq": "the running mean of the gradient's square",
    "momentum_buffer": "the sum of the gradients so far, the older the fainter",
    "square_avg": "the running mean of the gradient's square",
    "sum": "the sum of the squared gradients so far",
    "step": "how many updates there were",
    "max_exp_avg_sq": "the largest running mean of the square so far",
}


def meaning_of(state: str) -> str:
    """What an entry of an optimizer's state is, "" for one that is not known here."""
    return _MEANINGS.get(state, "")


def update_sentence(recording: Recording, event: Event) -> str:
    """Of the event in which parameters get their new values."""
    if len(event.changes) > 1:
        return f"Gives {len(event.changes)} parameters their new values, all at once."
    change = event.changes[0]
    name, states = change.parameter, {each.name for each in change.state}
    moved = largest_move(change)
    numbers = "" if moved is None else f" Its numbers move by up to {_number(moved)}."
    parameter = recording.parameter(name)
    rate = None if parameter is None else parameter.learning_rate
    times = "" if rate is None else f"lr {short_float(rate)} × "
    if {"exp_avg", "exp_avg_sq"} <= states:
        step = f"{times or 'lr × '}exp_avg / √exp_avg_sq"
        what = (
            "running means of its gradient and of the gradient's square, both corrected for their start at 0"
        )
        return f"{name} moves by −{step}. These are {what}.{numbers}{_sgd_words(change, rate)}"
    if "momentum_buffer" in states:
        return (
            f"{name} moves against its momentum buffer: {name} −= {times or 'lr × '}momentum_buffer.{numbers}"
        )
    if states - {"step"}:
        return (
            f"{name} moves against its gradient, scaled by {', '.join(sorted(states - {'step'}))}.{numbers}"
        )
    if change.gradient is None:
        return f"{name} gets a new value.{numbers}"
    step = _handwritten(event) or f"{times or 'lr × '}{name}.grad"
    return f"{name} moves against its gradient: {name} −= {step}.{numbers}"


def inner_update_sentence(event: Event) -> str:
    """Of an operation by which an optimizer keeps its state; "" for any other event."""
    if not event.inputs or event.phase != "update":
        return ""
    owner, _, state = event.inputs[0].label.rpartition(".")
    if not owner or state not in _MEANINGS:
        return ""
    what = f"{owner}.{state}"
    if state == "step":
        found = "" if not event.outputs else _counted(event.outputs[0].value)
        return f"Counts the updates of {owner}{found}."
    meaning = _MEANINGS[state]
    if event.op == "mul_":
        return f"Lets {what} fade; it is {meaning}."
    if event.op in ("lerp_", "addcmul_", "add_", "addcmul"):
        source = "the square of the gradient" if event.op.startswith("addcmul") else "the gradient"
        return f"Mixes {source} of this step into {what}, {meaning}."
    return f"{event.op} of {what}, {meaning}."


def sgd_move(change: Change, learning_rate: float | None) -> Snapshot | None:
    """The update that plain SGD would make of the same gradient, −lr × gradient; None if it is not known."""
    if change.gradient is None or learning_rate is None:
        return None
    found = _sgd_move(change.before, change.gradient, learning_rate)
    if found is not None and change.gradient.twin is not None:
        found.twin = _sgd_move(change.before, change.gradient.twin, learning_rate)
    return found


def _sgd_move(before: Snapshot, gradient: Snapshot, learning_rate: float) -> Snapshot | None:
    if gradient.values is None:
        return None
    with np.errstate(all="ignore"):
        return _like(before, (-learning_rate * gradient.values).astype(gradient.values.dtype))


def move_of(change: Change) -> Snapshot | None:
    """The update that was made, after − before; None where the values were too large to keep."""
    before, after = change.before, change.after
    found = _move(before, after)
    if found is not None and (before.twin is not None or after.twin is not None):
        found.twin = _move(before.twin or before, after.twin or after)
    return found


def _move(before: Snapshot, after: Snapshot) -> Snapshot | None:
    if before.values is None or after.values is None:
        return None
    with np.errstate(all="ignore"):
        return _like(before, after.values - before.values)


def largest_move(change: Change) -> float | None:
    """How far the update moved an element at most; None where that is not known."""
    before, after = change.before.values, change.after.values
    if before is None or after is None or not before.size:
        return None
    with np.errstate(all="ignore"):
        largest = max(float(np.abs(piece).max()) for piece in _pieces(before, after))
    return largest if math.isfinite(largest) else None


_PIECE = 8192


def _pieces(
    before: npt.NDArray[np.generic], after: npt.NDArray[np.generic]
) -> Iterator[npt.NDArray[np.float64]]:
    """Differences, a piece at a time: what stays in the processor's cache takes a fraction of the time."""
    first, second = before.ravel(), after.ravel()
    for start in range(0, first.size, _PIECE):
        piece = slice(start, start + _PIECE)
        yield np.subtract(second[piece], first[piece], dtype=np.float64)


def _sgd_words(change: Change, rate: float | None) -> str:
    gradient = None if change.gradient is None else change.gradient.values
    if gradient is None or rate is None or not gradient.size:
        return ""
    largest = rate * max(float(gradient.max()), -float(gradient.min()))
    return f" SGD would move them by up to {_number(largest)}." if math.isfinite(largest) else ""


def _handwritten(event: Event) -> str:
    """`"learning_rate * w1.grad"` where the program subtracts that."""
    subtracts = event.op in ("sub_", "subtract", "sub", "__isub__") and len(event.inputs) > 1
    return event.inputs[1].label if subtracts else ""


def _counted(value: Snapshot | None) -> str:
    return "" if value is None or value.number is None else f": {value.number:g}"


def _like(other: Snapshot, values: npt.NDArray[np.generic]) -> Snapshot:
    return Snapshot(other.shape, other.dtype, other.device, False, values.nbytes, values)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
