"""A step fails in the middle of the run."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)


def forward(v, i):
    if i == 5:
        v = v[:, :3]
    return net(v)


for i in range(20):
    opt.zero_grad()
    loss = (forward(x, i) - y).pow(2).mean()
    loss.backward()
    opt.step()
