"""The loop is in a coroutine that gives way at every turn."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

import asyncio


async def train():
    for i in range(20):
        opt.zero_grad()
        loss = (net(x) - y).pow(2).mean()
        loss.backward()
        opt.step()
        await asyncio.sleep(0)


asyncio.run(train())
