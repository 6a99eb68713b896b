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


def make_wide_model() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(300, 200), nn.BatchNorm1d(200), nn.Linear(200, 3))


def record_wide(
    model: nn.Module, optimizer: torch.optim.Optimizer, room: int, largest: int = 1 << 20
) -> Recording:
    x = torch.linspace(-1, 1, 4 * 300).reshape(4, 300).sin()
    recording = playground.record(
        lambda: model(x).pow(2).mean(),
        model,
        optimizer=optimizer,
        largest_tensor=largest,
        largest_recording=room,
    )
    assert recording.failure is None
    return recording


def invented(recording: Recording) -> list[str]:
    return [event.label for event in recording.events if event.kind is EventKind.CHANGE]


@pytest.mark.parametrize("room", range(0, 1_500_000, 75_000))
def test_update_is_no_second_change_wherever_the_room_for_elements_ends(room: int) -> None:
    model = make_wide_model()
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
    recording = record_wide(model, optimizer, room)
    assert invented(recording) == []
    assert {change.parameter for event in recording.events for change in event.changes} == {
        name for name, _ in model.named_parameters()
    }


class Unheard(torch.optim.Optimizer):
    """Adds to one element of a weight where no mode of torch hears of it; its version still counts."""

    def __init__(self, model: nn.Module, amount: float) -> None:
        super().__init__(model.parameters(), {})
        self._amount = amount

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        with torch.no_grad(), torch._C.DisableTorchFunction():
            self.param_groups[0]["params"][0][7, 11].add_(self._amount)


@pytest.mark.parametrize("largest", [0, 1 << 20])
def test_version_that_moves_is_a_change_only_where_an_element_is_another(largest: int) -> None:
    model = make_wide_model()
    weight = model.get_parameter("0.weight")
    version = weight._version
    assert invented(record_wide(model, Unheard(model, 0.0), 1 << 24, largest)) == []
    assert weight._version > version
    before = weight[7, 11].item()
    # So little that neither the range nor the rounded mean of a block needs to tell.
    amount = abs(before) * 2.0**-20
    assert invented(record_wide(model, Unheard(model, amount), 1 << 24, largest)) == ["0.weight"]
    assert weight[7, 11].item() != before


def test_hidden_write_is_seen_although_no_room_is_left_for_the_new_elements() -> None:
    model = make_wide_model()
    room = sum(each.numel() * each.element_size() for each in model.parameters())
    recording = record_wide(model, Hidden(model), room)
    assert invented(recording) == ["0.weight"]
    (change,) = recording.events[-1].changes
    assert change.before.kept
    assert not change.after.kept
    assert (change.after.statistics.smallest, change.after.statistics.largest) == (7.0, 7.0)
