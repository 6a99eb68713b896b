"""`faults`, and `--fault NAME` with a stage."""

from __future__ import annotations

import json

import pytest

from playground.faults import fault_named, faulty_text, list_faults
from playground.settings import make_settings
from tests.engine.command_line.test_command_line import SMALL, Run, assert_complains, run, start
from tests.engine.faults.plain_programs import run_plainly

__all__ = ["run"]

SMALLER = {"batch_size": 3, "input_size": 7, "hidden_size": 5, "output_size": 2}


def losses_of(name: str, **settings: object) -> list[float]:
    fault = fault_named(name)
    assert fault is not None
    return run_plainly(faulty_text(fault, make_settings(stage=fault.stage, **settings))).losses


def test_faults_lists_them(run: Run) -> None:
    ended = run("faults")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert len(lines) == 2 * len(list_faults())
    for fault, first, second in zip(list_faults(), lines[::2], lines[1::2], strict=True):
        assert first.split(maxsplit=2) == [fault.name, fault.stage, fault.title]
        assert second.strip() == fault.question


def test_faults_as_json(run: Run) -> None:
    found = json.loads(run("faults", "--json").out)
    expected = [(each.name, each.stage, each.title, each.question) for each in list_faults()]
    assert [tuple(each[key] for key in ("name", "stage", "title", "question")) for each in found] == expected
    assert all(len(each) == 4 for each in found)


@pytest.mark.parametrize("name", ["no-zero-grad", "plain-list", "wrong-sign"])
def test_train_prints_the_losses_of_the_faulty_program(run: Run, name: str) -> None:
    fault = fault_named(name)
    assert fault is not None
    losses = losses_of(name, steps=4, seed=3, **SMALLER)
    options = ("--fault", name, "--steps", "4", "--seed", "3", *SMALL)
    expected = "".join(f"{step} {loss!r}\n" for step, loss in enumerate(losses))
    assert run("train", *options) == run("train", "--stage", fault.stage, *options) == (0, expected, "")


def test_train_prints_an_object_a_line(run: Run) -> None:
    ended = run("train", "--fault", "diverges", "--steps", "9", "--json")
    found = [json.loads(line) for line in ended.out.splitlines()]
    losses = losses_of("diverges", steps=9)
    assert [each["loss"] for each in found[:4]] == losses[:4]
    assert (found[-1], ended.status) == ({"step": 8, "loss": None, "depth": None}, 0)


def test_script_prints_the_faulty_program(run: Run) -> None:
    fault = fault_named("data-write")
    assert fault is not None
    ended = run("script", "--stage", "autograd", "--fault", "data-write", "--seed", "5")
    assert ended == (0, faulty_text(fault, make_settings(stage="autograd", seed=5)), "")


def test_record_is_of_the_faulty_program(run: Run) -> None:
    options = ("--fault", "no-zero-grad", "--step", "2", *SMALL)
    recording = json.loads(run("record", *options).out)
    assert (recording["stage"], recording["step"]) == ("module", 2)
    assert recording["loss"] == losses_of("no-zero-grad", steps=3, **SMALLER)[2]
    assert "zero_grad" not in {event["op"] for event in recording["events"]}
    assert "step 2 of module: loss" in run("record", *options, "--format", "text").out


def test_graph_is_of_the_faulty_program(run: Run) -> None:
    graph = json.loads(run("graph", "--fault", "detach-in-the-middle", *SMALL).out)
    assert {node["parameter"] for node in graph["nodes"]} - {None} == {"linear2.weight", "linear2.bias"}
    assert run("graph", "--fault", "detach-in-the-middle", "--format", "dot", *SMALL).out.startswith(
        "digraph"
    )


@pytest.mark.parametrize(
    "fault", [each for each in list_faults() if each.look.error], ids=lambda each: each.name
)
def test_a_failing_program_ends_with_its_own_traceback(run: Run, fault: object) -> None:
    assert isinstance(fault, type(list_faults()[0]))
    plain = run_plainly(faulty_text(fault, make_settings(stage=fault.stage)))
    ended = run("train", "--stage", fault.stage, "--fault", fault.name)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Traceback (most recent call last):\n")
    assert ended.err.endswith(plain.error)
    assert fault.look.error in plain.error
    assert "playground/programs" not in ended.err
    assert all(f"{fault.stage}-{fault.name}.py" in line for line in ended.err.splitlines() if "File" in line)


