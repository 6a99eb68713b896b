"""A compiled module with a loop in its forward."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)


class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 4)
        self.o = nn.Linear(4, 1)

    def forward(self, v):
        for _ in range(3):
            v = torch.relu(self.l(v))
        return self.o(v)


m = M()
opt = torch.optim.SGD(m.parameters(), lr=0.05)
c = torch.compile(m, backend="aot_eager")
for i in range(8):
    opt.zero_grad()
    loss = (c(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
