"""How a recording calls what it finds: models, parameters, calls of one Function, time steps, losses."""

from __future__ import annotations

import inspect
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import playground
from playground.recording import EventKind, Recording
from playground.recording.variables import find_in


def names_of(recording: Recording) -> list[str]:
    return [each.name for each in recording.parameters]


def test_each_of_two_models_has_its_own_names() -> None:
    generator, critic = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 1))
    z = torch.randn(3, 2)
    recording = playground.record(lambda: critic(generator(z)).sum())
    assert set(names_of(recording)) == {
        *("generator.0.weight", "generator.0.bias", "critic.0.weight", "critic.0.bias")
    }
    modules = [event.module for event in recording.events if event.op == "linear"]
    assert modules == ["generator.0", "critic.0"]


def test_a_single_model_keeps_the_names_within_it() -> None:
    model, criterion = nn.Sequential(nn.Linear(2, 1)), nn.MSELoss()
    x, y = torch.randn(3, 2), torch.randn(3, 1)
    recording = playground.record(lambda: criterion(model(x), y))
    assert names_of(recording) == ["0.weight", "0.bias"]


class Holder:
    def __init__(self) -> None:
        self.net = nn.Sequential(nn.Linear(2, 1))
        self.itself = self
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.25)

    def loss(self) -> Tensor:
        return cast("Tensor", self.net(torch.ones(1, 2)).sum())


def test_parameters_in_objects_lists_and_dicts_are_found() -> None:
    holder = Holder()
    recording = playground.record(holder.loss)
    assert names_of(recording) == ["self.net.0.weight", "self.net.0.bias"]
    assert [each.learning_rate for each in recording.parameters] == [0.25, 0.25]
    layers, more = [nn.Linear(2, 2)], {"w": torch.randn(2, requires_grad=True)}
    recording = playground.record(lambda: (layers[0](torch.ones(1, 2)) * more["w"]).sum())
    assert names_of(recording) == ["layers[0].weight", "layers[0].bias", "more['w']"]


def test_a_model_is_found_behind_a_data_set_of_any_size() -> None:
    words = [f"word {n}" for n in range(100_000)]
    rows = [torch.zeros(1) for _ in range(20_000)]
    nested = {n: [torch.zeros(1) for _ in range(200)] for n in range(200)}
    model = nn.Sequential(nn.Linear(2, 1))
    kept = words, rows, nested
    recording = playground.record(lambda: (model(torch.ones(1, 2)) * len(kept)).sum())
    assert names_of(recording) == ["0.weight", "0.bias"]
    program = {"words": words, "rows": rows, "nested": nested, "model": model}
    assert list(find_in(program).parameters) == ["0.weight", "0.bias"]


