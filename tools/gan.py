"""Two small nets: G draws points, D tells them from real ones."""
import torch
from torch import nn

torch.manual_seed(3)
batch, noise_dim, hidden = 128, 4, 32


def ring(n):
    angle = 6.2832 * torch.rand(n)
    r = 2.0 + 0.1 * torch.randn(n)
    return torch.stack([r * angle.cos(), r * angle.sin()], 1)


G = nn.Sequential(nn.Linear(noise_dim, hidden), nn.ReLU(),
                  nn.Linear(hidden, 2))
D = nn.Sequential(nn.Linear(2, hidden), nn.LeakyReLU(0.2),
                  nn.Linear(hidden, 1))
d_opt = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.99))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
real, fake = torch.ones(batch, 1), torch.zeros(batch, 1)

for step in range(2000):
    # The judge: real points are 1, drawn points are 0.
    drawn = G(torch.randn(batch, noise_dim))
    d_loss = bce(D(ring(batch)), real) + bce(D(drawn.detach()), fake)
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()

    # The painter: make the judge say 1.
    g_loss = bce(D(drawn), real)
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()

    if step % 50 == 0:
        print(step, f"d {d_loss:.3f}  g {g_loss:.3f}")
