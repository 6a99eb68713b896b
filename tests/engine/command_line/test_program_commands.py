"""`--program FILE`: a program of the user's own in place of a stage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.engine.command_line.test_command_line import Run, run

__all__ = ["run"]

SCRIPTS = Path(__file__).parents[2] / "programs" / "scripts"
OWN = """\
import sys
import torch

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
print("begun")
for epoch in range(2):
    for batch in range(3):
        x = torch.randn(4, 3)
        loss = (x @ w).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return path


def plain_losses(seed: int) -> list[float]:
    torch.manual_seed(seed)
    w = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    losses = []
    for _ in range(6):
        loss = (torch.randn(4, 3) @ w).pow(2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def test_a_program_without_an_end_makes_as_many_steps_as_are_wanted(run: Run, own: Path) -> None:
    own.write_text(OWN.replace("for epoch in range(2):", "while True:"), encoding="utf-8")
    ended = run("train", "--program", str(own), "--steps", "5")
    expected = [f"{step} {loss!r}" for step, loss in enumerate(plain_losses(0)[:5])]
    assert (ended.status, ended.out.splitlines(), ended.err) == (0, ["begun", *expected], "")
    refused = run("train", "--program", str(own), "--steps", "0")
    assert (refused.status, refused.out) == (2, "")
    assert "--steps: '0' is not allowed" in refused.err


def test_train_prints_every_loss_and_what_the_program_prints(run: Run, own: Path) -> None:
    ended = run("train", "--program", str(own))
    expected = [f"{step} {loss!r}" for step, loss in enumerate(plain_losses(0))]
    assert (ended.status, ended.out.splitlines(), ended.err) == (0, ["begun", *expected], "")


def test_json_has_stdout_for_itself_and_words_reach_the_program(run: Run, own: Path) -> None:
    ended = run("train", "--program", str(own), "--args", "7", "--json")
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [line["loss"] for line in lines] == plain_losses(7)
    assert lines[0] == {"step": 0, "loss": lines[0]["loss"], "depth": None}
    assert ended.err == "begun\n"


def test_several_losses_of_a_step_are_all_told(run: Run) -> None:
    ended = run("train", "--program", str(SCRIPTS / "accum.py"), "--json")
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert len(lines) == 20
    assert all(len(line["losses"]) == 4 and line["losses"][0] == line["loss"] for line in lines)


@pytest.mark.parametrize("step", [0, 2])
def test_record_and_graph_are_of_the_step(run: Run, own: Path, step: int) -> None:
    ended = run("record", "--program", str(own), "--step", str(step))
    recording = json.loads(ended.out)
    assert (ended.status, recording["loss"], recording["step"]) == (0, plain_losses(0)[step], step)
    lines = OWN.splitlines()
    for event in recording["events"]:
        assert event["line"] is None or "(" in lines[event["line"] - 1]
    assert [each["name"] for each in recording["parameters"]] == ["w"]
    ended = run("graph", "--program", str(own), "--step", str(step))
    graph = json.loads(ended.out)
    assert [node["parameter"] for node in graph["nodes"] if node["parameter"]] == ["w"]


def test_compare_holds_programs_against_the_first(run: Run, own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(OWN.replace("lr=0.1", "lr=0.2"), encoding="utf-8")
    ended = run("compare", "--program", str(own), "--program", str(other), "--json")
    found = json.loads(ended.out)
    assert found["reference"] == str(own)
    assert found["programs"][str(own)]["max_relative_difference"] == 0
    assert found["programs"][str(other)]["max_relative_difference"] > 0.01
    assert found["programs"][str(own)]["last_loss"] == plain_losses(0)[-1]
    assert found["programs"][str(own)]["parts"] is None
    parts = found["programs"][str(other)]["parts"]
    line = next(number for number, line in enumerate(OWN.splitlines(), 1) if "optimizer.step()" in line)
    assert (parts["step"], parts["line"], parts["reference_line"]) == (0, line, line)
    assert 0 < parts["relative_difference"] <= 1
    text = run("compare", "--program", str(own), "--program", str(other)).out
    assert "max relative difference" in text
    assert f"{own} and {other}:\nStep 0, line {line}: " in text


def test_script_prints_the_file(run: Run, own: Path) -> None:
    assert run("script", "--program", str(own)).out == OWN


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["train", "--program", "/nowhere/none.py"],
            "--program: /nowhere/none.py cannot be read: No such file",
        ),
        (
            ["train", "--program", "{own}", "--seed", "1"],
            "--seed: '1' is not allowed with --program; its text",
        ),
        (["record", "--program", "{own}", "--stage", "nn"], "--stage: 'nn' is not allowed with --program"),
        (
            ["record", "--program", "{own}", "--step", "6"],
            "--program: step 6 is not reached: the program makes 6",
        ),
        (
            ["graph", "--program", "{own}", "--step", "-1"],
            "--step: '-1' is not allowed; allowed: a whole number",
        ),
        (["train", "--args", "1"], "--args: '1' is not allowed without --program"),
        (
            ["train", "--program", "{own}", "--loop", "3"],
            "--program: no loop begins in line 3; its",
        ),
        (["train", "--loop", "9"], "--loop: '9' is not allowed without --program"),
        (["compare", "--program", "{own}"], "--program: one file is not allowed; allowed: two or more"),
        (["train", "--program", "{own}", "--program", "{own}"], "--program: "),
    ],
)
def test_what_is_not_allowed_ends_with_one_line(run: Run, own: Path, arguments: list[str], line: str) -> None:
    ended = run(*[each.format(own=own) for each in arguments])
    assert ended.status == 2
    assert ended.err.splitlines()[-1].startswith(f"torch-playground {arguments[0]}: {line}")


def test_a_program_that_fails_ends_with_its_own_traceback(run: Run) -> None:
    ended = run("train", "--program", str(SCRIPTS / "exception.py"))
    assert ended.status == 1
    assert len(ended.out.splitlines()) == 5
    assert ended.err.startswith("Traceback (most recent call last):\n")
    assert ended.err.splitlines()[-1].startswith("RuntimeError: mat1 and mat2")
    assert "playground/programs" not in ended.err


@pytest.mark.parametrize(
    ("code", "status", "told"), [("3", 3, ""), ("None", 0, ""), ("'enough'", 1, "enough\n")]
)
def test_the_status_is_the_programs(run: Run, own: Path, code: str, status: int, told: str) -> None:
    own.write_text(f"{OWN}sys.exit({code})\n", encoding="utf-8")
    ended = run("train", "--program", str(own))
    assert (ended.status, ended.err) == (status, told)
    assert len(ended.out.splitlines()) == 7


def test_several_losses_stand_on_one_line(run: Run) -> None:
    lines = run("train", "--program", str(SCRIPTS / "accum.py")).out.splitlines()
    assert [len(line.split()) for line in lines] == [5] * 20


def test_the_user_chooses_another_loop(run: Run, own: Path) -> None:
    """An epoch as a step: its losses are those of its three batches."""
    line = next(number for number, text in enumerate(OWN.splitlines(), 1) if text.startswith("for epoch"))
    ended = run("train", "--program", str(own), "--loop", str(line), "--json")
    steps = [json.loads(each)["losses"] for each in ended.out.splitlines()]
    assert steps == [plain_losses(0)[:3], plain_losses(0)[3:]]
