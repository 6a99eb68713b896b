"""Comparing stages: the figures against a calculation by hand, and what the notes say when."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
import torch

from playground.comparing.compare import REFERENCE, Comparison, against, as_text, compare, settings_for
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import STAGES
from playground.threads import Threads
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]
SIZES = {"batch_size": 4, "input_size": 9, "hidden_size": 6, "output_size": 3}


def runs(*stages: str, **values: object) -> tuple[Settings, ...]:
    return settings_for(stages, **({"steps": 12, "seed": 2, **SIZES} | values))


def losses_of(settings: Settings) -> list[float]:
    trainer = Trainer(settings)
    return [trainer.step() for _ in range(settings.steps)]


@pytest.fixture(scope="module")
def one_start() -> Comparison:
    """All stages from one start at the document's sizes, until next to nothing is left of the loss."""
    return compare(settings_for(NAMES, same_start=True))


@pytest.mark.parametrize("values", [{}, {"same_start": True}, {"same_start": True, "dtype": "float32"}])
def test_figures_are_those_of_the_runs(values: dict[str, object]) -> None:
    given = runs("tensor", "optim", "dynamic", **values)
    found = compare(given)
    assert [each.stage for each in found.stages] == ["numpy", "tensor", "optim", "dynamic"]
    expected = losses_of(given[0])
    for run, each in zip(given, found.stages, strict=True):
        losses = losses_of(run)
        relative = [abs(loss - own) / own for loss, own in zip(losses, expected, strict=True)]
        of_first = [abs(loss - own) / expected[0] for loss, own in zip(losses, expected, strict=True)]
        assert each.losses.tolist() == losses
        assert each.relative_differences.tolist() == relative
        assert each.differences_of_first_loss.tolist() == of_first
        assert (each.max_relative_difference, each.max_difference_of_first_loss) == (
            max(relative),
            max(of_first),
        )
        assert each.seconds > 0.0
        assert not each.losses.flags.writeable
    assert found.stage("numpy").max_relative_difference == 0.0
    with pytest.raises(KeyError):
        found.stage("nn")


def test_all_stages_on_one_curve(one_start: Comparison) -> None:
    assert [each.stage for each in one_start.stages] == NAMES
    assert {each.differs for each in one_start.stages} == {""}
    assert max(each.max_relative_difference for each in one_start.stages) < 1e-9
    assert max(each.max_difference_of_first_loss for each in one_start.stages) < 1e-14


def test_growth_of_the_relative_difference_is_explained(one_start: Comparison) -> None:
    rounding, depth = one_start.notes
    first, last = one_start.stage("numpy").losses[[0, -1]]
    assert f"fell by {math.log10(first / last):.1f} decades" in rounding
    step = max(one_start.stages, key=lambda each: each.max_relative_difference).relative_differences.argmax()
    assert f"largest in step {step} " in rounding
    assert depth.startswith("dynamic runs with depth 0")


def test_nothing_is_explained_where_nothing_grew() -> None:
    assert compare(runs("nn", same_start=True, learning_rate=1e-9)).notes == ()
    assert compare(runs("numpy", same_start=True)).notes == ()


def test_other_computations_are_marked() -> None:
    found = compare(runs("nn", "optim", "dynamic", same_start=True, optimizer="Adam", depth="1:2"))
    differs = {each.stage: each.differs for each in found.stages}
    assert differs == {"numpy": "", "nn": "", "optim": "optimizer Adam", "dynamic": "depth 1:2"}
    assert [note.split(" is another")[0] for note in found.notes] == ["optim", "dynamic"]
    assert "   depth 1:2\n" in as_text(found)


def test_without_a_shared_start_the_note_says_so() -> None:
    found = compare(runs("nn"))
    (note,) = found.notes
    assert note.startswith("The starts differ")
    assert not found.same_start
    assert {each.stage: each.differs for each in found.stages} == {"numpy": "", "nn": "its own start"}
    assert note in as_text(found)
    assert "each stage's own data and weights" in as_text(found)


def test_plain_data(one_start: Comparison) -> None:
    plain = json.loads(json.dumps(one_start.to_plain(), allow_nan=False))
    assert list(plain["stages"]) == NAMES
    assert plain["reference"] == REFERENCE
    assert (plain["same_start"], plain["dtype"], plain["steps"], plain["seed"]) == (True, "float64", 500, 0)
    assert plain["notes"] == list(one_start.notes)
    nn = one_start.stage("nn")
    assert plain["stages"]["nn"] == {
        "max_relative_difference": nn.max_relative_difference,
        "max_difference_of_first_loss": nn.max_difference_of_first_loss,
        "last_loss": nn.losses[-1],
        "seconds": nn.seconds,
        "differs": None,
    }


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_losses_that_leave_the_numbers() -> None:
    values = {"batch_size": 20, "hidden_size": 50, "learning_rate": 1e30, "dtype": "float64"}
    found = compare(runs("tensor", "autograd", same_start=True, **values))
    assert np.isnan(found.stage("numpy").losses[-1])
    plain = found.to_plain()
    text = json.dumps(plain, allow_nan=False)
    assert '"last_loss": null' in text
    assert found.stage("numpy").max_relative_difference == 0.0
    # Where both have left the numbers alike they do not differ.
    assert found.stage("autograd").relative_differences[-1] == 0.0


