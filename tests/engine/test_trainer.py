"""The trainer: what it notes of each step, what may change in mid-run, and how a stage may fail."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from playground.failure import Failure
from playground.graph import Graph, GraphKind, capture
from playground.history import NO_DEPTH
from playground.programs.program import Program
from playground.settings import Settings, SettingsError, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

ROOT = Path(__file__).parents[2]
NAMES = [stage.name for stage in STAGES]
SIZES = {"batch_size": 3, "input_size": 6, "hidden_size": 5, "output_size": 2}


def small(stage: str, **values: object) -> Settings:
    return make_settings(**({"stage": stage} | SIZES | values))


def losses_of(trainer: Trainer, steps: int) -> list[float]:
    return [trainer.step() for _ in range(steps)]


def variables(trainer: Trainer) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """The arrays among the stage's local variables, as NumPy's."""
    assert trainer._driver is not None
    local = vars(trainer._driver.module)
    tensors = {name: value for name, value in local.items() if isinstance(value, torch.Tensor)}
    arrays = {name: value for name, value in local.items() if isinstance(value, np.ndarray)}
    return arrays | {name: value.detach().double().numpy() for name, value in tensors.items()}


class Dynamic(nn.Module):
    """DynamicNet's layers, used as often as one says."""

    def __init__(self) -> None:
        super().__init__()
        self.input_linear = nn.Linear(6, 5)
        self.middle_linear = nn.Linear(5, 5)
        self.output_linear = nn.Linear(5, 2)

    def loss(self, depth: int) -> torch.Tensor:
        hidden = self.input_linear(torch.ones(3, 6)).clamp(min=0)
        for _ in range(depth):
            hidden = self.middle_linear(hidden).clamp(min=0)
        return nn.functional.mse_loss(self.output_linear(hidden), torch.ones(3, 2), reduction="sum")


def uses_of(graph: Graph, parameter: str) -> int:
    """How many operations hand a gradient to the parameter."""
    ids = {node.id for node in graph.nodes if node.parameter == parameter}
    return sum(edge.target in ids for edge in graph.edges)


def test_depth_is_the_number_of_uses_of_the_middle_layer() -> None:
    trainer = Trainer(small("dynamic"))
    losses_of(trainer, 60)
    for step in range(60):
        graph = trainer.structures[trainer.history.structure(step)]
        depth = trainer.history.depth(step)
        assert uses_of(graph, "middle_linear.bias") == uses_of(graph, "middle_linear.weight") == depth
        assert uses_of(graph, "input_linear.bias") == 1
    assert set(trainer.history.depths().tolist()) == {0, 1, 2, 3}


def test_each_structure_is_stored_once_and_equals_a_fresh_capture() -> None:
    trainer = Trainer(small("dynamic"))
    losses_of(trainer, 60)
    history, structures = trainer.history, trainer.structures
    assert len(structures) == len(set(structures)) == 4
    depth_of = {history.structure(step): history.depth(step) for step in range(60)}
    # In order of appearance.
    assert list(depth_of) == [0, 1, 2, 3]
    model = Dynamic()
    for number, depth in depth_of.items():
        assert structures[number] == capture(model.loss(depth), dict(model.named_parameters()))


@pytest.mark.parametrize("stage", [name for name in NAMES if name != "dynamic"])
def test_other_stages_have_one_structure_and_no_depth(stage: str) -> None:
    trainer = Trainer(small(stage))
    losses = losses_of(trainer, 20)
    assert len(trainer.structures) == 1
    assert trainer.history.structures().tolist() == [0] * 20
    assert trainer.history.depths().tolist() == [NO_DEPTH] * 20
    assert trainer.history.losses().tolist() == losses
    expected = GraphKind.TRACE if stage in ("numpy", "tensor") else GraphKind.AUTOGRAD
    assert trainer.structures[0].kind is expected


@pytest.mark.parametrize(("stage", "product"), [("numpy", "dot"), ("tensor", "mm")])
def test_trace_has_the_two_layers_and_their_three_gradients(stage: str, product: str) -> None:
    trainer = Trainer(small(stage))
    trainer.step()
    assert Counter(node.op for node in trainer.structures[0].nodes)[product] == 5
    (output,) = trainer.structures[0].outputs
    assert trainer.structures[0].nodes[output].name == "loss"


@pytest.mark.parametrize("stage", NAMES)
def test_a_seed_determines_every_loss(stage: str) -> None:
    first, again = (losses_of(Trainer(small(stage, seed=3)), 12) for _ in range(2))
    assert first == again
    assert losses_of(Trainer(small(stage, seed=4)), 12)[0] != first[0]


