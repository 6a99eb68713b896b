"""Function: your own operation, with its own backward."""

import torch

torch.manual_seed(0)
device = torch.device("cpu")
batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        # What backward will need is put aside here.
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        # grad_output comes in, grad_input goes out.
        (x,) = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[x < 0] = 0
        return grad_input


x = torch.randn(batch_size, input_size, device=device)
y = torch.randn(batch_size, output_size, device=device)
w1 = torch.randn(input_size, hidden_size, device=device,
                 requires_grad=True)
w2 = torch.randn(hidden_size, output_size, device=device,
                 requires_grad=True)

learning_rate = 1e-6
for t in range(500):
    y_pred = MyReLU.apply(x.mm(w1)).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.item())

    # Calls MyReLU.backward on its way.
    loss.backward()
    with torch.no_grad():
        w1 -= learning_rate * w1.grad
        w2 -= learning_rate * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
