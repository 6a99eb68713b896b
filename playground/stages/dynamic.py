"""DynamicNet: one layer, used as often as Python decides."""

import random

import torch

random.seed(0)
torch.manual_seed(0)
device = torch.device("cpu")
batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10


class DynamicNet(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.input_linear = torch.nn.Linear(input_size, hidden_size)
        self.middle_linear = torch.nn.Linear(hidden_size, hidden_size)
        self.output_linear = torch.nn.Linear(hidden_size, output_size)

    def forward(self, x):
        h_relu = self.input_linear(x).clamp(min=0)
        # Plain Python decides how often the layer is used.
        for _ in range(random.randint(0, 3)):
            h_relu = self.middle_linear(h_relu).clamp(min=0)
        return self.output_linear(h_relu)


x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)
model = DynamicNet(input_size, hidden_size, output_size).to(device)
criterion = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)

for t in range(500):
    y_pred = model(x)
    loss = criterion(y_pred, y)
    print(t, loss.item())

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
