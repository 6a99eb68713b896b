"""A program of the user's own as a run: its losses by name, its steps recorded, its numbers changed."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from playground.own_program import OwnProgram
from playground.own_trainer import OwnTrainer, trainer_of
from playground.programs.errors import ProgramError
from playground.programs.execution import Silence
from playground.programs.length import steps_of
from playground.programs.program import program_of
from playground.setting_specs import LARGEST_STEPS
from playground.settings import Settings, SettingsError, make_settings, settings_from_plain
from playground.stages import OWN, STAGES

TWO_LOSSES = """\
import torch
from torch import nn

torch.manual_seed(3)
G, D = nn.Linear(2, 2), nn.Linear(2, 1)
d_opt = torch.optim.SGD(D.parameters(), lr=1e-2)
g_opt = torch.optim.SGD(G.parameters(), lr=1e-2)
for step in range(12):
    drawn = G(torch.randn(8, 2))
    d_loss = D(drawn.detach()).pow(2).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    print("d", repr(d_loss.item()))
    if step % 3 == 0:
        g_loss = (D(drawn) - 1).pow(2).mean()
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()
        print("g", repr(g_loss.item()))
"""
FAILS = """\
import torch
w = torch.ones(3, requires_grad=True)
for step in range(9):
    loss = (w * w).sum()
    loss.backward()
    if step == 4:
        w @ torch.ones(2)
"""


def settings_for(path: Path, text: str, **values: Any) -> Settings:
    return make_settings(stage=OWN, own=OwnProgram(str(path), text, **values), steps=LARGEST_STEPS)


def trainer_for(path: Path, text: str, **values: Any) -> OwnTrainer:
    silence = Silence.stream()
    trainer = trainer_of(settings_for(path, text, **values), silence, silence)
    assert isinstance(trainer, OwnTrainer)
    return trainer


def run_out(trainer: OwnTrainer) -> None:
    while not trainer.ended:
        trainer.run(lambda _: False)


def printed(path: Path, text: str, name: str) -> list[float]:
    """What Python itself prints of a loss."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    return [float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith(name)]


def test_each_loss_is_a_curve_of_its_own_with_pythons_numbers(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path / "two.py", TWO_LOSSES)
    run_out(trainer)
    trainer.close()
    assert [each.name for each in trainer.series] == ["d_loss", "g_loss"]
    d_loss, g_loss = (list(each.history.losses()) for each in trainer.series)
    assert d_loss == list(trainer.history.losses()) == printed(tmp_path / "two.py", TWO_LOSSES, "d")
    assert [each for each in g_loss if not math.isnan(each)] == printed(tmp_path / "two.py", TWO_LOSSES, "g")
    assert [step for step, each in enumerate(g_loss) if not math.isnan(each)] == [0, 3, 6, 9]


def test_a_step_in_between_is_recorded_with_both_passes(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path / "two.py", TWO_LOSSES)
    for _ in range(3):
        trainer.step()
    recording = trainer.record_step(run=7)
    trainer.close()
    assert (recording.run, recording.step, recording.stage) == (7, 3, OWN)
    assert len(recording.passes) == 2
    assert {12, 18} <= {event.line for event in recording.events}
    assert [each.history.length for each in trainer.series] == [4, 4]


def test_the_first_step_is_recorded_by_starting_once_more(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path / "two.py", TWO_LOSSES)
    assert not trainer.can_record
    with pytest.raises(ProgramError, match="first step cannot be recorded"):
        trainer.record_step()
    loss = trainer.step()
    assert trainer.can_record
    recording = trainer.record_again(0)
    assert recording.loss == loss
    second = trainer.step()
    trainer.close()
    assert trainer.history.losses().tolist() == [loss, second]


def test_what_it_raises_names_its_own_lines_only(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path / "fails.py", FAILS)
    with pytest.raises(RuntimeError) as caught:
        run_out(trainer)
    failure = trainer.failure(caught.value)
    trainer.close()
    assert (failure.step, failure.line) == (4, 7)
    assert "own_trainer" not in failure.details
    assert "w @ torch.ones(2)" in failure.details


def test_a_number_acts_at_the_next_step_as_if_the_text_said_so(tmp_path: Path) -> None:
    path, changed = tmp_path / "two.py", TWO_LOSSES.replace("lr=1e-2)\ng_opt", "lr=5e-2)\ng_opt")
    by_hand = TWO_LOSSES.replace(
        "    drawn =", "    if step == 5: d_opt.param_groups[0]['lr'] = 5e-2\n    drawn ="
    )
    trainer = trainer_for(path, TWO_LOSSES)
    for _ in range(5):
        trainer.step()
    trainer.apply(settings_for(path, changed))
    run_out(trainer)
    trainer.close()
    assert trainer.history.losses().tolist() == printed(path, by_hand, "d")
    assert [(each.step, each.words) for each in trainer.changes] == [(5, "d_opt lr 0.01 → 0.05")]