def test_what_only_the_optimizer_knows_has_the_rate_of_its_group() -> None:
    hidden = [torch.randn(2, requires_grad=True) for _ in range(2)]
    groups: list[dict[str, Any]] = [{"params": hidden[:1], "lr": 0.5}, {"params": hidden[1:]}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    loss = _closed_over_nothing(hidden)
    recording = playground.record(loss, optimizer=optimizer)
    assert names_of(recording) == ["group 0 parameter 0", "group 1 parameter 0"]
    assert [each.learning_rate for each in recording.parameters] == [0.5, 0.1]
    assert all(each.after is not None for each in recording.parameters)


class _Opaque:
    """Hides what it holds from whoever looks at its attributes."""

    __slots__ = ("tensors",)

    def __init__(self, tensors: list[Tensor]) -> None:
        self.tensors = tensors


def _closed_over_nothing(tensors: list[Tensor]) -> Any:
    opaque = _Opaque(tensors)
    return lambda: sum(each.pow(2).sum() for each in opaque.tensors)


def test_parameters_of_two_optimizers_keep_apart() -> None:
    first, second = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    slow, fast = torch.optim.SGD([first], lr=0.1), torch.optim.SGD([second], lr=0.9)
    loss = _closed_over_nothing([first, second])

    def step() -> None:
        loss().backward()
        slow.step()
        fast.step()

    recording = playground.record(step)
    rates = {each.name: each.learning_rate for each in recording.parameters}
    assert rates == {"slow group 0 parameter 0": 0.1, "fast group 0 parameter 0": 0.9}
    for name, tensor in (("slow group 0 parameter 0", first), ("fast group 0 parameter 0", second)):
        record = recording.parameter(name)
        assert record is not None
        assert record.after is not None
        assert record.after.values is not None
        assert record.after.values.tolist() == tensor.tolist()


def test_given_parameters_have_the_rate_of_an_optimizer_that_the_step_knows() -> None:
    model, other = nn.Linear(2, 1), nn.Linear(2, 1)
    optimizer = torch.optim.SGD([*model.parameters(), *other.parameters()], lr=0.5)

    def step() -> Tensor:
        loss = model(torch.ones(1, 2)).sum()
        loss.backward()
        optimizer.step()
        return cast("Tensor", loss)

    for given in (model, dict(model.named_parameters())):
        recording = playground.record(step, given)
        rates = [(each.name, each.learning_rate) for each in recording.parameters]
        assert rates == [("weight", 0.5), ("bias", 0.5)]


class Composite(nn.Module):
    """A loss that holds modules, but no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.squares = nn.MSELoss()

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        return cast("Tensor", self.squares(prediction, target) * 2)


def test_a_loss_that_holds_no_tensor_is_no_second_model() -> None:
    model, criterion = nn.Sequential(nn.Linear(2, 1)), Composite()
    recording = playground.record(lambda: criterion(model(torch.ones(3, 2)), torch.ones(3, 1)))
    assert names_of(recording) == ["0.weight", "0.bias"]


class Halved(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return (x / 2) * x

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0] * cast("Tensor", ctx.saved_tensors[0])


@pytest.mark.parametrize("swapped", [False, True])
def test_calls_of_one_function_keep_their_own_operations(swapped: bool) -> None:
    a, b = torch.ones(2, requires_grad=True), torch.full((2,), 3.0, requires_grad=True)
    apply: Any = Halved.apply

    def step() -> Tensor:
        p = apply(a)
        q = apply(b)
        return cast("Tensor", (q + p if swapped else p + q).sum())

    recording = playground.record(step, {"a": a, "b": b})
    calls = [event for event in recording.events if event.op == "Halved"]
    assert [sum(each.parent == call.number for each in recording.events) for call in calls] == [2, 2]
    assert [call.label for call in calls] == ["p", "q"]
    first, second = calls
    assert first.line is not None
    assert second.line is not None
    assert second.line - first.line == 1
    inner = {call.label: [each for each in recording.events if each.parent == call.number] for call in calls}
    assert inner["p"][0].inputs[0].label == "a"
    assert inner["q"][0].inputs[0].label == "b"


def _product(x: Tensor) -> Tensor:
    return (x / 2) * x


class Helped(Halved):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return _product(x)


class Nested(Halved):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return cast("Tensor", cast("Any", Halved).apply(x))


class Returned(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return -gradients[0]


class Checkpoint:
    """Runs a Function that stands in a file of torch's."""

    @staticmethod
    def apply(x: Tensor) -> Tensor:
        return cast("Tensor", checkpoint(_product, x, use_reentrant=True))


@pytest.mark.parametrize(
    ("function", "name", "inside"),
    [
        (Helped, "Helped", ["div", "mul"]),
        (Nested, "Nested", ["div", "mul"]),
        (Returned, "Returned", ["view_as"]),
        (Checkpoint, "CheckpointFunction", ["div", "mul"]),
    ],
)
def test_operations_belong_to_the_call_wherever_its_forward_runs_them(
    function: Any, name: str, inside: list[str]
) -> None:
    a, b = torch.ones(2, requires_grad=True), torch.full((2,), 3.0, requires_grad=True)

    def step() -> Tensor:
        return cast("Tensor", (function.apply(a) + function.apply(b)).sum())

    recording = playground.record(step, {"a": a, "b": b})
    assert recording.failure is None
    calls = [event for event in recording.events if event.op == name]
    parts = [[each.op for each in recording.events if each.parent == call.number] for call in calls]
    assert parts == [inside, inside]
    lines, first = inspect.getsourcelines(Checkpoint.apply if function is Checkpoint else step)
    assert all(call.line in range(first, first + len(lines)) for call in calls)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_time_steps_of_a_recurrent_layer_are_told_apart(kind: Any) -> None:
    # In float64, as there is a fused kernel for float32 that is one node.
    layer: Any = kind(2, 3).double()
    x = torch.randn(4, 1, 2).double()
    recording = playground.record(lambda: layer(x)[0].pow(2).sum(), layer)
    assert recording.failure is None
    record = recording.parameter("weight_hh_l0")
    assert record is not None
    labels = [each.label for each in record.contributions]
    assert len(labels) == len(set(labels)) > 1
    assert all("time step" in label for label in labels)


def test_an_input_that_gets_a_gradient_is_called_by_its_variable() -> None:
    model = nn.Linear(3, 2)

    def step() -> Tensor:
        image = torch.ones(1, 3)
        image.requires_grad_()
        return cast("Tensor", model(image).sum())

    recording = playground.record(step, model)
    assert recording.graph.node("image") is not None
    assert "∂L/∂image" in [port.label for event in recording.events for port in event.outputs]
    assert recording.gradient_ledger("image") is not None


class Attack:
    """Makes an input that gets a gradient."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.image: Tensor | None = None

    def of_attribute(self) -> Tensor:
        self.image = torch.ones(1, 3).requires_grad_()
        return cast("Tensor", self.model(self.image).sum())

    def of_dict(self) -> Tensor:
        batch = {"image": torch.ones(1, 3).requires_grad_()}
        return cast("Tensor", self.model(batch["image"]).sum())

    def of_parameter(self) -> Tensor:
        image = nn.Parameter(torch.ones(1, 3).clone())
        return cast("Tensor", self.model(image).sum())

    def of_caller(self) -> Tensor:
        image = torch.ones(1, 3).clone()
        return self.attacked(image)

    def of_callee(self) -> Tensor:
        return self.attacked(torch.ones(1, 3).clone())

    def attacked(self, inner: Tensor) -> Tensor:
        inner.requires_grad = True
        loss = self.model(inner).sum()
        loss.backward()
        return cast("Tensor", loss)


@pytest.mark.parametrize(
    ("way", "name"),
    [
        ("of_attribute", "self.image"),
        ("of_dict", "batch['image']"),
        ("of_parameter", "image"),
        ("of_caller", "image"),
        ("of_callee", "inner"),
    ],
)
def test_an_input_is_called_by_what_holds_it(way: str, name: str) -> None:
    model = nn.Linear(3, 2)
    recording = playground.record(getattr(Attack(model), way), model)
    assert recording.graph.node(name) is not None
    gradient = recording.nodes[name].gradient
    assert gradient is not None
    assert gradient.values is not None
    assert torch.equal(torch.from_numpy(gradient.values.copy())[0], model.weight.detach().sum(0))


def test_a_model_in_the_statement_of_its_loss_is_forward() -> None:
    model, criterion = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)), nn.MSELoss()
    single = nn.Linear(3, 1)
    w, v = torch.randn(3, 4, requires_grad=True), torch.randn(4, 1, requires_grad=True)
    x, y = torch.randn(5, 3), torch.randn(5, 1)

    def split(recording: Recording) -> tuple[list[str], list[str]]:
        return (
            [event.op for event in recording.events if event.phase == "forward"],
            [event.op for event in recording.events if event.phase == "loss"],
        )

    assert split(playground.record(lambda: criterion(model(x), y))) == (
        ["linear", "relu", "linear"],
        ["mse_loss"],
    )
    assert split(playground.record(lambda: (single(x) - y).pow(2).mean())) == (
        ["linear"],
        ["sub", "pow", "mean"],
    )
    assert split(playground.record(lambda: ((x @ w).relu() @ v - y).pow(2).sum())) == (
        ["matmul", "relu", "matmul"],
        ["sub", "pow", "sum"],
    )


def forward_labels(recording: Recording) -> list[tuple[str, list[str], list[str]]]:
    return [
        (event.op, [port.label for port in event.inputs], [port.label for port in event.outputs])
        for event in recording.events
        if event.op in ("batch_norm", "relu", "mul_", "linear") and event.kind is EventKind.OPERATION
    ]


@pytest.mark.parametrize("inplace", [False, True])
def test_result_in_place_has_no_buffers_name_because_its_input_came_with_written_buffers(
    inplace: bool,
) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(inplace), nn.Linear(4, 1))
    x = torch.randn(8, 3)
    recording = playground.record(lambda: model(x).pow(2).mean(), model)
    assert recording.failure is None
    statistics = ["1.running_mean", "1.running_var"]
    assert forward_labels(recording) == [
        ("linear", ["x", "0.weight", "0.bias"], ["linear in 0"]),
        ("batch_norm", ["linear in 0", *statistics, "1.weight", "1.bias"], ["batch_norm in 1", *statistics]),
        ("relu", ["batch_norm in 1"], ["relu in 2"]),
        ("linear", ["relu in 2", "3.weight", "3.bias"], ["model(x)"]),
    ]
    gradients = {port.label for event in recording.events for port in event.outputs}
    assert "∂L/∂(relu in 2)" in gradients
    assert not any("running" in each for each in gradients if each.startswith("∂"))


def test_buffer_that_is_written_in_place_keeps_its_name() -> None:
    norm, x = nn.BatchNorm1d(4), torch.randn(8, 4)
    running_mean = norm.running_mean
    assert running_mean is not None

    def loss() -> Tensor:
        norm_mean = cast("Tensor", norm.running_mean)
        y = norm(x)
        norm_mean.mul_(0.5)
        norm_mean.mul_(0.5)
        return cast("Tensor", y.relu_().sum())

    recording = playground.record(loss, norm)
    found = forward_labels(recording)
    assert found[1:] == [("mul_", ["running_mean"], ["running_mean"])] * 2
    (relu,) = [event for event in recording.events if event.op == "relu_"]
    assert [port.label for port in (*relu.inputs, *relu.outputs)] == ["y", "y"]
