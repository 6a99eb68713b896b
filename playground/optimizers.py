"""The optimizers of `torch.optim` that can train the stages, found by trying each one out.

A stage hands its optimizer dense parameters, biases among them, and calls `step()` without a
closure. An optimizer that works that way is offered; LBFGS (needs a closure), SparseAdam (needs
sparse gradients) and Muon (matrices only) drop out by themselves, and a new one of a later release
of torch comes in by itself.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from playground.settings import (
    OptionValue,
    Settings,
    SettingsError,
    options_in_words,
    quoted,
    shortened,
)

if TYPE_CHECKING:
    import torch

HOW_IT_RUNS = frozenset({"params", "lr", "foreach", "fused", "capturable", "differentiable"})
"""Parameters of a constructor that say how a step is carried out, not what it computes."""

FIXED_AT_THE_START: Mapping[str, frozenset[str]] = {
    "Rprop": frozenset({"learning_rate"}),
    "Adagrad": frozenset({"initial_accumulator_value"}),
}
"""Numbers that an optimizer reads only when it makes its state: a change starts the run again."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of an optimizer's own numbers.

    Attributes:
        name: the constructor's parameter.
        default: its default: a switch, a number, None, or several numbers.
    """

    name: str
    default: OptionValue


@dataclass(frozen=True, slots=True)
class Optimizer:
    """A class of `torch.optim` that can train the stages.

    Attributes:
        name: the class's name.
        summary: the first sentence of its documentation.
        options: its own numbers, in the order of its constructor, without the learning rate.
    """

    name: str
    summary: str
    options: tuple[Option, ...]


@cache
def list_optimizers() -> tuple[Optimizer, ...]:
    """Every optimizer that works here, by name.

    Loads torch and makes a tiny step with each (the first takes torch about two seconds), so it
    belongs on the thread that trains. The random generators are left as they were.
    """
    import torch

    classes = {
        name: value
        for name, value in vars(torch.optim).items()
        if isinstance(value, type)
        and issubclass(value, torch.optim.Optimizer)
        and value is not torch.optim.Optimizer
    }
    return tuple(_describe(name, classes[name]) for name in sorted(classes) if _works(classes[name]))


def check_optimizer(settings: Settings) -> None:
    """Checks the optimizer's name and its own numbers against `torch.optim`.

    Raises:
        SettingsError: an optimizer or a number that is not there, or that the class refuses.
    """
    if settings.optimizer is None:
        return
    known = {optimizer.name: optimizer for optimizer in list_optimizers()}
    if settings.optimizer not in known:
        raise SettingsError(
            "optimizer", f"{quoted(settings.optimizer)} is not allowed; allowed: one of {', '.join(known)}"
        )
    defaults = default_numbers(settings)
    for name, value in settings.optimizer_options:
        if name not in defaults:
            raise SettingsError(
                "optimizer_options",
                f"{quoted(name)} is not a number of {settings.optimizer}; allowed: {', '.join(defaults)}",
            )
        if not _is_like(value, defaults[name]):
            raise SettingsError(
                "optimizer_options",
                f"{shortened(f'{name}={value}')} is not allowed; allowed: {_like(defaults[name])}",
            )
    _try_the_numbers(settings)


def default_numbers(settings: Settings) -> dict[str, OptionValue]:
    """The optimizer's own numbers as they are where nothing else is said; none without an optimizer."""
    classes = () if settings.optimizer is None else list_optimizers()
    found = (each.options for each in classes if each.name == settings.optimizer)
    return {option.name: option.default for options in found for option in options}


def _is_like(value: OptionValue, default: OptionValue) -> bool:
    """Whether a value is of its default's kind; the classes themselves take a 7 for a switch."""
    if isinstance(default, tuple):
        return isinstance(value, tuple) and len(value) == len(default) and all(map(_is_like, value, default))
    if value is None or isinstance(default, bool):
        return type(value) is type(default)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _like(default: OptionValue) -> str:
    """What `_is_like` accepts, in words."""
    if isinstance(default, tuple):
        example = ",".join(str(number).lower() for number in default)
        return f"{len(default)} numbers, such as {example}"
    if isinstance(default, bool):
        return "true or false"
    return "a number or none" if default is None else "a number"


