"""A run whose numbers were changed in mid-run, as a program that prints the same losses bit for bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch

from playground.own_program import OwnProgram
from playground.runs.changes import Change
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.threads import Threads, usable_cores
from playground.trainer import Trainer
from playground.workspace.scripts import beginning, script_of

SMALL: dict[str, object] = {
    "steps": 12,
    "batch_size": 6,
    "input_size": 20,
    "hidden_size": 15,
    "output_size": 3,
}

RATES: Mapping[int, dict[str, object]] = {3: {"learning_rate": 3e-5}, 4: {"learning_rate": 1e-7}}
RUNS: dict[str, tuple[dict[str, object], Mapping[int, dict[str, object]]]] = {
    **{stage.name: ({"stage": stage.name}, RATES) for stage in STAGES},
    "mini-batches": (
        {"stage": "optim", "data": "moons", "minibatch": 4, "input_size": 2, "output_size": 1},
        RATES,
    ),
    "same start": ({"stage": "nn", "same_start": True}, RATES),
    "depth": ({"stage": "dynamic"}, {2: {"depth": (2, 4)}, 5: {"depth": (0, 1), "learning_rate": 2e-4}}),
    "momentum from nothing": (
        {"stage": "module"},
        {5: {"optimizer_options": {"momentum": 0.5, "dampening": 0.25}}},
    ),
    "amsgrad": (
        {"stage": "optim"},
        {4: {"optimizer_options": {"amsgrad": True, "betas": (0.5, 0.9)}}, 8: {"optimizer_options": {}}},
    ),
    "RMSprop": (
        {"stage": "optim", "optimizer": "RMSprop"},
        {4: {"optimizer_options": {"momentum": 0.5, "centered": True}}},
    ),
    "steps": ({"stage": "autograd"}, {4: {"steps": 9}}),
    "threads": ({"stage": "nn", "threads": 1}, {4: {"threads": min(2, usable_cores())}, 6: {"threads": 1}}),
}


@pytest.fixture(autouse=True, scope="module")
def threads_put_back() -> Iterator[None]:
    """What comes later shall have as many threads as it would have alone."""
    number = torch.get_num_threads()
    yield
    torch.set_num_threads(number)


def trained(settings: Settings, changes: Mapping[int, dict[str, object]]) -> tuple[Trainer, str]:
    """A run with these changes, and what its program is to print."""
    trainer, threads = Trainer(settings), Threads()
    threads.use(settings)
    printed, step = "", 0
    while step < trainer.settings.steps:
        if step in changes:
            trainer.apply(changed(trainer.settings, **changes[step]))
            threads.use(trainer.settings)
        printed += f"{step} {trainer.step()!r}\n"
        step += 1
    return trainer, printed


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, str]]:
    """What each run has said, and what its script prints, all of them run in one process."""
    folder = tmp_path_factory.mktemp("scripts")
    said = {}
    for name, (values, changes) in RUNS.items():
        trainer, said[name] = trained(make_settings(**(SMALL | values)), changes)
        script = script_of(trainer.settings, trainer.changes)
        (folder / f"run {name}.py").write_text(script, encoding="utf-8")
    code = "import runpy, sys\nsys.modules['playground'] = None\n"
    code += "for name in sys.argv[1:]:\n    print('=', name)\n    runpy.run_path(name, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code, *(f"run {name}.py" for name in said)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    parts = dict(part.split(".py\n", 1) for part in done.stdout.split("= run ")[1:])
    return {name: (said[name], parts[name].replace("np.float64(", "").replace(")", "")) for name in said}


@pytest.mark.parametrize("name", RUNS)
def test_the_script_prints_the_losses_of_the_run(name: str, printed: Mapping[str, tuple[str, str]]) -> None:
    of_run, of_script = printed[name]
    assert of_script == of_run


def test_the_beginning_undoes_every_change() -> None:
    settings = make_settings(**(SMALL | {"stage": "dynamic"}))
    trainer, _ = trained(
        settings, {2: {"depth": (2, 4)}, 5: {"optimizer_options": {}, "learning_rate": 1e-5}}
    )
    assert beginning(trainer.settings, trainer.changes) == settings


def test_without_a_change_it_is_the_text_that_ran() -> None:
    trainer = Trainer(make_settings(stage="optim", learning_rate=0.5))
    assert script_of(trainer.settings) == trainer.program.text


def test_a_program_of_the_users_own_is_its_text() -> None:
    own = OwnProgram(str(Path("mine.py").resolve()), "print(1)\n")
    settings = make_settings(stage="own", own=own)
    assert script_of(settings) == "print(1)\n"
    told = script_of(settings, [Change(7, "lr", 0.1, 0.2, "lr 0.1 → 0.2")])
    assert told.splitlines()[1:] == ["# From step 7 on: lr 0.1 → 0.2", "print(1)"]
