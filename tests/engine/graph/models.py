"""Models whose graphs tests capture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from playground.graph import Graph

Output = Tensor | tuple[Tensor, ...]
Model = Callable[[], Output]


class Doubled(torch.autograd.Function):
    """Twice its input; saves it, which torchviz draws as a further box."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        return 2 * gradients[0]


class Dynamic(nn.Module):
    """A network that uses its middle layer as often as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.input_linear = nn.Linear(6, 5)
        self.middle_linear = nn.Linear(5, 5)
        self.output_linear = nn.Linear(5, 2)

    def forward(self, x: Tensor, depth: int) -> Tensor:
        hidden = self.input_linear(x).clamp(min=0)
        for _ in range(depth):
            hidden = self.middle_linear(hidden).clamp(min=0)
        result: Tensor = self.output_linear(hidden)
        return result

    def loss(self, depth: int) -> Tensor:
        return nn.functional.mse_loss(self(torch.ones(3, 6), depth), torch.zeros(3, 2), reduction="sum")


def weight(*shape: int) -> Tensor:
    return torch.ones(*shape).div(3).requires_grad_()


def tensor(value: object) -> Tensor:
    assert isinstance(value, Tensor)
    return value


def doubled(x: Tensor) -> Tensor:
    return tensor(Doubled.apply(x))  # type: ignore[no-untyped-call]


def residual() -> Tensor:
    block, x = nn.Linear(4, 4), weight(2, 4)
    hidden = x.tanh()
    for _ in range(3):
        hidden = hidden + tensor(block(hidden)).relu()
    return hidden.sum()


def shared_weights() -> Tensor:
    w = weight(4, 4)
    return torch.ones(2, 4).mm(w).mm(w).mm(w.t()).mul(w.sum()).mean()


def in_place() -> Tensor:
    x = weight(3, 4).clone()
    x.mul_(2).add_(1)
    x[1] = x[0] * 3
    x[:, 2].relu_()
    return x.sum()


def views() -> Tensor:
    x = weight(2, 3, 4)
    y = x.transpose(0, 1).reshape(3, 8)[:, ::2].unsqueeze(0).expand(5, 3, 4).permute(2, 0, 1)
    return y.contiguous().view(-1).narrow(0, 1, 6)


def lstm() -> Output:
    output, (hidden, cell) = nn.LSTM(4, 5, num_layers=2, bidirectional=True)(torch.ones(3, 2, 4))
    return output, hidden, cell


def lstm_cells() -> Tensor:
    cell = nn.LSTMCell(4, 5)
    state = (torch.zeros(2, 5), torch.zeros(2, 5))
    for _ in range(3):
        state = cell(torch.ones(2, 4), state)
    return tensor(state[0]).sum()


def unbound() -> Tensor:
    a, b, c = (weight(3, 4) * 2).unbind(0)
    first, second = torch.split(a * c - b, 2)
    return (first / second).sum()


def custom_function() -> Tensor:
    x = weight(3)
    return doubled(doubled(x) + x).sum()


def partly_without_gradient() -> Tensor:
    w = weight(4, 4)
    with torch.no_grad():
        frozen = w.mm(w)
    return tensor((w.mm(frozen) + w.detach() - torch.ones(4)).norm())


def joined_outputs() -> Output:
    x = weight(3, 4)
    hidden = x.mm(weight(4, 4)).relu()
    return hidden.sum(), hidden.mean(), hidden


def convolution() -> Tensor:
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 2),
    )
    return nn.functional.cross_entropy(tensor(net(torch.ones(2, 2, 4, 4))), torch.tensor([0, 1]))


def transformer() -> Tensor:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return tensor(layer(torch.ones(2, 3, 8))).sum()


def embedding() -> Tensor:
    table = nn.Embedding(10, 4)
    words = tensor(table(torch.tensor([[1, 2], [3, 1]])))
    return tensor(nn.Linear(4, 10)(words.mean(1)).log_softmax(-1).sum() + table.weight.pow(2).sum())


def twice_the_same() -> Tensor:
    x = weight(3).exp()
    return (x + x) * (x + x)


def concatenated() -> Tensor:
    x, y = weight(2, 3), weight(2, 3)
    return torch.cat([x, y, x, torch.ones(2, 3), y * x], dim=1).sum()


def scalar_of_many_branches() -> Tensor:
    w = weight(5)
    branches = [w.sin(), w.cos(), w.sigmoid()]
    return torch.stack([b.sum() if b.mean() > 0 else b.prod() for b in branches]).max()


MODELS: tuple[Model, ...] = (
    residual,
    shared_weights,
    in_place,
    views,
    lstm,
    lstm_cells,
    unbound,
    custom_function,
    partly_without_gradient,
    joined_outputs,
    convolution,
    transformer,
    embedding,
    twice_the_same,
    concatenated,
    scalar_of_many_branches,
    *(lambda depth=depth: Dynamic().loss(depth) for depth in range(4)),
)
each_model = pytest.mark.parametrize(
    "model",
    MODELS,
    ids=[m.__name__ if m.__name__ != "<lambda>" else f"dynamic{n - 16}" for n, m in enumerate(MODELS)],
)


def keys(graph: Graph) -> set[str]:
    return {node.key for node in graph.nodes}


def grad_fn(output: Tensor) -> torch.autograd.graph.Node:
    assert output.grad_fn is not None
    return output.grad_fn
