"""The chain rule of a recorded node: what is known, what is not, and whose gradient it is."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from playground.graph import Phase
from playground.recording import Event, EventKind
from playground.recording.chain_rule import Rule, chain_rule
from tests.engine.recording.chain_rules import Recorder, assert_exact, record, rules_of, tensors


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor) -> Tensor:
        ctx.save_for_backward(value)
        return value.clamp(min=0)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        gradient: Tensor = gradients[0].clone()
        return gradient


@pytest.mark.parametrize("op", ["MmBackward0", "ClampBackward1", "AccumulateGrad"])
def test_too_large_to_keep(op: str) -> None:
    recording = record(lambda a, b: a.mm(b).clamp(min=0), (3, 4), (4, 5), keep=False)
    found = rules_of(recording, op)

    assert not found.generic
    assert found.rules
    for rule in found.rules:
        assert rule.grad_input.label in rule.formula
        assert rule.evaluate() is None


def test_unknown_node_lists_what_goes_in_and_out() -> None:
    found = rules_of(record(lambda a: a.softmax(1), (3, 4)), "SoftmaxBackward0")

    assert found.generic
    assert [rule.formula for rule in found.rules] == ["∂L/∂out (3, 4) → ∂L/∂a (3, 4)"]
    assert found.rules[0].shapes == "(3, 4) → (3, 4)"
    assert found.rules[0].evaluate() is None


def test_unknown_where_the_saved_tensors_are_missing() -> None:
    recording = record(lambda a, b: a.mm(b), (3, 4), (4, 5))
    bare = {key: replace(node, saved=()) for key, node in recording.nodes.items()}

    assert rules_of(replace(recording, nodes=bare), "MmBackward0").generic
    assert rules_of(replace(recording, nodes={}), "MmBackward0").generic


@pytest.mark.parametrize("text", ["tensor(2.)", "(1+2j)", "", "None", "'two'"])
def test_unknown_where_a_saved_number_is_none(text: str) -> None:
    recording = record(lambda a: a.pow(2), (3, 4))
    changed = {
        key: replace(
            node, saved=tuple(replace(each, text=text) if each.text else each for each in node.saved)
        )
        for key, node in recording.nodes.items()
    }

    assert rules_of(replace(recording, nodes=changed), "PowBackward0").generic


def test_complex_numbers_have_no_formula() -> None:
    # Their formulas need the conjugate, and a recording keeps no phase.
    recording = record(lambda a, b: a.mm(b), (3, 4), (4, 5), dtype=torch.float64)
    event = next(event for event in recording.events if event.op == "MmBackward0")
    value = event.inputs[0].value
    assert value is not None
    value.dtype = "torch.complex128"

    assert rules_of(recording, "MmBackward0").generic


def test_gradient_that_is_not_defined() -> None:
    recording = record(lambda a: a.exp(), (3, 4))
    event = recording.events[0]
    empty = replace(event, inputs=(replace(event.inputs[0], value=None),))

    found = chain_rule(replace(recording, events=(empty, *recording.events[1:])), 0)
    assert found is not None
    assert found.rules == ()


def test_first_gradient_of_a_parameter() -> None:
    rule = rules_of(record(lambda a: a.exp(), (3, 4)), "AccumulateGrad").rules[0]

    assert rule.formula == "a.grad ← ∂L/∂a"
    assert "held nothing before" in rule.words
    assert rule.grad_output.label == "∂L/∂a"
    assert rule.grad_input.label == "a.grad"
    assert_exact(rule)


def twice(remember: bool) -> Rule:
    """The second gradient of a parameter, with or without what `.grad` held before."""
    inputs = tensors((3, 4))
    inputs["a"].exp().sum().backward()
    output = inputs["a"].sin()
    recorder = Recorder(output, {**inputs, "out": output})
    output.sum().backward()
    recording = recorder.recording()
    if not remember:
        events = tuple(replace(event, inputs=event.inputs[:1]) for event in recording.events)
        recording = replace(recording, events=events)
    return rules_of(recording, "AccumulateGrad").rules[0]


def test_second_gradient_of_a_parameter_is_added() -> None:
    rule = twice(remember=True)

    assert rule.formula == "a.grad ← a.grad + ∂L/∂a"
    assert rule.shapes == "(3, 4) + (3, 4)"
    assert_exact(rule)


def test_second_gradient_where_the_first_is_not_recorded() -> None:
    rule = twice(remember=False)

    assert rule.formula == "a.grad ← a.grad + ∂L/∂a"
    assert rule.evaluate() is None


def test_function_of_the_users_own() -> None:
    found = rules_of(record(MyReLU.apply, (3, 4)), "MyReLUBackward")

    assert not found.generic
    rule = found.rules[0]
    assert rule.formula == "∂L/∂a = MyReLU.backward(ctx, ∂L/∂out)"
    assert rule.words == (
        "Your own lines run: MyReLU.backward computes it from the gradient and from what ctx had saved (a)."
    )
    assert [saved.label for saved in rule.saved] == ["a"]
    assert rule.evaluate() is None


def test_function_is_known_by_what_ran_inside() -> None:
    recording = record(lambda a: a.softmax(1), (3, 4))
    node = next(event for event in recording.events if event.op == "SoftmaxBackward0")
    inside = Event(
        len(recording.events),
        Phase.BACKWARD,
        EventKind.OPERATION,
        "mul",
        inside="test.<locals>.Own.backward",
        parent=node.number,
    )
    recording = replace(recording, events=(*recording.events, inside))

    found = rules_of(recording, "SoftmaxBackward0")
    assert not found.generic
    assert found.rules[0].formula == "∂L/∂a = Own.backward(ctx, ∂L/∂out)"
    assert chain_rule(recording, inside.number) is None


def test_needs_no_torch() -> None:
    code = "import sys, playground.recording.chain_rule; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
