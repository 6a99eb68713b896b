"""nn: layers that hold their weights, and a ready-made loss."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10

x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)

# A Sequential calls its layers one after the other.
model = torch.nn.Sequential(
    torch.nn.Linear(input_size, hidden_size),
    torch.nn.ReLU(),
    torch.nn.Linear(hidden_size, output_size),
).to(device)
loss_fn = torch.nn.MSELoss(reduction="sum")

learning_rate = 1e-4
for t in range(500):
    # Forward pass: a module is called like a function.
    y_pred = model(x)

    # Loss: the sum of the squared errors, as before.
    loss = loss_fn(y_pred, y)
    print(t, loss.item())

    # Backward pass: into fresh gradients.
    model.zero_grad()
    loss.backward()

    # Update: the same rule for every parameter.
    with torch.no_grad():
        for param in model.parameters():
            param.data -= learning_rate * param.grad
