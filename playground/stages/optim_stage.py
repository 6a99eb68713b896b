"""optim: an optimizer of the library makes the update."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    model = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], settings.hidden_size),
        torch.nn.ReLU(),
        torch.nn.Linear(settings.hidden_size, y.shape[1]),
    ).to(device)
    loss_fn = torch.nn.MSELoss(reduction="sum")
    parameters = dict(model.named_parameters())

    # The optimizer is told once which tensors it shall update.
    optimizer_class = getattr(torch.optim, settings.optimizer)
    optimizer = optimizer_class(
        model.parameters(), lr=settings.learning_rate, **dict(settings.optimizer_options)
    )

    while True:
        # Forward pass
        y_pred = model(x)

        # Loss
        loss = loss_fn(y_pred, y)
        yield ForwardPass(loss, parameters, optimizer)

        # Backward pass: into fresh gradients.
        optimizer.zero_grad()
        loss.backward()

        # Update: one call, whatever the rule.
        optimizer.step()
