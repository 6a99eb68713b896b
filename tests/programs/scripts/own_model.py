"""Not a program: the model of sibling.py."""

import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.b = nn.Linear(8, 1)

    def forward(self, x):
        for _ in range(2):
            x = x * 1.0
        return self.b(self.a(x).tanh())
