"""The command line takes every word seriously: nothing twice, nothing shortened, nothing ignored."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator

import pytest

from playground.cli import make_parser, stages_option
from playground.stages import STAGES
from tests.engine.command_line.test_command_line import ROOT, SIZES, SMALL, Run, assert_complains, run
from tests.engine.plain_loops import plain_losses

__all__ = ["run"]

NAMES = [stage.name for stage in STAGES]
COMMANDS = ["train", "graph", "record", "script", "compare"]


# An option given twice


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train", "--seed", "3", "--seed", "4"], "--seed: '4' after '3' is not allowed; allowed: once"),
        (["train", "--seed", "3", "--seed", "3"], "--seed: '3' after '3' is not allowed; allowed: once"),
        (["train", "--stage", "nn", "--stage", "numpy"], "--stage: 'numpy' after 'nn' is not allowed"),
        (["graph", "--step=1", "--step", "2"], "--step: '2' after '1' is not allowed"),
        (["record", "--format", "text", "--format", "json"], "--format: 'json' after 'text' is not allowed"),
        (["script", "--depth", "0:1", "--depth", "0:2"], "--depth: '0:2' after '0:1' is not allowed"),
        (["train", "--json", "--json"], "--json: given twice is not allowed; allowed: once"),
        (["compare", "--same-start", "--same-start"], "--same-start: given twice is not allowed"),
        (["bench", "--quick", "--quick"], "--quick: given twice is not allowed"),
    ],
)
def test_a_second_time_is_refused(run: Run, arguments: list[str], line: str) -> None:
    assert_complains(run(*arguments), f"torch-playground {arguments[0]}: {line}")


def test_a_number_of_the_optimizer_is_given_once(run: Run) -> None:
    given = ("--optimizer-option", "momentum=0.9", "--optimizer-option", "momentum=0.5")
    ended = run("train", "--stage", "dynamic", *given, *SMALL)
    assert_complains(
        ended, "--optimizer-option: a second 'momentum=0.5' is not allowed; allowed: each name once"
    )


@pytest.mark.parametrize(
    "given",
    [
        ["--stage", "nn", "--stage", "tensor"],
        ["--stage", "nn", "tensor"],
        ["--stage", "nn", "--stage", "tensor", "nn"],
    ],
)
def test_stages_add_up(run: Run, given: list[str]) -> None:
    found = json.loads(run("compare", "--json", "--steps", "2", *given, *SMALL).out)
    assert list(found["stages"]) == ["numpy", "nn", "tensor"]
    assert found["reference"] == "numpy"
    assert stages_option(make_parser().parse_args(["bench", *given]).stage) == ("nn", "tensor")


def test_a_comparison_says_what_with(run: Run) -> None:
    ended = run("compare", "--stage", "numpy", "--stage", "nn", "--steps", "2", *SMALL)
    lines = ended.out.splitlines()
    assert lines[0].endswith("compared with numpy")
    assert [line.split()[0] for line in lines[4:6]] == ["numpy", "nn"]
    assert lines[6] == ""


# Shortened


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--step", "3"],
        ["train", "--js"],
        ["graph", "--ste", "3"],
        ["record", "--form", "text"],
        ["script", "--see", "3"],
        ["compare", "--same"],
        ["bench", "--qui"],
        ["--vers"],
        ["--he"],
    ],
)
def test_the_beginning_of_an_option_is_none(run: Run, arguments: list[str]) -> None:
    option = next(word for word in arguments if word.startswith("--"))
    command = ["torch-playground", *(word for word in arguments[:1] if not word.startswith("--"))]
    assert_complains(run(*arguments), f"{' '.join(command)}: '{option}' is not an option; allowed: --")


def test_a_word_too_many(run: Run) -> None:
    assert_complains(
        run("train", "autograd"), "'autograd' is not an option; allowed: --json, --stage, --steps"
    )
    assert_complains(run("bench", ""), "'' is not an option; allowed: --json, --quick, --stage")


# Not used


def unused_by_stages() -> Iterator[tuple[str, str, str, str]]:
    for stage in STAGES:
        if not stage.has_depth:
            yield from ((command, stage.name, "--depth", "0:3") for command in COMMANDS)
        if not stage.has_optimizer:
            yield from ((command, stage.name, "--optimizer", "SGD") for command in COMMANDS)
            yield from ((command, stage.name, "--optimizer-option", "momentum=0.9") for command in COMMANDS)
        if not stage.on_any_device:
            yield from ((command, stage.name, "--device", "cpu") for command in COMMANDS)


@pytest.mark.parametrize(("command", "stage", "option", "value"), list(unused_by_stages()))
def test_what_a_stage_does_not_use_is_refused(
    run: Run, command: str, stage: str, option: str, value: str
) -> None:
    ended = run(command, "--stage", stage, option, value, *SMALL)
    assert_complains(
        ended, f"torch-playground {command}: {option}: ", value, "is not allowed; the stage", stage
    )


def test_the_line_says_why(run: Run) -> None:
    assert run("compare", "--stage", "nn", "optim", "--depth", "0:3").err == (
        "torch-playground compare: --depth: '0:3' is not allowed; the stages nn, optim have no use for it: "
        "only DynamicNet uses its middle layer a varying number of times\n"
    )
    assert run("graph", "--stage", "numpy", "--device", "cpu").err == (
        "torch-playground graph: --device: 'cpu' is not allowed; the stage numpy has no use for it: "
        "NumPy runs on the CPU only\n"
    )


@pytest.mark.parametrize("command", ["graph", "record"])
def test_commands_for_one_step_have_no_number_of_steps(run: Run, command: str) -> None:
    ended = run(command, "--stage", "nn", "--steps", "5", *SMALL)
    assert_complains(ended, "--steps: '5' is not allowed; the steps up to --step N are made, and no more")
    assert "--steps" not in run(command, "--help").out


@pytest.mark.parametrize("given", [["--depth", "0:2"], ["--device", "cpu"], ["--optimizer", "SGD"]])
def test_what_one_of_several_stages_uses_is_taken(run: Run, given: list[str]) -> None:
    stages = ("--stage", "numpy", "nn", "dynamic")
    assert run("compare", *stages, *given, "--steps", "2", *SMALL).status == 0


# What is printed, and where to


@pytest.mark.parametrize("stage", ["autograd", "dynamic"])
def test_a_loss_that_is_not_finite_is_null(run: Run, stage: str) -> None:
    def never(name: str) -> float:
        raise AssertionError(f"{name} is no JSON")

    options = ("--stage", stage, "--learning-rate", "1e30", "--steps", "4", "--json")
    lines = run("train", *options, *SMALL).out.splitlines()
    losses = [json.loads(line, parse_constant=never)["loss"] for line in lines]
    assert losses == [plain_losses(stage, 0, 1, SIZES)[0], None, None, None]


def ended_with(redirection: str, *arguments: str) -> tuple[int, str]:
    """Status, and what came on standard error, of a command that the shell started with this redirection."""
    command = f'"$@" {redirection}'
    words = ["sh", "-c", command, "sh", sys.executable, "-m", "playground", *arguments, *SMALL]
    ended = subprocess.run(words, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    return ended.returncode, ended.stderr


without_shell = pytest.mark.skipif(os.name == "nt", reason="the redirections are those of a Unix shell")


@without_shell
@pytest.mark.parametrize("redirection", [">&-", ">&- <&-"])
def test_a_closed_output_leads_nowhere(redirection: str) -> None:
    assert ended_with(redirection, "train", "--stage", "numpy", "--steps", "2") == (0, "")


@without_shell
def test_without_standard_error_the_status_tells() -> None:
    assert ended_with(">&- 2>&-", "train", "--sed", "2") == (2, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_in_one_line() -> None:
    line = "torch-playground: OSError: [Errno 28] No space left on device\n"
    assert ended_with(">/dev/full", "train", "--stage", "numpy", "--steps", "2") == (1, line)


# Anything at all

VALUES = {
    "--stage": NAMES,
    "--steps": ["1", "2", "3"],
    "--step": ["0", "2"],
    "--format": ["json", "dot", "svg", "text"],
    "--optimizer": ["SGD", "Adam", "Rprop", "LBFGS"],
    "--optimizer-option": ["momentum=0.9", "betas=0.5,0.9", "weight_decay=-1", "lr=1", "="],
    "--learning-rate": ["1e-3", "1e9"],
    "--depth": ["0:2", "1:1"],
    "--device": ["cpu", "cuda:77"],
    "--dtype": ["float32", "float64"],
    "--threads": ["0"],
    "--seed": ["0", "7"],
    "--fault": ["no-zero-grad", "wrong-sign", "no-fault"],
}
SWITCHES = ["--json", "--same-start", "--quick", "--check", "--help"]
ODD = [
    "",
    "-",
    "--",
    "-1",
    "-x",
    "0",
    "1e999",
    "nan",
    "0x10",
    "٣",
    "a\nb",
    "\udcff",
    "%s",
    "9" * 300,
    "--sta",
    "@x",
]


def any_words(chance: random.Random) -> list[str]:
    """A command with options that mostly exist, mostly with values that mostly fit."""
    words = [chance.choice([*COMMANDS, *COMMANDS, "devices", "", "trai"]), *SMALL]
    if words[0] in ("train", "compare"):
        words += ["--steps", "2"]
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        kind = chance.random()
        if kind < 0.75:
            option = chance.choice(list(VALUES))
            words += [option, chance.choice(VALUES[option])]
        elif kind < 0.85:
            words.append(chance.choice(SWITCHES))
        else:
            words += [chance.choice([*VALUES, *ODD]), chance.choice(ODD)]
    return words


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_asked_it_ends_in_one_of_three_ways(run: Run, seed: int) -> None:
    chance = random.Random(seed)
    seen = set()
    for _ in range(15):
        words = any_words(chance)
        ended = run(*words)
        seen.add(ended.status)
        if ended.status == 2:
            assert_complains(ended)
            assert len(ended.err) < 500, words
        else:
            assert (ended.status, ended.err) == (0, ""), words
            assert ended.out, words
    assert seen == {0, 2}
