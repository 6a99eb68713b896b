"""A wrapper calls backward() on the program’s behalf."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)


class Accelerator:
    def prepare(self, *things):
        return things

    def backward(self, loss, **kwargs):
        loss.backward(**kwargs)


acc = Accelerator()
net, opt = acc.prepare(net, opt)
for i in range(20):
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    acc.backward(loss)
    opt.step()
