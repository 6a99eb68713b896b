"""Optimizers: which are offered, what their numbers are, and that a change acts on the very next step."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from playground.optimizers import list_optimizers, parse_option
from playground.restarts import restarting
from playground.settings import OptionValue, Settings, SettingsError, changed, make_settings
from playground.trainer import Trainer

NAMES = ["ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax"]
NAMES += ["NAdam", "RAdam", "RMSprop", "Rprop", "SGD"]
HOW_IT_RUNS = {"params", "lr", "foreach", "fused", "capturable", "differentiable"}

STEPS = 8
CHANGE_AT = 3
SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}

Groups = Mapping[str, object]


def small(stage: str = "optim", **values: object) -> Settings:
    return make_settings(**({"stage": stage, "learning_rate": 1e-3, "steps": STEPS} | SIZES | values))


def trained(settings: Settings, new: Settings | None = None) -> list[float]:
    """Losses of a run that takes over the new settings after CHANGE_AT steps."""
    trainer = Trainer(settings)
    losses = [trainer.step() for _ in range(CHANGE_AT)]
    if new is not None:
        trainer.apply(new)
    return losses + [trainer.step() for _ in range(STEPS - CHANGE_AT)]


def trained_by_hand(name: str, before: Groups, after: Groups) -> list[float]:
    """The same run as a plain loop that changes `param_groups` when CHANGE_AT steps are done."""
    torch.manual_seed(0)
    x, y = torch.randn(SIZES["batch_size"], SIZES["input_size"]), torch.randn(4, SIZES["output_size"])
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    optimizer = getattr(torch.optim, name)(model.parameters(), **{"lr": 1e-3, **before})
    losses = []
    for step in range(STEPS):
        if step == CHANGE_AT:
            for group in optimizer.param_groups:
                group.update(after)
        loss = torch.nn.functional.mse_loss(model(x), y, reduction="sum")
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def group_of(name: str) -> dict[str, Any]:
    """What the class itself puts into `param_groups`."""
    weight = torch.zeros(2, 2, requires_grad=True)
    group: dict[str, Any] = getattr(torch.optim, name)([weight], lr=1e-3).param_groups[0]
    return group


def can_train(optimizer_class: type[torch.optim.Optimizer]) -> bool:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    make: Any = optimizer_class
    try:
        optimizer = make(model.parameters(), lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.ones(5, 3)).pow(2).sum().backward()
            optimizer.step()
    except Exception:
        return False
    return True


def test_list_is_what_a_trial_of_all_finds() -> None:
    candidates = [getattr(torch.optim, name) for name in dir(torch.optim)]
    classes = [c for c in candidates if isinstance(c, type) and issubclass(c, torch.optim.Optimizer)]
    usable = sorted(c.__name__ for c in classes if c is not torch.optim.Optimizer and can_train(c))
    assert [optimizer.name for optimizer in list_optimizers()] == usable
    assert set(NAMES) <= set(usable)


def test_looking_for_them_leaves_the_random_numbers_alone() -> None:
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    expected = (random.random(), np.random.rand(), torch.rand(1).item())
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    list_optimizers.__wrapped__()
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected


@pytest.mark.parametrize("name", NAMES)
def test_options_are_those_that_the_class_keeps(name: str) -> None:
    optimizer = next(each for each in list_optimizers() if each.name == name)
    group = group_of(name)
    # AdamW keeps a switch of Adam's that its own constructor does not take.
    hidden = {"decoupled_weight_decay"} if name == "AdamW" else set()
    assert {option.name: option.default for option in optimizer.options} == {
        key: value for key, value in group.items() if key not in HOW_IT_RUNS | hidden
    }
    assert optimizer.summary
    assert "\n" not in optimizer.summary


NEW_NUMBERS: dict[str, OptionValue] = {
    "betas": (0.5, 0.9),
    "etas": (0.4, 1.1),
    "step_sizes": (1e-7, 25.0),
    "eps": 1e-2,
    "weight_decay": 0.1,
    "lr_decay": 0.1,
    "lambd": 0.01,
    "alpha": 0.6,
    "t0": 1.0,
    "rho": 0.5,
    "momentum": 0.5,
    "momentum_decay": 0.01,
    "dampening": 0.2,
    "beta2_decay": -0.5,
    "d": 1.5,
}
TOGETHER: dict[str, dict[str, OptionValue]] = {"nesterov": {"momentum": 0.9}, "dampening": {"momentum": 0.9}}
ONLY_AT_THE_START = {"initial_accumulator_value"}


def changes_of(name: str) -> dict[str, dict[str, OptionValue]]:
    """For each of an optimizer's options: numbers that differ from the defaults, and what it needs beside."""
    changes: dict[str, dict[str, OptionValue]] = {}
    for option in next(each for each in list_optimizers() if each.name == name).options:
        if option.name not in ONLY_AT_THE_START:
            default = option.default
            value: OptionValue = not default if isinstance(default, bool) else NEW_NUMBERS[option.name]
            if isinstance(default, tuple) and option.name == "eps":
                value = (1e-20, 1e-2)
            changes[option.name] = {option.name: value, **TOGETHER.get(option.name, {})}
    return changes


