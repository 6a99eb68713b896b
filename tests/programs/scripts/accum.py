"""Gradients add up over an inner loop; the update is made outside of it."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(20):
    opt.zero_grad()
    for xb, yb in zip(x.split(16), y.split(16)):
        loss = (net(xb) - yb).pow(2).mean() / 4
        loss.backward()
    opt.step()
