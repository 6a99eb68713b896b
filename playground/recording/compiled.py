"""Lets what `torch.compile` has compiled run as it is written while a step is recorded."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

COMPILED = "A compiled module ran as it is written while it was recorded: its last bits may differ."


def running_eagerly() -> AbstractContextManager[Any]:
    """A block in which compiled code runs uncompiled; compiled, its operations could not be seen.

    Where the compiler is not loaded there is nothing that it has compiled. Versions of torch that cannot be
    told are left to themselves.
    """
    if "torch._dynamo" not in sys.modules:
        return nullcontext()
    import torch

    stance = getattr(torch.compiler, "set_stance", None)
    return nullcontext() if stance is None else stance("force_eager")


def is_compiled(value: object) -> bool:
    """Whether this module or function comes from `torch.compile`."""
    return hasattr(value, "_torchdynamo_orig_callable") or type(value).__name__ == "OptimizedModule"
