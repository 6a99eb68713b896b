"""Turns end early: before the loss, after it, and for good."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(100):
    if i % 3 == 0:
        continue
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    if i % 5 == 0:
        continue
    opt.step()
    if i == 30:
        break
print("done")
