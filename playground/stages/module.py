"""Module: your own model, with its layers as attributes."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10


class TwoLayerNet(torch.nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        # A layer set as an attribute is part of the module.
        self.linear1 = torch.nn.Linear(input_size, hidden_size)
        self.linear2 = torch.nn.Linear(hidden_size, output_size)

    def forward(self, x):
        h_relu = self.linear1(x).clamp(min=0)
        y_pred = self.linear2(h_relu)
        return y_pred


x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)

model = TwoLayerNet(input_size, hidden_size, output_size).to(device)
loss_fn = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

for t in range(500):
    # Forward pass: runs TwoLayerNet.forward.
    y_pred = model(x)
    loss = loss_fn(y_pred, y)
    print(t, loss.item())

    # Backward pass and update
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