@pytest.mark.parametrize("stage", ["numpy", "autograd"])
def test_the_last_update_is_made(stage: str) -> None:
    trainer = Trainer(small(stage, steps=3))
    losses = losses_of(trainer, 3)
    x, y, w1, w2 = (variables(trainer)[name] for name in ("x", "y", "w1", "w2"))
    after = float(np.square(np.maximum(x.dot(w1), 0).dot(w2) - y).sum())
    assert after < losses[2] < losses[1]
    # The weights that the third step left give the loss that a fourth one would see.
    assert after == pytest.approx(trainer.step(), rel=1e-6)


def test_the_optimizer_is_called_at_every_step() -> None:
    calls: list[torch.optim.Optimizer] = []

    def count(optimizer: torch.optim.Optimizer, args: object, kwargs: object) -> None:
        calls.append(optimizer)

    trainer = Trainer(small("optim", steps=3))
    handle = register_optimizer_step_post_hook(count)
    try:
        losses_of(trainer, 3)
    finally:
        handle.remove()
    assert len(calls) == 3
    assert len(set(calls)) == 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("stage", NAMES)
def test_a_loss_that_is_no_number_stops_nothing(stage: str) -> None:
    # Large enough for some unit to stay alive after the first, wild update.
    trainer = Trainer(small(stage, learning_rate=1e30, batch_size=20, hidden_size=50))
    losses = losses_of(trainer, 15)
    assert math.isfinite(losses[0])
    assert any(map(math.isnan, losses))
    assert trainer.history.length == 15
    assert len(trainer.structures) <= 4


@pytest.mark.parametrize(
    "values",
    [{name: 4} for name in ("seed", *SIZES)]
    + [{"stage": "optim"}, {"device": "cuda"}, {"optimizer": "Adam"}],
)
def test_settings_that_need_new_weights_are_refused(values: dict[str, object]) -> None:
    settings = small("dynamic")
    trainer, undisturbed = Trainer(settings), Trainer(settings)
    (name,) = values
    before = losses_of(trainer, 3)
    with pytest.raises(ValueError, match=name):
        trainer.apply(changed(settings, **values))
    after = losses_of(trainer, 3)
    assert trainer.settings == settings
    assert before + after == losses_of(undisturbed, 6)


def test_depth_range_acts_on_the_next_step() -> None:
    trainer = Trainer(small("dynamic", depth="0:1"))
    losses_of(trainer, 10)
    trainer.apply(changed(trainer.settings, depth="5:6"))
    losses_of(trainer, 10)
    depths = trainer.history.depths().tolist()
    assert set(depths[:10]) == {0, 1}
    assert set(depths[10:]) == {5, 6}
    assert len(trainer.structures) == 4
    assert uses_of(trainer.structures[trainer.history.structure(10)], "middle_linear.bias") == depths[10]


def test_more_steps_make_room_and_keep_what_ran() -> None:
    trainer = Trainer(small("autograd", steps=2))
    losses = losses_of(trainer, 2)
    trainer.apply(changed(trainer.settings, steps=5000))
    assert trainer.history.capacity >= 5000
    losses += losses_of(trainer, 3)
    assert trainer.history.losses().tolist() == losses
    assert losses == losses_of(Trainer(small("autograd")), 5)


def test_settings_before_the_first_step_count_for_it() -> None:
    trainer = Trainer(small("optim"))
    trainer.apply(changed(trainer.settings, learning_rate=0.05))
    assert losses_of(trainer, 4) == losses_of(Trainer(small("optim", learning_rate=0.05)), 4)


def test_nothing_is_computed_before_the_first_step() -> None:
    trainer = Trainer(small("dynamic"))
    assert trainer.history.length == 0
    assert trainer.structures == []


def test_a_device_that_is_not_here_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match=r"^device: 'cuda:99' is not here"):
        Trainer(small("autograd", device="cuda:99"))


FAILING = """
import torch

def stumble(message):
    raise ValueError(message)

weight = torch.ones(2, requires_grad=True)
step = 0
{start}
while True:
    {before}
    loss = weight.pow(2).sum()
    {after}
    step += 1
"""
STUMBLE_LINE, BEFORE_LINE, AFTER_LINE = 5, 11, 13


