"""Every tensor of a step as a program: it runs, and computes the very bits that were recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from playground.own_program import OwnProgram
from playground.recording.model import Recording
from playground.runs.changes import Change
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from playground.workspace.number import WHATS, number_program
from playground.workspace.runs import NotThereError

SMALL: dict[str, object] = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
STEP = 3
CASES: dict[str, dict[str, object]] = {
    **{stage.name: {"stage": stage.name} for stage in STAGES},
    "numpy, batches": {"stage": "numpy", "data": "moons", "batch_size": 9, "minibatch": 4},
    "module, batches": {
        "stage": "module",
        "data": "moons",
        "batch_size": 9,
        "minibatch": 4,
        "test_share": 0.3,
    },
    "function, shared start": {"stage": "function", "same_start": True},
}

# Runs programs in one process, and tells the bits of the tensor that each has asserted.
RUNNER = """
import contextlib, io, json, sys, traceback
sys.modules["playground"] = None
import numpy as np
told = []
for text in json.load(sys.stdin):
    variables = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, "number", "exec"), variables)
        told.append(np.ascontiguousarray(np.asarray(variables["value"])).tobytes().hex())
    except BaseException:
        told.append(traceback.format_exc() + text)
json.dump(told, sys.stdout)
"""


@cache
def recorded(case: str) -> tuple[Recording, Settings, tuple[Change, ...]]:
    """A step after a change in mid-run."""
    sizes = SMALL if "data" not in CASES[case] else {"hidden_size": 5}
    depth = {"depth": (3, 3)} if case == "dynamic" else {}
    trainer = Trainer(make_settings(**(sizes | {"seed": 2} | CASES[case] | depth)))
    for step in range(STEP):
        if step == 2:
            trainer.apply(changed(trainer.settings, learning_rate=3e-5))
        trainer.step()
    return trainer.record_step(), trainer.settings, tuple(trainer.changes)


def tensors(recording: Recording) -> list[tuple[str, str]]:
    """Everything of the step that can be asked for."""
    parameters = [
        (each.name, what)
        for each in recording.parameters
        for what in WHATS
        if what == "value" or each.gradient is not None
    ]
    names = {name for name, _ in parameters}
    nodes = [
        (key, what)
        for key, record in recording.nodes.items()
        for what in WHATS
        if key not in names and getattr(record, what) is not None
    ]
    return parameters + nodes


@pytest.fixture(scope="module")
def told() -> Mapping[str, list[str]]:
    """What the programs of every stage have computed, all of them in one process."""
    programs = {
        case: [number_program(recorded(case)[0], *each, *recorded(case)[1:]) for each in wanted]
        for case in CASES
        for wanted in [tensors(recorded(case)[0])]
    }
    texts = [text for each in programs.values() for text in each]
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    answers = iter(json.loads(done.stdout))
    return {case: [next(answers) for _ in each] for case, each in programs.items()}


@pytest.mark.parametrize("case", CASES)
def test_each_tensor_of_a_step_is_computed_anew_to_the_last_bit(
    case: str, told: Mapping[str, list[str]]
) -> None:
    recording = recorded(case)[0]
    wanted = tensors(recording)
    assert len(wanted) >= 14
    for (name, what), bits in zip(wanted, told[case], strict=True):
        parameter, record = recording.parameter(name), recording.nodes.get(name)
        if parameter is not None:
            snapshot = parameter.before if what == "value" else parameter.gradient
        else:
            snapshot = getattr(record, what)
        assert snapshot is not None
        assert snapshot.values is not None
        assert bits == np.ascontiguousarray(snapshot.values).tobytes().hex(), (name, what, bits)


def test_it_is_short_and_fails_where_the_number_is_another() -> None:
    recording, settings, changes = recorded("autograd")
    text = number_program(recording, "w1", "gradient", settings, changes)
    assert len(text.splitlines()) <= 60
    other = text.replace("manual_seed(2)", "manual_seed(3)")
    with pytest.raises(AssertionError):
        exec(compile(other, "number", "exec"), {"print": lambda *_: None})


def test_the_middle_layers_third_use_is_not_its_first() -> None:
    recording, settings, changes = recorded("dynamic")
    uses = [key for key in recording.nodes if "Addmm" in key and "middle" in key]
    assert len(uses) == 3
    programs = {number_program(recording, key, "value", settings, changes) for key in uses}
    assert len(programs) == 3


@pytest.mark.parametrize(
    ("name", "what", "why"),
    [
        ("w9", "value", "step 3 has no value of 'w9'"),
        ("w1", "color", "'color' is not allowed; allowed: value, gradient"),
    ],
)
def test_what_is_not_there_is_said(name: str, what: str, why: str) -> None:
    recording, settings, changes = recorded("autograd")
    with pytest.raises(NotThereError, match=why):
        number_program(recording, name, what, settings, changes)
    own = changed(settings, own=OwnProgram("autograd.py", "pass"))
    with pytest.raises(NotThereError, match="not for a program of one's own"):
        number_program(recording, "w1", "value", own)


def test_a_tensor_with_nan_is_asserted_by_how_many() -> None:
    trainer = Trainer(make_settings(**(SMALL | {"stage": "autograd", "learning_rate": 1e30})))
    trainer.step()
    trainer.step()
    recording = trainer.record_step()
    text = number_program(recording, "w1", "value", trainer.settings)
    variables: dict[str, object] = {"print": lambda *_: None}
    exec(compile(text, "number", "exec"), variables)
    assert "torch.isfinite" in text
