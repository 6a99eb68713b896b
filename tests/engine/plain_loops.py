"""The eight programs as the plain loops that a learner would write: what the stages are held against."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

Sizes = tuple[int, int, int, int]


def plain_losses(stage: str, seed: int, steps: int, sizes: Sizes) -> list[float]:
    """Loss before each update, for N, D_in, H, D_out in `sizes`."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return LOOPS[stage](steps, *sizes)


def numpy_loop(steps: int, n: int, d_in: int, h_size: int, d_out: int) -> list[float]:
    x, y = np.random.randn(n, d_in), np.random.randn(n, d_out)
    w1, w2 = np.random.randn(d_in, h_size), np.random.randn(h_size, d_out)
    losses = []
    for _ in range(steps):
        h = x.dot(w1)
        relu = np.maximum(h, 0)
        error = relu.dot(w2) - y
        losses.append(float(np.square(error).sum()))
        grad_out = 2.0 * error
        grad_w2 = relu.T.dot(grad_out)
        grad_h = grad_out.dot(w2.T)
        grad_h[h < 0] = 0
        w1 -= 1e-6 * x.T.dot(grad_h)
        w2 -= 1e-6 * grad_w2
    return losses


def tensor_loop(steps: int, n: int, d_in: int, h_size: int, d_out: int) -> list[float]:
    x, y = torch.randn(n, d_in), torch.randn(n, d_out)
    w1, w2 = torch.randn(d_in, h_size), torch.randn(h_size, d_out)
    losses = []
    for _ in range(steps):
        h = x.mm(w1)
        relu = h.clamp(min=0)
        error = relu.mm(w2) - y
        losses.append(error.pow(2).sum().item())
        grad_out = 2.0 * error
        grad_w2 = relu.t().mm(grad_out)
        grad_h = grad_out.mm(w2.t())
        grad_h[h < 0] = 0
        w1 -= 1e-6 * x.t().mm(grad_h)
        w2 -= 1e-6 * grad_w2
    return losses


class PlainReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        result = grad.clone()
        result[x < 0] = 0
        return result


def _autograd_loop(
    relu: Callable[[torch.Tensor], torch.Tensor], steps: int, n: int, d_in: int, h_size: int, d_out: int
) -> list[float]:
    x, y = torch.randn(n, d_in), torch.randn(n, d_out)
    weights = [torch.randn(d_in, h_size, requires_grad=True), torch.randn(h_size, d_out, requires_grad=True)]
    losses = []
    for _ in range(steps):
        loss = (relu(x.mm(weights[0])).mm(weights[1]) - y).pow(2).sum()
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= 1e-6 * gradient
    return losses


def autograd_loop(steps: int, *sizes: int) -> list[float]:
    return _autograd_loop(lambda h: h.clamp(min=0), steps, *sizes)


def function_loop(steps: int, *sizes: int) -> list[float]:
    return _autograd_loop(PlainReLU.apply, steps, *sizes)


def _layers(n: int, d_in: int, h_size: int, d_out: int) -> tuple[torch.Tensor, torch.Tensor, torch.nn.Module]:
    x, y = torch.randn(n, d_in), torch.randn(n, d_out)
    return (
        x,
        y,
        torch.nn.Sequential(torch.nn.Linear(d_in, h_size), torch.nn.ReLU(), torch.nn.Linear(h_size, d_out)),
    )


def nn_loop(steps: int, *sizes: int) -> list[float]:
    x, y, model = _layers(*sizes)
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(model(x), y, reduction="sum")
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter.sub_(1e-4 * gradient)
    return losses


def optim_loop(steps: int, *sizes: int) -> list[float]:
    x, y, model = _layers(*sizes)
    return _optimized(steps, lambda: model(x), y, torch.optim.Adam(model.parameters(), lr=1e-4))


def module_loop(steps: int, n: int, d_in: int, h_size: int, d_out: int) -> list[float]:
    x, y = torch.randn(n, d_in), torch.randn(n, d_out)
    first, second = torch.nn.Linear(d_in, h_size), torch.nn.Linear(h_size, d_out)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=1e-4)
    return _optimized(steps, lambda: second(first(x).clamp(min=0)), y, optimizer)


def dynamic_loop(steps: int, n: int, d_in: int, h_size: int, d_out: int) -> list[float]:
    x, y = torch.randn(n, d_in), torch.randn(n, d_out)
    first, middle, last = (
        torch.nn.Linear(d_in, h_size),
        torch.nn.Linear(h_size, h_size),
        torch.nn.Linear(h_size, d_out),
    )
    parameters = [*first.parameters(), *middle.parameters(), *last.parameters()]

    def predict() -> torch.Tensor:
        h = first(x).clamp(min=0)
        for _ in range(random.randint(0, 3)):
            h = middle(h).clamp(min=0)
        prediction: torch.Tensor = last(h)
        return prediction

    return _optimized(steps, predict, y, torch.optim.SGD(parameters, lr=1e-4, momentum=0.9))


def _optimized(
    steps: int, predict: Callable[[], torch.Tensor], y: torch.Tensor, optimizer: torch.optim.Optimizer
) -> list[float]:
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(predict(), y, reduction="sum")
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


LOOPS: dict[str, Callable[..., list[float]]] = {
    "numpy": numpy_loop,
    "tensor": tensor_loop,
    "autograd": autograd_loop,
    "function": function_loop,
    "nn": nn_loop,
    "optim": optim_loop,
    "module": module_loop,
    "dynamic": dynamic_loop,
}


def plain_averages(losses: Iterable[float], window: int, logarithmic: bool) -> list[float]:
    """The average by its definition, a step at a time."""
    decay = (window - 1) / (window + 1)
    total = weight = 0.0
    averages = []
    for loss in losses:
        if math.isfinite(loss) and (loss > 0 or not logarithmic):
            total = decay * total + (1 - decay) * (math.log(loss) if logarithmic else loss)
            weight = decay * weight + (1 - decay)
        average = total / weight if weight else math.nan
        averages.append(math.exp(average) if logarithmic and weight else average)
    return averages
