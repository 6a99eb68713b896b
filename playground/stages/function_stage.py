"""Function: an operation of your own, with the forward and the backward that autograd shall use."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        # What backward will need is put aside here.
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        # Gradient of the loss by the output in, gradient by the input out.
        (x,) = ctx.saved_tensors
        grad_x = grad_output.clone()
        grad_x[x < 0] = 0
        return grad_x


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    w1 = torch.randn(x.shape[1], settings.hidden_size, device=device, requires_grad=True)
    w2 = torch.randn(settings.hidden_size, y.shape[1], device=device, requires_grad=True)

    while True:
        # Forward pass: a Function of your own is called through its apply().
        y_pred = MyReLU.apply(x.mm(w1)).mm(w2)

        # Loss: the sum of the squared errors.
        loss = (y_pred - y).pow(2).sum()
        yield ForwardPass(loss, {"w1": w1, "w2": w2})

        # Backward pass: calls MyReLU.backward on its way.
        loss.backward()

        # Update: by hand, without being recorded.
        with torch.no_grad():
            w1 -= settings.learning_rate * w1.grad
            w2 -= settings.learning_rate * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()
