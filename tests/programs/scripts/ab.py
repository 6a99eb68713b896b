"""Several losses go into one call of torch.autograd.backward."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(20):
    opt.zero_grad()
    out = net(x)
    l1 = (out - y).pow(2).mean()
    l2 = out.abs().mean() * 0.01
    torch.autograd.backward([l1, l2])
    opt.step()
