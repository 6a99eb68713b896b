"""Programs as one meets them anywhere, each a trap for a driver: followed step by step, unedited.

What each of them traps stands in its first line. The oracle is Python itself, which runs the same file.
"""

from __future__ import annotations

import gc
import io
import json
import math
import os
import signal
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch

import playground.programs
from playground.programs.errors import ProgramError, ProgramStopped
from playground.programs.execution import Execution, ProgramFailure, first_loop
from playground.programs.program import open_program

SCRIPTS = Path(__file__).parent / "scripts"
UNFOLLOWED = ("bare_except", "func", "own_engine", "own_model", "threaded")
"""No programs, endless, or without anything that could be followed; each has a test of its own."""
NAMES = sorted(each.stem for each in SCRIPTS.glob("*.py") if each.stem not in UNFOLLOWED)

STEPS = {"accum": 20, "lbfgs": 10, "maml": 10, "wgan_gp": 18, "numpy_loop": 50, "only_grad": 20}
"""Turns of the training loop, where these are not as many as backward passes."""
LOOPS = {
    "accum": "for i in range(20):",
    "aio": "for i in range(20):",
    "comprehension": "losses = [step(i) for i in range(30)]",
    "compile_step": "for i in range(8):",
    "generator": "for i in range(20):",
    "maml": "for i in range(10):",
    "numpy_loop": "for t in range(50):",
    "only_grad": "for i in range(20):",
    "probe": "for i in range(20):",
    "sibling": "for xb, yb in zip(x.split(8), y.split(8)):",
    "trainer_class": "for i, (xb, yb) in enumerate(loader):",
    "tq": "for i in bar:",
    "two_loops": "for j in range(12):",
    "wgan_gp": "for it in range(15):",
    "while_true": "while True:",
    "mapcall": None,
    "recursion": None,
    "unrolled": None,
}
"""The training loop that a reader would name, at the end of the program."""


