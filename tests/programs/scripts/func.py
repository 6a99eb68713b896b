"""Gradients come from torch.func: there is no backward and no loss by name."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

from torch.func import functional_call, grad, vmap

params = {k: v.detach() for k, v in net.named_parameters()}


def loss_fn(p, a, b):
    return (functional_call(net, p, (a,)) - b).pow(2).mean()


for i in range(20):
    g = grad(loss_fn)(params, x, y)
    params = {k: params[k] - 0.05 * g[k] for k in params}
