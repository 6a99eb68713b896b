"""The loss is a sum that an inner loop adds up: the first statement that binds it is not yet the loss."""

import torch
import torch.nn as nn

torch.manual_seed(1)
net = nn.GRUCell(3, 4)
out = nn.Linear(4, 3)
opt = torch.optim.Adam([*net.parameters(), *out.parameters()], lr=0.01)

step = 0
while step < 8:
    h = torch.zeros(2, 4)
    loss = 0
    opt.zero_grad()
    for _ in range(3):
        x = torch.randn(2, 3)
        h = net(x, h)
        loss = loss + (out(h) - x).pow(2).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    step += 1
