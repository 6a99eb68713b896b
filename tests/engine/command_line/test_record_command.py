"""`torch-playground record`: what it prints, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.__main__ import main
from playground.stages import stage_named
from tests.engine.plain_loops import plain_losses

SMALL = ("--batch-size", "3", "--input-size", "7", "--hidden-size", "5", "--output-size", "2")
STAGES = ("numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic")
PHASES = ("forward", "loss", "backward", "update")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["torch-playground", "record", *arguments])
        try:
            status = main()
        except SystemExit as end:
            status = int(str(end.code))
        return status, *capfd.readouterr()

    return call


def never(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def plain(text: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(text, parse_constant=never)
    return result


@pytest.mark.parametrize("stage", STAGES)
def test_json_tells_the_whole_step(record: Run, stage: str) -> None:
    status, out, err = record("--stage", stage, "--step", "3", "--format", "json", *SMALL)
    assert (status, err) == (0, "")
    found = plain(out)
    assert (found["stage"], found["step"], found["failure"]) == (stage, 3, None)
    assert found["loss"] == plain_losses(stage, 0, 4, (3, 7, 5, 2))[3]
    places = [PHASES.index(event["phase"]) for event in found["events"]]
    assert places == sorted(places)
    assert set(places) == {0, 1, 2, 3}
    assert [event["number"] for event in found["events"]] == list(range(len(places)))
    for parameter in found["parameters"]:
        assert isinstance(parameter["name"], str)
        assert all(isinstance(length, int) for length in parameter["shape"])
        assert parameter["gradient_norm"] is None or parameter["gradient_norm"] >= 0
    assert (found["depth"] is not None) == (stage == "dynamic")


def test_gradient_norms_are_those_of_a_loop_by_hand(record: Run) -> None:
    found = plain(record("--stage", "autograd", *SMALL)[1])
    torch.manual_seed(0)
    x, y = torch.randn(3, 7), torch.randn(3, 2)
    w1, w2 = torch.randn(7, 5, requires_grad=True), torch.randn(5, 2, requires_grad=True)
    gradients = torch.autograd.grad((x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum(), (w1, w2))
    assert [(each["name"], each["shape"]) for each in found["parameters"]] == [("w1", [7, 5]), ("w2", [5, 2])]
    for parameter, gradient in zip(found["parameters"], gradients, strict=True):
        assert parameter["gradient_norm"] == pytest.approx(gradient.norm().item(), rel=1e-6)


@pytest.mark.parametrize("stage", STAGES)
def test_text_has_a_line_for_each_event(record: Run, stage: str) -> None:
    status, out, err = record("--stage", stage, "--format", "text", *SMALL)
    assert (status, err) == (0, "")
    events = plain(record("--stage", stage, *SMALL)[1])["events"]
    lines = out.splitlines()
    assert lines[0].startswith(f"step 0 of {stage}: loss ")
    numbered = [line.split()[0] for line in lines if line.split() and line.split()[0].isdigit()]
    assert numbered == [str(event["number"]) for event in events]
    assert [line for line in lines if line in PHASES] == list(PHASES)


def test_lines_are_those_of_the_program(record: Run) -> None:
    stage = stage_named("autograd")
    assert stage is not None
    lines = Path(stage.source_file).read_text(encoding="utf-8").splitlines()
    events = plain(record("--stage", "autograd", *SMALL)[1])["events"]
    assert [lines[event["line"] - 1].strip() for event in events if event["op"] == "mm"] == [
        "y_pred = x.mm(w1).clamp(min=0).mm(w2)"
    ] * 2
    nodes = [event for event in events if event["kind"] == "node"]
    assert {lines[event["line"] - 1].strip() for event in nodes} == {"loss.backward()"}


def test_run_that_diverges_is_still_json(record: Run) -> None:
    status, out, err = record("--stage", "autograd", "--step", "30", "--learning-rate", "1", *SMALL)
    assert (status, err) == (0, "")
    assert plain(out)["loss"] is None


@pytest.mark.parametrize(
    "arguments", [("--step", "-1"), ("--step", "x"), ("--format", "dot"), ("--stage", "no")]
)
def test_bad_option_ends_with_one_line(record: Run, arguments: tuple[str, str]) -> None:
    status, out, err = record(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert arguments[0] in err
    assert arguments[1] in err
