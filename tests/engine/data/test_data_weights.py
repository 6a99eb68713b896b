"""Weights of recorded steps: pictures, planes, slices and bands, each held against an oracle."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from playground.data.defaults import with_data
from playground.data.landscape import (
    LandscapeError,
    landscape,
    plane_of_path,
    random_plane,
    slice_along_gradient,
)
from playground.data.picture import PictureMaker
from playground.data.weights import PERCENTILES, NetCopy, bands_of, strip_of, weights_of
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


@pytest.mark.parametrize("stage", NAMES)
def test_the_path_runs_through_its_landscape(stage: str) -> None:
    with recorded(moons(stage), 20) as (trainer, recordings):
        plane = plane_of_path(recordings[::-1])
        net = NetCopy(trainer.program, trainer.started())
        found = landscape(net, plane, 5)
        first = net.loss(plane.weights(*map(float, plane.path[0])))
        last = net.loss(plane.weights(0.0, 0.0))
        line = landscape(net, plane, 2)
        corner = net.loss(plane.weights(plane.ranges[0][0], plane.ranges[1][1]))
    # The newest recorded weights lie in the middle, and the plane holds most of the path.
    assert last == pytest.approx(recordings[-1].loss, rel=1e-6)
    assert plane.share is not None
    assert plane.share > 0.9
    assert recordings[0].loss is not None
    assert first == pytest.approx(recordings[0].loss, rel=0.05)
    assert found.losses.shape == (5, 5)
    assert np.array_equal(found.up, sorted(found.up, reverse=True))
    # The first row is the upper one, the first column the left one.
    assert line.losses[0, 0] == corner


def test_the_plane_is_the_best_that_there_is() -> None:
    with recorded(moons("nn"), 20) as (_, recordings):
        plane = plane_of_path(recordings)
    rows = np.array([np.concatenate([each.ravel() for each in weights_of(r).values()]) for r in recordings])
    moved = rows - rows[-1]
    values, vectors = np.linalg.eigh(moved.T @ moved)
    directions = np.array(
        [np.concatenate([part.ravel() for part in each.values()]) for each in plane.directions]
    )
    assert np.allclose(np.abs(directions @ vectors[:, [-1, -2]]), np.eye(2), atol=1e-4)
    assert plane.share == pytest.approx(values[[-1, -2]].sum() / values.sum(), rel=1e-6)
    assert np.allclose(plane.path, moved @ directions.T)


@pytest.mark.parametrize(("stage", "axis"), [("autograd", 0), ("module", 1)])
def test_random_directions_are_as_long_as_each_units_weights(stage: str, axis: int) -> None:
    with recorded(moons(stage)) as (trainer, recordings):
        plane = random_plane(recordings, seed=3)
        losses = landscape(NetCopy(trainer.program, trainer.started()), plane, 3).losses
    assert losses[1, 1] == pytest.approx(recordings[-1].loss, rel=1e-5)
    assert len(np.unique(losses)) == 9
    for direction in plane.directions:
        for name, value in plane.origin.items():
            lengths = [
                np.linalg.norm(each, axis=axis) if each.ndim == 2 else each
                for each in (direction[name], value)
            ]
            assert np.allclose(lengths[0], lengths[1] if value.ndim == 2 else 0.0)


@pytest.mark.parametrize("stage", ["numpy", "tensor", "autograd", "function", "nn", "module"])
def test_the_slice_at_the_chosen_rate_is_the_next_steps_loss(stage: str) -> None:
    settings = moons(stage)
    with recorded(settings, 6) as (trainer, _):
        last = trainer.record_step()
        net = NetCopy(trainer.program, trainer.started())
        found = slice_along_gradient(net, last, settings.learning_rate)
        after = trainer.step()
    # The step itself rounds its update in its own way.
    assert found.loss_there == pytest.approx(after, rel=1e-6)
    assert found.losses[0] == pytest.approx(last.loss, rel=1e-6)
    assert found.losses.min() < found.losses[0] < found.losses[-1]


def test_what_has_no_landscape_says_so() -> None:
    with recorded(moons("nn"), 4) as (_, recordings):
        with pytest.raises(LandscapeError, match="2 recorded steps are too few"):
            plane_of_path(recordings)
        with pytest.raises(LandscapeError, match="no step is recorded"):
            random_plane([])
        with pytest.raises(LandscapeError, match="are all the same"):
            plane_of_path([recordings[0]] * 3)
    with (
        recorded(moons("autograd", learning_rate=1e30), 8) as (_, recordings),
        pytest.raises(LandscapeError, match="has diverged"),
    ):
        plane_of_path(recordings)


def test_progress_is_told_and_ends_the_work() -> None:
    class Enough(Exception):
        pass

    told = []

    def hear(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) == 3:
            raise Enough

    with recorded(moons("tensor"), 8) as (trainer, recordings):
        net = NetCopy(trainer.program, trainer.started())
        with pytest.raises(Enough):
            landscape(net, plane_of_path(recordings), 5, hear)
    assert told == [(0, 25), (5, 25), (10, 25)]


def test_bands_are_numpys_percentiles() -> None:
    with recorded(moons("optim"), 8) as (_, recordings):
        weights, gradients = (bands_of(recordings, "0.weight", each) for each in (False, True))
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
    assert bands_of(recordings, "nothing").percentiles.shape == (0, 7)
    assert strip_of(recordings, "nothing").steps == ()
