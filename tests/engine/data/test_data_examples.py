"""The set-ups that are offered show what their sentences say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.data.catalog import DATA_SETS, RANDOM
from playground.data.defaults import with_data
from playground.data.examples import EXAMPLES
from playground.data.forward_lines import ForwardLines
from playground.programs.stage_text import settings_of, text_of
from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

BY_NAME = {each.name: each for each in EXAMPLES}
LEARNED = 300
"""Steps after which half of a loss at least is gone."""


def right_after(name: str, steps: int) -> float:
    """The share of the examples that are on their side of the border after so many steps."""
    trainer = Trainer(BY_NAME[name].settings())
    try:
        trainer.step()
        trainer.run(lambda _loss: trainer.history.length >= steps)
        lines = ForwardLines(trainer.program, trainer.started())
        x, y = lines.data()
        return float(((lines.output(np.asarray(x, np.float64)) > 0) == (y > 0)).mean())
    finally:
        trainer.close()


def test_every_set_up_is_a_text() -> None:
    assert len(BY_NAME) == len(EXAMPLES)
    for each in EXAMPLES:
        chosen = each.settings()
        assert settings_of(chosen.stage, text_of(chosen)) == chosen
        assert each.title
        assert each.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("xor-1", 0.4, 0.7),
        ("xor-2", 0.7, 0.85),
        ("xor-4", 0.99, 1.0),
        ("spirals-4", 0.4, 0.8),
        ("spirals-64", 0.93, 1.0),
    ],
)
def test_what_fails_with_few_units_succeeds_with_more(name: str, least: float, most: float) -> None:
    assert least <= right_after(name, BY_NAME[name].settings().steps) <= most


@pytest.mark.parametrize("data", [each.name for each in DATA_SETS])
@pytest.mark.parametrize("stage", ["numpy", "autograd", "nn", "optim", "dynamic"])
def test_every_set_is_learned_with_its_defaults(data: str, stage: str) -> None:
    chosen = make_settings(stage=stage) if data == RANDOM else with_data(make_settings(stage=stage), data)
    trainer = Trainer(chosen)
    trainer.step()
    trainer.run(lambda _loss: trainer.history.length == (500 if stage == "dynamic" else LEARNED))
    losses = trainer.history.losses()
    trainer.close()
    assert np.isfinite(losses).all()
    assert np.median(losses[-20:]) < 0.5 * losses[0]


@pytest.mark.parametrize("stage", [each.name for each in STAGES])
def test_the_noisy_polynomial_is_fitted(stage: str) -> None:
    # A straight line leaves 10 and more; the noise alone 40 · 0.2² = 1.6.
    trainer = Trainer(with_data(make_settings(stage=stage), "polynomial"))
    trainer.step()
    trainer.run(lambda _loss: trainer.history.length == 500)
    loss = np.median(trainer.history.losses()[-20:])
    trainer.close()
    assert loss < 7


def test_too_fast_leaves_the_numbers() -> None:
    chosen = BY_NAME["too-fast"].settings()
    trainer = Trainer(chosen)
    assert not math.isfinite([trainer.step() for _ in range(chosen.steps)][-1])
    trainer.close()


def test_the_noise_is_learned_by_heart() -> None:
    trainer = Trainer(BY_NAME["by-heart"].settings())
    trainer.step()
    seen = []
    for steps in (250, 1500):
        trainer.run(lambda _loss, steps=steps: trainer.history.length >= steps)  # type: ignore[misc]
        seen.append((trainer.history.losses()[-20:].mean(), trainer.test_loss()))
    trainer.close()
    (loss, test_loss), (later, test_later) = seen
    assert later < loss
    assert test_loss is not None
    assert test_later is not None
    assert test_later > 1.1 * test_loss