def test_table_has_a_line_a_stage(one_start: Comparison) -> None:
    lines = as_text(one_start).splitlines()
    assert lines[0] == (
        "500 steps, seed 0, float64, the same data and weights, no biases; compared with numpy"
    )
    table = lines[4 : 4 + len(NAMES)]
    assert [line.split()[0] for line in table] == NAMES
    assert {len(line) for line in lines[3 : 4 + len(NAMES)]} == {69}
    assert all(f"\n{note}" in as_text(one_start) for note in one_start.notes)


def test_progress_is_told_and_can_end_it() -> None:
    heard: list[tuple[str, int]] = []
    compare(runs("tensor"), lambda stage, steps: heard.append((stage, steps)))
    assert [each for each in heard if each[1] in (0, 12)] == [
        ("numpy", 0),
        ("numpy", 12),
        ("tensor", 0),
        ("tensor", 12),
    ]

    def stop(stage: str, steps: int) -> None:
        if stage == "tensor":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        compare(runs("tensor"), stop)


def seed_all(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def test_random_generators_are_left_as_they_were() -> None:
    seed_all(1)
    expected = np.random.rand()
    seed_all(1)
    compare(runs("dynamic"))
    assert np.random.rand() == expected


def test_the_threads_of_the_caller_are_used() -> None:
    class Noting(Threads):
        used: list[str] = []  # noqa: RUF012

        def use(self, settings: Settings) -> None:  # type: ignore[override]
            self.used.append(settings.stage)

    threads = Noting()
    compare(runs("tensor"), threads=threads)
    assert threads.used == ["numpy", "tensor"]


@pytest.mark.parametrize("end", [np.inf, -np.inf, np.nan, 0.0])
def test_runs_that_end_beyond_the_numbers_have_no_word_on_rounding(end: float) -> None:
    one, other = runs("tensor", steps=2, same_start=True)
    losses, others = np.array([2.0, end]), np.array([2.5, end])
    stages = (against(one, losses, one, losses, 1.0), against(one, losses, other, others, 1.0))
    found = Comparison("numpy", (one, other), stages)
    assert found.stage("tensor").max_relative_difference == 0.25
    assert found.notes == ()
    assert "tensor" in as_text(found)


def test_what_cannot_be_compared() -> None:
    one = make_settings(stage="nn", steps=2, **SIZES)
    with pytest.raises(ValueError, match="nothing to compare"):
        compare([])
    with pytest.raises(ValueError, match="twice: nn, nn"):
        compare([one, one])
    with pytest.raises(ValueError, match=r"\[2, 3\] steps"):
        compare([one, make_settings(stage="optim", steps=3, **SIZES)])


def test_without_numpy_the_first_is_the_reference() -> None:
    found = compare([make_settings(stage=name, steps=2, **SIZES) for name in ("nn", "module")])
    assert found.reference == "nn"
    assert found.stage("nn").max_relative_difference == 0.0


def test_reference_comes_first_and_once() -> None:
    assert [run.stage for run in settings_for(["optim", "nn", "optim"])] == ["numpy", "optim", "nn"]
    assert [run.stage for run in settings_for(["nn", "numpy"])] == ["numpy", "nn"]
    assert [run.stage for run in settings_for([])] == ["numpy"]


def test_options_go_to_the_stages_that_have_them() -> None:
    found = settings_for(NAMES, optimizer="Adam", optimizer_options={"amsgrad": True}, device="cuda")
    assert {run.stage: (run.optimizer, run.device) for run in found} == {
        name: (
            "Adam" if name in ("optim", "module", "dynamic") else None,
            "cpu" if name == "numpy" else "cuda",
        )
        for name in NAMES
    }


@pytest.mark.parametrize(
    ("stages", "values", "message"),
    [
        (["nn"], {"optimizer": "Adam"}, "optimizer: 'Adam' is not allowed; the stage 'nn' writes"),
        ([], {"optimizer_options": {"momentum": 0.9}}, "optimizer options: momentum=0.9 is not allowed"),
        (["nn"], {"hidden_size": 0}, "hidden size: 0 is not allowed"),
        (["nn", "keras"], {}, "stage: 'keras' is not allowed"),
    ],
)
def test_options_that_no_stage_can_use(stages: list[str], values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_for(stages, **values)
    assert str(caught.value).startswith(message)
