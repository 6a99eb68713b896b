"""A number that is changed while a program runs does what its text would do if it changed it itself there.

The oracle is the same program with a statement at the top of its loop: `if step == 3: …`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from playground.programs.errors import ProgramError
from playground.programs.execution import Execution, Silence
from playground.programs.numbers import Number, find_numbers, with_number
from playground.programs.program import Program, open_program

CHANGED_AT = 3
HEAD = """\
import torch
from torch import nn
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
"""
STEP = """\
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""


class Case(NamedTuple):
    """A program, a number of it, its new value, and the statement that does the same by hand."""

    text: str
    number: str
    value: float
    by_hand: str


def groups(by_hand: str, optimizer: str = "opt") -> str:
    return f"for group in {optimizer}.param_groups: group{by_hand}"


PLAIN = HEAD + "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
LOOP = "for step in range(8):\n    pass\n" + STEP
OPTIMIZER = {
    "lr": Case(
        PLAIN + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n" + LOOP,
        "opt lr",
        0.2,
        groups("['lr'] = 0.2"),
    ),
    "by its place": Case(
        PLAIN + "opt = torch.optim.SGD(net.parameters(), 0.05, 0.5)\n" + LOOP,
        "opt momentum",
        0.9,
        groups("['momentum'] = 0.9"),
    ),
    "betas": Case(
        PLAIN + "opt = torch.optim.Adam(net.parameters(), lr=0.05, betas=(0.5, 0.99))\n" + LOOP,
        "opt betas 2",
        0.9,
        groups("['betas'] = (0.5, 0.9)"),
    ),
    "one group": Case(
        PLAIN
        + "opt = torch.optim.SGD([{'params': net[0].parameters(), 'lr': 0.05},\n"
        + "                       {'params': net[2].parameters()}], lr=0.05)\n"
        + LOOP,
        "lr",
        0.5,
        "opt.param_groups[0]['lr'] = 0.5",
    ),
    "the other groups": Case(
        PLAIN
        + "opt = torch.optim.SGD([{'params': net[0].parameters(), 'lr': 0.05},\n"
        + "                       {'params': net[2].parameters()}], lr=0.05)\n"
        + LOOP,
        "opt lr",
        0.5,
        "opt.param_groups[1]['lr'] = 0.5",
    ),
    "a scheduler goes on from there": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + "plan = torch.optim.lr_scheduler.StepLR(opt, 2)\n"
        + LOOP
        + "    plan.step()\n",
        "opt lr",
        0.5,
        groups("['lr'] = 0.5"),
    ),
    "of two": Case(
        PLAIN
        + "a = torch.optim.SGD(net[0].parameters(), lr=0.05)\n"
        + "b = torch.optim.SGD(net[2].parameters(), lr=0.05)\n"
        + LOOP.replace("opt.", "a.")
        + "    b.step()\n    b.zero_grad()\n",
        "b lr",
        0.3,
        groups("['lr'] = 0.3", "b"),
    ),
}
READ = {
    "in the loop": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("pass", "noisy = 0.5 * torch.randn(32, 1)").replace("- y)", "- y - noisy)"),
        "factor of randn",
        -2.5,
        "",
    ),
    "in a function": Case(
        HEAD
        + "def squash(a):\n    return a.clamp(min=-0.5)\n"
        + "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("net(x)", "squash(net(x))"),
        "clamp min",
        0.25,
        "",
    ),
    "in forward": Case(
        HEAD
        + "class Net(nn.Module):\n"
        + "    def __init__(self):\n        super().__init__()\n        self.layer = nn.Linear(4, 1)\n"
        + "    def forward(self, a):\n        return nn.functional.dropout(self.layer(a), p=0.25)\n"
        + "net = Net()\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "dropout p",
        0.75,
        "",
    ),
    "in a condition of while": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\nstep = 0\n"
        + "while step < 8:\n    pass\n"
        + STEP
        + "    step += 1\n",
        "step <",
        5,
        "",
    ),
}
BY_HAND_UPDATE = """\
import torch
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
w = torch.randn(4, 1, requires_grad=True)
rate = 1e-2
for step in range(8):
    pass
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= rate * w.grad
        w.grad = None
"""
IN_A_FUNCTION = (
    "import torch\ntorch.manual_seed(1)\n"
    + "def train(rate, steps):\n"
    + "".join(f"    {line}\n" for line in BY_HAND_UPDATE.splitlines()[2:] if not line.startswith("rate"))
    + "def main():\n    train(1e-2, steps=8)\nmain()\n"
)
NAME = {
    "of the file": Case(BY_HAND_UPDATE, "rate", 0.1, "rate = 0.1"),
    "that a function reads": Case(
        BY_HAND_UPDATE.replace("rate * w.grad", "scaled(w.grad)").replace(
            "for step", "def scaled(a):\n    return rate * a\nfor step"
        ),
        "rate",
        0.1,
        "rate = 0.1",
    ),
    "of the loop's function": Case(IN_A_FUNCTION, "train rate", 0.1, "rate = 0.1"),
    "that the optimizer has as well": Case(
        PLAIN
        + "rate = 0.05\nopt = torch.optim.SGD(net.parameters(), lr=rate)\n"
        + LOOP.replace("- y)", "- y * rate)"),
        "rate",
        0.2,
        "rate = 0.2; opt.param_groups[0]['lr'] = 0.2",
    ),
    "of a class": Case(
        BY_HAND_UPDATE.replace("rate = 1e-2", "class Settings:\n    rate = 1e-2").replace(
            "rate * w", "Settings.rate * w"
        ),
        "rate",
        0.1,
        "Settings.rate = 0.1",
    ),
    "of a dict": Case(
        BY_HAND_UPDATE.replace("rate = 1e-2", 'settings = {"rate": 1e-2}').replace(
            "rate * w", 'settings["rate"] * w'
        ),
        "rate",
        0.1,
        "settings['rate'] = 0.1",
    ),
    "of an object": Case(
        HEAD
        + "class Net(nn.Module):\n    def __init__(self, scale):\n        super().__init__()\n"
        + "        self.layer = nn.Linear(4, 1)\n        self.scale = scale\n"
        + "    def forward(self, a):\n        return self.scale * self.layer(a)\n"
        + "net = Net(scale=0.5)\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "Net scale",
        1.5,
        "net.scale = 1.5",
    ),
    "of arguments that are handed on": Case(
        HEAD
        + "import argparse\n"
        + "def train(args, net, opt):\n"
        + "".join(f"    {line}\n" for line in LOOP.replace("- y)", "- y * args.scale)").splitlines())
        + "def main():\n"
        + "    parser = argparse.ArgumentParser()\n"
        + "    parser.add_argument('--scale', type=float, default=0.5)\n"
        + "    args = parser.parse_args()\n"
        + "    net = nn.Linear(4, 1)\n"
        + "    train(args, net, torch.optim.SGD(net.parameters(), lr=0.05))\n"
        + "main()\n",
        "scale",
        1.5,
        "args.scale = 1.5",
    ),
    "of the command line": Case(
        PLAIN
        + "import argparse\nparser = argparse.ArgumentParser()\n"
        + "parser.add_argument('--lr', type=float, default=0.05)\nargs = parser.parse_args()\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=args.lr)\n"
        + LOOP,
        "lr",
        0.2,
        "args.lr = 0.2; opt.param_groups[0]['lr'] = 0.2",
    ),
}
MODULE = {
    "dropout": Case(
        HEAD
        + "net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.25), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "Dropout p",
        0.75,
        "net[1].p = 0.75",
    ),
    "slope, of one of two": Case(
        HEAD
        + "net = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 8),\n"
        + "                    nn.LeakyReLU(0.2), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "LeakyReLU slope, line 7",
        -0.5,
        "net[3].negative_slope = -0.5",
    ),
    "in a class": Case(
        HEAD
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        + "        self.layer = nn.Linear(4, 1)\n"
        + "        self.norm = nn.BatchNorm1d(4, momentum=0.1, eps=1e-5)\n"
        + "    def forward(self, a):\n        return self.layer(self.norm(a))\n"
        + "net = Net()\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("pass", "pass\n    net.train(step % 2 == 0)"),
        "BatchNorm1d momentum",
        0.9,
        "net.norm.momentum = 0.9",
    ),
    "through a name": Case(
        HEAD
        + "p = 0.25\nnet = nn.Sequential(nn.Linear(4, 8), nn.Dropout(p), nn.Dropout(p), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "p",
        0.75,
        "net[1].p = net[2].p = 0.75",
    ),
}
CASES = [
    pytest.param(case, id=f"{group}: {name}")
    for group, cases in (("read", READ), ("optimizer", OPTIMIZER), ("name", NAME), ("module", MODULE))
    for name, case in cases.items()
]


