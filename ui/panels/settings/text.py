"""What the settings' controls say of themselves: purpose, allowed range, and when a change acts."""

from __future__ import annotations

from playground.optimizers import Option
from playground.restarts import restarts
from playground.setting_specs import SettingSpec, show_value

NEXT_STEP = "A change takes effect on the next step."
NEW_RUN = "A change needs new weights: the run starts again."
NEW_START = "A change starts the program again."
ARGUMENTS = "Words that the program finds in sys.argv, as in a shell."
TRAINING_LOOP = "The loop of which a turn is a step."
NO_NUMBERS = "No name or keyword explains a number in this program."
TORCH_LOADS = "torch is still loading; what else can be chosen appears when it is here."
DEFAULTS = f"Set every number back to that of this stage's program in the tutorial.\n{NEW_RUN}"
WHAT_RUNS = "List the devices of this machine, and check what runs on each and how fast."
DATA_LEARNED = "Sizes and the learning rate become those with which the data are learned."
EXAMPLES_TIP = "Set-ups in which one sees a net fail, and then succeed."
MORE_OF_DATA = "Points, noise, mini-batches and a share held out for testing."
NO_NOISE = "these data have no noise"
PAINTED_SENTENCE = "Points that were painted in the picture."
PAINTED_POINTS = "the points stand where they were painted: the picture adds, moves and erases them"
POINTS = "How many examples there are: the batch size, unless a step sees a mini-batch of them."
STANDARD_ALREADY = "the tutorial's random numbers have mean 0 and standard deviation 1 already"
BY_HAND = "SGD by hand"


def describe(spec: SettingSpec, optimizer: str | None = None) -> str:
    """What a control says of itself: three lines.

    Args:
        spec: the setting.
        optimizer: name of the optimizer in use, which may read a number only at the start.
    """
    return f"{spec.purpose}\nAllowed: {spec.offered or spec.allowed}.\n{_effect(spec.name, optimizer)}"


def describe_option(option: Option, optimizer: str) -> str:
    """What the control of one of an optimizer's own numbers says of itself: three lines."""
    if isinstance(option.default, bool):
        allowed = "on or off"
    else:
        allowed = f"the finite numbers that {optimizer} takes"
        members = option.default if isinstance(option.default, tuple) else (option.default,)
        allowed += ", or none" if None in members else ""
    return (
        f"{option.name} of torch.optim.{optimizer}; its default is {show_value(option.default, ' and ')}.\n"
        f"Allowed: {allowed}.\n{_effect(option.name, optimizer)}"
    )


def _effect(name: str, optimizer: str | None) -> str:
    return NEW_RUN if restarts(name, optimizer) else NEXT_STEP
