"""What a phase and a backward pass are called, where a step has several of them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import playground
from playground.recording import Recording
from playground.recording.phase_names import PhaseNames, pass_name, short_pass_name
from playground.recording.text import as_text


@pytest.fixture
def accumulating() -> Recording:
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    batches = torch.randn(3, 4, 3)

    def step() -> None:
        for x in batches:
            loss = model(x).pow(2).mean()
            loss.backward()
        optimizer.step()

    return playground.record(step, model)


def nested() -> Recording:
    layer, x = nn.Linear(3, 3), torch.randn(4, 3, requires_grad=True)

    def step() -> Tensor:
        h: Tensor = checkpoint(layer, x, use_reentrant=True)
        return h.pow(2).mean()

    return playground.record(step, layer)


def test_phases_that_come_back_are_counted(accumulating: Recording) -> None:
    names = PhaseNames(accumulating)
    assert list(names.names) == [
        *("forward 1", "loss 1", "backward 1 of 3"),
        *("forward 2", "loss 2", "backward 2 of 3"),
        *("forward 3", "loss 3", "backward 3 of 3"),
        "update",
    ]
    for name, span in zip(names.names, names.spans, strict=True):
        assert {names.of_event(number) for number in span.events} == {name}


def test_with_one_pass_a_phase_has_its_plain_name() -> None:
    w = torch.randn(3, requires_grad=True)
    recording = playground.record(lambda: (w * w).sum(), {"w": w})
    assert PhaseNames(recording).names == ("forward", "loss", "backward")
    assert pass_name(recording, 0) == short_pass_name(recording, 0) == "backward"
    assert PhaseNames(None).names == ()


def test_a_pass_inside_another_is_named_by_it_and_not_counted() -> None:
    recording = nested()
    assert [each.inside is None for each in recording.passes] == [True, False]
    assert PhaseNames(recording).names == ("forward", "loss", "backward")
    assert pass_name(recording, 0) == "backward"
    assert pass_name(recording, 1) == "inside CheckpointFunction's backward"
    assert short_pass_name(recording, 1) == "the backward inside CheckpointFunction's backward"


def test_the_page_of_text_names_them_too(accumulating: Recording) -> None:
    lines = as_text(accumulating).splitlines()
    assert [line for line in lines if line.startswith("backward")] == [
        f"backward {number} of 3" for number in (1, 2, 3)
    ]
    assert len([line for line in lines if line.startswith("  ")]) >= len(accumulating.events)