def failing(stage: str, start: str = "", before: str = "", after: str = "") -> Trainer:
    """A trainer whose stage is a small program with these statements put in."""
    trainer = Trainer(small(stage))
    text = FAILING.format(start=start, before=before, after=after)
    trainer.program = Program(text, "/nowhere/own_stage.py", loss_name="loss", parameters=("weight",))
    return trainer


def failure_of(trainer: Trainer) -> Failure:
    with pytest.raises(Exception) as caught:  # noqa: PT011  (whatever a stage raises)
        losses_of(trainer, 100)
    failure = trainer.failure(caught.value)
    assert "\n" not in failure.message
    assert failure.details.startswith("Traceback")
    assert failure.message.split(":")[0] in failure.details
    return failure


@pytest.fixture(params=["autograd", "tensor"])
def stage(request: pytest.FixtureRequest) -> str:
    """A stage that builds a graph, and one whose first step is traced."""
    return str(request.param)


@pytest.mark.parametrize("step", [0, 4])
def test_failure_in_the_forward_pass(stage: str, step: int) -> None:
    trainer = failing(stage, before=f"if step == {step}: raise ValueError('first\\n   second')")
    failure = failure_of(trainer)
    assert (failure.step, failure.line, failure.message) == (step, BEFORE_LINE, "ValueError: first second")
    assert trainer.history.losses().tolist() == [2.0] * step


@pytest.mark.parametrize("step", [0, 4])
def test_failure_after_the_yield(stage: str, step: int) -> None:
    trainer = failing(stage, after=f"if step == {step}: weight.mm(weight)")
    failure = failure_of(trainer)
    assert (failure.step, failure.line) == (step, AFTER_LINE)
    assert failure.message.startswith("RuntimeError: ")
    # The forward pass of that step succeeded, and its loss was seen.
    assert trainer.history.losses().tolist() == [2.0] * (step + 1)


def test_failure_deeper_in_the_program_names_the_innermost_line(stage: str) -> None:
    failure = failure_of(failing(stage, before="stumble('')"))
    assert (failure.step, failure.line, failure.message) == (0, STUMBLE_LINE, "ValueError: no message")


def test_failure_before_the_first_step(stage: str) -> None:
    trainer = failing(stage, start="stumble('no data')")
    failure = failure_of(trainer)
    assert (failure.step, failure.line, failure.message) == (0, STUMBLE_LINE, "ValueError: no data")
    assert trainer.history.length == 0


def test_failure_on_loading_names_no_line_of_another_file(stage: str) -> None:
    trainer = failing(stage)
    trainer.program = Program(
        "import nothing_of_this_name\n" + trainer.program.text, "/nowhere/own.py", loss_name="loss"
    )
    failure = failure_of(trainer)
    assert (failure.step, failure.line) == (0, 1)
    assert failure.message == "ModuleNotFoundError: No module named 'nothing_of_this_name'"


def test_numpy_trains_without_torch() -> None:
    script = """
import sys
from playground.settings import make_settings
from playground.trainer import Trainer
trainer = Trainer(make_settings(stage="numpy", batch_size=2, input_size=2, hidden_size=2, output_size=2))
print(trainer.step() > trainer.step(), len(trainer.structures[0].nodes) > 10, "torch" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["True", "True", "False"], run.stderr


ALTERNATING = """
import torch

weight = torch.full((2,), 0.5, requires_grad=True)
step = 0
while True:
    hidden = weight.tanh() if step % 200 < 100 else weight.sigmoid()
    loss = hidden.sum()
    loss.backward()
    weight.grad = None
    step += 1
"""


def test_two_structures_of_as_many_nodes_are_told_apart_in_the_end() -> None:
    trainer = Trainer(small("autograd"))
    trainer.program = Program(ALTERNATING, "/nowhere/own_stage.py")
    losses_of(trainer, 600)
    found = list(trainer.history.structures())
    assert len(trainer.structures) == 2
    # Walked every so many steps, then always.
    late = found[300:]
    assert late == [0 if step % 200 < 100 else 1 for step in range(300, 600)]


def test_the_number_of_nodes_tells_the_structures_of_a_stage_apart() -> None:
    trainer = Trainer(small("dynamic", depth=(0, 6), steps=400))
    losses_of(trainer, 400)
    depths, structures = list(trainer.history.depths()), list(trainer.history.structures())
    assert len(set(zip(depths, structures, strict=True))) == len(trainer.structures) == 7
    for structure, graph in enumerate(trainer.structures):
        depth = depths[structures.index(structure)]
        operations = [node.op for node in graph.nodes]
        assert operations.count("AddmmBackward0") == depth + 2
