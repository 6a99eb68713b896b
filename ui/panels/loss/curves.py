"""An older run to compare the present one with, as the window hands it to the plot of the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from playground.history import History

Steps = NDArray[np.int64]
Losses = NDArray[np.float64]
Seconds = Callable[[Steps], NDArray[np.float64]]
"""Gives the seconds of training after which each of these steps was made; they never fall."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A run to compare with.

    Attributes:
        number: of the run.
        name: as the legend says it.
        colour: `#rrggbb`.
        history: its losses.
        seconds: the times of its steps; None if they are not known.
    """

    number: int
    name: str
    colour: str
    history: History
    seconds: Seconds | None = None
