"""Two optimizers, an inner loop, and a penalty on a gradient."""

import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

G = nn.Linear(2, 4)
D = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
og = torch.optim.Adam(G.parameters())
od = torch.optim.Adam(D.parameters())
for it in range(15):
    for _ in range(3):
        od.zero_grad()
        fake = G(torch.randn(64, 2)).detach()
        mix = (x + torch.rand(64, 1) * (fake - x)).requires_grad_()
        g = torch.autograd.grad(D(mix).sum(), mix, create_graph=True)[0]
        gp = ((g.norm(2, dim=1) - 1) ** 2).mean()
        d_loss = D(fake).mean() - D(x).mean() + 10 * gp
        d_loss.backward()
        od.step()
    og.zero_grad()
    g_loss = -D(G(torch.randn(64, 2))).mean()
    g_loss.backward()
    og.step()
