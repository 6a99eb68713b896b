"""Workers load the batches."""

import torch, torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Data(Dataset):
    def __len__(self):
        return 64

    def __getitem__(self, i):
        g = torch.Generator().manual_seed(i)
        v = torch.randn(4, generator=g)
        return v, v.sum(0, keepdim=True)


if __name__ == "__main__":
    torch.manual_seed(1)
    net = nn.Linear(4, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.05)
    for epoch in range(2):
        for xb, yb in DataLoader(Data(), 8, shuffle=True, num_workers=2):
            opt.zero_grad()
            loss = (net(xb) - yb).pow(2).mean()
            loss.backward()
            opt.step()
