"""Percentiles of parameters and gradients over a run's steps, against NumPy on the true tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.forward_pass import ForwardPass
from playground.health.live import StepWatch
from playground.health.spread import MOST_ELEMENTS, PERCENTILES, Spread, Spreads, elements_of, sample_of
from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

SHARES = [each / 100 for each in PERCENTILES]


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_percentiles_are_numpys_and_the_runs_bits_stay(stage: str) -> None:
    sizes = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3, "steps": 20}
    plain, watched, recorded = (Trainer(make_settings(stage=stage, **sizes)) for _ in range(3))
    losses = [plain.step() for _ in range(5)]
    looks = [watched.watched_step() for _ in range(4) if watched.history.length or watched.step()]
    assert [loss for loss, _, _ in looks] == losses[1:]
    recorded.step()
    for _, sample, _ in looks:
        truth = recorded.record_step()
        assert [each.name for each in sample.spreads] == [each.name for each in truth.parameters]
        for spread, record in zip(sample.spreads, truth.parameters, strict=True):
            assert record.before.values is not None
            assert spread.count == spread.taken == record.before.values.size
            wide = record.before.values.astype(np.float64)
            assert np.array_equal(spread.values, np.quantile(wide, SHARES))
            if record.gradient is None or record.gradient.values is None:
                assert np.isnan(spread.gradient).all()
            else:
                truly = record.gradient.values.astype(np.float64)
                assert np.array_equal(spread.gradient, np.quantile(truly, SHARES))


def test_of_a_large_tensor_the_same_elements_are_looked_at_each_time() -> None:
    weight = torch.nn.Parameter(torch.randn(300, 100))
    loss = (weight * weight).sum()
    watch = StepWatch(7, ForwardPass(loss, {"weight": weight}), dict)
    loss.backward()
    before = weight.detach().numpy().copy()
    with torch.no_grad():
        weight.sub_(1.0)
    (spread,) = watch.sample().spreads
    chosen = sample_of(before.size)
    assert chosen is not None
    assert len(np.unique(chosen)) == MOST_ELEMENTS
    assert len(np.unique(chosen % 100)) == 100
    assert (spread.count, spread.taken) == (30_000, MOST_ELEMENTS)
    taken = before.ravel()[chosen].astype(np.float64)
    assert np.array_equal(spread.values, np.quantile(taken, SHARES))
    assert np.array_equal(spread.gradient, np.quantile(2 * taken, SHARES))
    array = elements_of(before)
    assert array is not None
    assert np.array_equal(array, taken)


def test_what_is_not_finite_is_left_out() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0, float("nan"), float("inf")]))
    (spread,) = StepWatch(0, ForwardPass(weight.sum(), {"w": weight}), dict).sample().spreads
    assert np.array_equal(spread.values, np.quantile([1.0, 2.0], SHARES))
    assert np.isnan(spread.gradient).all()


def test_memory_is_bounded_and_the_newest_step_is_always_there() -> None:
    spreads, row = Spreads(most=16), np.arange(7.0)
    for step in range(0, 10_000, 3):
        spreads.put(step, [Spread("w", 3, 3, row + step, row)])
        steps = spreads.bands("w").steps
        assert steps[0] == 0
        assert steps[-1] == step
        assert len(steps) <= 16
    assert len(steps) > 6
    assert min(np.diff(steps[:-1])) >= spreads.stride
    assert [each[0] for each in spreads.bands("w").percentiles.tolist()] == list(steps)
    spreads.put(5, [])
    assert spreads.bands("w").steps == steps
