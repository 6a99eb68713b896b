"""The loop and its body are one line."""
import torch
import torch.nn as nn
torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

for i in range(10): opt.zero_grad(); loss = (net(x) - y).pow(2).mean(); loss.backward(); opt.step()
