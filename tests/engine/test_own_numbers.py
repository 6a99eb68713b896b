"""A run of a program of the user's own takes over other numbers of its text, as a stage takes settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.own_program import OwnProgram
from playground.own_trainer import OwnTrainer
from playground.programs.numbers import find_numbers, with_number
from playground.restarts import restarting
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import OWN

TEXT = """\
import torch
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(8):
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
BY_HAND = TEXT.replace("    loss =", "    if step == 3: opt.param_groups[0]['lr'] = 0.2\n    loss =")


def of(text: str) -> Settings:
    return make_settings(stage=OWN, own=OwnProgram("/nowhere/mine.py", text))


def with_lr(value: float) -> Settings:
    lr = next(each for each in find_numbers(TEXT) if each.name == "opt lr")
    return of(with_number(TEXT, lr, value))


@pytest.fixture
def trainer() -> Iterator[OwnTrainer]:
    trainer = OwnTrainer(of(TEXT))
    yield trainer
    trainer.close()


def test_another_number_acts_at_the_next_step_and_leaves_a_mark(trainer: OwnTrainer) -> None:
    found = [trainer.step() for _ in range(3)]
    assert restarting(trainer.settings, with_lr(0.2)) == ()
    trainer.apply(with_lr(0.2))
    found += [trainer.step() for _ in range(5)]
    by_hand = OwnTrainer(of(BY_HAND))
    assert found == [by_hand.step() for _ in range(8)]
    by_hand.close()
    assert [(change.step, change.words) for change in trainer.changes] == [(3, "opt lr 0.05 → 0.2")]


def test_a_number_that_the_optimizer_refuses_is_refused_and_the_run_goes_on(trainer: OwnTrainer) -> None:
    for _ in range(3):
        trainer.step()
    with pytest.raises(
        SettingsError, match=r"^number opt lr: -1 is not allowed \(Invalid learning rate: -1\)$"
    ):
        trainer.apply(with_lr(-1))
    assert trainer.settings == of(TEXT)
    assert trainer.changes == []
    plain = OwnTrainer(of(TEXT))
    assert trainer.step() == [plain.step() for _ in range(4)][-1]
    plain.close()


def test_a_number_that_only_a_new_start_takes_over_needs_one() -> None:
    assert restarting(of(TEXT), of(TEXT.replace("seed(1)", "seed(2)"))) == ("own",)
    assert restarting(of(TEXT), of(TEXT.replace("(net(x) - y)", "(y - net(x))"))) == ("own",)
