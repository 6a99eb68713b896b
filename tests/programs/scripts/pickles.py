"""Its own classes are pickled, which needs __main__ to be the program."""

import copy, io, pickle
from dataclasses import dataclass
from typing import NamedTuple, get_type_hints
import torch, torch.nn as nn


@dataclass
class Config:
    lr: float = 0.05


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(4, 1)

    def forward(self, v):
        return self.l(v)


torch.manual_seed(1)
net = Net()
cfg = Config()
opt = torch.optim.SGD(net.parameters(), lr=cfg.lr)
x = torch.randn(16, 4)
for i in range(6):
    opt.zero_grad()
    loss = net(x).pow(2).mean()
    loss.backward()
    opt.step()
    b = io.BytesIO()
    torch.save(net, b)
    b.seek(0)
    torch.load(b, weights_only=False)
    pickle.loads(pickle.dumps(cfg))
    copy.deepcopy(net)
    get_type_hints(Config)
    import __main__

    assert __main__.Net is Net
