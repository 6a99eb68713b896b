"""The generators of random numbers that a program may draw from, kept while something else draws."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_random_states() -> Iterator[None]:
    """Leaves the three generators that a stage may draw from as they were before the block."""
    import numpy as np

    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state(), torch and torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        if torch is not None:
            torch.set_rng_state(states[2])
