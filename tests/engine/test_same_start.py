"""A shared start: every stage trains from the same numbers, and on the same curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.memory import estimate_bytes
from playground.optimizers import list_optimizers
from playground.same_start import another_computation
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.threads import Threads
from playground.trainer import Trainer
from tests.engine.plain_loops import plain_losses
from tests.engine.test_memory_and_threads import peak_of_a_run

NAMES = [stage.name for stage in STAGES]
OTHERS = [name for name in NAMES if name != "numpy"]
LAYERED = ["nn", "optim", "module", "dynamic"]
SIZES = {"batch_size": 4, "input_size": 9, "hidden_size": 6, "output_size": 3}

Array = NDArray[np.float64]


def small(stage: str, **values: object) -> Settings:
    return make_settings(**({"stage": stage, "same_start": True, "seed": 5, **SIZES} | values))


def losses_of(settings: Settings, steps: int) -> Array:
    trainer = Trainer(settings)
    Threads().use(settings)
    return np.array([trainer.step() for _ in range(steps)])


def variables(trainer: Trainer) -> dict[str, Any]:
    """The variables of a stage that stands before its first step."""
    found = dict(vars(trainer._begun().module))
    if "model" in found:
        found["parameters"] = dict(found["model"].named_parameters())
    return found


def start_of(settings: Settings) -> list[NDArray[Any]]:
    """x, y, w1 and w2 as a stage holds them before its first step; w1 and w2 as the document writes them."""
    found = variables(Trainer(settings))
    if "model" in found:
        layers = [layer for layer in found["model"].modules() if isinstance(layer, torch.nn.Linear)]
        found |= {"w1": layers[0].weight.t(), "w2": layers[-1].weight.t()}
    values = [found[name] for name in ("x", "y", "w1", "w2")]
    return [each.detach().numpy() if isinstance(each, torch.Tensor) else each for each in values]


def documents_numbers(seed: int) -> list[Array]:
    """What the document's NumPy program draws, in its order."""
    random = np.random.RandomState(seed)
    n, d_in, h, d_out = SIZES.values()
    return [random.randn(*shape) for shape in ((n, d_in), (n, d_out), (d_in, h), (h, d_out))]


@pytest.fixture(scope="module")
def reference() -> Array:
    """NumPy's losses at the document's sizes, from the shared start in float64."""
    return losses_of(make_settings(stage="numpy", same_start=True), 500)


def test_numpy_is_the_documents_program_bit_for_bit(reference: Array) -> None:
    assert reference.tolist() == plain_losses("numpy", 0, 500, (64, 1000, 100, 10))


@pytest.mark.parametrize("stage", OTHERS)
def test_every_stage_lies_on_one_curve(stage: str, reference: Array) -> None:
    losses = losses_of(make_settings(stage=stage, same_start=True), 500)
    distance = np.abs(losses - reference)
    assert reference[-1] < 1e-10 * reference[0]
    assert (distance / reference).max() < 1e-9
    assert distance.max() < 1e-14 * reference[0]


@pytest.mark.parametrize("stage", NAMES)
def test_float32_follows_float64_as_far_as_it_can(stage: str, reference: Array) -> None:
    losses = losses_of(make_settings(stage=stage, same_start=True, dtype="float32"), 60)
    assert losses[0] == float(np.float32(losses[0]))
    assert losses == pytest.approx(reference[:60], rel=1e-4)
    assert losses.tolist() != reference[:60].tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stage", NAMES)
def test_data_and_weights_are_the_documents_numbers(stage: str, dtype: str) -> None:
    for found, expected in zip(start_of(small(stage, dtype=dtype)), documents_numbers(5), strict=True):
        assert found.dtype == dtype
        assert np.array_equal(found, expected.astype(dtype))


@pytest.mark.parametrize("stage", LAYERED)
def test_biases_are_neither_there_nor_trained_nor_named(stage: str) -> None:
    trainer = Trainer(small(stage))
    found = variables(trainer)
    model: torch.nn.Module = found["model"]
    named = dict(model.named_parameters())
    assert named
    assert not [name for name in named if "bias" in name]
    # The very objects, by which the graph knows its parameters, and the optimizer what to update.
    assert {name: id(value) for name, value in found["parameters"].items()} == {
        name: id(value) for name, value in named.items()
    }
    if "optimizer" in found:
        (group,) = found["optimizer"].param_groups
        assert list(map(id, group["params"])) == list(map(id, named.values()))
    trainer.step()
    names = {node.parameter for node in trainer.structures[0].nodes} - {None}
    assert names == {name for name in named if "middle" not in name}


