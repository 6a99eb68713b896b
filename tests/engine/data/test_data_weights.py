"""Weights of recorded steps: pictures and bands, each held against an oracle."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from playground.data.defaults import with_data
from playground.data.picture import PictureMaker
from playground.data.weights import strip_of
from playground.health.spread import PERCENTILES, Spreads, spreads_of
from playground.recording.model import Recording
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]


def moons(stage: str, **values: object) -> Settings:
    depth = {"depth": (1, 1)} if stage == "dynamic" else {}
    return changed(with_data(make_settings(stage=stage), "moons", 60), hidden_size=6, **depth, **values)


@contextlib.contextmanager
def recorded(settings: Settings, steps: int = 8) -> Iterator[tuple[Trainer, list[Recording]]]:
    """A run, and every second step of it."""
    trainer = Trainer(settings)
    recordings = []
    try:
        for _ in range(steps // 2):
            recordings.append(trainer.record_step())
            trainer.step()
        yield trainer, recordings
    finally:
        trainer.close()


@pytest.mark.parametrize("stage", NAMES)
def test_a_picture_of_a_recorded_step_is_the_one_that_was_live_then(stage: str) -> None:
    settings = moons(stage)
    with recorded(settings) as (trainer, recordings):
        maker = PictureMaker(trainer)
        later = [maker.recorded(each, 7, hidden=True) for each in recordings]
        losses = trainer.history.losses().copy()
        after = trainer.step()
    with recorded(settings, 0) as (again, _):
        for picture in later:
            while again.history.length < picture.step:
                again.step()
            live = PictureMaker(again).picture(7, hidden=True)
            assert np.array_equal(live.output, picture.output)
            assert all(map(np.array_equal, live.hidden, picture.hidden))
        while again.history.length < len(losses):
            again.step()
        assert again.step() == after


def test_bands_are_numpys_percentiles() -> None:
    with recorded(moons("optim"), 8) as (_, recordings):
        spreads = Spreads()
        for each in recordings:
            spreads.put(each.step, spreads_of(each))
        weights, gradients = (spreads.bands("0.weight", each) for each in (False, True))
        strip = strip_of(recordings[::-1], "0.weight")
    assert weights.steps == gradients.steps == strip.steps == (0, 2, 4, 6)
    assert strip.values.shape == (4, 6, 2)
    for row, recording in enumerate(recordings):
        record = recording.parameter("0.weight")
        assert record is not None
        assert record.gradient is not None
        assert np.array_equal(strip.values[row], np.asarray(record.before.values))
        for bands, values in ((weights, record.before.values), (gradients, record.gradient.values)):
            assert values is not None
            assert np.allclose(bands.percentiles[row], np.percentile(values, PERCENTILES))
    assert np.isnan(spreads.bands("nothing").percentiles).all()
    assert Spreads().bands("nothing").percentiles.shape == (0, 7)
    assert strip_of(recordings, "nothing").steps == ()
