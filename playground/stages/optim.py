"""optim: an optimizer of the library makes the update."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10

x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)

model = torch.nn.Sequential(
    torch.nn.Linear(input_size, hidden_size),
    torch.nn.ReLU(),
    torch.nn.Linear(hidden_size, output_size),
).to(device)
loss_fn = torch.nn.MSELoss(reduction="sum")

# The optimizer is told once which tensors it shall update.
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

for t in range(500):
    # Forward pass
    y_pred = model(x)

    # Loss
    loss = loss_fn(y_pred, y)
    print(t, loss.item())

    # Backward pass: into fresh gradients.
    optimizer.zero_grad()
    loss.backward()

    # Update: one call, whatever the rule.
    optimizer.step()
