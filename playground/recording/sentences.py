"""What happens at an event, in one plain sentence with the names and numbers of the step itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from playground.graph.sizes import shape_text
from playground.recording.chain_terms import transposed
from playground.recording.events import Event, EventKind, Port
from playground.recording.ledger import GradientCause, GradientEntry
from playground.recording.model import BackwardPass, Recording
from playground.recording.update_sentences import inner_update_sentence, update_sentence

LEAF = "AccumulateGrad"
_MOST_NAMES = 3

_Words: TypeAlias = Callable[[Recording, Event], str]


def sentence(recording: Recording, number: int) -> str:
    """What an event does, "" only for a change that nothing was seen to make."""
    event = recording.events[number]
    if event.kind is EventKind.NODE:
        return _of_node(recording, event)
    if event.changes:
        return update_sentence(recording, event)
    zeroed = _zeroed(recording, event)
    if zeroed:
        return zeroed
    inner = inner_update_sentence(event)
    if inner:
        return inner
    if event.op in FORWARD and event.inputs:
        return FORWARD[event.op](recording, event)
    if not event.inputs:
        return f"Calls {event.op}()."
    if event.phase == "update" and all(_is_unnamed(port) for port in event.inputs):
        return f"A part of the update's arithmetic: {short_form(event)}."
    return f"{_bound(event)}{short_form(event)}."


def short_form(event: Event) -> str:
    """The operation on its operands in a few characters: `"x @ w1"`, `"w2.grad ← 0"`; "" for a node."""
    if event.kind is EventKind.NODE or not event.inputs:
        return ""
    names = [_name(port) for port in event.inputs]
    op = event.op
    if op in _PRODUCTS and len(names) > 1:
        return f"{names[0]} @ {names[1]}"
    if op == "linear" and len(names) > 1:
        bias = f" + {names[2]}" if len(names) > 2 else ""
        return f"{names[0]} @ {transposed(names[1])}{bias}"
    if op in _SIGNS and len(names) > 1:
        sign = _SIGNS[op]
        return f"{names[0]} {sign}= {names[1]}" if op.endswith("_") else f"{names[0]} {sign} {names[1]}"
    if op == "zero_":
        return f"{names[0]} ← 0"
    if op == "zero_grad":
        return f".grad of {len(names)} parameters ← None" if len(names) > 1 else f"{names[0]} ← None"
    return f"{op}({', '.join(names)})"


def pass_sentence(recording: Recording, number: int) -> str:
    """What a whole `backward()` does, for the event at which it begins; "" for any other."""
    owner = next((each for each in recording.passes if each.events and each.events.start == number), None)
    if owner is None:
        return ""
    nodes = [recording.events[each] for each in owner.events]
    operations = sum(each.kind is EventKind.NODE and each.op != LEAF for each in nodes)
    way = f"The gradient of {_root(owner)} flows back through {operations} operation{_s(operations)}"
    if owner.call == "grad":
        return f"torch.autograd.grad: {way[0].lower()}{way[1:]}; it is returned, and no .grad is written."
    leaves = [each.label for each in nodes if each.op == LEAF]
    if not leaves:
        return f"{way}."
    grads = [f"{each}.grad" for each in leaves]
    if len(grads) > _MOST_NAMES:
        return f"{way}; the .grad of {len(grads)} parameters is added to."
    verb = "is" if len(grads) == 1 else "are"
    return f"{way}; {_and(grads)} {verb} added to."


def _root(owner: BackwardPass) -> str:
    return owner.label if owner.label and owner.label != "loss" else "the loss"


# Backward


def _of_node(recording: Recording, event: Event) -> str:
    if event.op == LEAF:
        return _accumulation(recording, event)
    sources = [_source(port.label) for port in event.outputs if port.value is not None]
    here = event.label or event.op
    known = [each for each in sources if each]
    if not known:
        return f"The gradient that arrived at {here} ends here." if not sources else ""
    if event.op in ("TBackward0", "ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0"):
        return f"The gradient of {here} is laid out as {known[0]} is: no number changes."
    if event.op.startswith("MyReLU"):
        return f"Your own backward() runs: it turns the gradient of {here} into that of {known[0]}."
    leaves = [each for each in known if recording.parameter(each.removesuffix("ᵀ")) is not None]
    if leaves == known and len(known) == 1:
        return (
            f"How much each number of {known[0]} changes the loss, from the gradient that arrived at {here}."
        )
    how = _HOW.get(event.op, "")
    return f"From the gradient of {here} comes that of {_and(known)}{how}."


_HOW: Mapping[str, str] = {
    "ReluBackward0": ": it passes where the input was above 0, and is 0 elsewhere",
    "ClampBackward1": ": it passes where the input was not cut off, and is 0 elsewhere",
    "ClampMinBackward0": ": it passes where the input was not cut off, and is 0 elsewhere",
    "PowBackward0": ": times the slope of the power at each number",
    "SubBackward0": ", unchanged but for the sign of what is subtracted",
    "AddBackward0": ", unchanged",
    "SumBackward0": ": each number of it gets the same",
    "MeanBackward0": ": each number of it gets the same share",
    "MseLossBackward0": ": it grows with the distance from the target",
}


def _accumulation(recording: Recording, event: Event) -> str:
    entry = _entry(recording, event)
    name = next((port.label for port in event.outputs if port.label), f"{event.label}.grad")
    uses = 0 if entry is None else len(entry.contributions)
    what = f"the sum of {uses} gradients, one per use" if uses > 1 else "the gradient that arrived"
    if entry is None:
        return f"Adds {what} to {name}."
    held = entry.before
    if held is None:
        return f"{name} was None; it becomes {what}."
    if held.statistics.zeros == 1:
        return f"{name} was zero; it now holds {what}."
    return f"Adds {what} to {name}, which already held one."


def _entry(recording: Recording, event: Event) -> GradientEntry | None:
    entries = (entry for ledger in recording.gradients for entry in ledger.entries)
    return next((each for each in entries if each.event == event.number), None)


def _source(label: str) -> str:
    """`"w1"` of `"∂L/∂w1"`."""
    name = label.removeprefix("∂L/∂")
    if name.startswith("(") and name.endswith(")"):
        return name[1:-1]
    return "" if name == label else name


# Setting gradients to nothing


def _zeroed(recording: Recording, event: Event) -> str:
    found = [
        (ledger.name, entry)
        for ledger in recording.gradients
        for entry in ledger.entries
        if entry.event == event.number and entry.cause in (GradientCause.ZEROED, GradientCause.REMOVED)
    ]
    if not found:
        if event.op == "zero_" and event.inputs:
            return f"Sets {_name(event.inputs[0])} to zero."
        if event.op == "zero_grad":
            return f"Sets the .grad of all parameters to None. {_WHY_AT_ONCE}"
        return ""
    to = "zero" if found[0][1].cause is GradientCause.ZEROED else "None"
    if len(found) > 1:
        return f"Sets the .grad of {len(found)} parameters to {to}. {_WHY_AT_ONCE}"
    name, entry = found[0]
    norm = "" if entry.before is None else f" (norm {_number(entry.before.statistics.norm)})"
    later = _is_read(recording, name, event.number)
    starts = "the update would use" if later else "the next step would start from"
    return (
        f"Sets {name}.grad to {to}. backward() adds to .grad: "
        f"without this {starts} this gradient{norm} as well."
    )


_WHY_AT_ONCE = "backward() adds to .grad: without this the gradients of the step before would count again."


def _is_read(recording: Recording, name: str, number: int) -> bool:
    ledger = recording.gradient_ledger(name)
    entries = () if ledger is None else ledger.entries
    return any(
        each.cause is GradientCause.READ and each.event is not None and each.event > number
        for each in entries
    )


# Forward

_PRODUCTS = frozenset({"mm", "dot", "matmul", "bmm", "addmm", "__matmul__"})
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("add", "add_"), "+"),
    **dict.fromkeys(("sub", "sub_", "subtract"), "−"),
    **dict.fromkeys(("mul", "mul_", "multiply"), "×"),
    **dict.fromkeys(("div", "div_", "divide", "true_divide"), "/"),
    **{"lt": "<", "less": "<", "gt": ">", "greater": ">"},
}


def _product(_recording: Recording, event: Event) -> str:
    return f"{_bound(event)}{short_form(event)}{_rows(event)}."


def _linear(recording: Recording, event: Event) -> str:
    layer = f"The layer {event.module} computes " if event.module else ""
    use = _use(recording, event)
    return f"{layer}{short_form(event)}{_rows(event)}{use}."


def _use(recording: Recording, event: Event) -> str:
    """`", use 2 of 3"` where a layer is used several times in the step."""
    same = [
        each.number
        for each in recording.events
        if each.op == event.op and each.module == event.module and each.kind is EventKind.OPERATION
    ]
    if event.module is None or len(same) < 2 or event.number not in same:
        return ""
    return f"; this is use {same.index(event.number) + 1} of {len(same)} in this step"


def _rows(event: Event) -> str:
    given, made = event.inputs[0].value, event.outputs[0].value if event.outputs else None
    if given is None or made is None or len(given.shape) != 2 or len(made.shape) != 2:
        return ""
    if event.phase not in ("forward", "loss"):
        return ""
    rows, numbers = given.shape[0], made.shape[1]
    return f": each of the {_whole(rows)} rows of {_name(event.inputs[0])} becomes {_whole(numbers)} numbers"


def _rectified(recording: Recording, event: Event) -> str:
    if not event.op.startswith("relu") and not is_rectified(event):
        if event.op == "maximum":
            return f"The larger of each two numbers: {short_form(event)}."
        low, high = (_saved(recording, event, name) for name in ("min", "max"))
        limits = [f"{word} {limit}" for word, limit in (("below", low), ("above", high)) if limit]
        return (
            f"Numbers of {_name(event.inputs[0])} {' or '.join(limits) or 'outside the limits'} are cut off."
        )
    zeros = event.outputs[0].value.statistics.zeros if event.outputs and event.outputs[0].value else None
    share = "" if zeros is None else f"; {zeros:.0%} of the result is 0"
    return f"ReLU: the negative numbers of {_name(event.inputs[0])} become 0{share}."


def is_rectified(event: Event) -> bool:
    """Whether the result is known to be the input with its negative numbers set to 0."""
    if len(event.inputs) != 1 or not event.outputs:
        return False
    given, made = event.inputs[0].value, event.outputs[0].value
    if given is None or made is None or given.values is None or made.values is None:
        return False
    if given.shape != made.shape:
        return False
    return np.array_equal(made.values, np.maximum(given.values, 0), equal_nan=True)


def _power(recording: Recording, event: Event) -> str:
    exponent = _saved(recording, event, "exponent")
    name = _name(event.inputs[0])
    if event.op == "square" or exponent in ("2", "2.0"):
        return f"Squares every number of {name}."
    return f"Raises every number of {name} to the power {exponent or 'given'}."


def _total(_recording: Recording, event: Event) -> str:
    given, made = event.inputs[0].value, event.outputs[0].value if event.outputs else None
    count = "" if given is None else f"{_whole(given.statistics.count)} "
    verb = "The mean of the" if event.op == "mean" else "Adds up the"
    found = "" if made is None or made.number is None else f": {_number(made.number)}"
    result = f", the {event.label}" if found and event.label == "loss" else ""
    return f"{verb} {count}numbers of {_name(event.inputs[0])}{found}{result}."


def _mse(recording: Recording, event: Event) -> str:
    kind = {"1": "The mean", "2": "The sum"}.get(_saved(recording, event, "reduction"), "The sum or mean")
    made = event.outputs[0].value if event.outputs else None
    found = "" if made is None or made.number is None else f": {_number(made.number)}"
    names = " and ".join(_name(port) for port in event.inputs[:2])
    return f"{kind} of the squared differences between {names}{found}."


def _difference(_recording: Recording, event: Event) -> str:
    if len(event.inputs) < 2:
        return f"{event.label or short_form(event)}."
    return f"{_bound(event)}{short_form(event)}, number by number."


def _scaled(_recording: Recording, event: Event) -> str:
    if len(event.inputs) > 1:
        return f"{_bound(event)}{short_form(event)}, number by number."
    ratio = _ratio(event)
    name = _name(event.inputs[0])
    if ratio is None:
        return f"{event.label}: every number of {name} is multiplied by the same."
    how_far = f", how far {name.removesuffix('.grad')} is to move" if name.endswith(".grad") else ""
    return f"Every number of {name} times {_number(ratio)}{how_far}."


def _turned(_recording: Recording, event: Event) -> str:
    return f"Rows and columns of {_name(event.inputs[0])} change places; no number is copied."


def _copied(_recording: Recording, event: Event) -> str:
    return f"{_bound(event)}a copy of {_name(event.inputs[0])} with memory of its own."


def _compared(_recording: Recording, event: Event) -> str:
    return f"True wherever {event.label or short_form(event)}."


def _written(_recording: Recording, event: Event) -> str:
    where = f" where {_name(event.inputs[1])}" if len(event.inputs) > 1 else ""
    return f"Writes into {_name(event.inputs[0])}{where}, in place."


def _own(_recording: Recording, event: Event) -> str:
    given = _name(event.inputs[0])
    return f"Calls {event.op}.forward with {given}; on the way back autograd calls its backward()."


FORWARD: Mapping[str, _Words] = {
    **dict.fromkeys(_PRODUCTS - {"addmm"}, _product),
    **dict.fromkeys(("relu", "relu_", "clamp", "clamp_", "maximum"), _rectified),
    **dict.fromkeys(("pow", "square"), _power),
    **dict.fromkeys(("sum", "mean"), _total),
    **dict.fromkeys(("sub", "subtract", "add", "div"), _difference),
    **dict.fromkeys(("mul", "multiply"), _scaled),
    **dict.fromkeys(("t", "transpose"), _turned),
    **dict.fromkeys(("copy", "clone"), _copied),
    **dict.fromkeys(("lt", "less", "gt", "greater"), _compared),
    **{"linear": _linear, "mse_loss": _mse, "setitem": _written, "MyReLU": _own},
}


def _bound(event: Event) -> str:
    """`"h = "` where the program gives the result a name of one word."""
    return f"{event.label} = " if event.label.isidentifier() else ""


def _is_unnamed(port: Port) -> bool:
    """Whether a tensor is known only by the operation that made it."""
    return not port.label or port.label.replace("_", "").isalpha()


def _ratio(event: Event) -> float | None:
    given, made = event.inputs[0].value, event.outputs[0].value if event.outputs else None
    if given is None or made is None or not given.statistics.norm:
        return None
    if given.values is None or made.values is None or not given.statistics.norm < float("inf"):
        return None
    place = int(abs(given.values).argmax())
    below, above = float(given.values.flat[place]), float(made.values.flat[place])
    return above / below if below and abs(above) < float("inf") else None


def _saved(recording: Recording, event: Event, name: str) -> str:
    record = recording.nodes_at(event.number).get(event.node or "")
    return next((each.text for each in record.saved if each.name == name), "") if record else ""


def _name(port: Port) -> str:
    shape = "" if port.value is None else shape_text(port.value.shape)
    return port.label or f"a tensor of {shape}".strip()


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _whole(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
