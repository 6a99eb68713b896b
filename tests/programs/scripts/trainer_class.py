"""A class trains, with arguments from the command line and a scheduler."""

import argparse, logging, os, sys
import torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(level=logging.INFO)
log = logging.getLogger(__name__)


class Trainer:
    def __init__(self, net, lr):
        self.net = net
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.StepLR(self.optimizer, 5)

    def _batch(self, xb, yb):
        self.optimizer.zero_grad()
        loss = nn.functional.mse_loss(self.net(xb), yb)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def train(self, loader, epochs):
        for epoch in range(epochs):
            for i, (xb, yb) in enumerate(loader):
                loss = self._batch(xb, yb)
            self.sched.step()
            log.info("epoch %d %f", epoch, loss)
            self.evaluate(loader)

    @torch.no_grad()
    def evaluate(self, loader):
        return sum(nn.functional.mse_loss(self.net(a), b).item() for a, b in loader)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, default=0.01)
    args = p.parse_args()
    torch.manual_seed(1)
    x = torch.randn(64, 4)
    y = x.sum(1, keepdim=True)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1))
    Trainer(net, args.lr).train(DataLoader(TensorDataset(x, y), 16, shuffle=True), 4)


if __name__ == "__main__":
    main()