def test_what_is_recorded_of_a_failing_program(run: Run) -> None:
    ended = run("record", "--fault", "in-place-on-saved")
    assert (ended.status, ended.err) == (1, "")
    failure = json.loads(ended.out)["failure"]
    assert failure["message"].endswith(
        "is at version 1; expected version 0 instead." + failure["message"].partition("0 instead.")[2]
    )
    assert failure["line"] == 31
    ended = run("record", "--fault", "in-place-on-saved", "--step", "1")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[-1].startswith("RuntimeError: one of the variables needed")


def test_a_warning_comes_as_pytorch_writes_it() -> None:
    with start("train", "--fault", "target-shape", "--steps", "3", "--json") as process:
        out, err = process.communicate(timeout=120)
    assert len(out.splitlines()) == 3
    fault = fault_named("target-shape")
    assert fault is not None
    assert err.count(f"UserWarning: {fault.look.warning}") == 1


NN = "diverges, wrong-reduction"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["train", "--stage", "nn", "--fault", "nothing"],
            f"--fault: 'nothing' is not allowed; allowed: {NN}",
        ),
        (["train", "--fault", ""], "--fault: '' is not allowed; allowed: backward-twice, "),
        (
            ["record", "--stage", "nn", "--fault", "no-zero-grad"],
            "--fault: 'no-zero-grad' is not allowed; it is a fault of the stage module, not nn; "
            f"allowed: {NN}",
        ),
        (
            ["script", "--stage", "numpy", "--fault", "diverges"],
            "--fault: 'diverges' is not allowed; it is a fault of the stage nn, not numpy; "
            "allowed: none, the stage numpy has no faults",
        ),
        (
            ["train", "--stage", "keras", "--fault", "diverges"],
            "--stage: 'keras' is not allowed; allowed: one of",
        ),
        (
            ["train", "--fault", "diverges", "--fault", "no-zero-grad"],
            "--fault: 'no-zero-grad' after 'diverges' is not allowed; allowed: once",
        ),
        (
            ["train", "--fault", "diverges", "--learning-rate", "1e-4"],
            "--learning-rate: '1e-4' is not allowed; the fault 'diverges' sets it itself",
        ),
        (
            ["graph", "--fault", "target-shape", "--output-size", "10"],
            "--output-size: '10' is not allowed; the fault 'target-shape' sets it itself",
        ),
        (
            ["train", "--fault", "no-zero-grad", "--same-start"],
            "--same-start: is not allowed with --fault; allowed: the stage's own data and weights",
        ),
        (
            ["train", "--fault", "no-zero-grad", "--depth", "0:1"],
            "--depth: '0:1' is not allowed; the stage module",
        ),
        (
            ["train", "--fault", "dead-relu", "--optimizer", "SGD"],
            "--fault: the fault 'dead-relu' needs the line 'optimizer = torch.optim.Adam",
        ),
        (["train", "--fault", "dead-relu", "--optimizer", "Adm"], "--optimizer: 'Adm' is not"),
        (["train", "--fault", "no-zero-grad", "--device", "cuda:77"], "--device: 'cuda:77' is not here"),
        (["train", "--fault", "no-zero-grad", "--hidden-size", "0"], "--hidden-size: '0' is not allowed"),
        (["record", "--fault", "no-zero-grad", "--step", "x"], "--step: 'x' is not allowed"),
        (["train", "--fault", "diverges", "--loop", "3"], "--loop: '3' is not allowed without --program"),
        (
            ["train", "--program", "x.py", "--fault", "diverges"],
            "--fault: 'diverges' is not allowed with --program",
        ),
        (["graph", "--fault", "requires-grad-forgotten"], "--fault: step 0 builds no graph"),
        (["compare", "--fault", "diverges"], "'--fault' is not an option; allowed: --json"),
    ],
)
def test_what_is_not_allowed_ends_with_one_line(run: Run, arguments: list[str], line: str) -> None:
    ended = run(*arguments)
    assert_complains(ended)
    assert ended.err.startswith(f"torch-playground {arguments[0]}: {line}")
    assert len(ended.err) < 500


def test_a_size_that_the_fault_needs_may_be_given(run: Run) -> None:
    given = run("script", "--fault", "target-shape", "--output-size", "1")
    assert (given.status, given.out) == (0, run("script", "--fault", "target-shape").out)
