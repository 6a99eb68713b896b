"""Programs with a number that can be changed while they run, and what would change it by hand."""

from __future__ import annotations

from typing import NamedTuple

HEAD = """\
import torch
from torch import nn
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
"""
STEP = """\
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""


class Case(NamedTuple):
    """A program, a number of it, its new value, and the statement that does the same by hand."""

    text: str
    number: str
    value: float
    by_hand: str


def groups(by_hand: str, optimizer: str = "opt") -> str:
    return f"for group in {optimizer}.param_groups: group{by_hand}"


PLAIN = HEAD + "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
LOOP = "for step in range(8):\n    pass\n" + STEP
OPTIMIZER = {
    "lr": Case(
        PLAIN + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n" + LOOP,
        "opt lr",
        0.2,
        groups("['lr'] = 0.2"),
    ),
    "by its place": Case(
        PLAIN + "opt = torch.optim.SGD(net.parameters(), 0.05, 0.5)\n" + LOOP,
        "opt momentum",
        0.9,
        groups("['momentum'] = 0.9"),
    ),
    "betas": Case(
        PLAIN + "opt = torch.optim.Adam(net.parameters(), lr=0.05, betas=(0.5, 0.99))\n" + LOOP,
        "opt betas 2",
        0.9,
        groups("['betas'] = (0.5, 0.9)"),
    ),
    "one group": Case(
        PLAIN
        + "opt = torch.optim.SGD([{'params': net[0].parameters(), 'lr': 0.05},\n"
        + "                       {'params': net[2].parameters()}], lr=0.05)\n"
        + LOOP,
        "lr",
        0.5,
        "opt.param_groups[0]['lr'] = 0.5",
    ),
    "the other groups": Case(
        PLAIN
        + "opt = torch.optim.SGD([{'params': net[0].parameters(), 'lr': 0.05},\n"
        + "                       {'params': net[2].parameters()}], lr=0.05)\n"
        + LOOP,
        "opt lr",
        0.5,
        "opt.param_groups[1]['lr'] = 0.5",
    ),
    "a scheduler goes on from there": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + "plan = torch.optim.lr_scheduler.StepLR(opt, 2)\n"
        + LOOP
        + "    plan.step()\n",
        "opt lr",
        0.5,
        groups("['lr'] = 0.5"),
    ),
    "of two": Case(
        PLAIN
        + "a = torch.optim.SGD(net[0].parameters(), lr=0.05)\n"
        + "b = torch.optim.SGD(net[2].parameters(), lr=0.05)\n"
        + LOOP.replace("opt.", "a.")
        + "    b.step()\n    b.zero_grad()\n",
        "b lr",
        0.3,
        groups("['lr'] = 0.3", "b"),
    ),
}
READ = {
    "in the loop": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("pass", "noisy = 0.5 * torch.randn(32, 1)").replace("- y)", "- y - noisy)"),
        "factor of randn",
        -2.5,
        "",
    ),
    "in a function": Case(
        HEAD
        + "def squash(a):\n    return a.clamp(min=-0.5)\n"
        + "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("net(x)", "squash(net(x))"),
        "clamp min",
        0.25,
        "",
    ),
    "in forward": Case(
        HEAD
        + "class Net(nn.Module):\n"
        + "    def __init__(self):\n        super().__init__()\n        self.layer = nn.Linear(4, 1)\n"
        + "    def forward(self, a):\n        return nn.functional.dropout(self.layer(a), p=0.25)\n"
        + "net = Net()\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "dropout p",
        0.75,
        "",
    ),
    "in a condition of while": Case(
        PLAIN
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\nstep = 0\n"
        + "while step < 8:\n    pass\n"
        + STEP
        + "    step += 1\n",
        "step <",
        5,
        "",
    ),
}
BY_HAND_UPDATE = """\
import torch
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
w = torch.randn(4, 1, requires_grad=True)
rate = 1e-2
for step in range(8):
    pass
    loss = (x @ w - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= rate * w.grad
        w.grad = None
"""
IN_A_FUNCTION = (
    "import torch\ntorch.manual_seed(1)\n"
    + "def train(rate, steps):\n"
    + "".join(f"    {line}\n" for line in BY_HAND_UPDATE.splitlines()[2:] if not line.startswith("rate"))
    + "def main():\n    train(1e-2, steps=8)\nmain()\n"
)
NAME = {
    "of the file": Case(BY_HAND_UPDATE, "rate", 0.1, "rate = 0.1"),
    "that a function reads": Case(
        BY_HAND_UPDATE.replace("rate * w.grad", "scaled(w.grad)").replace(
            "for step", "def scaled(a):\n    return rate * a\nfor step"
        ),
        "rate",
        0.1,
        "rate = 0.1",
    ),
    "of the loop's function": Case(IN_A_FUNCTION, "train rate", 0.1, "rate = 0.1"),
    "that the optimizer has as well": Case(
        PLAIN
        + "rate = 0.05\nopt = torch.optim.SGD(net.parameters(), lr=rate)\n"
        + LOOP.replace("- y)", "- y * rate)"),
        "rate",
        0.2,
        "rate = 0.2; opt.param_groups[0]['lr'] = 0.2",
    ),
    "of a class": Case(
        BY_HAND_UPDATE.replace("rate = 1e-2", "class Settings:\n    rate = 1e-2").replace(
            "rate * w", "Settings.rate * w"
        ),
        "rate",
        0.1,
        "Settings.rate = 0.1",
    ),
    "of a dict": Case(
        BY_HAND_UPDATE.replace("rate = 1e-2", 'settings = {"rate": 1e-2}').replace(
            "rate * w", 'settings["rate"] * w'
        ),
        "rate",
        0.1,
        "settings['rate'] = 0.1",
    ),
    "of an object": Case(
        HEAD
        + "class Net(nn.Module):\n    def __init__(self, scale):\n        super().__init__()\n"
        + "        self.layer = nn.Linear(4, 1)\n        self.scale = scale\n"
        + "    def forward(self, a):\n        return self.scale * self.layer(a)\n"
        + "net = Net(scale=0.5)\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "Net scale",
        1.5,
        "net.scale = 1.5",
    ),
    "of arguments that are handed on": Case(
        HEAD
        + "import argparse\n"
        + "def train(args, net, opt):\n"
        + "".join(f"    {line}\n" for line in LOOP.replace("- y)", "- y * args.scale)").splitlines())
        + "def main():\n"
        + "    parser = argparse.ArgumentParser()\n"
        + "    parser.add_argument('--scale', type=float, default=0.5)\n"
        + "    args = parser.parse_args()\n"
        + "    net = nn.Linear(4, 1)\n"
        + "    train(args, net, torch.optim.SGD(net.parameters(), lr=0.05))\n"
        + "main()\n",
        "scale",
        1.5,
        "args.scale = 1.5",
    ),
    "of the command line": Case(
        PLAIN
        + "import argparse\nparser = argparse.ArgumentParser()\n"
        + "parser.add_argument('--lr', type=float, default=0.05)\nargs = parser.parse_args()\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=args.lr)\n"
        + LOOP,
        "lr",
        0.2,
        "args.lr = 0.2; opt.param_groups[0]['lr'] = 0.2",
    ),
}
MODULE = {
    "dropout": Case(
        HEAD
        + "net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.25), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "Dropout p",
        0.75,
        "net[1].p = 0.75",
    ),
    "slope, of one of two": Case(
        HEAD
        + "net = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 8),\n"
        + "                    nn.LeakyReLU(0.2), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "LeakyReLU slope, line 7",
        -0.5,
        "net[3].negative_slope = -0.5",
    ),
    "in a class": Case(
        HEAD
        + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        + "        self.layer = nn.Linear(4, 1)\n"
        + "        self.norm = nn.BatchNorm1d(4, momentum=0.1, eps=1e-5)\n"
        + "    def forward(self, a):\n        return self.layer(self.norm(a))\n"
        + "net = Net()\nopt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP.replace("pass", "pass\n    net.train(step % 2 == 0)"),
        "BatchNorm1d momentum",
        0.9,
        "net.norm.momentum = 0.9",
    ),
    "through a name": Case(
        HEAD
        + "p = 0.25\nnet = nn.Sequential(nn.Linear(4, 8), nn.Dropout(p), nn.Dropout(p), nn.Linear(8, 1))\n"
        + "opt = torch.optim.SGD(net.parameters(), lr=0.05)\n"
        + LOOP,
        "p",
        0.75,
        "net[1].p = net[2].p = 0.75",
    ),
}
