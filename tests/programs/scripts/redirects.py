"""Output is redirected, warnings are recorded and flags have two parts, all around the loop."""

import contextlib
import io
import multiprocessing
import warnings

import torch

torch.manual_seed(1)
torch.use_deterministic_algorithms(True, warn_only=True)
torch.autograd.set_detect_anomaly(True, check_nan=False)
multiprocessing.set_start_method("spawn")
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)


def step():
    optimizer.zero_grad()
    loss = (torch.randn(4, 3) @ w).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


said = io.StringIO()
with contextlib.redirect_stdout(said), warnings.catch_warnings(record=True) as recorded:
    warnings.simplefilter("always")
    for i in range(6):
        print(step())
        warnings.warn("again")
assert len(said.getvalue().splitlines()) == 6
assert len(recorded) == 6
assert torch.is_deterministic_algorithms_warn_only_enabled()
assert not torch.is_anomaly_check_nan_enabled()