@pytest.fixture(scope="module")
def expected() -> dict[str, tuple[list[float], str]]:
    """Losses and the exception, by the script's name, as Python itself gives them."""
    files = [str(SCRIPTS / f"{name}.py") for name in NAMES]
    run = subprocess.run(
        [sys.executable, Path(__file__).with_name("oracle.py")],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return {Path(path).stem: (losses, error) for path, (losses, error) in json.loads(run.stdout).items()}


def execution(name: str) -> Execution:
    silence = io.StringIO()
    return Execution(open_program(SCRIPTS / f"{name}.py"), output=silence, errors=silence)


def surroundings() -> dict[str, Any]:
    """What a program must leave as it was."""
    module = torch.nn.modules.module
    hooks = {name: dict(value) for name, value in vars(module).items() if name.endswith("_hooks")}
    return {
        "tensor": {name: value for name, value in vars(torch.Tensor).items() if callable(value)},
        "autograd": (torch.autograd.backward, torch.autograd.grad),
        "optimizer": torch.optim.Optimizer.__init__,
        "builtins": dict(vars(__import__("builtins"))),
        "main": sys.modules["__main__"],
        "modules": {name for name in sys.modules if name in ("own_engine", "own_model")},
        "path": (list(sys.path), list(sys.argv), os.getcwd(), list(sys.meta_path)),
        "streams": (sys.stdout, sys.stderr),
        "torch": (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.get_num_threads(),
            torch.are_deterministic_algorithms_enabled(),
            torch.is_anomaly_enabled(),
            torch.is_autocast_enabled("cpu"),
            torch._C._len_torch_function_stack(),
            torch.get_rng_state().tolist(),
            vars(torch._tensor_str.PRINT_OPTS).copy(),
            hooks,
        ),
        "warnings": list(warnings.filters),
        "signals": {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)},
        "signal": signal.signal,
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_is_pythons_and_nothing_is_left_behind(
    expected: dict[str, tuple[list[float], str]], name: str, recwarn: pytest.WarningsRecorder
) -> None:
    before = surroundings()
    losses: list[float] = []
    run, error = execution(name), ""
    try:
        for step in run.steps():
            losses += step.losses
            assert surroundings() == before
    except ProgramFailure as failure:
        error = str(failure).partition(":")[0]
    steps = run._made
    loop = run.driver.loop
    line = None if loop is None else run.driver.files.loops[loop]
    run.close()
    assert surroundings() == before
    # The compiler has not met what stands around the program's calls.
    assert not [each for each in recwarn if "Dynamo" in str(each.message)]
    if name not in ("numpy_loop", "only_grad"):
        assert (losses, error) == expected[name]
    assert len(losses) >= 5
    assert steps == STEPS.get(name, len(losses))
    if name in LOOPS:
        text = None if line is None else Path(line.filename).read_text().splitlines()[line.lineno - 1].strip()
        assert text == LOOPS[name]


def test_by_hand_and_by_grad_alone_the_losses_fall() -> None:
    for name in ("numpy_loop", "only_grad"):
        losses = [step.loss for step in execution(name).steps()]
        assert losses[-1] < losses[0]
        assert all(map(math.isfinite, losses))


TRUE_LINES = [name for name in NAMES if name not in ("compile", "compile_step", "two_workers", "workers")]


@pytest.mark.parametrize("name", TRUE_LINES)
def test_a_recorded_step_has_its_operations_on_their_true_lines(name: str) -> None:
    """What stands on an event's line calls something; the loss is the unrecorded run's."""
    plain, run = execution(name), execution(name)
    losses = [step.loss for _, step in zip(range(4), plain.steps(), strict=False)]
    plain.close()
    try:
        recording = run.record(3)
    finally:
        run.close()
    if name == "vector":
        assert recording.loss is None
    else:
        assert recording.loss == losses[3]
    assert not recording.notes or name in ("jit", "reentrant")
    texts = (SCRIPTS / f"{name}.py").read_text().splitlines()
    assert len(recording.events) > 3
    for event in recording.events:
        if event.line is not None:
            assert any(sign in texts[event.line - 1] for sign in "(*-+/@["), texts[event.line - 1]


@pytest.mark.parametrize("name", ["trainer_class", "two_loops", "amp", "accum", "oneline", "numpy_loop"])
def test_the_first_step_is_recorded_as_well(name: str) -> None:
    program = open_program(SCRIPTS / f"{name}.py")
    plain = execution(name)
    loss = next(plain.steps()).loss
    plain.close()
    silence = io.StringIO()
    run = Execution(program, output=silence, errors=silence, loop=first_loop(program))
    recording = run.record(0)
    run.close()
    assert recording.loss == loss
    assert recording.failure is None


def test_a_graph_is_that_of_its_step() -> None:
    run = execution("ab")
    graph = run.graph(2)
    run.close()
    assert {node.parameter for node in graph.nodes if node.parameter} == {
        "0.weight", "0.bias", "2.weight", "2.bias",
    }  # fmt: skip


def living_tensors() -> int:
    # type(), since some objects of torch warn when they are asked for their class.
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


@pytest.mark.parametrize("name", ["ab", "trainer_class", "numpy_loop"])
def test_ended_again_and_again_it_leaves_nothing(name: str) -> None:
    for _ in range(3):
        run = execution(name)
        next(run.steps())
        run.close()
    gc.collect()
    before = living_tensors()
    modules = []
    for _ in range(40):
        run = execution(name)
        next(run.steps())
        modules.append(weakref.ref(run.driver.module))
        run.close()
        del run
    gc.collect()
    assert living_tensors() <= before + 2
    assert [each() for each in modules if each() is not None] == []


def test_an_endless_loop_that_takes_every_exception_can_be_ended() -> None:
    run = execution("bare_except")
    losses = [step.loss for _, step in zip(range(5), run.steps(), strict=False)]
    assert len(losses) == 5
    run.close()
    assert run.driver.ended


REFUSED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("missing", lambda folder: folder / "none.py", "cannot be read: No such file"),
    ("folder", lambda folder: folder, "is a folder"),
    ("binary", lambda folder: written(folder, b"\0\1\2"), "is no text"),
    ("encoding", lambda folder: written(folder, b"x = '\xff'\n"), "cannot be read as text"),
    ("unknown encoding", lambda folder: written(folder, b"# coding: nothing\n"), "cannot be read as text"),
    ("large", lambda folder: written(folder, b"#" * 5_000_000), "at most 2,000,000 are read"),
    ("syntax", lambda folder: written(folder, b"x = 1\nfor i in range(3:\n"), "program.py, line 2: "),
]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "program.py"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "reason"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_what_is_no_program_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(ProgramError) as caught:
        open_program(make(tmp_path))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\n", "has ended without a training step"),
        ("for i in range(3):\n    print(i)\n", "has ended without a training step"),
        ("name = input('who? ')\n", r"asks for input\(\) \(who\? \)"),
    ],
)
def test_what_cannot_be_followed_says_why(tmp_path: Path, text: str, reason: str) -> None:
    run = Execution(open_program(written(tmp_path, text.encode())), output=io.StringIO())
    with pytest.raises(ProgramError, match=reason):
        list(run.steps())
    run.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("func", "has ended without a training step"), ("threaded", "on a thread of its own")],
)
def test_scripts_that_cannot_be_followed_say_why(name: str, reason: str) -> None:
    run = execution(name)
    with pytest.raises(ProgramError, match=reason):
        list(run.steps())
    run.close()


