"""Inner updates by autograd.grad, and several backward passes a step."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(10):
    opt.zero_grad()
    total = 0
    for task in range(3):
        a = torch.randn(16, 4)
        b = a.sum(1, keepdim=True) * task
        w = [p.clone() for p in net.parameters()]
        for k in range(2):
            out = torch.tanh(a @ w[0].t() + w[1]) @ w[2].t() + w[3]
            g = torch.autograd.grad((out - b).pow(2).mean(), w, create_graph=True)
            w = [p - 0.1 * q for p, q in zip(w, g)]
        out = torch.tanh(a @ w[0].t() + w[1]) @ w[2].t() + w[3]
        ((out - b).pow(2).mean() / 3).backward()
    opt.step()
