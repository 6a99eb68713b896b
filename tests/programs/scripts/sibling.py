"""The loop is in a module beside the program."""

import torch
from own_engine import fit
from own_model import Net

torch.manual_seed(1)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
fit(net, opt, epochs=3)
