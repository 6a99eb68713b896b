"""What an event does, in a sentence with the step's own names and numbers."""

from __future__ import annotations

from functools import cache

import pytest

from playground.recording.model import Recording
from playground.recording.sentences import pass_sentence, sentence, short_form
from playground.settings import make_settings
from playground.trainer import Trainer


@cache
def recorded(stage: str) -> Recording:
    """The second step, whose gradients and states have a past."""
    options = {"depth": (3, 3)} if stage == "dynamic" else {}
    trainer = Trainer(make_settings(stage=stage, **options))
    trainer.step()
    return trainer.record_step()


def said(stage: str, op: str, which: int = 0) -> str:
    recording = recorded(stage)
    numbers = [each.number for each in recording.events if each.op == op]
    return sentence(recording, numbers[which])


def test_an_operation_is_told_with_its_operands() -> None:
    assert said("autograd", "mm") == "x @ w1: each of the 64 rows of x becomes 100 numbers."
    assert said("numpy", "dot") == "h = x @ w1: each of the 64 rows of x becomes 100 numbers."
    assert said("autograd", "pow") == "Squares every number of y_pred - y."
    assert "(y_pred - y).pow(2): 2.274e+07, the loss." in said("autograd", "sum")


@pytest.mark.parametrize("stage", ["numpy", "autograd", "function", "nn"])
def test_relu_is_known_however_it_is_written(stage: str) -> None:
    op = {"numpy": "maximum", "nn": "relu"}.get(stage, "clamp")
    assert said(stage, op).startswith("ReLU: the negative numbers of ")


def test_zeroing_says_what_it_sets_and_what_would_happen_without() -> None:
    text = said("autograd", "zero_", 1)
    assert text.startswith("Sets w2.grad to zero. backward() adds to .grad: without this the next step would")
    assert "(norm 6.432e+06)" in text
    assert said("optim", "zero_grad").startswith("Sets the .grad of 4 parameters to None.")


def test_backward_is_told_as_a_whole_where_it_begins() -> None:
    recording = recorded("autograd")
    first = recording.passes[0].events.start
    assert pass_sentence(recording, first) == (
        "The gradient of the loss flows back through 6 operations; w2.grad and w1.grad are added to."
    )
    assert pass_sentence(recording, first + 1) == ""
    many = recorded("optim")
    text = pass_sentence(many, many.passes[0].events.start)
    assert text.endswith("the .grad of 4 parameters is added to.")


def test_a_shared_parameter_gets_the_sum_of_its_uses() -> None:
    recording = recorded("dynamic")
    arrivals = [each for each in recording.events if each.op == "AccumulateGrad"]
    (weight,) = [each for each in arrivals if each.label == "middle_linear.weight"]
    assert sentence(recording, weight.number) == (
        "middle_linear.weight.grad was None; it becomes the sum of 3 gradients, one per use."
    )
    uses = [each for each in recording.events if each.module == "middle_linear" and each.op == "linear"]
    assert sentence(recording, uses[1].number).endswith("this is use 2 of 3 in this step.")


def test_an_update_says_what_it_does_with_its_numbers() -> None:
    by_hand = said("autograd", "sub_")
    assert by_hand.startswith(
        "w1 moves against its gradient: w1 −= learning_rate * w1.grad. Its numbers move"
    )
    adam = said("optim", "addcdiv_")
    assert "lr 1e-4 × exp_avg / √exp_avg_sq" in adam
    assert "SGD would move them by up to 0.001014." in adam
    assert "momentum_buffer" in said("dynamic", "add_", 1)


@pytest.mark.parametrize(
    "stage", ["numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic"]
)
def test_every_event_of_every_stage_has_a_sentence(stage: str) -> None:
    recording = recorded(stage)
    for event in recording.events:
        text = sentence(recording, event.number)
        assert text.endswith("."), event
        assert "#" not in text
        assert "<w" not in text
        assert "Backward0" not in text
        assert len(short_form(event)) < 100
