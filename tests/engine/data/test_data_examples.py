"""The set-ups that are offered show what their sentences say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.data.examples import EXAMPLES
from playground.data.forward_lines import ForwardLines
from playground.programs.stage_text import settings_of, text_of
from playground.trainer import Trainer

BY_NAME = {each.name: each for each in EXAMPLES}


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


@pytest.mark.parametrize(("fails", "succeeds"), [("xor-1", "xor-8"), ("spirals-4", "spirals-64")])
def test_what_fails_with_few_units_succeeds_with_more(fails: str, succeeds: str) -> None:
    assert right_after(fails, 250) < 0.8
    assert right_after(succeeds, 250) > 0.93


def test_two_units_are_between() -> None:
    assert right_after("xor-1", 200) < right_after("xor-2", 200) < right_after("xor-8", 200)


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
