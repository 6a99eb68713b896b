"""The command line: what it prints, and how it ends when it is misused, interrupted or no longer read."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from playground import __version__
from playground.__main__ import main
from tests.engine.plain_loops import plain_losses

ROOT = Path(__file__).parents[3]
SIZES = (3, 7, 5, 2)
SMALL = ("--batch-size", "3", "--input-size", "7", "--hidden-size", "5", "--output-size", "2")
HUGE = ("--batch-size", "65536", "--input-size", "65536", "--hidden-size", "65536", "--output-size", "65536")
SIZE = "a whole number from 1 to 65536"
RATE = "a finite number above 0"
DEPTH = "LOW:HIGH, two whole numbers from 0 to 32, the first not above the second"
STAGES = "numpy, tensor, autograd, function, nn, optim, module, dynamic"


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process, which has loaded torch already."""

    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["torch-playground", *arguments])
        try:
            status = main()
        except SystemExit as end:
            # argparse ends the program by itself.
            status = int(str(end.code))
        return Ended(status, *capfd.readouterr())

    return call


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "playground", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("stage", ["numpy", "autograd", "optim", "dynamic"])
def test_train_prints_step_and_loss(run: Run, stage: str) -> None:
    ended = run("train", "--stage", stage, "--steps", "12", "--seed", "3", *SMALL)
    losses = plain_losses(stage, 3, 12, SIZES)
    assert ended == (0, "".join(f"{step} {loss!r}\n" for step, loss in enumerate(losses)), "")


def test_train_prints_an_object_a_line(run: Run) -> None:
    lines = run("train", "--json", "--steps", "4", *SMALL).out.splitlines()
    losses = plain_losses("autograd", 0, 4, SIZES)
    assert lines == [f'{{"step": {i}, "loss": {loss!r}, "depth": null}}' for i, loss in enumerate(losses)]


@pytest.mark.parametrize("depth", [0, 2])
def test_objects_tell_the_depth(run: Run, depth: int) -> None:
    options = ("--json", "--stage", "dynamic", "--depth", f"{depth}:{depth}", "--steps", "3")
    steps = [json.loads(line) for line in run("train", *options, *SMALL).out.splitlines()]
    assert [(step["step"], step["depth"]) for step in steps] == [(0, depth), (1, depth), (2, depth)]


def test_a_stage_has_the_defaults_of_its_program(run: Run) -> None:
    given = ("--optimizer", "SGD", "--learning-rate", "1e-4", "--optimizer-option", "momentum=0.9")
    plain = run("train", "--stage", "dynamic", "--steps", "5", *SMALL)
    assert run("train", "--stage", "dynamic", "--steps", "5", *SMALL, *given) == plain
    other = (
        "--optimizer",
        "Adam",
        "--optimizer-option",
        "betas=0.5,0.9",
        "--optimizer-option",
        "amsgrad=true",
    )
    assert run("train", "--stage", "dynamic", "--steps", "5", *SMALL, *other).out != plain.out


def test_a_loss_that_is_no_number_is_printed(run: Run) -> None:
    ended = run("train", "--learning-rate", "1e30", "--steps", "4", *SMALL)
    assert ended.status == 0
    losses = [float(line.split()[1]) for line in ended.out.splitlines()]
    # Whether a sum overflows to infinity first, or is not a number at once, depends on the processor.
    assert math.isfinite(losses[0])
    assert not any(map(math.isfinite, losses[1:]))
    assert math.isnan(losses[-1])


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_graph_of_a_step_as_json(run: Run, depth: int) -> None:
    options = ("--stage", "dynamic", "--depth", f"{depth}:{depth}", "--step", "2")
    graph = json.loads(run("graph", *options, *SMALL).out)
    operations = [node["op"] for node in graph["nodes"]]
    assert operations.count("MseLossBackward0") == 1
    assert operations.count("ClampBackward1") == 1 + depth
    assert operations.count("AddmmBackward0") == 2 + depth
    assert {node["parameter"] for node in graph["nodes"]} - {None} == {
        f"{layer}_linear.{kind}"
        for layer in ("input", "output", *(["middle"] if depth else []))
        for kind in ("weight", "bias")
    }
    # Loss and clamps: an edge each. A layer: to its bias, its transposed weight, from there to the weight,
    # and to its input, which for the first layer is data.
    layers = 2 + depth
    assert len(graph["edges"]) == 1 + (1 + depth) + 3 * layers + (layers - 1)
    ids = [node["id"] for node in graph["nodes"]]
    assert all(source in ids and target in ids and index >= 0 for source, target, index in graph["edges"])


