"""The whole loop runs inside autocast and a default device."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

with torch.autocast("cpu", dtype=torch.bfloat16), torch.device("cpu"):
    for i in range(20):
        opt.zero_grad(set_to_none=True)
        noise = torch.randn(64, 4) * 0.01
        loss = nn.functional.mse_loss(net(x + noise), y)
        loss.backward()
        opt.step()
