"""The loss over planes of weights and along one step, held against plain loops; the run stays untouched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from playground.data import landscape as landscapes
from playground.data.defaults import with_data
from playground.data.forward_lines import as_array
from playground.data.landscape import Landscape, LandscapeError, landscape, plane_of_path, random_plane
from playground.data.run_landscape import landscape_of_run, net_of, step_sizes_of_run
from playground.data.weight_path import MOST_POINTS, WeightPath, WeightPoint, point_now, points_of
from playground.data.weights import weights_of
from playground.own_program import OwnProgram
from playground.own_trainer import trainer_of
from playground.recording.cache import RecordingCache
from playground.setting_specs import LARGEST_STEPS
from playground.settings import Settings, changed, make_settings
from playground.stages import OWN, STAGES
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]
ROWS, HIDDEN = 40, 5


def moons(stage: str, **values: object) -> Settings:
    depth = {"depth": (1, 1)} if stage == "dynamic" else {}
    return changed(
        with_data(make_settings(stage=stage), "moons", ROWS), hidden_size=HIDDEN, **depth, **values
    )


def own(text: str) -> Settings:
    return make_settings(stage=OWN, own=OwnProgram("/nowhere/mine.py", text), steps=LARGEST_STEPS)


@contextlib.contextmanager
def run(settings: Settings, steps: int = 12) -> Iterator[tuple[Trainer, WeightPath, RecordingCache]]:
    """A run whose weights were kept behind every step, with its last step recorded."""
    trainer, path, shelf = trainer_of(settings), WeightPath(), RecordingCache()
    try:
        for _ in range(steps - 1):
            trainer.step()
            path.put(point_now(trainer))
        shelf.put(trainer.record_step())
        yield trainer, path, shelf
    finally:
        trainer.close()


def data_of(trainer: Trainer) -> list[torch.Tensor]:
    variables = trainer.started().variables()
    return [torch.as_tensor(as_array(variables[name])).double() for name in "xy"]


def at(found: Landscape, row: int, column: int) -> dict[str, torch.Tensor]:
    """The weights of a place of the grid, computed by hand."""
    plane = found.plane
    first, second = plane.directions
    return {
        name: torch.as_tensor(value + found.across[column] * first[name] + found.up[row] * second[name])
        for name, value in plane.origin.items()
    }


@pytest.mark.parametrize("stage", NAMES)
def test_a_grid_holds_the_losses_of_the_formula_and_the_run_goes_on_unchanged(stage: str) -> None:
    settings = moons(stage)
    with run(settings) as (trainer, path, shelf):
        found = landscape_of_run(trainer, path, shelf, "path", size=4)
        x, y = data_of(trainer)
        losses = [*trainer.history.losses(), trainer.step()]
    for row, column in ((0, 0), (1, 3), (3, 2)):
        weights = [each.double() for each in at(found, row, column).values()]
        if stage in ("numpy", "tensor", "autograd", "function"):
            predicted = (x @ weights[0]).clamp(min=0) @ weights[1]
        else:
            hidden = torch.nn.functional.linear(x, *weights[:2]).clamp(min=0)
            # DynamicNet's middle layer stands last or between, and is used once.
            for layer in range(2, len(weights) - 2, 2):
                hidden = torch.nn.functional.linear(hidden, *weights[layer : layer + 2]).clamp(min=0)
            predicted = torch.nn.functional.linear(hidden, *weights[-2:])
        expected = (predicted - y).pow(2).sum().item()
        assert found.losses[row, column] == pytest.approx(expected, rel=1e-4)
    assert found.plane.steps == tuple(range(13))
    assert found.start == pytest.approx(losses[0], rel=1e-5)
    assert found.now == pytest.approx(losses[-1], rel=1e-5)
    assert found.of_path == pytest.approx(losses, rel=1e-5)
    # Pythagoras: along the plane, and off it.
    begun = Trainer(settings)
    first = weights_of(begun.record_step())
    begun.close()
    distance = sum(((first[name] - value) ** 2).sum() for name, value in found.plane.origin.items())
    along = (found.plane.path[0] ** 2).sum()
    assert found.beside[0] ** 2 + along == pytest.approx(distance, rel=1e-4)
    untouched = Trainer(settings)
    assert losses == [untouched.step() for _ in range(13)]
    untouched.close()


@pytest.mark.parametrize("stage", ["numpy", "autograd", "module"])
def test_losses_along_the_gradient_are_those_of_a_hand_made_loop(stage: str) -> None:
    with run(moons(stage)) as (trainer, _, shelf):
        found = step_sizes_of_run(trainer, shelf)
        recording = shelf.get(found.step)
        assert recording is not None
        x, y = data_of(trainer)
        after = trainer.step()
    parts: list[tuple[Any, Any]] = [
        (each.before.values, None if each.gradient is None else each.gradient.values)
        for each in recording.parameters
    ]
    assert found.gradient is not None
    # Plain gradient descent: the update is the gradient.
    assert found.update is None
    assert found.chosen == trainer.settings.learning_rate
    for number in (0, 7, 20, 31):
        moved = [torch.as_tensor(value - found.rates[number] * slope).double() for value, slope in parts]
        if stage == "module":
            linear = torch.nn.functional.linear
            predicted = linear(linear(x, *moved[:2]).clamp(min=0), *moved[2:])
        else:
            predicted = (x @ moved[0]).clamp(min=0) @ moved[1]
        assert found.gradient[number] == pytest.approx((predicted - y).pow(2).sum().item(), rel=1e-4)
    assert found.loss == pytest.approx(recording.loss, rel=1e-5)
    assert found.after == pytest.approx(after, rel=1e-5)
    assert found.rates[len(found.rates) // 2 + 0] == pytest.approx(found.chosen, rel=0.2)


def test_an_optimizers_own_update_is_drawn_beside_the_gradient() -> None:
    with run(moons("optim", optimizer="Adam")) as (trainer, _, shelf):
        found = step_sizes_of_run(trainer, shelf)
        after = trainer.step()
    assert found.gradient is not None
    assert found.update is not None
    nearest = int(np.abs(found.rates - found.chosen).argmin())
    assert found.after == pytest.approx(after, rel=1e-5)
    assert abs(found.update[nearest] - after) < abs(found.update[0] - found.update.max())
    assert found.gradient[nearest] != found.update[nearest]


def test_the_plane_is_the_best_that_there_is() -> None:
    with run(moons("nn"), 20) as (trainer, path, _):
        plane = plane_of_path([*path.points, point_now(trainer)])
        rows = [each.weights for each in (*path.points, point_now(trainer))]
    vectors = np.array([np.concatenate([each.ravel() for each in weights.values()]) for weights in rows])
    moved = vectors.astype(np.float64) - vectors[-1]
    values, axes = np.linalg.eigh(moved.T @ moved)
    directions = np.array(
        [np.concatenate([part.ravel() for part in each.values()]) for each in plane.directions]
    )
    assert np.allclose(np.abs(directions @ axes[:, [-1, -2]]), np.eye(2), atol=1e-4)
    assert plane.share == pytest.approx(values[[-1, -2]].sum() / values.sum(), rel=1e-6)
    assert np.allclose(plane.path, moved @ directions.T)


@pytest.mark.parametrize(("stage", "axis"), [("autograd", 0), ("module", 1)])
def test_random_directions_are_as_long_as_each_units_weights(stage: str, axis: int) -> None:
    with run(moons(stage)) as (trainer, path, shelf):
        found = landscape_of_run(trainer, path, shelf, "random", seed=3, size=3)
        after = trainer.step()
    assert found.losses[1, 1] == pytest.approx(after, rel=1e-5)
    assert len(np.unique(found.losses)) == 9
    assert 0 < found.plane.share < 1
    for direction in found.plane.directions:
        for name, value in found.plane.origin.items():
            lengths = [
                np.linalg.norm(each, axis=axis) if each.ndim == 2 else each
                for each in (direction[name], value)
            ]
            assert np.allclose(lengths[0], lengths[1] if value.ndim == 2 else 0.0)


IN_A_FUNCTION = """\
import torch
from torch import nn