def test_graph_of_a_stage_without_autograd_is_its_trace(run: Run) -> None:
    graph = json.loads(run("graph", "--stage", "numpy", *SMALL).out)
    assert graph["kind"] == "trace"
    assert [node["op"] for node in graph["nodes"]].count("dot") == 5


@pytest.mark.parametrize("stage", ["numpy", "dynamic"])
def test_graph_as_dot(run: Run, stage: str) -> None:
    import pygraphviz

    options = ("--stage", stage, *SMALL)
    graph = json.loads(run("graph", *options).out)
    drawing = pygraphviz.AGraph(run("graph", *options, "--format", "dot").out)
    assert len(drawing.nodes()) == len(graph["nodes"])
    assert len(drawing.edges()) == len(graph["edges"])


@pytest.mark.parametrize("stage", ["numpy", "dynamic"])
def test_graph_as_svg(run: Run, stage: str) -> None:
    ended = run("graph", "--stage", stage, "--format", "svg", *SMALL)
    drawing = ElementTree.fromstring(ended.out)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    texts = "".join(drawing.itertext())
    assert ("middle_linear.weight" if stage == "dynamic" else "dot") in texts


def test_script_is_a_program_with_the_given_numbers(run: Run) -> None:
    ended = run("script", "--stage", "optim", "--steps", "77", "--optimizer", "AdamW", *SMALL)
    assert (ended.status, ended.err) == (0, "")
    compile(ended.out, "script", "exec")
    assert "range(77)" in ended.out
    assert "torch.optim.AdamW(model.parameters(), lr=1e-4)" in ended.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train", "--hidden-size", "0"], f"--hidden-size: '0' is not allowed; allowed: {SIZE}"),
        (["train", "--hidden-size", "-3"], f"--hidden-size: '-3' is not allowed; allowed: {SIZE}"),
        (["train", "--hidden-size", "1e3"], f"--hidden-size: '1e3' is not allowed; allowed: {SIZE}"),
        (["train", "--hidden-size", "65537"], f"--hidden-size: '65537' is not allowed; allowed: {SIZE}"),
        (["train", "--learning-rate", "nan"], f"--learning-rate: 'nan' is not allowed; allowed: {RATE}"),
        (["train", "--learning-rate", "inf"], f"--learning-rate: 'inf' is not allowed; allowed: {RATE}"),
        (
            ["train", "--seed", "-1"],
            "--seed: '-1' is not allowed; allowed: a whole number from 0 to 4294967295",
        ),
        (["train", "--depth", "3:0"], f"--depth: '3:0' is not allowed; allowed: {DEPTH}"),
        (["train", "--depth", "3:"], f"--depth: '3:' is not allowed; allowed: {DEPTH}"),
        (["train", "--depth", "1:2:3"], f"--depth: '1:2:3' is not allowed; allowed: {DEPTH}"),
        (["train", "--depth", "x"], f"--depth: 'x' is not allowed; allowed: {DEPTH}"),
        (["train", "--stage", "keras"], f"--stage: 'keras' is not allowed; allowed: one of {STAGES}"),
        (["bench", "--stage", "keras"], f"--stage: 'keras' is not allowed; allowed: one of {STAGES}"),
        (
            ["train", "--optimizer", "Adam"],
            "--optimizer: 'Adam' is not allowed; the stage 'autograd' writes its update by hand "
            "(stages with an optimizer: optim, module, dynamic)",
        ),
        (
            ["train", "--stage", "numpy", "--device", "cuda"],
            "--device: 'cuda' is not allowed; NumPy runs on the CPU only: cpu",
        ),
        (
            ["train", "--device", "Cpu"],
            "--device: 'Cpu' is not allowed; allowed: a device's name such as cpu, cuda, cuda:0, mps or xpu",
        ),
        (
            ["script", "--steps", "0"],
            "--steps: '0' is not allowed; allowed: a whole number from 1 to 10000000",
        ),
        (
            ["graph", "--step", "-1"],
            "--step: '-1' is not allowed; allowed: a whole number from 0 to 9999999",
        ),
        (
            ["train", "--stage", "optim", "--optimizer-option", "foo"],
            "--optimizer-option: 'foo' is not allowed; allowed: NAME=VALUE",
        ),
        (
            ["train", "--stage", "optim", "--optimizer-option", "betas=nan"],
            "--optimizer-option: betas: 'nan' is not allowed; allowed: true, false, none, or finite numbers",
        ),
        (
            ["train", "--stage", "optim", "--optimizer-option", "betas=0.9"],
            "--optimizer-option: betas=0.9 is not allowed; allowed: 2 numbers, such as 0.9,0.999",
        ),
        (
            ["train", "--stage", "optim", "--optimizer-option", "amsgrad=7"],
            "--optimizer-option: amsgrad=7.0 is not allowed; allowed: true or false",
        ),
        (
            ["train", "--optimizer-option", "momentum=1"],
            "--optimizer-option: momentum=1.0 is not allowed; the stage 'autograd' has no optimizer",
        ),
    ],
)
def test_bad_value_ends_with_one_line(run: Run, arguments: list[str], line: str) -> None:
    # A command fails before the sizes matter; bench has none.
    assert run(*arguments) == (2, "", f"torch-playground {arguments[0]}: {line}\n")


