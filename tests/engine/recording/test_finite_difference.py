"""A measured slope beside the gradient, and that measuring leaves the run as it is."""

from __future__ import annotations

import numpy as np
import pytest

from playground.recording import Recording
from playground.recording.finite_difference import GradientCheckError
from playground.settings import make_settings
from playground.trainer import Trainer

STAGES = ("numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic")
SMALL = {"batch_size": 4, "input_size": 5, "hidden_size": 6, "output_size": 3}


def recorded(stage: str, **others: object) -> tuple[Trainer, Recording]:
    depth = {"depth": "2:2"} if stage == "dynamic" else {}
    run = Trainer(make_settings(stage=stage, seed=4, **{**SMALL, **depth, **others}))
    run.step()
    return run, run.record_step()


@pytest.mark.parametrize("stage", STAGES)
def test_slope_is_the_gradient(stage: str) -> None:
    run, recording = recorded(stage)
    generator = np.random.default_rng(0)
    checked = 0
    for record in recording.parameters:
        assert record.gradient is not None
        assert record.gradient.values is not None
        for _ in range(4):
            index = tuple(int(generator.integers(length)) for length in record.before.shape)
            measured = run.check_gradient(recording, record.name, index)
            assert measured.gradient == float(record.gradient.values[index])
            assert record.before.values is not None
            assert measured.value == float(record.before.values[index])
            assert measured.slope == pytest.approx(measured.gradient, rel=1e-4, abs=1e-4)
            checked += measured.gradient != 0
    assert checked >= 4


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_depth_is_that_of_the_recording(depth: int) -> None:
    run, recording = recorded("dynamic", depth=f"{depth}:{depth}")
    run.apply(run.settings.model_copy(update={"depth": (0, 3)}))
    measured = run.check_gradient(recording, "output_linear.bias", (1,))
    assert measured.difference is not None
    assert measured.difference < 1e-4
    center = (measured.lower + measured.upper) / 2
    assert center == pytest.approx(recording.loss, rel=1e-5)


def test_weights_are_those_that_the_step_began_with() -> None:
    run, recording = recorded("autograd", learning_rate=1e-3)
    first = run.check_gradient(recording, "w1", (2, 3))
    for _ in range(5):
        run.step()
    assert run.check_gradient(recording, "w1", (2, 3)) == first


@pytest.mark.parametrize("stage", STAGES)
def test_following_losses_stay_the_same(stage: str) -> None:
    settings = make_settings(stage=stage, seed=4, learning_rate=1e-3, **SMALL)
    plain, disturbed = Trainer(settings), Trainer(settings)
    # One after the other: DynamicNet draws its depth from the generator that all share.
    losses = [plain.step() for _ in range(9)]
    for step in range(6):
        recording = disturbed.record_step()
        assert recording.loss == losses[step]
        for record in recording.parameters:
            index = (0,) * len(record.before.shape)
            disturbed.check_gradient(recording, record.name, index)
        disturbed.record_again(step // 2)
        disturbed.record_again(step + 1)
    assert [disturbed.step() for _ in range(3)] == losses[6:]


@pytest.mark.parametrize(
    ("name", "index", "epsilon", "message"),
    [
        ("w9", (0, 0), 1e-4, "'w9' is no parameter of this step; allowed: w1, w2"),
        ("w1", (5, 0), 1e-4, "w1[5, 0] is not allowed; allowed: an element of shape [5, 6]"),
        ("w1", (-1, 0), 1e-4, "w1[-1, 0] is not allowed; allowed: an element of shape [5, 6]"),
        ("w1", (), 1e-4, "w1[] is not allowed; allowed: an element of shape [5, 6]"),
        ("w1", (0, 0), 0.0, "ε: 0.0 is not allowed; allowed: a finite number above 0"),
        ("w1", (0, 0), float("nan"), "ε: nan is not allowed; allowed: a finite number above 0"),
        ("w1", (0, 0), float("inf"), "ε: inf is not allowed; allowed: a finite number above 0"),
    ],
)
def test_what_is_not_allowed_is_said_in_one_line(
    name: str, index: tuple[int, ...], epsilon: float, message: str
) -> None:
    run, recording = recorded("autograd")
    with pytest.raises(GradientCheckError) as raised:
        run.check_gradient(recording, name, index, epsilon)
    assert str(raised.value) == message


def test_run_that_cannot_be_nudged() -> None:
    run, recording = recorded("autograd")
    with pytest.raises(GradientCheckError, match=r"^no step has been made: there is nothing to nudge$"):
        Trainer(run.settings).check_gradient(recording, "w1", (0, 0))
    wide, summarized = recorded("autograd", input_size=1200, hidden_size=1000)
    with pytest.raises(
        GradientCheckError, match=r"^the parameters are too large to be kept: there is nothing"
    ):
        wide.check_gradient(summarized, "w1", (0, 0))


@pytest.mark.parametrize("last", [0, 1, 2])
def test_it_can_be_ended_before_each_forward_pass(last: int) -> None:
    run, recording = recorded("autograd")
    heard: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        heard.append((done, of))
        if done == last:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run.check_gradient(recording, "w1", (0, 0), on_progress=tell)
    assert heard == [(done, 3) for done in range(last + 1)]


def test_steps_that_have_not_been_reached() -> None:
    run, _ = recorded("autograd")
    for step in (-1, 3):
        with pytest.raises(IndexError, match=rf"^step {step} has not been reached; allowed: 0 to 2$"):
            run.record_again(step)