def test_a_deeper_network_uses_its_middle_layer() -> None:
    trainer = Trainer(small("dynamic", depth="2:2"))
    trainer.step()
    assert "middle_linear.weight" in {node.parameter for node in trainer.structures[0].nodes}
    assert trainer.history.depth(0) == 2


@pytest.mark.parametrize("optimizer", [each.name for each in list_optimizers()])
@pytest.mark.parametrize("values", [{}, {"same_start": False}])
def test_every_optimizer_trains_in_float64(optimizer: str, values: dict[str, object]) -> None:
    # Adagrad makes its state before the start is replaced.
    settings = small("optim", optimizer=optimizer, dtype="float64", learning_rate=1e-3, **values)
    trainer = Trainer(settings)
    losses = [trainer.step() for _ in range(4)]
    assert losses[0] != float(np.float32(losses[0]))
    assert len(set(losses)) == 4
    state = variables(trainer)["optimizer"].state
    assert {
        value.dtype
        for parameter, each in state.items()
        for value in each.values()
        if isinstance(value, torch.Tensor) and value.shape == parameter.shape
    } <= {torch.float64}


@pytest.mark.parametrize("stage", NAMES)
def test_another_type_keeps_the_stages_own_start(stage: str) -> None:
    dtype, own = ("float32", "float64") if stage == "numpy" else ("float64", "float32")
    there = start_of(make_settings(stage=stage, **SIZES))
    here = start_of(make_settings(stage=stage, dtype=dtype, **SIZES))
    for old, new in zip(there, here, strict=True):
        assert (str(old.dtype), str(new.dtype)) == (own, dtype)
        assert np.array_equal(old.astype("float32"), new.astype("float32"))


@pytest.mark.parametrize("stage", LAYERED)
def test_another_type_keeps_the_biases(stage: str) -> None:
    found = variables(Trainer(make_settings(stage=stage, dtype="float64", **SIZES)))
    assert [name for name in found["parameters"] if "bias" in name]
    assert {value.dtype for value in found["parameters"].values()} == {torch.float64}


@pytest.mark.parametrize("stage", NAMES)
def test_its_own_type_changes_nothing(stage: str) -> None:
    dtype = "float64" if stage == "numpy" else "float32"
    plain = make_settings(stage=stage, **SIZES)
    assert losses_of(changed(plain, dtype=dtype), 20).tolist() == losses_of(plain, 20).tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stage", NAMES)
def test_a_step_can_be_recorded_and_nudged(stage: str, dtype: str) -> None:
    settings = small(stage, dtype=dtype)
    trainer = Trainer(settings)
    recording = trainer.record_step()
    again = Trainer(settings)
    assert recording.loss == again.step() == trainer.record_again(0).loss
    name = next(each.name for each in recording.parameters if "middle" not in each.name)
    check = trainer.check_gradient(recording, name, (0, 0))
    assert check.gradient is not None
    assert check.slope == pytest.approx(check.gradient, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, ""),
        ({"optimizer_options": {"momentum": 0.0, "nesterov": False}}, ""),
        ({"optimizer_options": {"momentum": 0.9}}, "optimizer SGD with momentum=0.9"),
        ({"optimizer": "Adam"}, "optimizer Adam"),
        ({"depth": "0:3"}, "depth 0:3"),
        ({"learning_rate": 0.5}, "learning rate 0.5"),
        ({"dtype": "float32"}, "dtype float32"),
        ({"seed": 6}, "seed 6"),
        ({"hidden_size": 7}, "sizes (4, 9, 7, 3)"),
        ({"same_start": False}, "its own start"),
    ],
)
def test_what_makes_another_computation(values: dict[str, object], reason: str) -> None:
    assert another_computation(small("dynamic", **values), small("numpy")) == reason


def test_the_depth_of_a_stage_without_one_makes_no_difference() -> None:
    assert another_computation(small("nn", depth="0:3"), small("numpy")) == ""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("values", [{}, {"dtype": "float32"}, {"same_start": False, "dtype": "float32"}])
@pytest.mark.parametrize("sizes", [(64, 1000, 100, 10), (2000, 500, 10, 10)], ids=["defaults", "data"])
def test_estimate_is_near_what_numpy_takes(values: dict[str, object], sizes: tuple[int, ...]) -> None:
    settings = small("numpy", **dict(zip(SIZES, sizes, strict=True)), **values)
    # The first step is written down, with all that it holds; an estimate is of any other.
    peak = peak_of_a_run(settings, 3)
    assert peak / 2 < estimate_bytes(settings) < 2 * peak


def test_estimate_knows_the_type() -> None:
    plain, float32, float64 = (
        estimate_bytes(make_settings(stage="nn", dtype=dtype)) for dtype in (None, "float32", "float64")
    )
    assert plain == float32
    assert float64 == 2 * plain