def losses(text: str, changed: tuple[str, float] | None = None, argv: tuple[str, ...] = ()) -> list[float]:
    """Of a run; a number is changed when so many steps are made."""
    silence = Silence.stream()
    execution = Execution(Program(text, "/nowhere/mine.py"), argv, silence, silence)
    found: list[float] = []
    try:
        for step in execution.steps():
            found += step.losses
            if changed and step.number == CHANGED_AT - 1:
                name, value = changed
                assert execution.driver.change_numbers([(number(text, name), value)]) == ""
    finally:
        execution.close()
    return found


def number(text: str, name: str) -> Number:
    return next(each for each in find_numbers(text) if each.name == name)


def by_hand(case: Case) -> str:
    """The program that changes the number itself."""
    if case.by_hand:
        return case.text.replace("pass\n", f"if step == {CHANGED_AT}:\n{'PUT'}\n", 1)
    there = number(case.text, case.number)
    choice = f"({case.value} if step >= {CHANGED_AT} else {there.text})"
    return case.text[: there.start] + choice + case.text[there.end :]


def expected(case: Case) -> list[float]:
    text = by_hand(case)
    at = text.find("PUT")
    if at >= 0:
        before = text[:at].splitlines()[-1]
        deeper = before[: len(before) - len(before.lstrip())] + "    "
        lines = "\n".join(deeper + line for line in case.by_hand.split("\n"))
        text = text.replace("PUT", lines)
    return losses(text)


