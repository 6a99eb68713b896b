"""Global state of torch is changed: dtype, device, threads, hooks, grad mode."""

import torch

torch.set_default_dtype(torch.float64)
torch.set_default_device("cpu")
torch.set_num_threads(2)
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True)
torch.set_printoptions(precision=2)
torch.nn.modules.module.register_module_forward_hook(lambda m, i, o: None)
import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(1, keepdim=True).sin()
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)

torch.set_grad_enabled(False)
for i in range(20):
    torch.set_grad_enabled(True)
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
    torch.set_grad_enabled(False)
    net(x)
