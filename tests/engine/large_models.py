"""Programs whose graphs are large, written with plain torch: their steps, ready to be recorded."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass
class Step:
    """A model, and what its loss is computed from."""

    model: nn.Module
    x: Tensor
    y: Tensor

    def loss(self) -> Tensor:
        return functional.mse_loss(self.model(self.x), self.y)


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.down: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.down = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.down(x))


class ResNet(nn.Module):
    """As ResNet-18, with few channels."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for number, stride in enumerate((1, 2, 2, 2), start=1):
            outputs = width * 2 ** (number - 1)
            layer = nn.Sequential(Residual(inputs, outputs, stride), Residual(outputs, outputs, 1))
            self.add_module(f"layer{number}", layer)
            inputs = outputs
        self.fc = nn.Linear(inputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for number in range(1, 5):
            hidden = self.get_submodule(f"layer{number}")(hidden)
        result: Tensor = self.fc(hidden.mean((2, 3)))
        return result


class Transformer(nn.Module):
    def __init__(self, layers: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.encoder(x))
        return result


class Recurrent(nn.Module):
    """A cell that is called at each time step, and a layer that reads what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.RNNCell(3, 4)
        self.out = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.zeros(len(x), 4)
        results = []
        for time in range(x.shape[1]):
            hidden = self.cell(x[:, time], hidden)
            results.append(self.out(hidden))
        return torch.stack(results, 1)


def resnet() -> Step:
    torch.manual_seed(0)
    return Step(ResNet(), torch.randn(2, 3, 32, 32), torch.randn(2, 3))


def transformer(layers: int = 6) -> Step:
    torch.manual_seed(0)
    return Step(Transformer(layers), torch.randn(2, 5, 8), torch.randn(2, 5, 3))


def recurrent(steps: int = 200) -> Step:
    torch.manual_seed(0)
    return Step(Recurrent(), torch.randn(2, steps, 3), torch.randn(2, steps, 1))


def adversarial() -> nn.ModuleDict:
    """A small net that draws points, and one that tells them from real ones."""
    torch.manual_seed(0)
    drawer = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
    judge = nn.Sequential(nn.Linear(2, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1))
    return nn.ModuleDict({"G": drawer, "D": judge})
