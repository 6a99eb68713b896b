"""NumPy: the network, its gradients and its update, all written out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from playground.forward_pass import ForwardPass
from playground.settings import Settings


def train(settings: Settings, device: str) -> Iterator[ForwardPass]:
    x = np.random.randn(settings.batch_size, settings.input_size)
    y = np.random.randn(settings.batch_size, settings.output_size)

    w1 = np.random.randn(x.shape[1], settings.hidden_size)
    w2 = np.random.randn(settings.hidden_size, y.shape[1])

    while True:
        # Forward pass: a hidden layer with ReLU, then a linear output layer.
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)

        # Loss: the sum of the squared errors.
        loss = np.square(y_pred - y).sum()
        yield ForwardPass(loss, {"w1": w1, "w2": w2})

        # Backward pass: the chain rule, from the loss back to each weight.
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h_relu = grad_y_pred.dot(w2.T)
        grad_h = grad_h_relu.copy()
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)

        # Update: a small step against each gradient.
        w1 -= settings.learning_rate * grad_w1
        w2 -= settings.learning_rate * grad_w2
