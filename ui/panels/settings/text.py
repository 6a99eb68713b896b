"""What the settings' controls say of themselves: purpose, allowed range, and when a change acts."""

from __future__ import annotations

from collections.abc import Mapping

from playground.optimizers import FIXED_AT_THE_START, Option
from playground.settings import ALLOWED, LARGEST_DEPTH, NEEDS_NEW_WEIGHTS

NEXT_STEP = "A change takes effect on the next step."
NEW_RUN = "A change needs new weights: the run starts again."
TORCH_LOADS = "torch is still loading; what else can be chosen appears when it is here."
DEFAULTS = f"Set every number back to what this stage's document says.\n{NEW_RUN}"
WHAT_RUNS = "List the devices of this machine, and check what runs on each and how fast."
BY_HAND = "plain gradient descent"

_PURPOSE: Mapping[str, str] = {
    "device": "Where the tensors live and the operations run.",
    "batch_size": "How many examples a step sees: N in the document.",
    "input_size": "Numbers in an example: D_in in the document.",
    "hidden_size": "Units of the hidden layer: H in the document.",
    "output_size": "Numbers that the network predicts: D_out in the document.",
    "same_start": "Gives every stage the same x, y, w1 and w2, so that their curves can be compared. "
    "Off: each draws its own, as in the document.",
    "dtype": "What the data and the weights are made of. The document’s: float64 in NumPy, float32 in torch.",
    "optimizer": "The class of torch.optim that turns gradients into an update.",
    "learning_rate": "How far an update goes along the gradient.",
    "depth": "How often DynamicNet uses its middle layer: each step draws a number of this range.",
    "steps": "How many steps a run makes.",
    "seed": "Where the random numbers start; the same seed gives the same run.",
    "threads": "Threads for the operations of one step; another number may change the last bits.",
}
_RANGE: Mapping[str, str] = {
    **ALLOWED,
    "device": "the devices of this machine that torch can use",
    "same_start": "on or off",
    "optimizer": "every optimizer of torch.optim that can train the stages",
    "depth": f"two whole numbers from 0 to {LARGEST_DEPTH}; the arrow keys move the upper end, "
    "with Shift the lower end",
}


def describe(field: str, optimizer: str | None = None) -> str:
    """What a control says of itself: three lines.

    Args:
        field: name of the setting.
        optimizer: name of the optimizer in use, which may read a number only at the start.
    """
    at_the_start = field in NEEDS_NEW_WEIGHTS or _fixed(field, optimizer)
    return f"{_PURPOSE[field]}\nAllowed: {_RANGE[field]}.\n{NEW_RUN if at_the_start else NEXT_STEP}"


def describe_option(option: Option, optimizer: str) -> str:
    """What the control of one of an optimizer's own numbers says of itself: three lines."""
    effect = NEW_RUN if _fixed(option.name, optimizer) else NEXT_STEP
    default = show_default(option)
    if isinstance(option.default, bool):
        allowed = "on or off"
    else:
        allowed = f"the finite numbers that {optimizer} takes"
        members = option.default if isinstance(option.default, tuple) else (option.default,)
        allowed += ", or none" if None in members else ""
    return (
        f"{option.name} of torch.optim.{optimizer}; its default is {default}.\nAllowed: {allowed}.\n{effect}"
    )


def show_default(option: Option) -> str:
    """An option's default as people write it: `off`, `none`, `0.9 and 0.999`."""
    if isinstance(option.default, bool):
        return "on" if option.default else "off"
    members = option.default if isinstance(option.default, tuple) else (option.default,)
    return " and ".join("none" if member is None else f"{member:g}" for member in members)


def show_depth(low: int, high: int) -> str:
    """A range of depths in words: `0 – 3 uses`."""
    numbers = str(low) if low == high else f"{low} – {high}"
    return f"{numbers} {'use' if high == 1 and low == high else 'uses'}"


def _fixed(name: str, optimizer: str | None) -> bool:
    return name in FIXED_AT_THE_START.get(optimizer or "", frozenset())
