"""No backward at all, and other loops before the one that trains."""

import numpy as np

np.random.seed(0)
x = np.random.randn(32, 4)
y = x.sum(1, keepdims=True)
w = np.zeros((4, 1))
table = [i * i for i in range(50)]
total = 0
for i in range(1000):
    total += i
for t in range(50):
    pred = x @ w
    loss = ((pred - y) ** 2).mean()
    grad = 2 * x.T @ (pred - y) / 32
    w -= 0.1 * grad
