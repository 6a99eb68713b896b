"""Tensors: the same steps, on arrays that an accelerator can hold."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10

x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)

w1 = torch.randn(input_size, hidden_size, device=device)
w2 = torch.randn(hidden_size, output_size, device=device)

learning_rate = 1e-6
for t in range(500):
    # Forward pass: clamp(min=0) is the ReLU.
    h = x.mm(w1)
    h_relu = h.clamp(min=0)
    y_pred = h_relu.mm(w2)

    # Loss: a tensor of shape ().
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    # Backward pass: the chain rule, still by hand.
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.t().mm(grad_y_pred)
    grad_h_relu = grad_y_pred.mm(w2.t())
    grad_h = grad_h_relu.clone()
    grad_h[h < 0] = 0
    grad_w1 = x.t().mm(grad_h)

    # Update: a small step against each gradient.
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2
