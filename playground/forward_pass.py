"""What a program hands over once a step, at the moment when the forward pass has built its graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import torch

    Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class ForwardPass(NamedTuple):
    """The forward pass of one step; a NamedTuple, because one is made at every step.

    Attributes:
        loss: shape (); a tensor, or NumPy's own number in the stage without torch.
        parameters: what the step will update, by name.
        optimizer: what will update it, or None where the program does so by hand.
    """

    loss: torch.Tensor | np.float64
    parameters: Mapping[str, torch.Tensor] | Mapping[str, Array]
    optimizer: torch.optim.Optimizer | None = None