@pytest.mark.parametrize("name", NAMES)
def test_every_option_can_be_switched_in_mid_run(name: str) -> None:
    settings = small(optimizer=name)
    for option, numbers in changes_of(name).items():
        losses = trained(settings, changed(settings, optimizer_options=numbers))
        assert all(map(math.isfinite, losses)), option
        try:
            expected = trained_by_hand(name, {}, numbers)
        except KeyError:
            # PyTorch's own state lacks what the option needs (amsgrad, centered, …).
            expected = losses
        assert losses == expected, option


@pytest.mark.parametrize("name", NAMES)
def test_every_option_can_be_switched_back_in_mid_run(name: str) -> None:
    settings = small(optimizer=name, optimizer_options={})
    defaults = {key: value for key, value in group_of(name).items() if key not in HOW_IT_RUNS}
    for option, numbers in changes_of(name).items():
        started = changed(settings, optimizer_options=numbers)
        assert trained(started, settings) == trained_by_hand(name, numbers, defaults), option


@pytest.mark.parametrize(
    ("name", "options"), [("Adam", "amsgrad"), ("AdamW", "amsgrad"), ("RMSprop", "centered momentum")]
)
def test_switching_on_starts_as_if_the_gradients_had_been_zero(name: str, options: str) -> None:
    numbers: dict[str, OptionValue] = {
        option: True if option in ("amsgrad", "centered") else 0.9 for option in options.split()
    }
    trainer = Trainer(small(optimizer=name))
    for _ in range(CHANGE_AT):
        trainer.step()
    trainer.apply(changed(trainer.settings, optimizer_options=numbers))
    # The optimizer is the one object in which the zeros can be seen before the next step fills them.
    optimizer = trainer._optimizer
    assert optimizer is not None
    names = {"amsgrad": "max_exp_avg_sq", "centered": "grad_avg", "momentum": "momentum_buffer"}
    for parameter, state in optimizer.state.items():
        for option in numbers:
            assert torch.equal(state[names[option]], torch.zeros_like(parameter))
        assert float(state["step"]) == CHANGE_AT


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Rprop"])
def test_learning_rate_acts_on_the_next_step(name: str) -> None:
    settings = small(optimizer=name)
    losses = trained(settings, changed(settings, learning_rate=0.05))
    assert losses == trained_by_hand(name, {}, {"lr": 0.05})
    unchanged = trained(settings)
    # The first update with the new rate shows in the loss after it. ASGD works its rate out one step ahead.
    first = CHANGE_AT + 1 + (name == "ASGD")
    assert losses[:first] == unchanged[:first]
    assert losses[first] != unchanged[first]


def hand_written_numpy(rates: list[float]) -> list[float]:
    np.random.seed(0)
    x, y, w1, w2 = (np.random.randn(*shape) for shape in ((4, 6), (4, 2), (6, 5), (5, 2)))
    losses = []
    for rate in rates:
        h = x.dot(w1)
        relu = np.maximum(h, 0)
        error = relu.dot(w2) - y
        losses.append(float(np.square(error).sum()))
        grad = 2.0 * error
        grad_h = grad.dot(w2.T)
        grad_h[h < 0] = 0
        w1, w2 = w1 - rate * x.T.dot(grad_h), w2 - rate * relu.T.dot(grad)
    return losses


def hand_written_autograd(rates: list[float]) -> list[float]:
    torch.manual_seed(0)
    x, y = torch.randn(4, 6), torch.randn(4, 2)
    w1, w2 = torch.randn(6, 5, requires_grad=True), torch.randn(5, 2, requires_grad=True)
    losses = []
    for rate in rates:
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        losses.append(loss.item())
        first, second = torch.autograd.grad(loss, (w1, w2))
        with torch.no_grad():
            w1 -= rate * first
            w2 -= rate * second
    return losses


@pytest.mark.parametrize(
    ("stage", "by_hand"),
    [
        ("numpy", hand_written_numpy),
        ("tensor", hand_written_autograd),
        ("autograd", hand_written_autograd),
        ("function", hand_written_autograd),
    ],
)
def test_learning_rate_of_an_update_by_hand(
    stage: str, by_hand: Callable[[list[float]], list[float]]
) -> None:
    settings = small(stage)
    losses = trained(settings, changed(settings, learning_rate=0.005))
    assert losses == by_hand([1e-3] * CHANGE_AT + [0.005] * (STEPS - CHANGE_AT))


