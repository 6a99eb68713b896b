"""DynamicNet: a loop of random length inside forward(), using one layer again and again."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from playground.forward_pass import ForwardPass
from playground.settings import Settings


class DynamicNet(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.input_linear = torch.nn.Linear(input_size, hidden_size)
        self.middle_linear = torch.nn.Linear(hidden_size, hidden_size)
        self.output_linear = torch.nn.Linear(hidden_size, output_size)

    def forward(self, x, depth_range):
        h_relu = self.input_linear(x).clamp(min=0)
        # Plain Python decides how often the one middle layer is used.
        self.depth = random.randint(*depth_range)
        for _ in range(self.depth):
            h_relu = self.middle_linear(h_relu).clamp(min=0)
        y_pred = self.output_linear(h_relu)
        return y_pred


def train(settings: Settings, device: torch.device) -> Iterator[ForwardPass]:
    x = torch.randn(settings.batch_size, settings.input_size, device=device)
    y = torch.randn(settings.batch_size, settings.output_size, device=device)

    model = DynamicNet(x.shape[1], settings.hidden_size, y.shape[1]).to(device)
    criterion = torch.nn.MSELoss(reduction="sum")
    parameters = dict(model.named_parameters())

    optimizer_class = getattr(torch.optim, settings.optimizer)
    optimizer = optimizer_class(
        model.parameters(), lr=settings.learning_rate, **dict(settings.optimizer_options)
    )

    while True:
        # Forward pass: every call builds a graph of its own.
        y_pred = model(x, settings.depth)

        # Loss
        loss = criterion(y_pred, y)
        yield ForwardPass(loss, parameters, optimizer, depth=model.depth)

        # Backward pass and update
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
