"""autograd: PyTorch records the graph, and backward() walks it."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10

x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)

# requires_grad=True: operations on these tensors are recorded.
w1 = torch.randn(input_size, hidden_size, device=device,
                 requires_grad=True)
w2 = torch.randn(hidden_size, output_size, device=device,
                 requires_grad=True)

learning_rate = 1e-6
for t in range(500):
    # Forward pass: no intermediate result has to be kept by hand.
    y_pred = x.mm(w1).clamp(min=0).mm(w2)

    # Loss: the last node of the recorded graph.
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    # Backward pass: fills w1.grad and w2.grad.
    loss.backward()

    # Update: must not be recorded itself.
    with torch.no_grad():
        w1 -= learning_rate * w1.grad
        w2 -= learning_rate * w2.grad

        # backward() adds to .grad: set it to zero again.
        w1.grad.zero_()
        w2.grad.zero_()