def parse_option(text: str) -> OptionValue:
    """The value in an option's text: `true`, `none`, `0.9`, or `0.9,0.999`.

    Raises:
        ValueError: the text is none of these.
    """
    words = {"true": True, "false": False}
    word = text.strip().lower()
    if word in words:
        return words[word]
    try:
        numbers = tuple(_number(part) for part in word.strip("()").split(",") if part.strip())
    except ValueError:
        numbers = ()
    if not numbers:
        raise ValueError(f"{quoted(text)} is not allowed; allowed: true, false, none, or finite numbers")
    return numbers if "," in text else numbers[0]


def _number(text: str) -> float | None:
    if text.strip() == "none":
        return None
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def apply_numbers(optimizer: torch.optim.Optimizer, settings: Settings) -> None:
    """Gives a running optimizer the learning rate and the numbers of `settings`, from its next step on.

    State that the new numbers need and the old ones did not (Adam's `max_exp_avg_sq` once `amsgrad`
    is switched on, say) starts as it does after a step with gradients of zero.
    """
    defaults = {
        option.name: option.default for option in _describe(settings.optimizer or "", type(optimizer)).options
    }
    numbers = {**defaults, **dict(settings.optimizer_options)}
    for group in optimizer.param_groups:
        group.update(lr=settings.learning_rate, **numbers)
    for parameter, state in list(optimizer.state.items()):
        for name, value in _fresh_state(type(optimizer), parameter, settings).items():
            state.setdefault(name, value)


def _fresh_state(
    optimizer_class: type[torch.optim.Optimizer], parameter: torch.Tensor, settings: Settings
) -> dict[str, Any]:
    """An optimizer's state for a parameter, after one step with a gradient of zero."""
    import torch

    copy = parameter.detach().clone().requires_grad_()
    copy.grad = torch.zeros_like(copy)
    # Constructors of optimizers are typed one by one; only the class itself knows its numbers.
    make: Any = optimizer_class
    optimizer = make([copy], lr=settings.learning_rate, **dict(settings.optimizer_options))
    optimizer.step()
    return dict(optimizer.state[copy])


def _describe(name: str, optimizer_class: type[torch.optim.Optimizer]) -> Optimizer:
    parameters = inspect.signature(optimizer_class).parameters.values()
    options = tuple(
        Option(parameter.name, _plain(parameter.default))
        for parameter in parameters
        if parameter.name not in HOW_IT_RUNS and parameter.default is not inspect.Parameter.empty
    )
    text = inspect.getdoc(optimizer_class) or ""
    return Optimizer(name, text.split("\n\n")[0].replace("\n", " ").strip(), options)


def _plain(default: Any) -> OptionValue:
    if isinstance(default, tuple):
        return tuple(None if number is None else float(number) for number in default)
    return cast("OptionValue", default)


def _works(optimizer_class: type[torch.optim.Optimizer]) -> bool:
    """Whether it makes a step on a weight and a bias with dense gradients and without a closure."""
    import torch

    parameters = [torch.zeros(2, 2, requires_grad=True), torch.zeros(2, requires_grad=True)]
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    make: Any = optimizer_class
    try:
        make(parameters, lr=1e-3).step()
    except (RuntimeError, TypeError, ValueError):
        return False
    return True


def _try_the_numbers(settings: Settings) -> None:
    """Builds the optimizer once, since only its class knows which numbers it takes."""
    import torch

    parameter = torch.zeros(2, 2, requires_grad=True)
    make = getattr(torch.optim, settings.optimizer or "")
    try:
        _fresh_state(make, parameter, settings)
    except Exception as error:
        raise SettingsError(
            "optimizer_options",
            f"{options_in_words(settings)} is not allowed: {' '.join(str(error).split())}",
        ) from None
