"""What a recorded function says of itself: gradients, calls, variables, lines, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import playground
from playground.graph import Phase
from tests.engine.recording.recorded_models import NODE, made, named, read_everything


def test_gradients_add_up_where_they_are_not_set_to_zero() -> None:
    w = torch.randn(3, requires_grad=True)
    first, second = (playground.record(lambda: (w * w).sum(), {"w": w}) for _ in range(2))
    once, twice = (each.parameters[0].gradient for each in (first, second))
    assert once is not None
    assert once.values is not None
    assert twice is not None
    assert twice.values is not None
    assert (twice.values == 2 * once.values).all()
    uses = [use.value.values for use in second.parameters[0].contributions]
    added = np.zeros(3, dtype=np.float32)
    for use in uses:
        assert use is not None
        added += use
    assert len(uses) == 2
    assert (added == once.values).all()


def test_gradient_of_the_update_is_the_clipped_one() -> None:
    case = made("clipped")
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    weight = recording.parameter("weight")
    assert weight is not None
    assert weight.gradient is not None
    assert weight.node is not None
    of_backward = recording.nodes[weight.node].gradient
    assert of_backward is not None
    assert weight.gradient.statistics.norm < 0.1 < of_backward.statistics.norm
    change = next(each for event in recording.events for each in event.changes if each.parameter == "weight")
    assert change.gradient is weight.gradient


def test_loss_is_the_number_before_the_update() -> None:
    case = made("leaf_is_the_loss")
    before = named(case)["w"].item()
    assert playground.record(case.loss, case.model, optimizer=case.optimizer).loss == before


def test_calls_of_a_function_of_ones_own() -> None:
    case = made("own_function")
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    calls = [event for event in recording.events if event.op == "ProductAndSum"]
    assert [[port.label for port in call.inputs] for call in calls] == [["a", "b"], ["b", "a"]]
    assert [[port.label for port in call.outputs] for call in calls] == [["p", "q"], ["r", "s"]]
    for call in calls:
        assert all(port.value is not None for port in (*call.inputs, *call.outputs))
        inside = [event for event in recording.events if event.parent == call.number]
        assert [event.op for event in inside] == ["mul", "add"]
        assert call.line is not None
        assert call.phase is Phase.FORWARD
    turns = [event for event in recording.events if event.op == "ProductAndSumBackward"]
    assert {event.origin for event in turns} == {call.line for call in calls}
    for turn in turns:
        assert len([event for event in recording.events if event.parent == turn.number]) == 4


def test_variables_name_what_they_hold() -> None:
    case = made("lists")
    recording = playground.record(case.loss, case.model)
    of = {event.op: event for event in recording.events}
    assert [port.label for port in of["split"].outputs] == ["p", "q"]
    assert [port.label for port in of["stack"].inputs] == ["p", "q", "a"]
    assert [port.label for port in of["StackBackward0"].outputs] == ["∂L/∂p", "∂L/∂q", "∂L/∂a"]


def test_gradients_that_are_written_together_keep_their_names() -> None:
    case = made("clipped")
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    (together,) = [event for event in recording.events if event.op == "_foreach_mul_"]
    assert [port.label for port in together.outputs] == ["weight.grad", "bias.grad"]


def test_lines_are_those_of_the_function_and_not_of_its_caller() -> None:
    case = made("residual")
    recording = playground.record(case.loss, case.model, optimizer=case.optimizer)
    code = test_lines_are_those_of_the_function_and_not_of_its_caller.__code__
    mine = {line for *_, line in code.co_lines()}
    assert not mine & {event.line for event in recording.events}
    assert all(
        event.line is None for event in recording.events if event.phase > Phase.LOSS or event.kind is NODE
    )
    modules = [event.module for event in recording.events if event.op == "linear"]
    assert modules == ["first", "second"]


def test_tensor_that_is_no_leaf_may_be_named() -> None:
    w = torch.randn(3, requires_grad=True)
    twice = w * 2
    recording = playground.record(lambda: (twice * twice).sum(), {"w": w, "twice": twice})
    assert recording.failure is None
    assert [record.gradient is None for record in recording.parameters] == [False, True]


def test_variable_that_is_bound_later_is_no_obstacle() -> None:
    w = torch.randn(3, requires_grad=True)

    def loss() -> Tensor:
        return later(w)

    early = playground.record(loss, {"w": w})

    def later(value: Tensor) -> Tensor:
        return value.sum()

    assert early.failure is not None
    assert early.failure.message.startswith("NameError")
    assert playground.record(loss, {"w": w}).failure is None


def test_function_whose_source_is_not_there() -> None:
    variables: dict[str, Tensor] = {"w": torch.randn(3, requires_grad=True)}
    exec("def loss():\n    h = w * w\n    return h.sum()", variables)
    recording = playground.record(variables["loss"])  # type: ignore[arg-type]
    assert recording.failure is None
    read_everything(recording)
    labels = [port.label for event in recording.events for port in (*event.inputs, *event.outputs)]
    assert labels[:4] == ["w", "w", "h", "h"]
    assert all(label and label != "∂L/∂" for label in labels)
    assert [each.phase for each in recording.phases()] == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD]


@pytest.mark.parametrize("given", [3, None, torch.nn.Linear(2, 2), len])
def test_what_is_no_function_is_refused_in_one_line(given: object) -> None:
    with pytest.raises(TypeError, match=r"cannot be recorded; allowed: a function written in Python"):
        playground.record(given)  # type: ignore[arg-type]


def test_what_is_no_loss_is_refused_in_one_line() -> None:
    with pytest.raises(TypeError, match=r"^the function returned int; allowed: a loss, a tensor of one"):
        playground.record(lambda: 3)
    with pytest.raises(ValueError, match=r"^the loss has the shape \(2,\); allowed: one element$"):
        playground.record(lambda: torch.zeros(2))