@pytest.mark.parametrize("case", CASES)
def test_a_change_does_what_the_text_would_do_by_hand(case: Case) -> None:
    assert number(case.text, case.number).is_live
    found = losses(case.text, (case.number, case.value))
    assert found == expected(case)
    assert found != losses(case.text), "the number makes a difference"


@pytest.mark.parametrize("case", CASES)
def test_hooks_for_numbers_change_no_bit(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle is Python, with the same text and no hook at all."""
    found: list[float] = []
    method = torch.Tensor.backward

    def backward(loss: torch.Tensor) -> None:
        found.append(float(loss.detach()))
        method(loss)  # type: ignore[no-untyped-call]

    with monkeypatch.context() as patched:
        patched.setattr(torch.Tensor, "backward", backward)
        patched.setattr(sys, "argv", ["mine.py"])
        exec(compile(case.text, "plain", "exec"), {"__name__": "__main__"})
    assert losses(case.text) == found


RESTARTS = {
    "a size": (
        PLAIN.replace("8", "hidden").replace("net =", "hidden = 8\nnet ="),
        "hidden",
        "line 7 uses it before",
    ),
    "what the loop sets": (
        BY_HAND_UPDATE.replace("    pass\n", "    rate = rate * 1.0\n"),
        "rate",
        "the program sets rate itself, in line 8",
    ),
    "how often": (BY_HAND_UPDATE, "steps", "the loop has counted it when it begins"),
    "a seed": (BY_HAND_UPDATE, "seed", "line 2 uses it before the loop"),
    "what each step sets anew": (
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("pass", "for group in opt.param_groups: group['lr'] = 0.05 / (step + 1)"),
        "opt lr",
        "each step sets it anew, in line 9",
    ),
    "what is copied": (
        MODULE["dropout"].text.replace("opt =", "import copy\nnet = copy.deepcopy(net)\nopt ="),
        "Dropout p",
        "deepcopy makes copies of modules",
    ),
    "what is compiled": (
        MODULE["dropout"].text.replace("opt =", "net = torch.compile(net)\nopt ="),
        "Dropout p",
        "a compiled program keeps it",
    ),
    "what an optimizer reads at its start": (
        PLAIN + "opt = torch.optim.Rprop(net.parameters(), lr=0.05)\n" + LOOP,
        "opt lr",
        "Rprop reads lr only at its start",
    ),
}


@pytest.mark.parametrize("name", RESTARTS)
def test_what_cannot_act_says_why(name: str) -> None:
    text, called, reason = RESTARTS[name]
    found = number(text, called)
    assert found.acts == "restart"
    assert reason in found.reason


def test_whoever_sets_it_later_is_named() -> None:
    text = OPTIMIZER["lr"].text
    decayed = text + "    if step == 5: opt.param_groups[0]['lr'] *= 0.1\n"
    planned = OPTIMIZER["a scheduler goes on from there"].text
    assert number(text, "opt lr").reason == "the optimizer takes it"
    assert number(decayed, "opt lr").reason == "the optimizer takes it, until line 14 sets it"
    assert number(planned, "opt lr").reason == "the optimizer takes it, until the scheduler in line 8 sets it"
    assert number(MODULE["dropout"].text + "import re\nre.compile('a')\n", "Dropout p").is_live


def started(text: str, steps: int, argv: tuple[str, ...] = ()) -> Execution:
    silence = Silence.stream()
    execution = Execution(Program(text, "/nowhere/mine.py"), argv, silence, silence)
    made = execution.steps()
    for _ in range(steps):
        next(made)
    return execution


def test_a_change_that_cannot_act_changes_nothing() -> None:
    execution = started(BY_HAND_UPDATE, 2)
    try:
        reason = execution.driver.change_numbers([(number(BY_HAND_UPDATE, "steps"), 9)])
        assert reason == "steps: the loop has counted it when it begins"
    finally:
        execution.close()


def test_several_numbers_are_changed_together_or_not_at_all() -> None:
    text = OPTIMIZER["betas"].text
    execution = started(text, 2)
    lr, first, seed = (number(text, name) for name in ("opt lr", "opt betas 1", "seed"))
    try:
        assert (
            execution.driver.change_numbers([(lr, 0.2), (seed, 3)]) == "seed: line 3 uses it before the loop"
        )
        with pytest.raises(ProgramError, match=r"^opt betas 1: "):
            execution.driver.change_numbers([(lr, 0.2), (first, 1.5)])
        optimizer = execution.driver.variables()["opt"]
        (group,) = optimizer.param_groups  # type: ignore[attr-defined]
        assert (group["lr"], group["betas"]) == (0.05, (0.5, 0.99))
        assert execution.driver.change_numbers([(lr, 0.2), (first, 0.75)]) == ""
        assert (group["lr"], group["betas"]) == (0.2, (0.75, 0.99))
    finally:
        execution.close()


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_value_that_the_optimizer_refuses_changes_nothing(value: float) -> None:
    text = OPTIMIZER["lr"].text
    execution = started(text, 2)
    try:
        with pytest.raises(ProgramError, match=r"^opt lr: ") as refusal:
            execution.driver.change_numbers([(number(text, "opt lr"), value)])
        assert "\n" not in str(refusal.value)
        optimizer = execution.driver.variables()["opt"]
        assert [group["lr"] for group in optimizer.param_groups] == [0.05]  # type: ignore[attr-defined]
    finally:
        execution.close()


def test_a_probability_above_one_is_refused() -> None:
    text = MODULE["dropout"].text
    execution = started(text, 1)
    try:
        with pytest.raises(ProgramError, match=r"^Dropout p: 1\.5 is not allowed \(dropout probability"):
            execution.driver.change_numbers([(number(text, "Dropout p"), 1.5)])
    finally:
        execution.close()


def test_an_argument_that_was_given_hides_its_default() -> None:
    text = NAME["of the command line"].text
    execution = started(text, 1, ("--lr", "0.5"))
    try:
        reason = execution.driver.change_numbers([(number(text, "lr"), 0.2)])
        assert reason == "lr: it is 0.5 in the program now, and not what the text says"
    finally:
        execution.close()


def test_a_number_can_be_changed_again_and_before_the_first_step() -> None:
    text = OPTIMIZER["lr"].text
    execution = started(text, 0)
    lr = number(text, "opt lr")
    try:
        assert execution.driver.change_numbers([(lr, 0.2)]) == ""
        made = execution.steps()
        found = [next(made).loss for _ in range(3)]
        assert found == losses(with_number(text, lr, 0.2))[:3]
        for value in (0.1, 0.3):
            # Its place in the text that runs is told by its index, whatever stands there by now.
            edited = with_number(text, lr, value)
            assert execution.driver.change_numbers([(number(edited, "opt lr"), value)]) == ""
        optimizer = execution.driver.variables()["opt"]
        assert optimizer.param_groups[0]["lr"] == 0.3  # type: ignore[attr-defined]
    finally:
        execution.close()


def test_a_file_runs_as_a_text_does(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(BY_HAND_UPDATE, encoding="utf-8")
    assert [step.loss for step in open_program(path).steps()] == losses(BY_HAND_UPDATE)