def fit(model, steps):
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(steps):
        xb = torch.randn(16, 3)
        yb = xb.sum(1, keepdim=True)
        opt.zero_grad()
        total = 0
        for part, target in zip(xb.split(8), yb.split(8)):
            total = total + (model(part) - target).pow(2).mean()
        total.backward()
        opt.step()

torch.manual_seed(2)
fit(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.1), nn.Linear(4, 1)), 40)
"""
IN_A_METHOD = """\
import torch

class Fitter:
    def __init__(self, net):
        self.net = net
        self.opt = torch.optim.SGD(net.parameters(), lr=0.05)
    def once(self, x, y):
        self.opt.zero_grad()
        loss = (self.net(x) - y).pow(2).mean()
        loss.backward()
        self.opt.step()

torch.manual_seed(2)
x, inputs = torch.zeros(1, 3), torch.randn(8, 3)
fitter = Fitter(torch.nn.Linear(3, 1))
for step in range(40):
    targets = inputs.sum(1, keepdim=True)
    fitter.once(inputs, targets)
"""
OUT_OF_REACH = """\
import torch
net = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x = torch.ones(4, 3)
def loss_now():
    return net(x).pow(2).mean()
for step in range(40):
    opt.zero_grad()
    loss = loss_now()
    loss.backward()
    opt.step()
