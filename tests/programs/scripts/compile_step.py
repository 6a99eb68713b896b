"""The step itself is a compiled function."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)


def step(a, b):
    opt.zero_grad()
    loss = (net(a) - b).pow(2).mean()
    loss.backward()
    opt.step()
    return loss


step = torch.compile(step, backend="eager")
for i in range(8):
    step(x, y)
