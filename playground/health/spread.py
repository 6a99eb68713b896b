"""How the elements of each parameter, and of its gradient, are spread: percentiles over the steps of a run.

Of a large tensor a fixed sample of elements is looked at, always the same ones, so that a look costs next to
nothing and two looks can be compared.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playground.recording.model import Recording

PERCENTILES = (0, 5, 25, 50, 75, 95, 100)
MOST_ELEMENTS = 4_000
"""Of a tensor, that are looked at."""
MOST_PARAMETERS = 200
"""That are looked at, the first ones."""
MOST_STEPS = 512
"""Steps that are kept at most: from then on they lie twice as far apart as before."""


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """How the elements of a parameter, or of its gradient, are spread over some steps.

    Attributes:
        steps: rising.
        percentiles: `PERCENTILES` of the finite elements, shape (steps, 7); NaN where there are none.
    """

    steps: tuple[int, ...]
    percentiles: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A parameter in one step.

    Attributes:
        name: the parameter's.
        count, taken: its elements, and how many of them were looked at.
        values: `PERCENTILES` of what the step began with, shape (7,); NaN where nothing is finite.
        gradient: of the gradient that the update read; NaN where there was none.
    """

    name: str
    count: int
    taken: int
    values: NDArray[np.float64]
    gradient: NDArray[np.float64]


def percentiles_of(values: NDArray[Any] | None) -> NDArray[np.float64]:
    """`PERCENTILES` of the finite elements, interpolated as `numpy.quantile` does; NaN without any."""
    if values is None:
        return np.full(len(PERCENTILES), np.nan)
    wide = np.asarray(values, np.float64).ravel()
    if not np.isfinite(wide).all():
        wide = wide[np.isfinite(wide)]
    return np.percentile(wide, PERCENTILES) if len(wide) else np.full(len(PERCENTILES), np.nan)


@lru_cache(maxsize=256)
def sample_of(count: int, most: int = MOST_ELEMENTS) -> NDArray[np.int64] | None:
    """Which of so many elements are looked at, rising; None for all.

    One is drawn from each stretch of the tensor: evenly spaced ones might all lie in one column.
    """
    if count <= most:
        return None
    begins = np.arange(most + 1, dtype=np.int64) * count // most
    return begins[:-1] + np.random.default_rng(0).integers(0, np.diff(begins))


def elements_of(value: Any) -> NDArray[Any] | None:
    """A copy of the elements that are looked at, of an array or a tensor; None where they are no numbers."""
    if isinstance(value, np.ndarray):
        chosen = sample_of(value.size)
        return value.ravel().copy() if chosen is None else value.take(chosen)
    import torch

    if value.layout is not torch.strided or not value.is_floating_point():
        return None
    value = value.detach()
    chosen = sample_of(value.numel())
    if chosen is None:
        taken = value.reshape(-1).to(torch.float64, copy=True)
    else:
        taken = value.take(torch.from_numpy(chosen).to(value.device)).to(torch.float64)
    found: NDArray[Any] = taken.cpu().numpy()
    return found


def spread_of(
    name: str, count: int, values: NDArray[Any] | None, gradient: NDArray[Any] | None
) -> Spread | None:
    """A parameter's spread from the elements that were looked at; None where there are none."""
    if values is None or not count:
        return None
    return Spread(name, count, min(count, MOST_ELEMENTS), percentiles_of(values), percentiles_of(gradient))


def spreads_of(recording: Recording) -> tuple[Spread, ...]:
    """What a recorded step tells; parameters that were too large to be kept are left out."""
    found = []
    for each in recording.parameters[:MOST_PARAMETERS]:
        before, gradient = each.before.values, None if each.gradient is None else each.gradient.values
        if before is not None and before.dtype.kind == "f":
            taken = None if gradient is None or gradient.dtype.kind != "f" else elements_of(gradient)
            found.append(spread_of(each.name, before.size, elements_of(before), taken))
    return tuple(each for each in found if each is not None)


class Spreads:
    """The spreads of a run's steps, in bounded memory. One thread puts them there, any other may look.

    Attributes:
        stride: steps that lie between two kept ones at least, but for the newest; it doubles when there are
            too many.
        version: grows with every change.
    """

    def __init__(self, most: int = MOST_STEPS) -> None:
        """Nothing has been looked at.

        Args:
            most: steps that are kept.
        """
        self.stride, self.version = 1, 0
        self._most, self._lock = most, threading.Lock()
        self._looks: list[tuple[int, dict[str, Spread]]] = []
        self._sizes: dict[str, tuple[int, int]] = {}

    def put(self, step: int, spreads: Iterable[Spread]) -> None:
        """Keeps a later step; an earlier one than the newest is passed over."""
        with self._lock:
            looks = self._looks
            if looks and step <= looks[-1][0]:
                return
            if len(looks) > 1 and looks[-1][0] - looks[-2][0] < self.stride:
                # It was only there as the newest.
                looks.pop()
            looks.append((step, {each.name: each for each in spreads}))
            self._sizes.update({each.name: (each.count, each.taken) for each in looks[-1][1].values()})
            while len(looks) > self._most:
                self.stride *= 2
                looks[:] = _apart(looks, self.stride)
            self.version += 1

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """By parameter: how many elements it has, and how many of them are looked at."""
        with self._lock:
            return dict(self._sizes)

    def bands(self, name: str, gradient: bool = False) -> Bands:
        """A parameter, or its gradient, over the steps that are kept; NaN where nothing is known."""
        with self._lock:
            looks = list(self._looks)
        empty = np.full(len(PERCENTILES), np.nan)
        rows = []
        for _, spreads in looks:
            spread = spreads.get(name)
            rows.append(empty if spread is None else spread.gradient if gradient else spread.values)
        return Bands(tuple(step for step, _ in looks), np.array(rows).reshape(-1, len(PERCENTILES)))


def _apart(looks: list[tuple[int, dict[str, Spread]]], stride: int) -> list[tuple[int, dict[str, Spread]]]:
    """The first, each that lies so many steps behind the one kept before it, and the newest."""
    found = looks[:1]
    for each in looks[1:-1]:
        if each[0] - found[-1][0] >= stride:
            found.append(each)
    return [*found, looks[-1]]
