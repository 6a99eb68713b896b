"""Models of all kinds, recorded: the numbers are those of a twin that is not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import playground
from playground.graph import GraphKind
from tests.engine.recording.recorded_models import CASES, GRAPHLESS, NODE, Case, made, named, read_everything

STEPS = 3


def plain_step(case: Case) -> float:
    loss = case.loss()
    number = loss.item()
    if loss.requires_grad and not case.calls_backward:
        loss.backward()
    if case.optimizer is not None:
        case.optimizer.step()
    return number


def assert_same(one: Tensor | None, other: Tensor | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.layout is other.layout
        dense = [each.detach().to_dense() if each.is_sparse else each.detach() for each in (one, other)]
        assert torch.equal(*(torch.view_as_real(each) if each.is_complex() else each for each in dense)) or (
            torch.equal(dense[0].isnan(), dense[1].isnan())
            and torch.equal(dense[0].nan_to_num(), dense[1].nan_to_num())
        )


@pytest.mark.parametrize("name", list(CASES))
def test_numbers_are_those_of_a_twin_that_is_not_recorded(name: str) -> None:
    plain, recorded = made(name), made(name)
    torch.manual_seed(2)
    losses = [plain_step(plain) for _ in range(STEPS)]
    torch.manual_seed(2)
    recordings = [
        playground.record(recorded.loss, recorded.model, optimizer=recorded.optimizer, step=step)
        for step in range(STEPS)
    ]
    assert [recording.failure for recording in recordings] == [None] * STEPS
    # The last pass is that of the loss: a penalty's comes before it, a checkpoint's inside it.
    last = [
        [recording.loss, *(each.loss for each in recording.passes if each.inside is None)][-1]
        for recording in recordings
    ]
    assert repr(last) == repr(losses)
    for one, other in zip(named(plain).values(), named(recorded).values(), strict=True):
        assert_same(one, other)
        assert_same(one.grad, other.grad)
    for recording in recordings:
        read_everything(recording)


@pytest.mark.parametrize("name", list(CASES))
def test_gradients_and_values_are_those_of_the_parameters(name: str) -> None:
    case = made(name)
    before = {key: value.detach().clone() for key, value in named(case).items()}
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    parameters = named(case)
    assert [record.name for record in recording.parameters] == list(parameters)
    for record in recording.parameters:
        parameter = parameters[record.name]
        assert record.before.values is not None
        if parameter.is_complex():
            continue
        assert_same(
            torch.from_numpy(record.before.values.copy()), before[record.name].to(dtype_of(parameter))
        )
        if record.after is not None:
            assert record.after.values is not None
            assert_same(torch.from_numpy(record.after.values.copy()), parameter.to(dtype_of(parameter)))
        else:
            assert_same(parameter, before[record.name])
        gradient = None if record.gradient is None else record.gradient.values
        assert (gradient is None) == (parameter.grad is None)
        if gradient is not None and parameter.grad is not None:
            dense = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
            assert_same(torch.from_numpy(gradient.copy()), dense.to(dtype_of(parameter)))


def dtype_of(parameter: Tensor) -> torch.dtype:
    """The type in which NumPy has it."""
    return torch.float32 if parameter.dtype is torch.bfloat16 else parameter.dtype


@pytest.mark.parametrize("name", list(GRAPHLESS))
def test_loss_without_a_graph_leaves_a_trace(name: str) -> None:
    case = made(name)
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    assert recording.graph.kind is GraphKind.TRACE
    assert recording.graph.nodes
    assert all(event.kind is not NODE for event in recording.events)
    assert all(record.gradient is None for record in recording.parameters)
