"""NumPy: the network, its gradients and its update, by hand."""

import numpy as np

np.random.seed(0)

batch_size, input_size, hidden_size, output_size = 64, 1000, 100, 10

x = np.random.randn(batch_size, input_size)
y = np.random.randn(batch_size, output_size)

w1 = np.random.randn(input_size, hidden_size)
w2 = np.random.randn(hidden_size, output_size)

learning_rate = 1e-6
for t in range(500):
    # Forward pass: a hidden layer with ReLU, a linear output layer.
    h = x.dot(w1)
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(w2)

    # Loss: the sum of the squared errors.
    loss = np.square(y_pred - y).sum()
    print(t, loss)

    # Backward pass: the chain rule, from the loss back.
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h_relu = grad_y_pred.dot(w2.T)
    grad_h = grad_h_relu.copy()
    grad_h[h < 0] = 0
    grad_w1 = x.T.dot(grad_h)

    # Update: a small step against each gradient.
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2