"""


def test_a_program_of_ones_own_has_a_landscape_too() -> None:
    with run(own(IN_A_FUNCTION)) as (trainer, path, shelf):
        torch.manual_seed(0)
        state = torch.get_rng_state()
        found = landscape_of_run(trainer, path, shelf, "path", size=3)
        sizes = step_sizes_of_run(trainer, shelf)
        assert torch.equal(torch.get_rng_state(), state)
        variables: dict[str, Any] = trainer.started().variables()
        model, xb, yb = (variables[name] for name in ("model", "xb", "yb"))
        before = {name: each.clone() for name, each in model.state_dict().items()}
        model.load_state_dict(at(found, 0, 2))
        torch.set_rng_state(state)
        expected = sum(
            (model(part) - target).pow(2).mean().item()
            for part, target in zip(xb.split(8), yb.split(8), strict=True)
        )
        model.load_state_dict(before)
    assert found.losses[0, 2] == pytest.approx(expected, rel=1e-5)
    assert found.rows == "the newest batch"
    # What it began with was not recorded, and it is not begun again.
    assert found.plane.steps[0] == 1
    assert sizes.chosen == 0.05
    assert not sizes.in_updates


def test_what_a_method_calls_otherwise_is_found_by_how_it_is_called() -> None:
    with run(own(IN_A_METHOD)) as (trainer, path, shelf):
        found = landscape_of_run(trainer, path, shelf, "path", size=3)
        variables: dict[str, Any] = trainer.started().variables()
        inputs, targets = variables["inputs"], variables["targets"]
    weight, bias = (each.float() for each in at(found, 2, 0).values())
    expected = (torch.nn.functional.linear(inputs, weight, bias) - targets).pow(2).mean().item()
    assert found.losses[2, 0] == pytest.approx(expected, rel=1e-5)


def test_what_has_no_landscape_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_reach = pytest.raises(LandscapeError, match="does not come from the net by way of the variables")
    with run(own(OUT_OF_REACH)) as (trainer, path, shelf), out_of_reach:
        landscape_of_run(trainer, path, shelf, "path")
    with run(moons("nn"), 4) as (trainer, path, shelf):
        points = path.points
        with pytest.raises(LandscapeError, match="weights of 2 steps are too few"):
            plane_of_path(points[:2])
        with pytest.raises(LandscapeError, match="no step has been made"):
            random_plane([])
        with pytest.raises(LandscapeError, match="the same at every step"):
            plane_of_path([points[0]] * 3)
        with pytest.raises(LandscapeError, match="step 1 is not recorded"):
            step_sizes_of_run(trainer, shelf, 1)
        monkeypatch.setattr(landscapes, "LONGEST", 1e-9)
        with pytest.raises(LandscapeError, match=r"one loss takes .* 11 × 11 of them"):
            landscape_of_run(trainer, path, shelf, "path")
        monkeypatch.setattr("playground.data.weight_path.LARGEST_NET", 20)
        with pytest.raises(LandscapeError, match="the net has 21 weights; allowed: up to 20"):
            landscape_of_run(trainer, path, shelf, "path")
    with run(moons("autograd", learning_rate=1e30), 8) as (trainer, path, shelf):
        with pytest.raises(LandscapeError, match="has diverged"):
            landscape_of_run(trainer, path, shelf, "path")
        with pytest.raises(LandscapeError, match="the loss is nan with the weights that step 7 began with"):
            step_sizes_of_run(trainer, shelf)


def test_progress_is_told_and_ends_the_work() -> None:
    class Enough(Exception):
        pass

    told = []

    def hear(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) == 3:
            raise Enough

    with run(moons("tensor"), 8) as (trainer, path, _), pytest.raises(Enough):
        landscape(net_of(trainer), plane_of_path(path.points), path.points[0].weights, 5, hear)
    assert told == [(0, 25), (1, 25), (2, 25)]


def test_a_long_path_is_thinned_evenly_and_begins_where_it_began() -> None:
    path = WeightPath()
    for step in range(1, 1001):
        path.put(WeightPoint(step, {"w": np.full(3, step, np.float32)}))
    steps = np.array([each.step for each in path.points])
    assert len(steps) <= MOST_POINTS
    assert steps[0] == 1
    assert path.stride == 16
    assert set(np.diff(steps)) == {16}


def test_points_of_recordings_are_what_the_steps_began_with() -> None:
    trainer = Trainer(moons("nn"))
    recordings = [trainer.record_step() for _ in range(3)]
    trainer.close()
    points = points_of(recordings[::-1])
    assert [each.step for each in points] == [0, 1, 2]
    record = recordings[1].parameter("0.weight")
    assert record is not None
    assert np.array_equal(points[1].weights["0.weight"], np.asarray(record.before.values))
