"""Module: a model of your own, with layers as attributes and forward() in plain Python."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


class TwoLayerNet(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        # A layer that is set as an attribute becomes part of the module.
        self.linear1 = torch.nn.Linear(input_size, hidden_size)
        self.linear2 = torch.nn.Linear(hidden_size, output_size)

    def forward(self, x):
        h_relu = self.linear1(x).clamp(min=0)
        y_pred = self.linear2(h_relu)
        return y_pred


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    model = TwoLayerNet(x.shape[1], settings.hidden_size, y.shape[1]).to(device)
    loss_fn = torch.nn.MSELoss(reduction="sum")
    parameters = dict(model.named_parameters())

    optimizer_class = getattr(torch.optim, settings.optimizer)
    optimizer = optimizer_class(
        model.parameters(), lr=settings.learning_rate, **dict(settings.optimizer_options)
    )

    while True:
        # Forward pass: runs TwoLayerNet.forward.
        y_pred = model(x)

        # Loss
        loss = loss_fn(y_pred, y)
        yield ForwardPass(loss, parameters, optimizer)

        # Backward pass and update
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
