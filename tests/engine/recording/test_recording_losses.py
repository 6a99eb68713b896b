"""Where the loss begins in a statement that holds more than the loss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import playground

MODEL = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
X, Y = torch.randn(5, 3), torch.randn(5, 2)
W = torch.randn(3, 2, requires_grad=True)
MASK = torch.ones(5, 2)
SQUARES, DISTANCE = nn.MSELoss(), nn.L1Loss()
NETWORK = ["linear", "relu", "linear"]


class Both(nn.Module):
    """A loss of two losses."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.MSELoss(), nn.L1Loss()

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        both: Tensor = self.first(prediction, target) + self.second(prediction, target)
        return both


class Own(nn.Module):
    """A loss of several statements."""

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        difference = prediction - target
        return difference.abs().mean()


BOTH, OWN = Both(), Own()


def own(prediction: Tensor, target: Tensor) -> Tensor:
    difference = prediction - target
    return difference.abs().mean()


def narrowed(x: Tensor) -> Tensor:
    out: Tensor = MODEL(x)
    return out.squeeze(-1)


def whole() -> Tensor:
    prediction: Tensor = MODEL(X)
    difference = prediction - Y
    return difference.abs().mean()


def sum_of_two() -> Tensor:
    prediction = MODEL(X)
    loss: Tensor = SQUARES(prediction, Y) + 0.1 * DISTANCE(prediction, Y)
    return loss


def penalized() -> Tensor:
    loss: Tensor = SQUARES(MODEL(X), Y) + 0.1 * sum(each.abs().sum() for each in MODEL.parameters())
    return loss


OWN_OPERATIONS = ["sub", "abs", "mean"]
CASES: dict[str, tuple[Callable[[], object], list[str], list[str]]] = {
    "scaled": (lambda: SQUARES(MODEL(X), Y) / 4, NETWORK, ["mse_loss", "div"]),
    "sum of two": (sum_of_two, NETWORK, ["mse_loss", "l1_loss", "mul", "add"]),
    "loss of losses": (lambda: BOTH(MODEL(X), Y), NETWORK, ["mse_loss", "l1_loss", "add"]),
    "of a class of one's own": (lambda: OWN(MODEL(X), Y), NETWORK, OWN_OPERATIONS),
    "the same, scaled": (lambda: OWN(MODEL(X), Y) / 4, NETWORK, [*OWN_OPERATIONS, "div"]),
    "of a function of one's own": (lambda: own(MODEL(X), Y), NETWORK, OWN_OPERATIONS),
    "that, scaled": (lambda: own(MODEL(X), Y) / 4, NETWORK, [*OWN_OPERATIONS, "div"]),
    "without modules, scaled": (lambda: SQUARES(X @ W, Y) / 2, ["matmul"], ["mse_loss", "div"]),
    "mask": (lambda: SQUARES((X @ W) * MASK, Y), ["matmul", "mul"], ["mse_loss"]),
    "model in a function": (lambda: SQUARES(narrowed(X), Y), [*NETWORK, "squeeze"], ["mse_loss"]),
    "all in a function": (whole, [*NETWORK, "sub"], ["abs", "mean"]),
    "called all in a function": (lambda: whole(), [*NETWORK, "sub"], ["abs", "mean"]),
    "function of torch": (lambda: functional.mse_loss(MODEL(X), Y) * 2, NETWORK, ["mse_loss", "mul"]),
}


@pytest.mark.parametrize("given", [None, MODEL], ids=["found", "given"])
@pytest.mark.parametrize("case", CASES)
def test_loss_begins_after_the_model_or_where_the_target_comes_in(case: str, given: nn.Module | None) -> None:
    step, forward, loss = CASES[case]
    recording = playground.record(step, given)
    assert recording.failure is None
    found = [(str(event.phase), event.op) for event in recording.events]
    assert [op for phase, op in found if phase == "forward"] == forward
    assert [op for phase, op in found if phase == "loss"] == loss


def test_a_penalty_in_the_same_statement_is_loss() -> None:
    recording = playground.record(penalized)
    assert [event.op for event in recording.events if event.phase == "forward"] == NETWORK
