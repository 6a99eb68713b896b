"""An inner counter is called err and counted down: it is no loss; backward() is in a function."""

import torch

torch.manual_seed(1)
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)


def train():
    optimizer.zero_grad()
    loss = (torch.randn(4, 3) @ w).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss


err = 12
for i in range(6):
    err = err + 0
    err -= 1
    train()
    error = err
