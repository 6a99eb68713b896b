"""Steps that fail while they are recorded: what is kept of them, and that nothing stays behind."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

import playground
from playground.graph import NodeKind, Phase
from playground.programs.program import Program
from playground.recording import EventKind, Recording, progress_at
from playground.recording.text import as_text
from playground.settings import make_settings
from playground.trainer import Trainer


class Fails(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor, where: str) -> Tensor:
        ctx.where = where  # type: ignore[attr-defined]
        twice = value * 2
        if where == "forward":
            raise ValueError("no way\nforward")
        return twice

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None]:
        twice = gradients[0] * 2
        if ctx.where == "operation":  # type: ignore[attr-defined]
            twice.mm(torch.zeros(7, 7))
        raise ValueError("no way back")


def fails(value: Tensor, where: str) -> Tensor:
    result: Tensor = Fails.apply(value, where)  # type: ignore[no-untyped-call]
    return result


def recorded(make: Callable[[Tensor], Tensor], optimizer: torch.optim.Optimizer | None = None) -> Recording:
    w = torch.randn(3, 3, requires_grad=True)
    recording = playground.record(lambda: make(w), {"w": w}, optimizer=optimizer)
    assert_left_nothing()
    read(recording)
    return recording


def assert_left_nothing() -> None:
    assert torch._C._len_torch_function_stack() == 0
    w = torch.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [3, 3]


def read(recording: Recording) -> None:
    plain = json.loads(recording.to_json())
    assert plain["failure"]["message"] == getattr(recording.failure, "message", None)
    assert "\nfailed: " in as_text(recording)
    for event in recording.events:
        progress_at(recording, event.number)


def line_of(text: str) -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_shapes_that_do_not_fit_in_the_forward_pass() -> None:
    recording = recorded(lambda w: (w * 2).mm(torch.zeros(2, 2)).sum())
    failure = recording.failure
    assert failure is not None
    assert failure.message.startswith("RuntimeError: mat1 and mat2 shapes cannot be multiplied")
    assert failure.line == line_of("(w * 2).mm(torch.zeros(2, 2))")
    event = recording.events[failure.event or 0]
    assert (event.op, event.error, event.phase) == ("mm", failure.message, Phase.FORWARD)
    assert [each.op for each in recording.events] == ["mul", "zeros", "mm"]
    assert [port.value.shape for port in event.inputs if port.value] == [(3, 3), (2, 2)]
    assert recording.loss is None
    # What there is of the graph is drawn.
    assert [node.op for node in recording.graph.nodes] == ["MulBackward0", "AccumulateGrad"]


def test_parameters_of_what_has_failed_have_their_names() -> None:
    recording = recorded(lambda w: torch.zeros(2, 2).mm(w).sum())
    event = recording.events[-1]
    assert event.error
    assert [port.label for port in event.inputs] == ["torch.zeros(2, 2)", "w"]


def test_forward_of_a_function_of_ones_own() -> None:
    recording = recorded(lambda w: fails(w, "forward").sum())
    assert recording.failure is not None
    assert recording.failure.message == "ValueError: no way forward"
    assert recording.failure.line == line_of('raise ValueError("no way\\nforward")')
    assert [(event.op, event.inside) for event in recording.events] == [("mul", "Fails.forward")]


@pytest.mark.parametrize("where", ["operation", "backward"])
def test_backward_of_a_function_of_ones_own(where: str) -> None:
    recording = recorded(lambda w: fails(w, where).sum())
    failure = recording.failure
    assert failure is not None
    (node,) = [event for event in recording.events if event.op == "FailsBackward"]
    assert node.error == failure.message
    assert node.node == "FailsBackward(w)#1"
    assert progress_at(recording, node.number).failed == node.node
    failed = recording.events[failure.event or 0]
    assert failed.error == failure.message
    if where == "operation":
        assert (failed.op, failed.parent) == ("mm", node.number)
        assert failure.line == line_of("twice.mm(torch.zeros(7, 7))")
    else:
        assert failed is node
        assert failure.line == line_of('raise ValueError("no way back")')
    assert recording.loss is not None


def test_saved_tensor_that_was_changed_in_place() -> None:
    def loss(w: Tensor) -> Tensor:
        exponential = w.exp()
        total = exponential.sum()
        exponential.mul_(2)
        return total

    recording = recorded(loss)
    assert recording.failure is not None
    failed = recording.events[recording.failure.event or 0]
    assert (failed.kind, failed.op) == (EventKind.NODE, "ExpBackward0")
    assert failed.node is not None
    assert any("cannot be read" in saved.text for saved in recording.nodes[failed.node].saved)


def test_between_loss_and_backward() -> None:
    def loss(w: Tensor) -> Tensor:
        total = (w * w).sum()
        raise ArithmeticError(f"after {total.shape}")

    recording = recorded(loss)
    assert recording.failure is not None
    assert recording.failure.event is None
    assert recording.failure.line == line_of("raise ArithmeticError")
    assert [event.op for event in recording.events] == ["mul", "sum"]
    assert not any(event.error for event in recording.events)


def test_in_the_update() -> None:
    class Broken(torch.optim.SGD):
        def step(self, closure: object = None) -> None:  # type: ignore[override]
            raise OSError("no update")

    w = torch.randn(3, requires_grad=True)
    recording = playground.record(lambda: (w * w).sum(), {"w": w}, optimizer=Broken([w], 0.1))
    assert_left_nothing()
    assert recording.failure is not None
    assert recording.failure.message == "OSError: no update"
    assert recording.parameters[0].gradient is not None
    assert recording.parameters[0].after is None
    assert [each.phase for each in recording.phases()] == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD]


def test_error_that_the_function_catches_is_no_failure() -> None:
    w = torch.randn(3, 3, requires_grad=True)

    def loss() -> Tensor:
        with contextlib.suppress(RuntimeError):
            w.mm(torch.zeros(2, 2))
        return (w @ w).sum()

    recording = playground.record(loss, {"w": w})
    assert recording.failure is None
    assert [event.op for event in recording.events if event.error] == ["mm"]
    assert w.grad is not None


def broken(stage: str, before: str, statement: str) -> Trainer:
    """A run of a stage that has one more statement."""
    sizes = {"batch_size": 3, "input_size": 4, "hidden_size": 5, "output_size": 2}
    run = Trainer(make_settings(stage=stage, **sizes))
    lines = run.program.text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip().startswith(before))
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines.insert(place, indent + statement)
    run.program = Program("\n".join(lines) + "\n", run.program.filename, endless=True)
    return run


WRONG = {"torch": "torch.zeros(2, 2).mm(torch.zeros(3, 3))", "numpy": "w1.dot(np.zeros((9, 9)))"}


@pytest.mark.parametrize("stage", ["numpy", "tensor", "autograd", "function", "dynamic"])
@pytest.mark.parametrize("half", ["forward", "backward"])
def test_stage_that_fails_is_recorded_up_to_there(stage: str, half: str) -> None:
    library = "numpy" if stage == "numpy" else "torch"
    after = {"numpy": "w1 -=", "tensor": "w1 -=", "dynamic": "optimizer.step"}.get(
        stage, "with torch.no_grad"
    )
    run = broken(stage, "loss = " if half == "forward" else after, WRONG[library])
    with pytest.raises((RuntimeError, ValueError)) as raised:
        run.record_step(run=5)
    recording = run.recording
    assert recording is not None
    assert recording.run == 5
    failure = recording.failure
    assert failure is not None
    assert failure.message.split(":")[0] == type(raised.value).__name__
    lines = run.program.text.splitlines()
    assert failure.line is not None
    assert lines[failure.line - 1].strip() == WRONG[library]
    failed = recording.events[failure.event or 0]
    assert failed.error == failure.message
    assert failed.line == failure.line
    assert (recording.loss is None) == (half == "forward")
    assert failed is recording.events[-1]
    assert len(recording.events) >= 4
    read(recording)
    assert_left_nothing()
    del raised


def test_next_step_after_one_that_failed_once() -> None:
    statement = "1 / (t - 1)"
    plain, run = broken("autograd", "print", statement), broken("autograd", "print", statement)
    assert plain.step() == run.step()
    for each in (plain.step, run.record_step):
        with pytest.raises(ZeroDivisionError):
            each()
    assert run.recording is not None
    assert run.recording.failure is not None
    assert_left_nothing()
    healthy, other = (Trainer(make_settings(stage="autograd", hidden_size=5)) for _ in range(2))
    assert healthy.record_step().loss == other.step()
    assert healthy.step() == other.step()


def test_a_graph_without_a_loss_shows_none() -> None:
    x, w = torch.ones(2, 3), torch.ones(3, 2, requires_grad=True)

    def loss() -> torch.Tensor:
        hidden = x.mm(w).clamp(min=0)
        return hidden.mm(x.t().mm(x)).sum()

    recording = playground.record(loss, {"w": w})
    assert recording.failure is not None
    assert recording.loss is None
    kinds = {node.op: node.kind for node in recording.graph.nodes}
    assert kinds == {
        "ClampBackward1": NodeKind.OPERATION,
        "MmBackward0": NodeKind.OPERATION,
        "AccumulateGrad": NodeKind.PARAMETER,
    }
    assert recording.graph.outputs == ()
