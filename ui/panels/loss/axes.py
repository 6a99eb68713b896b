"""Where a loss stands on its axis, which range the axis shows, and which numbers stand beside it.

Changing a range repaints the axes, which is slow, and what moves all the time is not looked at; so ranges
grow in big steps: whole decades on a logarithmic axis, doublings on a linear one, round numbers of steps.
"""

from __future__ import annotations

import math
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
        color: `#rrggbb`.
        history: its losses.
        seconds: the times of its steps; None if they are not known.
        dashed: whether its line is, since another one has its color.
        grows: whether it is another loss of the present run, which grows with it.
        sparse: whether it is only computed now and then: what is known is joined over what is not, and
            drawn before the present run, whose noise would hide it.
        note: what its name leaves open, for a tooltip.
    """

    number: int
    name: str
    color: str
    history: History
    seconds: Seconds | None = None
    dashed: bool = False
    grows: bool = False
    sparse: bool = False
    note: str = ""


_PROBES = 64


@dataclass(frozen=True, slots=True)
class XAxis:
    """The places of steps.

    Attributes:
        seconds: the times of the steps; None: a step stands at its own number.
    """

    seconds: Seconds | None = None

    def places(self, steps: Steps) -> NDArray[np.int64] | NDArray[np.float64]:
        """Where these steps stand."""
        return steps if self.seconds is None else self.seconds(steps)

    def place(self, step: int) -> float:
        """Where a step stands."""
        return float(step) if self.seconds is None else float(self.seconds(np.array([step]))[0])

    def nearest(self, place: float, length: int) -> int:
        """The step nearest to a place, of `length` of them, which is 1 or more."""
        if self.seconds is None:
            return int(np.clip(round(place), 0, length - 1))
        after = min(self._first_from(place, length), length - 1)
        before = max(0, after - 1)
        return before if place - self.place(before) < self.place(after) - place else after

    def between(self, left: float, right: float, length: int) -> tuple[int, int]:
        """The first step in a range, and the one after the last, each with one step more for its line."""
        if self.seconds is None:
            return max(0, math.floor(left) - 1), min(length, math.ceil(right) + 2)
        return max(0, self._first_from(left, length) - 1), min(length, self._first_from(right, length) + 1)

    def columns(self, first: int, last: int, shown: float, pixels: int) -> int:
        """Columns of pixels that the steps from `first` up to `last` take where `pixels` show `shown`."""
        span: float = max(0, last - first)
        if self.seconds is not None and span:
            # At most twice what is in view: the step at either side may have taken long.
            span = min(2 * shown, self.place(last - 1) - self.place(first))
        return max(1, math.ceil(span * pixels / shown))

    def _first_from(self, place: float, length: int) -> int:
        """The first step at a place or after it; `length` if all stand before it."""
        low, high = 0, length
        while self.seconds is not None and low < high:
            probes = np.unique(np.linspace(low, high - 1, _PROBES).astype(np.int64))
            index = int(np.searchsorted(self.seconds(probes), place))
            if index == len(probes):
                return high
            low, high = int(probes[index - 1]) + 1 if index else low, int(probes[index])
        return low


STEPS = XAxis()
"""A step stands at its own number."""


FEWEST_STEPS = 10
"""The axis shows at least so many."""
_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
MINOR_FACTORS = tuple(math.log10(factor) for factor in range(2, 10))

MINUS = "−"
_GROUPED_FROM = 10_000
_LABEL_HEIGHT = 26.0
_LABEL_WIDTH = 80.0
_FARTHEST = 1e9
_LARGEST = 8e307


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis with a number beside it; a minor one has no number."""

    place: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """How losses become places on the axis.

    Attributes:
        logarithmic: whether a place is the loss's base-10 logarithm.
        unit: on a linear axis, the loss at place 1. It is a power of two near the largest loss: Qt
            takes a transformation to pixels for singular where a pixel is worth 1e12 or more.
    """

    logarithmic: bool
    unit: float = 1.0

    def places(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places of losses; NaN for one that is not finite or, on a logarithmic axis, not above zero."""
        drawable = np.isfinite(losses)
        if self.logarithmic:
            drawable &= losses > 0
            logarithms: NDArray[np.float64] = np.log10(
                losses, out=np.full(len(losses), np.nan), where=drawable
            )
            return logarithms
        with np.errstate(over="ignore"):
            places = np.where(drawable, losses, np.nan) / self.unit
        return np.clip(places, -_FARTHEST, _FARTHEST)

    def place(self, loss: float) -> float:
        """Place of one loss, or NaN."""
        if not math.isfinite(loss) or (self.logarithmic and loss <= 0):
            return math.nan
        # Without NumPy, whose arrays of one number take ten times as long.
        return math.log10(loss) if self.logarithmic else min(max(loss / self.unit, -_FARTHEST), _FARTHEST)

    def loss(self, place: float) -> float:
        """The loss at a place; infinite beyond the largest number."""
        if not self.logarithmic:
            return place * self.unit
        return 10.0**place if place < 308 else math.inf


def fitting_scale(
    losses: NDArray[np.float64], logarithmic: bool, decades: int = 1
) -> tuple[Scale, float, float]:
    """A scale for these losses, and the lowest and highest place to show.

    Whole decades on a logarithmic axis, at least `decades` of them, the further ones below the losses; on a
    linear one from 0 (or below) to a power of two.
    """
    if logarithmic:
        scale = Scale(True)
        places = scale.places(losses)
        places = places[~np.isnan(places)]
        if not len(places):
            return scale, 0.0, 1.0
        low = math.floor(places.min())
        high = max(math.ceil(places.max()), low + 1)
        return scale, float(min(low, high - decades)), float(high)
    finite = losses[np.isfinite(losses)]
    unit = _power_of_two_above(float(np.abs(finite).max(initial=0.0)))
    places = finite / unit
    low = float(places.min(initial=0.0))
    high = float(places.max(initial=0.0))
    bottom = -_power_of_two_above(-low) if low < 0 else 0.0
    top = _power_of_two_above(high) if high > 0 or not bottom else 0.0
    return Scale(False, unit), bottom, top


def shown_steps(total: int, made: int) -> int:
    """Steps that the axis shows: those that were made up to the next round number, so that it rarely moves.

    Args:
        total: steps that the run will make; 0 if unknown. Beyond these no room is left.
        made: steps that have run.
    """
    steps = round(round_above(max(made, FEWEST_STEPS)))
    return max(FEWEST_STEPS, min(steps, total)) if made <= total else steps


def shown_seconds(longest: float) -> float:
    """Seconds that the axis shows for a run that took so long."""
    return round_above(max(longest, 1e-3))


def round_above(value: float) -> float:
    """The first round number that is not below a value, which is above 0: seven of them a decade."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (*_ROUND, 20.0) if factor * power >= value * (1 - 1e-9))


def step_ticks(low: float, high: float, pixels: float) -> list[Tick]:
    """Numbers on the axis of the steps; only whole steps."""
    spacing = max(1.0, _round_spacing(high - low, pixels / _LABEL_WIDTH))
    return [Tick(place, number_text(place, spacing)) for place in _multiples(max(low, 0.0), high, spacing)]


def second_ticks(low: float, high: float, pixels: float) -> list[Tick]:
    """Numbers on the axis of the seconds."""
    spacing = _round_spacing(high - low, pixels / _LABEL_WIDTH)
    return [Tick(place, number_text(place, spacing)) for place in _multiples(max(low, 0.0), high, spacing)]


def loss_ticks(scale: Scale, low: float, high: float, pixels: float) -> list[Tick]:
    """Numbers on the axis of the loss, with minor ticks between decades where there is room."""
    count = pixels / _LABEL_HEIGHT
    if not scale.logarithmic:
        return _even_ticks(scale, low, high, count)
    if high - low < 1.0:
        return _even_ticks(scale, low, high, count)
    stride = _decade_stride((high - low) / max(1.0, count))
    decades = range(math.ceil(low / stride) * stride, math.floor(high) + 1, stride)
    ticks = [Tick(float(decade), power_text(decade)) for decade in decades]
    if stride == 1 and pixels / (high - low) >= 20:
        first = math.floor(low)
        minor = [decade + part for decade in range(first, math.ceil(high)) for part in MINOR_FACTORS]
        ticks += [Tick(place) for place in minor if low <= place <= high]
    return ticks


def power_text(exponent: int) -> str:
    """A power of ten: `0.01`, `1`, `1000`, `1e4`, `1e−4`."""
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else f"1e{exponent}".replace("-", MINUS)


def number_text(value: float, spacing: float) -> str:
    """A number with the digits that tell it from one `spacing` away: `0.25`, `−500`, `10k`, `1.5M`."""
    return "0" if value == 0 else _number_text(value, spacing).replace("-", MINUS)


def _number_text(value: float, spacing: float) -> str:
    if not 1e-3 <= abs(value) < 1e12:
        digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(spacing) + 1e-9))
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    for factor, unit, most_decimals in ((1e9, "G", 2), (1e6, "M", 2), (1e3, "k", 0)):
        decimals = _decimals(spacing / factor)
        if abs(value) >= factor and decimals <= most_decimals:
            return _trimmed(f"{value / factor:.{decimals}f}") + unit
    decimals = _decimals(spacing)
    return grouped(value, decimals) if abs(value) >= _GROUPED_FROM else f"{value:.{decimals}f}"


