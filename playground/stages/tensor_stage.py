"""Tensors: the same steps as in NumPy, on arrays that can live on an accelerator."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    w1 = torch.randn(x.shape[1], settings.hidden_size, device=device)
    w2 = torch.randn(settings.hidden_size, y.shape[1], device=device)

    while True:
        # Forward pass: clamp(min=0) is the ReLU.
        h = x.mm(w1)
        h_relu = h.clamp(min=0)
        y_pred = h_relu.mm(w2)

        # Loss: a tensor of shape ().
        loss = (y_pred - y).pow(2).sum()
        yield ForwardPass(loss, {"w1": w1, "w2": w2})

        # Backward pass: still by hand, the chain rule from the loss to each weight.
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.t().mm(grad_y_pred)
        grad_h_relu = grad_y_pred.mm(w2.t())
        grad_h = grad_h_relu.clone()
        grad_h[h < 0] = 0
        grad_w1 = x.t().mm(grad_h)

        # Update: a small step against each gradient.
        w1 -= settings.learning_rate * grad_w1
        w2 -= settings.learning_rate * grad_w2
