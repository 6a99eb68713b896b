"""autograd: PyTorch records the forward pass as a graph and computes the gradients from it."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    # requires_grad=True: operations on these tensors are recorded.
    w1 = torch.randn(x.shape[1], settings.hidden_size, device=device, requires_grad=True)
    w2 = torch.randn(settings.hidden_size, y.shape[1], device=device, requires_grad=True)

    while True:
        # Forward pass: no intermediate result has to be kept by hand.
        y_pred = x.mm(w1).clamp(min=0).mm(w2)

        # Loss: the last node of the recorded graph.
        loss = (y_pred - y).pow(2).sum()
        yield ForwardPass(loss, {"w1": w1, "w2": w2})

        # Backward pass: fills w1.grad and w2.grad.
        loss.backward()

        # Update: must not be recorded itself.
        with torch.no_grad():
            w1 -= settings.learning_rate * w1.grad
            w2 -= settings.learning_rate * w2.grad

            # backward() adds to .grad, so it has to be set to zero again.
            w1.grad.zero_()
            w2.grad.zero_()
