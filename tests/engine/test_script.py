"""The written programs run on their own and print what the trainer computes, bit for bit."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch

from playground.programs.stage_text import text_of
from playground.settings import OptionValue, Settings, make_settings
from playground.stages import STAGES
from playground.threads import Threads
from playground.trainer import Trainer

STEPS = 20
SIZES = {"batch_size": 6, "input_size": 20, "hidden_size": 15, "output_size": 3}


def small(stage: str, **values: object) -> Settings:
    return make_settings(**({"stage": stage, "steps": STEPS, "seed": 5} | SIZES | values))


BETAS: dict[str, OptionValue] = {"betas": (0.5, 0.9), "amsgrad": True, "weight_decay": 0.1}

PROGRAMS = {
    **{stage.name: small(stage.name) for stage in STAGES},
    "every number": small("nn", seed=2**32 - 1, learning_rate=0.1 + 0.2, output_size=1, steps=1),
    "Adam": small("optim", optimizer_options=BETAS, learning_rate=0.01),
    "Adafactor": small("module", optimizer="Adafactor", optimizer_options={"eps": (None, 1e-3)}),
    "no momentum": small("dynamic", optimizer_options={}),
    "depth range": small("dynamic", depth="2:5", optimizer="Adam", optimizer_options=BETAS),
    **{
        f"{stage.name}, same start, {dtype}": small(stage.name, same_start=True, dtype=dtype)
        for stage in STAGES
        for dtype in ("float32", "float64")
    },
    **{f"{stage.name} in float64": small(stage.name, dtype="float64") for stage in STAGES},
    "numpy in float32": small("numpy", dtype="float32"),
    "divergence": small("autograd", learning_rate=1e30),
    # Last, since the number of threads stays for the rest of the process.
    "one thread": small("optim", threads=1),
}

# Runs every program of a JSON object on standard input, and answers with what each printed.
RUNNER = """
import contextlib, io, json, sys
sys.modules["playground"] = None
printed = {}
for name, text in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(compile(text, name, "exec"), {"__name__": "__main__"})
    printed[name] = output.getvalue()
json.dump(printed, sys.stdout)
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each program prints, run in an empty folder by a Python that cannot import the project."""
    texts = {name: text_of(settings) for name, settings in PROGRAMS.items()}
    empty = tmp_path_factory.mktemp("empty")
    run = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER],
        input=json.dumps(texts),
        cwd=empty,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert list(empty.iterdir()) == []
    outputs: dict[str, str] = json.loads(run.stdout)
    return outputs


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Sets the number of threads, and puts it back."""
    number = torch.get_num_threads()
    yield Threads()
    torch.set_num_threads(number)


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_losses_equal_the_trainers(name: str, printed: dict[str, str], threads: Threads) -> None:
    settings = PROGRAMS[name]
    trainer = Trainer(settings)
    threads.use(settings)
    expected = [(step, trainer.step()) for step in range(settings.steps)]
    # NumPy writes a float32 with as many digits as tell it from its neighbors.
    as_printed = np.float32 if settings.stage == "numpy" and settings.dtype == "float32" else float
    found = [line.split() for line in printed[name].splitlines()]
    assert [int(step) for step, _ in found] == [step for step, _ in expected]
    losses = [loss for _, loss in expected]
    assert np.array_equal(np.array([as_printed(loss) for _, loss in found], float), losses, equal_nan=True)


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_text_stands_alone(name: str) -> None:
    text = text_of(PROGRAMS[name])
    assert "playground" not in text
    assert "settings" not in text
    assert "yield" not in text
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    library = "numpy" if PROGRAMS[name].stage == "numpy" else "torch"
    shared = {"numpy"} if PROGRAMS[name].same_start else set()
    assert imported - set(sys.stdlib_module_names) == {library} | shared
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_text_is_laid_out_like_a_program(name: str) -> None:
    text = text_of(PROGRAMS[name])
    lines = text.split("\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\n\n\n\n" not in text
    assert max(map(len, lines)) <= 120
    statements = ast.parse(text).body
    for before, after in pairwise(statements):
        if isinstance(before, ast.ClassDef) or isinstance(after, ast.ClassDef):
            assert after.lineno - (before.end_lineno or 0) == 3


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_comments_of_the_stage_are_kept(name: str) -> None:
    settings = PROGRAMS[name]
    source = settings.program.source_file.read_text(encoding="utf-8")
    comments = [line.strip() for line in source.splitlines() if line.strip().startswith("#")]
    text = text_of(settings)
    assert comments
    assert [comment for comment in comments if comment not in text] == []


def test_threads_are_set_before_anything_is_computed() -> None:
    text = text_of(small("nn", threads=3))
    assert text.index("torch.set_num_threads(3)") < text.index("torch.randn")
    assert "threads" not in text_of(small("nn")).lower()


def test_blas_reads_its_threads_when_numpy_is_loaded() -> None:
    text = text_of(small("numpy", threads=3))
    assert text.index('os.environ["OPENBLAS_NUM_THREADS"] = "3"') < text.index("import numpy")
    assert "environ" not in text_of(small("numpy"))