def assert_complains(ended: Ended, *words: str) -> None:
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("torch-playground")
    assert ended.err.count("\n") == 1
    assert ended.err.endswith("\n")
    assert [word for word in words if word not in ended.err] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], ["'frobnicate'", "'train'", "'graph'", "'script'", "'bench'"]),
        (["--frobnicate"], ["--frobnicate"]),
        (["train", "--frobnicate", "3"], ["--frobnicate"]),
        (["train", "--hidden-size"], ["--hidden-size", "expected one argument"]),
        (["graph", "--format", "png"], ["--format", "'png'", "'json'", "'dot'", "'svg'"]),
        (["train", "--stage", "optim", "--optimizer", "LBFGS"], ["--optimizer: 'LBFGS'", "Adam", "SGD"]),
        (["train", "--stage", "optim", "--optimizer-option", "fu=1"], ["--optimizer-option: 'fu'", "betas"]),
        (
            ["train", "--stage", "optim", "--optimizer-option", "betas=2,3"],
            ["--optimizer-option: betas=(2.0, 3.0) is not allowed"],
        ),
        (["train", "--stage", "opt\nim"], ["--stage", STAGES]),
    ],
)
def test_misuse_ends_with_one_line(run: Run, arguments: list[str], words: list[str]) -> None:
    assert_complains(run(*arguments), *words)


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
def test_a_device_that_is_not_here(run: Run) -> None:
    assert_complains(run("train", "--device", "cuda"), "--device: 'cuda' is not here", "allowed: cpu")


def test_a_device_number_that_is_not_here(run: Run) -> None:
    assert_complains(run("train", "--device", "cuda:99"), "--device: 'cuda:99' is not here", "allowed: cpu")


@pytest.mark.parametrize("command", ["train", "graph"])
def test_sizes_beyond_the_memory(run: Run, command: str) -> None:
    # More than 1 TB; the limits of the single sizes allow it.
    ended = run(command, "--stage", "dynamic", "--depth", "0:32", *HUGE)
    assert_complains(ended, "--hidden-size", "65536 x 65536 x 65536 x 65536", "GB of memory", "are free")


@pytest.mark.parametrize(
    "before",
    [
        ["train", "--hidden-size"],
        ["train", "--learning-rate"],
        ["train", "--seed"],
        ["train", "--depth"],
        ["train", "--steps"],
        ["train", "--stage"],
        ["graph", "--step"],
        ["graph", "--format"],
        ["train", "--device"],
        ["train", "--stage", "optim", "--optimizer"],
        ["train", "--stage", "optim", "--optimizer-option"],
        [],
    ],
)
def test_a_long_text_gives_a_short_line(run: Run, before: list[str]) -> None:
    ended = run(*before, "9" * 5000)
    assert_complains(ended, *before[-1:])
    assert len(ended.err) < 300


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["train", "graph", "script", "bench"]),
        (["train", "--help"], ["--hidden-size", "--optimizer-option", "--json"]),
        (["bench", "--help"], ["--quick", "--json", "--stage"]),
        (["--version"], [f"torch-playground {__version__}\n"]),
    ],
)
def test_help_and_version(run: Run, arguments: list[str], words: list[str]) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.err) == (0, "")
    assert [word for word in words if word not in ended.out] == []


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process of Windows")
def test_interrupt_leaves_whole_lines_and_no_traceback() -> None:
    with start("train", "--stage", "numpy", "--steps", "10000000", "--json", *SMALL) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        lines += process.stdout.readlines()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 130
    assert [json.loads(line)["step"] for line in lines] == list(range(len(lines)))
    assert lines[-1].endswith("}\n")


def test_reader_that_goes_away_ends_the_run_quietly() -> None:
    with start("train", "--stage", "numpy", "--steps", "10000000", *SMALL) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0
    losses = plain_losses("numpy", 0, 3, SIZES)
    assert lines == [f"{step} {loss!r}\n" for step, loss in enumerate(losses)]
