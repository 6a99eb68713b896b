"""The ledgers of a step, against torch's own gradients and its own count of saved tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import cast

import pytest
import torch
from torch import Tensor, nn

import playground
from playground.recording import GradientCause, GradientLedger, Recording

ACCUMULATED, READ, REMOVED, ZEROED = (
    GradientCause.ACCUMULATED,
    GradientCause.READ,
    GradientCause.REMOVED,
    GradientCause.ZEROED,
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def ledger_of(recording: Recording, name: str) -> GradientLedger:
    ledger = recording.gradient_ledger(name)
    assert ledger is not None
    return ledger


def causes(recording: Recording, name: str) -> list[GradientCause]:
    return [entry.cause for entry in ledger_of(recording, name).entries]


def assert_adds_up(recording: Recording) -> None:
    """What torch has added up is the sum in the order of the ledger, bit for bit."""
    for ledger in recording.gradients:
        for entry in ledger.entries:
            if entry.cause is not ACCUMULATED or not ledger.is_leaf:
                continue
            total = reduce(add, [torch.tensor(each.value.values) for each in entry.contributions])
            before = total if entry.before is None else torch.tensor(entry.before.values) + total
            assert entry.after is not None
            assert torch.equal(before, torch.tensor(entry.after.values))


def shared_layer() -> tuple[nn.Module, Callable[[], Tensor]]:
    model = nn.ModuleDict({"middle": nn.Linear(5, 5), "last": nn.Linear(5, 1)})
    x = torch.randn(7, 5)

    def loss() -> Tensor:
        h = x
        for _ in range(4):
            h = model["middle"](h).tanh()
        return cast("Tensor", model["last"](h).pow(2).mean())

    return model, loss


def test_sums_are_bit_for_bit_in_torchs_order() -> None:
    model, loss = shared_layer()

    def step() -> Tensor:
        loss().backward()
        second = loss() * 3
        second.backward()
        return second

    loss().backward()
    recording = playground.record(step, model)
    assert causes(recording, "middle.weight") == [ACCUMULATED, ACCUMULATED]
    assert [len(entry.contributions) for entry in ledger_of(recording, "middle.weight").entries] == [4, 4]
    assert_adds_up(recording)


@pytest.mark.parametrize("to_none", [True, False])
def test_zero_grad_between_backward_and_update(to_none: bool) -> None:
    model, x = nn.Linear(3, 1), torch.randn(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def step() -> Tensor:
        loss = model(x).pow(2).mean()
        loss.backward()
        optimizer.zero_grad(set_to_none=to_none)
        optimizer.step()
        return cast("Tensor", loss)

    recording = playground.record(step, model)
    record = recording.parameter("weight")
    assert record is not None
    if to_none:
        assert model.weight.grad is None
        assert (record.gradient, record.update, record.contributions) == (None, None, ())
        assert causes(recording, "weight") == [ACCUMULATED, REMOVED]
        (event,) = [event for event in recording.events if event.op == "zero_grad"]
        assert [port.label for port in event.inputs] == ["weight.grad", "bias.grad"]
    else:
        assert record.gradient is not None
        assert not record.gradient.statistics.norm
        assert causes(recording, "weight") == [ACCUMULATED, ZEROED, READ]


def test_clipping_and_replacing() -> None:
    model, x = nn.Linear(3, 1), torch.randn(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def step() -> Tensor:
        loss = model(x).pow(2).mean()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        model.bias.grad = torch.ones(1)
        optimizer.step()
        return cast("Tensor", loss)

    recording = playground.record(step, model)
    assert causes(recording, "weight") == [ACCUMULATED, GradientCause.CHANGED, READ]
    assert causes(recording, "bias") == [*(ACCUMULATED, GradientCause.CHANGED, GradientCause.REPLACED, READ)]
    for name, parameter in model.named_parameters():
        record = recording.parameter(name)
        assert record is not None
        assert record.gradient is not None
        assert torch.equal(torch.tensor(record.gradient.values), cast("Tensor", parameter.grad))
    clipped = ledger_of(recording, "weight").entries[1]
    assert clipped.event is not None
    assert "mul" in recording.events[clipped.event].op


def test_what_the_program_never_names_is_in_the_ledger() -> None:
    x, w = torch.randn(4, 3, requires_grad=True), torch.randn(3, requires_grad=True)
    kept: list[Tensor] = []

    def step() -> Tensor:
        h = x * w
        h.retain_grad()
        kept.append(h)
        return h.pow(2).sum()

    recording = playground.record(step, {"w": w})
    names = [(ledger.name, ledger.is_leaf) for ledger in recording.gradients]
    assert names[0] == ("w", True)
    assert ("h", False) in names
    retained = ledger_of(recording, "h").entries[0]
    assert retained.after is not None
    assert torch.equal(torch.tensor(retained.after.values), cast("Tensor", kept[0].grad))
    assert len(recording.gradients) == 3
    assert_adds_up(recording)


def saved_bytes(function: Callable[[], Tensor]) -> int:
    """What torch itself says is saved: bytes of the storages handed to its hooks, each once."""
    storages: dict[int, int] = {}
    kept = []

    def pack(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        kept.append(function())
    return sum(storages.values())


def several_kinds() -> tuple[nn.Module, Callable[[], Tensor]]:
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)
    )
    x, target = torch.randn(5, 1, 6, 6), torch.randint(0, 3, (5,))
    return model, lambda: nn.functional.cross_entropy(model(x), target)


@pytest.mark.parametrize("make", [shared_layer, several_kinds])
def test_saved_bytes_are_what_torch_counts(
    make: Callable[[], tuple[nn.Module, Callable[[], Tensor]]],
) -> None:
    model, loss = make()
    expected = saved_bytes(loss)
    recording = playground.record(loss, model)
    assert recording.memory.peak == expected
    assert recording.memory.totals[-1] == 0
    assert all(each.made_by is not None and each.freed_by is not None for each in recording.memory.saved)


def test_what_is_kept_is_not_freed() -> None:
    w = torch.randn(3, requires_grad=True)

    def step() -> Tensor:
        loss = (w * w).exp().sum()
        loss.backward(retain_graph=True)
        return loss

    recording = playground.record(step, {"w": w})
    assert recording.memory.totals[-1] == recording.memory.peak == saved_bytes(lambda: (w * w).exp().sum())
    assert {each.freed_by for each in recording.memory.saved} == {None}


def test_what_grad_returned_is_no_part_of_what_backward_has_added_up() -> None:
    w = torch.randn(3, requires_grad=True)

    def step() -> None:
        loss = (w * w).sum()
        (slope,) = torch.autograd.grad(loss, w, create_graph=True)
        (loss + slope.pow(2).sum()).backward()
        with torch.no_grad():
            w.sub_(0.1 * cast("Tensor", w.grad))

    record = playground.record(step, {"w": w}).parameter("w")
    assert record is not None
    assert {each.backward_pass for each in record.contributions} == {1}
    total = reduce(add, [torch.tensor(each.value.values) for each in record.contributions])
    assert record.gradient is not None
    assert torch.equal(total, torch.tensor(record.gradient.values))
