"""What backward() is called on is the scaled loss."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

scaler = torch.amp.GradScaler("cpu")
for i in range(20):
    opt.zero_grad(set_to_none=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = nn.functional.mse_loss(net(x), y)
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(opt)
    scaler.update()
