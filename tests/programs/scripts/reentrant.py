"""backward() is called inside the backward of a Function and of a checkpoint."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

from torch.utils.checkpoint import checkpoint


class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        ctx.save_for_backward(v)
        return v * 2

    @staticmethod
    def backward(ctx, g):
        (v,) = ctx.saved_tensors
        with torch.enable_grad():
            w = v.detach().requires_grad_()
            (w * 2).backward(g)
        return w.grad


for i in range(10):
    opt.zero_grad()
    h = checkpoint(net, F.apply(x.clone().requires_grad_()), use_reentrant=True)
    loss = (h - y).pow(2).mean()
    loss.backward()
    opt.step()