def test_what_the_learning_rate_of_rprop_is_for() -> None:
    settings = small(optimizer="Rprop")
    other = changed(settings, learning_rate=0.05)
    assert restarting(settings, other) == ("learning_rate",)
    # The reason: PyTorch's own loop takes no notice of it.
    assert trained_by_hand("Rprop", {}, {"lr": 0.05}) == trained_by_hand("Rprop", {}, {})
    trainer = Trainer(settings)
    with pytest.raises(ValueError, match="learning_rate"):
        trainer.apply(other)
    assert trainer.settings == settings


def test_first_accumulator_of_adagrad_needs_a_new_run() -> None:
    settings = small(optimizer="Adagrad")
    other = changed(settings, optimizer_options={"initial_accumulator_value": 0.5})
    assert restarting(settings, other) == ("initial_accumulator_value",)
    assert restarting(settings, changed(settings, learning_rate=0.5)) == ()


BAD_NUMBERS: list[tuple[str, dict[str, OptionValue], str]] = [
    ("Adam", {"betas": (2.0, 3.0)}, "betas=(2.0, 3.0) is not allowed: "),
    ("Adam", {"betas": 0.9}, "betas=0.9 is not allowed; allowed: 2 numbers"),
    ("Adam", {"betas": (0.9,)}, "betas=(0.9,) is not allowed; allowed: 2 numbers"),
    ("Adam", {"betas": (None, 0.9)}, "betas=(None, 0.9) is not allowed; allowed: 2 numbers"),
    ("Adam", {"amsgrad": 1.0}, "amsgrad=1.0 is not allowed; allowed: true or false"),
    ("Adam", {"eps": -1.0}, "eps=-1.0 is not allowed: "),
    ("Adam", {"momentum": 0.9}, "'momentum' is not a number of Adam; allowed: betas, eps"),
    ("Adam", {"x" * 5000: 1.0}, "is not a number of Adam; allowed: betas, eps"),
    ("Adam", {"betas": (0.5,) * 5000}, "is not allowed; allowed: 2 numbers"),
    ("SGD", {"nesterov": True}, "nesterov=True is not allowed: "),
    ("SGD", {"momentum": True}, "momentum=True is not allowed; allowed: a number"),
    ("SGD", {"momentum": None}, "momentum=None is not allowed; allowed: a number"),
    ("RMSprop", {"alpha": -1.0}, "alpha=-1.0 is not allowed: "),
    ("Rprop", {"etas": (2.0, 1.0)}, "etas=(2.0, 1.0) is not allowed: "),
    (
        "Adafactor",
        {"eps": (1.0, None)},
        "eps=(1.0, None) is not allowed; allowed: 2 numbers, such as none,0.001",
    ),
]


@pytest.mark.parametrize(("name", "numbers", "words"), BAD_NUMBERS)
def test_bad_numbers_give_one_line_and_change_nothing(
    name: str, numbers: dict[str, OptionValue], words: str
) -> None:
    settings = small(optimizer=name)
    bad = changed(settings, optimizer_options=numbers)
    running = Trainer(settings)
    losses = [running.step() for _ in range(CHANGE_AT)]
    for attempt in (lambda: Trainer(bad), lambda: running.apply(bad)):
        with pytest.raises(SettingsError) as caught:
            attempt()
        message = str(caught.value)
        assert message.startswith("optimizer options: ")
        assert words in message
        assert "\n" not in message
        assert len(message) < 300
    losses += [running.step() for _ in range(STEPS - CHANGE_AT)]
    assert running.settings == settings
    assert losses == trained_by_hand(name, {}, {})


@pytest.mark.parametrize("name", ["LBFGS", "SparseAdam", "Optimizer", "lr_scheduler", "adam", "x" * 5000])
def test_what_is_no_optimizer_for_the_stages(name: str) -> None:
    with pytest.raises(SettingsError, match=r"is not allowed; allowed: one of .*Adam, AdamW") as caught:
        Trainer(small(optimizer=name))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        (" False ", False),
        ("none", None),
        ("0.9", 0.9),
        (" 1e-3 ", 1e-3),
        ("0.9,0.999", (0.9, 0.999)),
        ("(0.9, 0.999)", (0.9, 0.999)),
        ("none,0.001", (None, 0.001)),
        ("0.9,", (0.9,)),
    ],
)
def test_option_as_typed(text: str, value: OptionValue) -> None:
    parsed = parse_option(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "text", ["", " ", ",", "nan", "inf", "0.9,nan", "yes", "0.9;0.9", "1e999", "9" * 5000]
)
def test_what_is_no_option(text: str) -> None:
    with pytest.raises(ValueError, match="is not allowed; allowed: true, false, none, or finite") as caught:
        parse_option(text)
    assert len(str(caught.value)) < 150
