"""Every loss of every stage is the document's program's, bit for bit."""

from __future__ import annotations

import pytest

from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from tests.engine.plain_loops import LOOPS, Sizes, plain_losses

NAMES = [stage.name for stage in STAGES]
CASES = [
    (0, 500, (64, 1000, 100, 10)),
    (7, 500, (16, 50, 20, 5)),
    (2**32 - 1, 500, (7, 33, 129, 3)),
]


def stage_losses(stage: str, seed: int, steps: int, sizes: Sizes) -> list[float]:
    names = ("batch_size", "input_size", "hidden_size", "output_size")
    settings = make_settings(stage=stage, seed=seed, steps=steps, **dict(zip(names, sizes, strict=True)))
    trainer = Trainer(settings)
    return [trainer.step() for _ in range(steps)]


def test_the_ladder_has_the_documents_order() -> None:
    assert list(LOOPS) == NAMES


@pytest.mark.parametrize("stage", NAMES)
@pytest.mark.parametrize(("seed", "steps", "sizes"), CASES)
def test_losses_equal_the_plain_loop(stage: str, seed: int, steps: int, sizes: Sizes) -> None:
    assert stage_losses(stage, seed, steps, sizes) == plain_losses(stage, seed, steps, sizes)


@pytest.mark.parametrize("stage", NAMES)
def test_each_fits_on_one_screen(stage: str) -> None:
    source = next(each for each in STAGES if each.name == stage).source_file.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 60
    assert max(map(len, source.splitlines())) <= 100
