"""What the recorder cannot see, and what it raises itself: the step runs as without recording."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

import playground
from playground.recording import Recording
from playground.recording.autograd_watch import AutogradWatch
from playground.recording.step_tape import SKIPPED, StepTape


@dataclass
class Case:
    """A step: its loss, and the tensors whose gradients it leaves."""

    loss: Callable[[], Tensor]
    leaves: dict[str, Tensor]


def sparse_leaf() -> Case:
    a = torch.eye(3).to_sparse().requires_grad_()
    return Case(lambda: cast("Tensor", torch.sparse.mm(a, torch.ones(3, 2)).sum()), {"a": a})


def sparse_gradient() -> Case:
    model = nn.Embedding(50, 4, sparse=True)
    chosen = torch.tensor([1, 7, 1])
    return Case(lambda: cast("Tensor", model(chosen).pow(2).sum()), dict(model.named_parameters()))


def nested() -> Case:
    model = nn.Linear(3, 2)

    def loss() -> Tensor:
        rows = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)])
        return cast("Tensor", torch.nested.to_padded_tensor(model(rows), 0.0).sum())

    return Case(loss, dict(model.named_parameters()))


def forward_mode() -> Case:
    v = torch.ones(3, requires_grad=True)
    return Case(lambda: torch.func.jvp(lambda a: a**3, (v,), (v.detach(),))[1].sum(), {"v": v})


def mapped() -> Case:
    w, x = torch.randn(3, requires_grad=True), torch.randn(5, 3)
    return Case(lambda: torch.vmap(lambda row: (row * w).sum())(x).pow(2).sum(), {"w": w})


def gradient_of_a_gradient() -> Case:
    w = torch.randn(3, requires_grad=True)
    return Case(lambda: torch.func.grad(lambda a: (a**3).sum())(w).sum(), {"w": w})


def scripted() -> Case:
    model = torch.jit.trace(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), torch.ones(2, 3))
    return Case(lambda: (model(torch.ones(2, 3)) * 2).sum(), dict(model.named_parameters()))


class Named(Tensor):
    """Hears of every function that is called on it."""

    heard: list[str]

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        Named.heard.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})  # type: ignore[no-untyped-call]


def of_a_class_of_its_own() -> Case:
    w = torch.randn(3).as_subclass(Named).requires_grad_()
    return Case(lambda: (w * w).sum(), {"w": w})


def quantized() -> Case:
    w = torch.randn(3, requires_grad=True)

    def loss() -> Tensor:
        scale = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8).dequantize()
        return (w * scale).sum()

    return Case(loss, {"w": w})


CASES = (
    *(sparse_leaf, sparse_gradient, nested, forward_mode, mapped, gradient_of_a_gradient, scripted),
    *(of_a_class_of_its_own, quantized),
)


@pytest.mark.filterwarnings("ignore:.*(nested tensors|torch.jit|deprecated|quantiz).*")
@pytest.mark.parametrize("make", CASES)
def test_what_works_alone_works_recorded(make: Callable[[], Case]) -> None:
    Named.heard = []
    torch.manual_seed(0)
    plain = make()
    expected = plain.loss()
    expected.backward()
    heard = list(Named.heard)
    Named.heard = []
    torch.manual_seed(0)
    case = make()
    recording = playground.record(case.loss, case.leaves)
    # Nothing that the recorder asks reaches a class of the user's own.
    assert set(Named.heard) <= set(heard)
    assert recording.failure is None
    assert recording.loss == expected.item()
    for one, other in zip(plain.leaves.values(), case.leaves.values(), strict=True):
        gradients = [cast("Tensor", each.grad) for each in (one, other)]
        dense = [each.to_dense() if each.is_sparse else each for each in gradients]
        assert torch.equal(*dense)
    recording.to_json()


def test_lazy_layers_are_recorded_as_they_are_made() -> None:
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    x = torch.randn(5, 3)
    recording = playground.record(lambda: model(x).pow(2).sum(), model, optimizer=optimizer)
    assert recording.failure is None
    for name, parameter in model.named_parameters():
        record = recording.parameter(name)
        assert record is not None
        assert record.after is not None
        assert record.gradient is not None
        assert torch.equal(torch.tensor(record.after.values), parameter)
        assert torch.equal(torch.tensor(record.gradient.values), cast("Tensor", parameter.grad))


def test_compiled_model_runs_as_it_is_written() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    compiled = torch.compile(model, backend="eager")
    x = torch.ones(2, 3)
    expected = compiled(x).sum()
    recording = playground.record(lambda: compiled(x).sum(), model)
    assert recording.failure is None
    assert recording.loss == expected.item()
    ops = [event.op for event in recording.events if event.phase == "forward"]
    assert ops == ["linear", "relu", "linear"]
    assert any("compiled" in note for note in recording.notes)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_what_ran_unseen_is_given_to_no_visible_operation() -> None:
    model = torch.jit.trace(nn.Linear(3, 4), torch.ones(2, 3))
    recording = playground.record(lambda: (model(torch.ones(2, 3)) * 2).sum(), dict(model.named_parameters()))
    (product,) = [event for event in recording.events if event.op == "mul"]
    assert product.nodes == ("MulBackward0<bias,weight#1",)
    assert any("“mul” takes a result whose own operations were not seen" in note for note in recording.notes)


@pytest.mark.parametrize(
    "function", ["take", "record", "before", "note_names", "gradients_now", "enter", "leave"]
)
def test_what_the_recorder_raises_never_reaches_the_step(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(recorded: bool) -> tuple[Tensor, Recording | None]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        optimizer = torch.optim.Adam(model.parameters())
        x = torch.randn(5, 3)

        def loss() -> Tensor:
            return cast("Tensor", model(x).pow(2).mean())

        if recorded:
            recording = playground.record(loss, model, optimizer=optimizer)
            return torch.cat([each.detach().flatten() for each in model.parameters()]), recording
        loss().backward()
        optimizer.step()
        return torch.cat([each.detach().flatten() for each in model.parameters()]), None

    expected, _ = step(recorded=False)
    owner = AutogradWatch if function in ("enter", "leave") else StepTape
    real, calls = getattr(owner, function), itertools.count()

    def failing(*args: object, **kwargs: object) -> object:
        if next(calls) % 3 == 0:
            raise IndexError("a fault of the recorder")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, function, failing)
    after, recording = step(recorded=True)
    assert torch.equal(after, expected)
    assert recording is not None
    assert recording.failure is None
    assert any("a fault of the recorder" in note for note in recording.notes)


def test_statistics_of_a_batch_norm_are_those_of_the_moment() -> None:
    model, x = nn.BatchNorm1d(1), torch.randn(4, 1) + 5
    seen = []

    def step() -> Tensor:
        first = model(x)
        seen.append(cast("Tensor", model.running_mean).item())
        return cast("Tensor", (first * model(-x)).sum())

    recording = playground.record(step, model)
    second = [event for event in recording.events if event.op == "batch_norm"][1]
    (port,) = [each for each in second.inputs if each.label == "running_mean"]
    assert port.value is not None
    assert port.value.number == seen[0]


@pytest.mark.parametrize("finite", [True, False])
def test_unscaled_gradients_are_shown_as_the_update_reads_them(finite: bool) -> None:
    model, x = nn.Linear(3, 1), torch.randn(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    factor = 1.0 if finite else float("inf")

    def step() -> Tensor:
        loss = model(x).pow(2).mean() * factor
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return cast("Tensor", loss)

    recording = playground.record(step, model)
    record = recording.parameter("weight")
    assert record is not None
    assert (SKIPPED in recording.notes) == (not finite)
    assert (record.update is None) == (not finite)
    assert record.gradient is not None
    assert torch.equal(
        torch.tensor(record.gradient.values).nan_to_num(), cast("Tensor", model.weight.grad).nan_to_num()
    )


def test_renormalizing_an_embedding_is_a_write_of_its_own() -> None:
    model = nn.Embedding(5, 3, max_norm=0.5)
    before = model.weight.detach().clone()
    chosen = torch.tensor([1, 2])
    recording = playground.record(lambda: model(chosen).sum(), model)
    ops = [event.op for event in recording.events if event.phase == "forward"]
    assert ops[:2] == ["embedding_renorm_", "embedding"]
    write, use = recording.events[:2]
    assert [port.label for port in use.outputs] == ["model(chosen)"]
    (change,) = write.changes
    assert torch.equal(torch.tensor(change.before.values), before)
    assert torch.equal(torch.tensor(change.after.values), model.weight)
    assert change.gradient is None


def test_anomaly_mode_marks_the_node_that_failed() -> None:
    w = torch.zeros(3, requires_grad=True)
    told = pytest.warns(UserWarning, match="Anomaly Detection|Error detected")
    with told, torch.autograd.detect_anomaly():
        recording = playground.record(lambda: (w.sqrt() * 0).sum(), {"w": w})
    assert recording.failure is not None
    assert recording.failure.event is not None
    assert recording.events[recording.failure.event].op == "SqrtBackward0"