def test_another_text_needs_a_new_run(tmp_path: Path) -> None:
    trainer = trainer_for(tmp_path / "two.py", TWO_LOSSES)
    trainer.step()
    with pytest.raises(ValueError, match="another text"):
        trainer.apply(settings_for(tmp_path / "two.py", TWO_LOSSES + "print('more')\n"))
    trainer.close()


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("print('hello')\n", {}, "ended without a training step"),
        (TWO_LOSSES, {"loop": 9}, "no loop begins in line 9; its loops begin in line 8"),
        (TWO_LOSSES, {"arguments": "'open"}, 'arguments: "\'open" is not allowed'),
        ("for x in (:\n", {}, "mine.py, line 1"),
    ],
)
def test_what_cannot_run_says_why_in_one_line(
    tmp_path: Path, text: str, values: dict[str, object], says: str
) -> None:
    with pytest.raises(ProgramError) as caught:
        run_out(trainer_for(tmp_path / "mine.py", text, **values))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_hold_the_text_and_give_it_back() -> None:
    own = OwnProgram("/a/mine.py", TWO_LOSSES, "--epochs 3", 8)
    for stage in (OWN, "nn"):
        settings = make_settings(stage=stage, own=own)
        assert settings_from_plain(settings.to_plain()) == settings
        assert settings.program.source_file == Path("/a/mine.py")
        assert not settings.program.has_optimizer
    with pytest.raises(SettingsError, match="stage: 'own' is not allowed"):
        make_settings(stage=OWN)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (TWO_LOSSES, 12),
        (FAILS, 9),
        ("def f():\n    for i in range(3):\n        loss.backward()\nf()\n", LARGEST_STEPS),
        ("for e in range(2):\n    for b in range(3):\n        loss.backward()\n", LARGEST_STEPS),
        ("for e in range(n):\n    loss.backward()\n", LARGEST_STEPS),
        ("for e in range(4, 10, 2):\n    loss.backward()\n", 3),
        ("(", LARGEST_STEPS),
    ],
)
def test_how_many_steps_there_are_where_the_text_tells(text: str, steps: int) -> None:
    assert steps_of(text) == steps


@pytest.mark.parametrize("stage", [each.name for each in STAGES])
def test_a_stage_that_only_got_a_comment_gives_the_stages_bits(stage: str, tmp_path: Path) -> None:
    plain = make_settings(stage=stage, batch_size=4, input_size=6, hidden_size=5, output_size=3, steps=6)
    text = program_of(plain).text
    own = OwnProgram(str(plain.program.source_file), f"{text}# mine\n")
    silence = Silence.stream()
    edited = trainer_of(make_settings(**{**plain.model_dump(), "own": own}), silence, silence)
    assert isinstance(edited, OwnTrainer)
    run_out(edited)
    edited.close()
    as_it_is = trainer_of(plain)
    assert edited.history.losses().tolist() == [as_it_is.step() for _ in range(6)]


LEAVES = """\
import sys, torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
{}
for step in range(4):
    optimizer.zero_grad()
    loss = w.pow(2).sum()
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("leaving", "says"),
    [("sys.exit(2)", "sys.exit(2)"), ("sys.exit('no data')", "no data"), ("exit()", "exit()")],
)
def test_a_program_that_leaves_before_its_first_step_says_so(tmp_path: Path, leaving: str, says: str) -> None:
    for begins in (False, True):
        trainer = trainer_for(tmp_path / "leaves.py", LEAVES.format(leaving))
        if begins:
            assert not trainer.can_record
        with pytest.raises(ProgramError, match="before its first training step") as caught:
            trainer.run(lambda _: False)
        assert says in str(caught.value)
        assert trainer.ended
        assert not trainer.can_record
        trainer.close()


def test_a_scaled_loss_is_called_so_and_an_accumulated_one_is_the_first_of_several(tmp_path: Path) -> None:
    head = "import torch\nw = torch.ones(3, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n"
    scaled = head + (
        "class Scaler:\n    def scale(self, loss):\n        return loss * 1024\nscaler = Scaler()\n"
        "for step in range(3):\n    loss = w.pow(2).sum()\n    scaler.scale(loss).backward()\n"
        "    optimizer.step()\n"
    )
    trainer = trainer_for(tmp_path / "scaled.py", scaled)
    run_out(trainer)
    trainer.close()
    assert [each.name for each in trainer.series] == ["scale(loss)"]
    accumulated = head + (
        "for step in range(3):\n    optimizer.zero_grad()\n    for micro in range(4):\n"
        "        loss = w.pow(2).sum() / (micro + 1)\n        loss.backward()\n    optimizer.step()\n"
    )
    trainer = trainer_for(tmp_path / "accumulated.py", accumulated)
    run_out(trainer)
    trainer.close()
    assert [each.name for each in trainer.series] == ["loss, 1st of 4"]
    assert trainer.history.length == 3


def test_a_chosen_loop_is_the_only_one_that_counts(tmp_path: Path) -> None:
    text = (
        "import torch\nw = torch.ones(3, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n"
        "for a in range(7):\n    loss = w.pow(2).sum()\n    loss.backward()\n    optimizer.step()\n"
        "for b in range(5):\n    other = w.pow(4).sum()\n    other.backward()\n    optimizer.step()\n"
    )
    trainer = trainer_for(tmp_path / "two.py", text, loop=8)
    run_out(trainer)
    trainer.close()
    assert trainer.history.length == 5
    assert [each.name for each in trainer.series] == ["other"]
