"""`compare`, and the options of a shared start, on the command line."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from playground.settings import make_settings
from playground.trainer import Trainer
from tests.engine.command_line.test_command_line import (
    SIZES,
    SMALL,
    STAGES,
    Ended,
    Run,
    assert_complains,
    run,
)
from tests.engine.plain_loops import plain_losses

__all__ = ["run"]

SIZE_NAMES = ("batch_size", "input_size", "hidden_size", "output_size")


def compared(run: Run, *arguments: str) -> dict[str, Any]:
    ended = run("compare", "--json", "--steps", "6", *arguments, *SMALL)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.count("\n") == 1
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_all_stages_from_one_start(run: Run) -> None:
    found = compared(run, "--same-start", "--dtype", "float64", "--seed", "3")
    assert ", ".join(found["stages"]) == STAGES
    assert (found["reference"], found["same_start"], found["dtype"]) == ("numpy", True, "float64")
    for each in found["stages"].values():
        assert each["max_relative_difference"] < 1e-13
        assert each["max_difference_of_first_loss"] < 1e-14
        assert each["last_loss"] == pytest.approx(plain_losses("numpy", 3, 6, SIZES)[-1], rel=1e-13)
        assert each["seconds"] > 0
    assert found["stages"]["numpy"]["max_relative_difference"] == 0.0


def test_own_starts_are_compared_as_well(run: Run) -> None:
    found = compared(run, "--stage", "autograd", "nn")
    assert list(found["stages"]) == ["numpy", "autograd", "nn"]
    for name in ("numpy", "autograd", "nn"):
        assert found["stages"][name]["last_loss"] == plain_losses(name, 0, 6, SIZES)[-1]
    assert "starts differ" in found["notes"][0]


def test_options_of_train_apply_to_every_stage(run: Run) -> None:
    options = ("--same-start", "--learning-rate", "1e-3", "--optimizer", "Adam", "--depth", "0:2")
    found = compared(run, *options, "--optimizer-option", "amsgrad=true", "--dtype", "float32")
    sizes = dict(zip(SIZE_NAMES, SIZES, strict=True))
    given = {"same_start": True, "learning_rate": 1e-3, "dtype": "float32", "depth": "0:2", **sizes}
    for stage, each in found["stages"].items():
        optimizer = {"optimizer": "Adam", "optimizer_options": {"amsgrad": True}}
        has_one = stage in ("optim", "module", "dynamic")
        trainer = Trainer(make_settings(stage=stage, steps=6, **given, **(optimizer if has_one else {})))
        assert each["last_loss"] == [trainer.step() for _ in range(6)][-1]
        assert bool(each["differs"]) == has_one


def test_table_without_json(run: Run) -> None:
    ended = run("compare", "--same-start", "--stage", "tensor", "nn", "--steps", "3", *SMALL)
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].startswith("3 steps, seed 0, float64, the same data and weights")
    assert [line.split()[0] for line in lines[3:7]] == ["stage", "numpy", "tensor", "nn"]


def test_a_terminal_hears_what_is_trained(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = run("compare", "--stage", "nn", "--steps", "2", *SMALL)
    assert ended.err == "training: numpy …\ntraining: nn …\n"


@pytest.mark.parametrize("command", [("train",), ("graph", "--step", "1"), ("record", "--step", "1")])
def test_other_commands_take_a_shared_start(run: Run, command: tuple[str, ...]) -> None:
    ended = run(
        *command, "--stage", "optim", "--same-start", *SMALL, *(["--steps", "2"] * (command == ("train",)))
    )
    assert (ended.status, ended.err) == (0, "")
    if command == ("train",):
        losses = [float(line.split()[1]) for line in ended.out.splitlines()]
        assert losses == pytest.approx(plain_losses("numpy", 0, 2, SIZES), rel=1e-13)
    else:
        assert "bias" not in ended.out
        assert "float64" in ended.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["compare", "--dtype", "float16"], "--dtype: 'float16' is not allowed; allowed: float32, float64"),
        (["train", "--dtype", "Float32"], "--dtype: 'Float32' is not allowed; allowed: float32, float64"),
        (
            ["compare", "--stage", "nn", "keras"],
            f"--stage: 'keras' is not allowed; allowed: one of {STAGES}",
        ),
        (
            ["compare", "--same-start", "--hidden-size", "0"],
            "--hidden-size: '0' is not allowed; allowed: a whole number from 1 to 65536",
        ),
        (
            ["compare", "--stage", "nn", "--optimizer", "Adam"],
            "--optimizer: 'Adam' is not allowed; the stage 'nn' writes its update by hand "
            "(stages with an optimizer: optim, module, dynamic)",
        ),
        (
            ["compare", "--learning-rate", "nan"],
            "--learning-rate: 'nan' is not allowed; allowed: a finite number above 0",
        ),
    ],
)
def test_bad_value_ends_with_one_line(run: Run, arguments: list[str], line: str) -> None:
    assert run(*arguments) == Ended(2, "", f"torch-playground {arguments[0]}: {line}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "--stage"],
        ["compare", "--same-start", "yes"],
        ["compare", "--device", "cuda:99"],
        ["compare", "--stage", "optim", "--optimizer", "LBFGS"],
        ["compare", *(word for name in SIZE_NAMES for word in (f"--{name.replace('_', '-')}", "65536"))],
    ],
)
def test_misuse_ends_with_one_line(run: Run, arguments: list[str]) -> None:
    assert_complains(run(*arguments))


def test_help_lists_it(run: Run) -> None:
    assert "compare" in run("--help").out
    ended = run("compare", "--help")
    assert [
        word for word in ("--same-start", "--dtype", "--stage S", "--json") if word not in ended.out
    ] == []
