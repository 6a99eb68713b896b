"""nn: layers that hold their own weights and biases, and a loss function from the library."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    # A Sequential calls its layers one after the other.
    model = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], settings.hidden_size),
        torch.nn.ReLU(),
        torch.nn.Linear(settings.hidden_size, y.shape[1]),
    ).to(device)
    loss_fn = torch.nn.MSELoss(reduction="sum")
    parameters = dict(model.named_parameters())

    while True:
        # Forward pass: a module is called like a function.
        y_pred = model(x)

        # Loss: the sum of the squared errors, as before.
        loss = loss_fn(y_pred, y)
        yield ForwardPass(loss, parameters)

        # Backward pass: into fresh gradients.
        model.zero_grad()
        loss.backward()

        # Update: the same rule for every parameter.
        with torch.no_grad():
            for param in model.parameters():
                param.data -= settings.learning_rate * param.grad
