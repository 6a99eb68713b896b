"""How long a step takes, estimated from its sizes and from what this machine was measured to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playground.settings import Settings

SLOW = 2.0
"""Seconds from which on a step is told of before it is made."""
WORTH_MEASURING = 20_000_000_000
"""Multiplications of a step below which no machine takes `SLOW` for it: nothing is measured then."""
PASSES = 12
"""How often a step reads or writes an array of the hidden layer's size besides its products."""

_SIDE = 512
_NUMBERS = 4_000_000
_MEASURED_FOR = 0.15
"""Seconds: long enough that other programs, which take turns with this one, are once out of the way."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What a machine does in a second, measured on the thread that trains.

    Attributes:
        multiplications: of a product of two matrices.
        numbers: read and written by an operation on each element.
    """

    multiplications: float
    numbers: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a step has to do.

    Attributes:
        multiplications: in the products of matrices, forward and backward.
        numbers: read or written beside them.
    """

    multiplications: int
    numbers: int

    def seconds(self, speed: Speed) -> float:
        """How long it takes at a speed."""
        return self.multiplications / speed.multiplications + self.numbers / speed.numbers


def work_of(settings: Settings) -> Work:
    """What a step does; DynamicNet uses its middle layer as often as it does on average.

    Of a program of the user's own nothing is known before it runs.
    """
    if settings.own is not None:
        return Work(0, 0)
    batch, inputs, hidden, outputs = settings.sizes
    uses = sum(settings.depth) / 2 if settings.program.has_depth else 0
    # Each layer has a product forward and one for its weights' gradient; all but the first
    # have one for the gradient of what came in.
    products = batch * hidden * (2 * inputs + 3 * outputs) + 3 * uses * batch * hidden * hidden
    return Work(int(products), int(PASSES * (1 + uses) * batch * hidden))


def slow_seconds(settings: Settings) -> float:
    """How long a step will take, 0 if that need not be told; the machine is measured where it may be.

    To be called on the thread that trains, as `measured_speed`.
    """
    work = work_of(settings)
    if work.multiplications < WORTH_MEASURING:
        return 0.0
    seconds = work.seconds(measured_speed(settings))
    return seconds if seconds >= SLOW else 0.0


def measured_speed(settings: Settings) -> Speed:
    """Times a small product and a small operation, in the library and type that a run computes with.

    To be called on the thread that trains, with the number of threads that it will have; it takes
    some tenths of a second.
    """
    if settings.stage == "numpy":
        matrix = np.ones((_SIDE, _SIDE), settings.dtype or "float64")
        numbers = np.ones(_NUMBERS, matrix.dtype)
        return _speed(lambda: matrix @ matrix, lambda: np.maximum(numbers, 0))
    import torch

    dtype = torch.float64 if settings.dtype == "float64" else torch.float32
    square = torch.ones(_SIDE, _SIDE, dtype=dtype, device=settings.device)
    line = torch.ones(_NUMBERS, dtype=dtype, device=settings.device)
    with torch.no_grad():
        # A result that is read has been computed, on whichever device.
        return _speed(lambda: (square @ square)[0, 0].item(), lambda: line.clamp(min=0)[0].item())


def _speed(product: Callable[[], object], operation: Callable[[], object]) -> Speed:
    return Speed(_SIDE**3 / _best_seconds(product), _NUMBERS / _best_seconds(operation))


def _best_seconds(do: Callable[[], object]) -> float:
    """The shortest of some times; the first, untimed, loads what the operation needs."""
    do()
    times: list[float] = []
    end = time.perf_counter() + _MEASURED_FOR
    while not times or time.perf_counter() < end:
        started = time.perf_counter()
        do()
        times.append(time.perf_counter() - started)
    return max(min(times), 1e-9)
