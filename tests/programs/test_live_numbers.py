"""A number that is changed while a program runs does what its text would do if it changed it itself there.

The oracle is the same program with a statement at the top of its loop: `if step == 3: …`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from playground.programs.errors import ProgramError
from playground.programs.execution import Execution, Silence
from playground.programs.numbers import Number, find_numbers, with_number
from playground.programs.program import Program, open_program
from tests.programs.live_programs import BY_HAND_UPDATE, LOOP, MODULE, NAME, OPTIMIZER, PLAIN, READ, Case

CHANGED_AT = 3
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
