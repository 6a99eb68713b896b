"""Recorded steps with several backward passes, for tests of panels: small, and recorded once each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import playground
from playground.recording.model import Recording

PASSES = 4


@dataclass
class Step:
    """A recorded step, and what the program itself saw.

    Attributes:
        recording: of the step.
        norms: of the first layer's `.grad`, whenever the program looked.
    """

    recording: Recording
    norms: list[float] = field(default_factory=list)


@cache
def accumulating() -> Step:
    """Gradient accumulation over four parts, then clipping, then the update."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    parts = list(zip(torch.randn(PASSES, 8, 6), torch.randn(PASSES, 8, 1), strict=True))
    norms: list[float] = []

    def look() -> None:
        gradient = next(model.parameters()).grad
        norms.append(0.0 if gradient is None else float(torch.linalg.vector_norm(gradient)))

    def step() -> None:
        optimizer.zero_grad()
        for x, y in parts:
            loss = (model(x) - y).pow(2).mean() / PASSES
            loss.backward()
            look()
        nn.utils.clip_grad_norm_(model.parameters(), 0.05)
        look()
        optimizer.step()

    step()
    norms.clear()
    return Step(replace(playground.record(step, model), step=0), norms)


@cache
def adversarial() -> Recording:
    """A step of a GAN: two losses, two graphs, two updates."""
    torch.manual_seed(3)
    generator = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
    critic = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 1))
    of_generator = torch.optim.SGD(generator.parameters(), 0.1)
    of_critic = torch.optim.SGD(critic.parameters(), 0.1)
    ring, noise = torch.randn(8, 2), torch.randn(8, 4)

    def step() -> None:
        drawn = generator(noise)
        d_loss = critic(drawn.detach()).mean() - critic(ring).mean()
        of_critic.zero_grad()
        d_loss.backward()
        of_critic.step()
        g_loss = -critic(drawn).mean()
        of_generator.zero_grad()
        g_loss.backward()
        of_generator.step()

    step()
    return replace(playground.record(step, nn.ModuleDict({"G": generator, "D": critic})), step=0)


@cache
def checkpointed() -> Recording:
    """A backward pass inside the backward of a Function."""
    torch.manual_seed(0)
    first, second = nn.Linear(6, 5), nn.Linear(5, 5)
    x = torch.randn(8, 6)

    def step() -> Tensor:
        h: Tensor = checkpoint(second, first(x), use_reentrant=True)
        return h.pow(2).mean()

    return replace(playground.record(step, nn.ModuleDict({"first": first, "second": second})), step=0)


@cache
def by_hand() -> Recording:
    """Everything that a program can do with a `.grad`: `w` is updated, `x` is a leaf, `h` retains its own."""
    torch.manual_seed(0)
    w, x = torch.randn(3, 2, requires_grad=True), torch.randn(4, 3, requires_grad=True)

    def step() -> None:
        h = (x @ w).relu()
        h.retain_grad()
        loss = h.pow(2).sum()
        loss.backward(retain_graph=True)
        assert w.grad is not None
        w.grad.zero_()
        loss.backward()
        w.grad.mul_(0.5)
        w.grad = w.grad * 2
        w.grad.clamp_(-1, 1)
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None

    return playground.record(step, {"w": w})
