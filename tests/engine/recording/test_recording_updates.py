"""Updates in a recording: by fused kernels, which torch counts in no version, and by what nothing sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import playground
from playground.graph.model import Phase
from playground.recording import EventKind, Recording, Snapshot

STEPS = 3
OPTIMIZERS: dict[str, Callable[[nn.Module], torch.optim.Optimizer]] = {
    "_fused_sgd_": lambda model: torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, fused=True),
    "_fused_adam_": lambda model: torch.optim.Adam(model.parameters(), 0.1, amsgrad=True, fused=True),
    "_fused_adamw_": lambda model: torch.optim.AdamW(model.parameters(), 0.1, fused=True),
    "_fused_adagrad_": lambda model: torch.optim.Adagrad(model.parameters(), 0.1, fused=True),
}


def make_model() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))


def loss_of(model: nn.Module) -> Tensor:
    x = torch.linspace(-1, 1, 20).reshape(5, 4)
    loss: Tensor = model(x).pow(2).sum()
    return loss


def assert_same(snapshot: Snapshot | None, expected: object) -> None:
    assert snapshot is not None
    assert snapshot.values is not None
    other = expected.detach().numpy() if isinstance(expected, Tensor) else np.asarray(expected)
    assert (snapshot.values.dtype, snapshot.values.shape) == (other.dtype, other.shape)
    assert snapshot.values.tobytes() == other.tobytes()


@pytest.mark.parametrize("kernel", OPTIMIZERS)
def test_fused_update_is_an_event_with_the_numbers_of_a_twin_that_is_not_recorded(kernel: str) -> None:
    plain, recorded = make_model(), make_model()
    optimizer, watched = OPTIMIZERS[kernel](plain), OPTIMIZERS[kernel](recorded)
    for _ in range(STEPS):
        before = {name: value.detach().clone() for name, value in plain.named_parameters()}
        plain.zero_grad()
        recorded.zero_grad()
        loss_of(plain).backward()
        optimizer.step()
        recording = playground.record(lambda: loss_of(recorded), recorded, optimizer=watched)
        assert recording.failure is None
        assert all(event.kind is not EventKind.CHANGE for event in recording.events)
        (update,) = [event for event in recording.events if event.changes]
        assert (update.op, update.phase, update.kind) == (kernel, Phase.UPDATE, EventKind.OPERATION)
        assert [change.parameter for change in update.changes] == list(before)
        for change in update.changes:
            parameter = plain.get_parameter(change.parameter)
            assert_same(change.before, before[change.parameter])
            assert_same(change.after, parameter)
            assert_same(change.gradient, parameter.grad)
            state: dict[str, Any] = optimizer.state[parameter]
            assert [entry.name for entry in change.state] == list(state)
            for entry in change.state:
                assert_same(entry.after, state[entry.name])


class Hidden(torch.optim.Optimizer):
    """Writes through NumPy, which shares the memory: torch hears nothing of it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(model.parameters(), {})

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        self.param_groups[0]["params"][0].detach().numpy()[...] = 7.0


def changes_of(recording: Recording) -> list[tuple[str, str, list[str]]]:
    return [
        (event.kind, event.label, [change.parameter for change in event.changes])
        for event in recording.events
        if event.changes
    ]


def test_update_that_nothing_sees_is_an_event_at_the_end() -> None:
    model = make_model()
    before = model.get_parameter("0.weight").detach().clone()
    recording = playground.record(lambda: loss_of(model), model, optimizer=Hidden(model))
    assert recording.failure is None
    assert changes_of(recording) == [(EventKind.CHANGE, "0.weight", ["0.weight"])]
    last = recording.events[-1]
    assert (last.number, last.phase) == (len(recording.events) - 1, Phase.UPDATE)
    assert_same(last.changes[0].before, before)
    assert_same(last.changes[0].after, torch.full((3, 4), 7.0))
    parameter = recording.parameter("0.weight")
    assert parameter is not None
    assert parameter.update == last.number
    assert parameter.after is last.changes[0].after