def test_a_failure_shows_the_programs_own_lines_alone() -> None:
    run = execution("exception")
    with pytest.raises(ProgramFailure) as caught:
        list(run.steps())
    run.close()
    files = [line for line in caught.value.details.splitlines() if line.strip().startswith("File ")]
    assert files
    assert all("exception.py" in line for line in files)
    assert str(caught.value).startswith("RuntimeError: mat1 and mat2")


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    run = Execution(open_program(written(tmp_path, b"import nothing_of_this_name\n")))
    with pytest.raises(ProgramFailure, match="nothing_of_this_name"):
        list(run.steps())
    run.close()


def test_what_a_listener_raises_does_not_reach_the_program() -> None:
    run = execution("caught")
    heard: list[Any] = []

    def note(forward: Any) -> None:
        heard.append(forward.loss.item())
        if len(heard) == 3:
            raise ValueError("the listener's own")

    with pytest.raises(ValueError, match="the listener's own"):
        run.driver.run(note, lambda: False)
    # The program, which takes every ValueError for its own, goes on where it stood.
    run.driver.finish()
    assert cast("Any", run.driver.forward()).loss.item() == pytest.approx(heard[-1], rel=0.5)
    run.close()


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    pass\n",
        "while True:\n    try:\n        sum(range(1000))\n    except BaseException:\n        pass\n",
    ],
)
def test_a_loop_without_end_is_stopped_from_another_thread(tmp_path: Path, text: str) -> None:
    run = Execution(open_program(written(tmp_path, text.encode())), output=io.StringIO())
    running = threading.Timer(0.2, run.driver.stop)
    running.start()
    with pytest.raises((ProgramStopped, ProgramError)):
        list(run.steps())
    running.join()
    run.close()
    assert run.driver.ended


def test_from_python_it_is_a_loop_over_steps() -> None:
    steps = list(playground.programs.open_program(SCRIPTS / "trainer_class.py").steps(["--lr", "0.5"]))
    slow = list(playground.programs.open_program(SCRIPTS / "trainer_class.py").steps())
    assert [each.number for each in steps] == list(range(16))
    assert steps[0].loss == slow[0].loss
    assert steps[-1].loss != slow[-1].loss


def test_a_program_without_a_step_is_given_up(tmp_path: Path) -> None:
    text = b"while True:\n    sum(range(1000))\n"
    run = Execution(open_program(written(tmp_path, text)), output=io.StringIO(), patience=0.2)
    with pytest.raises(ProgramError, match=r"no training step within 0\.2 seconds"):
        list(run.steps())
    run.close()
    assert run.driver.ended


def test_a_program_may_take_missing_input_for_its_end(tmp_path: Path) -> None:
    text = "try:\n    name = input('who? ')\nexcept EOFError:\n    name = 'nobody'\n"
    text += (SCRIPTS / "oneline.py").read_text(encoding="utf-8")
    run = Execution(open_program(written(tmp_path, text.encode())), output=io.StringIO())
    assert len(list(run.steps())) == 10
    assert vars(run.driver.module)["name"] == "nobody"
    run.close()
