"""Health of the parameters: what is seen of a step that is made, and of a recorded one, against torch."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import playground
from playground.forward_pass import ForwardPass
from playground.health import HealthSample, ParameterHealth, UnitHealth, advise, health_of
from playground.health.advice import STILL_STEPS
from playground.health.live import StepWatch
from playground.health.sample import is_rectifier
from playground.recording.queries import largest_gradient_norm
from playground.recording.text import as_text
from playground.settings import Settings, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}
NAMES = [stage.name for stage in STAGES]


def settings_of(stage: str, **more: object) -> Settings:
    return make_settings(stage=stage, **SIZES, steps=20, **more)


@pytest.mark.parametrize("stage", NAMES)
def test_looking_changes_no_bit(stage: str) -> None:
    plain, watched = Trainer(settings_of(stage)), Trainer(settings_of(stage))
    expected = [plain.step() for _ in range(12)]
    found = [watched.step()]
    while len(found) < 12:
        found.append(watched.watched_step()[0] if len(found) % 2 else watched.step())
    assert found == expected


@pytest.mark.parametrize(("flaws", "norm"), [([math.nan], math.nan), ([math.inf], math.inf)])
@pytest.mark.parametrize("rest", [[], [3.0]])
def test_a_gradient_that_is_not_finite_has_the_norm_that_torch_gives_it(
    flaws: list[float], norm: float, rest: list[float]
) -> None:
    factors = torch.tensor(flaws + rest)
    w = torch.ones(len(factors), requires_grad=True)
    recording = playground.record(lambda: (w * factors).sum(), {"w": w})
    assert w.grad is not None
    sample = health_of(recording)
    (parameter,) = sample.parameters
    for found in (parameter.gradient_norm, float(w.grad.norm())):
        assert found == pytest.approx(norm, nan_ok=True)
    assert largest_gradient_norm(recording) == math.inf
    advice = advise(sample, [])
    assert advice is not None
    assert advice.kind == "not finite"
    assert f"gradient norm {norm}" in as_text(recording)


@pytest.mark.parametrize("stage", NAMES)
def test_a_look_sees_what_the_recording_tells(stage: str) -> None:
    watched = Trainer(settings_of(stage))
    watched.step()
    looks = [watched.watched_step()[1] for _ in range(4)]
    # One after the other: DynamicNet draws its depths from Python's own generator.
    recorded = Trainer(settings_of(stage))
    recorded.step()
    for sample in looks:
        told = health_of(recorded.record_step())
        assert [(each.name, each.shape) for each in sample.parameters] == [
            (each.name, each.shape) for each in told.parameters
        ]
        for seen, known in zip(sample.parameters, told.parameters, strict=True):
            for one, other in (
                (seen.gradient_norm, known.gradient_norm),
                (seen.update_share, known.update_share),
            ):
                assert one == (None if other is None else pytest.approx(other, rel=1e-3))
        assert [each.asks_gradient for each in sample.parameters] == [
            each.asks_gradient for each in told.parameters
        ]
        assert sample.layers == told.layers
        assert sample.step == told.step


def test_against_torch_itself() -> None:
    trainer = Trainer(settings_of("autograd"))
    recording = trainer.record_step()
    torch.manual_seed(0)
    x, y = torch.randn(8, 20), torch.randn(8, 3)
    w1, w2 = torch.randn(20, 10, requires_grad=True), torch.randn(10, 3, requires_grad=True)
    hidden = x.mm(w1).clamp(min=0)
    (hidden.mm(w2) - y).pow(2).sum().backward()
    told = health_of(recording)
    for parameter, seen in zip((w1, w2), told.parameters, strict=True):
        assert parameter.grad is not None
        assert seen.gradient_norm == pytest.approx(float(parameter.grad.norm()), rel=1e-5)
        share = float((1e-6 * parameter.grad).norm() / parameter.detach().norm())
        assert seen.update_share == pytest.approx(share, rel=1e-2)
    (layer,) = told.layers
    dead = torch.nonzero((hidden == 0).all(dim=0)).flatten().tolist()
    assert (layer.units, layer.dead, list(layer.listed)) == (10, len(dead), dead)


def test_units_that_give_nothing_for_the_whole_batch_are_found() -> None:
    # With one example, a unit is dead as soon as that one is below its fold.
    trainer = Trainer(
        make_settings(stage="autograd", batch_size=1, input_size=5, hidden_size=50, output_size=1)
    )
    trainer.step()
    _, sample, _ = trainer.watched_step()
    (layer,) = sample.layers
    assert 0 < layer.dead < 50
    assert len(layer.listed) == layer.dead


def test_each_use_of_a_layer_is_told() -> None:
    trainer = Trainer(settings_of("dynamic", depth=(3, 3)))
    trainer.step()
    _, sample, _ = trainer.watched_step()
    assert [each.label for each in sample.layers] == [f"hidden layer, use {use}" for use in (1, 2, 3, 4)]


def look_at(model: torch.nn.Module, inputs: torch.Tensor) -> HealthSample:
    loss = model(inputs).pow(2).sum()
    watch = StepWatch(100, ForwardPass(loss, dict(model.named_parameters())), dict)
    loss.backward()
    return watch.sample()


class Bounded(torch.nn.Module):
    """Cuts what is below a bound."""

    def __init__(self, low: float, way: str) -> None:
        super().__init__()
        self.low, self.way = low, way

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.clamp(min=self.low) if self.way == "clamp" else x.maximum(torch.tensor(self.low))


def net_below_zero(activation: torch.nn.Module) -> torch.nn.Sequential:
    """A net whose activation gets nothing but numbers below zero."""
    inner = torch.nn.Linear(4, 6)
    with torch.no_grad():
        inner.bias.fill_(-50.0)
    return torch.nn.Sequential(inner, activation, torch.nn.Linear(6, 1))


@pytest.mark.parametrize(
    ("activation", "dead"),
    [
        (torch.nn.ReLU(), [6]),
        (Bounded(0.0, "clamp"), [6]),
        (Bounded(0.0, "maximum"), [6]),
        (Bounded(-1.0, "clamp"), [0]),
        (Bounded(-1.0, "maximum"), [0]),
        (torch.nn.LeakyReLU(), []),
        (torch.nn.PReLU(), []),
        (torch.nn.RReLU(), []),
    ],
)
def test_only_units_that_give_zero_are_dead(activation: torch.nn.Module, dead: list[int]) -> None:
    sample = look_at(net_below_zero(activation), torch.randn(8, 4))
    assert [layer.dead for layer in sample.layers] == dead


@pytest.mark.parametrize("op", ["relu", "clamp", "MyReLU", "LayerReLU", "ReluBackward0", "aten.relu_"])
def test_what_cuts_is_told_by_its_name(op: str) -> None:
    assert is_rectifier(op)


@pytest.mark.parametrize("op", ["leaky_relu", "prelu", "_prelu_kernel", "rrelu", "MyLeakyReLU", "mm"])
def test_what_lets_something_through_does_not_cut(op: str) -> None:
    assert not is_rectifier(op)


def test_a_frozen_parameter_needs_no_advice() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Linear(6, 1))
    model[0].requires_grad_(requires_grad=False)
    sample = look_at(model, torch.randn(8, 4))
    assert [each.asks_gradient for each in sample.parameters] == [False, False, True, True]
    advice = advise(sample, [])
    assert advice is None or advice.kind != "no gradient"


def test_a_gradient_that_is_not_finite_is_said() -> None:
    trainer = Trainer(settings_of("autograd", learning_rate=10.0))
    trainer.step()
    sample = None
    for _ in range(12):
        _, sample, _ = trainer.watched_step()
    assert sample is not None
    assert not all(each.is_finite for each in sample.parameters)
    advice = advise(sample, [])
    assert advice is not None
    assert advice.kind == "not finite"


# Advice


def sample_of(
    *parameters: ParameterHealth, step: int = 100, layers: tuple[UnitHealth, ...] = ()
) -> HealthSample:
    return HealthSample(step, parameters, layers)


HEALTHY = ParameterHealth("w1", (2, 3), 1.0, 0.001)


def test_a_healthy_run_needs_no_advice() -> None:
    assert advise(sample_of(HEALTHY), [3.0, 2.0, 1.0]) is None
    assert advise(None, []) is None


@pytest.mark.parametrize(
    ("sample", "losses", "kind", "parameter"),
    [
        (sample_of(ParameterHealth("w2", (2,), math.nan, 0.01)), [], "not finite", "w2"),
        (sample_of(HEALTHY, ParameterHealth("w2", (2,), None, 0.0)), [], "no gradient", "w2"),
        (sample_of(HEALTHY, ParameterHealth("w2", (2,), 1.0, 0.18)), [], "fast", "w2"),
        (sample_of(HEALTHY, layers=(UnitHealth("hidden layer", 100, 61, ()),)), [], "dead", ""),
        (sample_of(HEALTHY), [5.0] * STILL_STEPS, "still", ""),
    ],
)
def test_what_is_wrong_is_said_and_can_be_dismissed(
    sample: HealthSample, losses: list[float], kind: str, parameter: str
) -> None:
    advice = advise(sample, losses)
    assert advice is not None
    assert (advice.kind, advice.parameter) == (kind, parameter)
    assert advice.text.endswith(".")
    assert advise(sample, losses, {kind}) is None


def test_what_changes_by_more_than_itself_is_no_healthy_start() -> None:
    sample = HealthSample(0, (ParameterHealth("w2", (2,), 1.0, 180.0),))
    advice = advise(sample, [])
    assert advice is not None
    assert (
        advice.text == "A step changes 180 times the norm of w2: a lower learning rate would calm the curve."
    )


def test_few_dead_units_are_no_reason_for_advice() -> None:
    assert advise(sample_of(HEALTHY, layers=(UnitHealth("hidden layer", 100, 12, ()),)), []) is None


numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=32))
parameters = st.builds(ParameterHealth, st.text(max_size=9), st.just((2, 3)), numbers, numbers)
samples = st.builds(
    HealthSample, st.integers(0, 10**7), st.lists(parameters, max_size=4).map(tuple), st.just(())
)


@given(st.one_of(st.none(), samples), st.lists(st.floats(), max_size=STILL_STEPS + 5))
def test_it_never_fails_and_says_one_line(sample: HealthSample | None, losses: list[float]) -> None:
    advice = advise(sample, losses)
    assert advice is None or advice.text
