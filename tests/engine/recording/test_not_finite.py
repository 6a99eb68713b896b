"""Where NaN and infinity come from in a recorded step."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import playground
from playground.graph.model import Phase
from playground.recording.not_finite import flaws_of, why_not_finite
from playground.recording.queries import begins_not_finite, first_not_finite, is_finite, last_place
from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer


def overflowing(stage: str, learning_rate: float) -> tuple[Trainer, int]:
    """A run whose loss has become infinite, and the step in which it did."""
    trainer = Trainer(make_settings(stage=stage, learning_rate=learning_rate, hidden_size=8))
    for step in range(60):
        trainer.step()
        if not math.isfinite(trainer.history.loss(step)):
            return trainer, step
    raise AssertionError("the loss has stayed finite")


def test_a_step_of_finite_numbers_has_no_such_place() -> None:
    layer = nn.Linear(3, 2)
    recording = playground.record(lambda: layer(torch.ones(4, 3)).sum(), layer)
    assert first_not_finite(recording) is None
    assert why_not_finite(recording) == ""
    assert last_place(recording) == len(recording.events) - 1


def test_an_overflow_in_forward_is_found_and_its_way_to_the_loss_told() -> None:
    trainer, step = overflowing("autograd", 1e-2)
    recording = trainer.record_again(step)
    number = first_not_finite(recording)
    assert number is not None
    event = recording.events[number]
    assert (event.op, event.phase) == ("pow", Phase.LOSS)
    assert last_place(recording) == number
    text = why_not_finite(recording)
    assert f"The loss of step {step} is inf." in text
    assert f"pow (line {event.line}) took finite numbers and gave" in text
    assert "above 3.4e+38 float32 has no numbers" in text
    assert "From there it went on: loss = inf." in text


def test_what_only_backward_makes_infinite_is_found_as_well() -> None:
    w = torch.zeros(3, requires_grad=True)
    recording = playground.record(lambda: w.sqrt().sum(), {"w": w})
    assert recording.loss == 0
    number = first_not_finite(recording)
    assert number is not None
    assert recording.events[number].op == "SqrtBackward0"
    assert recording.events[number].phase is Phase.BACKWARD
    assert last_place(recording) == number
    text = why_not_finite(recording)
    assert "3 inf" in text
    assert "The loss itself is still finite." in text
    assert "The gradient of w is not finite" in text


def test_a_parameter_that_was_lost_before_the_step_is_named() -> None:
    w = torch.tensor([1.0, math.nan], requires_grad=True)
    recording = playground.record(lambda: (w * 2).sum(), {"w": w}, step=7)
    assert first_not_finite(recording) is None
    assert begins_not_finite(recording) == ("w",)
    assert last_place(recording) == 0
    expected = (
        "w was not finite when step 7 began: an update before it left it so. "
        "The last step whose loss is a number shows how."
    )
    assert why_not_finite(recording) == expected


# NumPy says it, too; Adam's steps are too short for it.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("stage", [each.name for each in STAGES if each.name != "optim"])
def test_steps_after_the_one_in_which_it_began_do_not_claim_it(stage: str) -> None:
    trainer, _ = overflowing(stage, 1e-2)
    began = trainer.history.length
    while True:
        recording = trainer.record_step()
        number = first_not_finite(recording)
        if number is None:
            break
        assert trainer.history.length < began + 10, "soon what is lost was lost before"
        event = recording.events[number]
        assert all(is_finite(port.value) for port in event.inputs)
    for _ in range(3):
        assert first_not_finite(recording) is None
        text = why_not_finite(recording)
        assert "It began here" not in text
        assert " not finite when step" in text
        recording = trainer.record_step()


def test_a_loss_that_backward_alone_breaks_is_found_beside_a_lost_parameter() -> None:
    lost, w = torch.tensor([math.nan], requires_grad=True), torch.zeros(3, requires_grad=True)
    recording = playground.record(lambda: (lost * 2).sum() * 0 + w.sqrt().sum(), {"lost": lost, "w": w})
    number = first_not_finite(recording)
    assert number is not None
    assert recording.events[number].op == "SqrtBackward0"


def test_flaws_are_counted_by_kind() -> None:
    w = torch.tensor([1.0, math.nan, math.inf, -math.inf], requires_grad=True)
    recording = playground.record(lambda: w.sum(), {"w": w})
    assert flaws_of(recording.parameters[0].before) == "1 NaN, 2 inf"
    assert flaws_of(recording.events[0].inputs[0].value) == "1 NaN, 2 inf"
    assert flaws_of(None) == ""


def test_an_infinity_on_the_way_that_does_no_harm_keeps_the_walk_at_its_end() -> None:
    w = torch.ones(3, requires_grad=True)

    def loss() -> torch.Tensor:
        masked = w.masked_fill(torch.tensor([True, False, False]), -math.inf)
        return masked.softmax(0)[1]

    recording = playground.record(loss, {"w": w})
    assert last_place(recording) == len(recording.events) - 1
