"""backward() is called on a vector."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(20):
    opt.zero_grad()
    err = (net(x) - y).pow(2)
    err.backward(torch.ones_like(err) / 64)
    opt.step()