def _decimals(spacing: float) -> int:
    """Digits after the point that tell multiples of a round number apart."""
    return max(0, -math.floor(math.log10(spacing) + 1e-9))


def grouped(value: float, decimals: int = 0) -> str:
    """A number with its digits in groups of three: `1 234 567`."""
    return f"{value:,.{decimals}f}".replace(",", "\N{NO-BREAK SPACE}")


def _even_ticks(scale: Scale, low_place: float, high_place: float, count: float) -> list[Tick]:
    """Ticks at round losses between two places."""
    low, high = (min(max(scale.loss(place), -_LARGEST), _LARGEST) for place in (low_place, high_place))
    if not low < high:
        return []
    spacing = _round_spacing(high - low, count)
    losses = np.array(_multiples(low, high, spacing))
    places = zip(scale.places(losses).tolist(), losses.tolist(), strict=True)
    return [Tick(place, number_text(loss, spacing)) for place, loss in places if not math.isnan(place)]


def _multiples(low: float, high: float, spacing: float) -> list[float]:
    margin = 1e-9 * spacing
    first, last = math.ceil((low - margin) / spacing), math.floor((high + margin) / spacing)
    return [index * spacing for index in range(first, last + 1)]


def _round_spacing(extent: float, count: float) -> float:
    """The smallest of one, two or five times a power of ten that gives no more than `count` stretches."""
    least = extent / max(1.0, count)
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))


def _decade_stride(least: float) -> int:
    strides = (1, 2, 3, 5, 10, 20, 50, 100, 200)
    return next((stride for stride in strides if stride >= least), strides[-1])


def _power_of_two_above(value: float) -> float:
    """The smallest power of two that is not below a value; 1 for 0, the largest for a huge one."""
    if value <= 0:
        return 1.0
    mantissa, exponent = math.frexp(value)
    exponent = exponent - 1 if mantissa == 0.5 else exponent
    return math.ldexp(1.0, min(max(exponent, -1020), 1023))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
