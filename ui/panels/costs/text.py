"""What the panel of costs says: a step's time and memory in words, and as a table to copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.memory import in_words
from playground.stages import stage_named
from ui.widgets.number_text import show_whole

if TYPE_CHECKING:
    # At run time it would load the trainer, which the window does not wait for.
    from playground.comparing.costs import StageCost

EMPTY = "Press Measure: every chosen stage is run, and timed."
NONE_CHOSEN = "Choose at least one stage to measure."
NOTE = (
    "Peak memory: what arrays and tensors take at most within a step, data and weights among them."
    " What an operation takes and frees within itself is not counted."
)
COLUMNS = (
    "stage",
    "step (ms)",
    "forward (ms)",
    "backward (ms)",
    "update (ms)",
    "times the fastest",
    "timed steps",
    "peak memory (bytes)",
)

_UNITS = ((1.0, 1.0, "s"), (1e-4, 1e-3, "ms"), (0.0, 1e-6, "µs"))
"""The seconds from which a unit is taken, what it is in seconds, and its sign."""
_DECIMALS = ((99.95, 0), (9.995, 1), (0.0995, 2))
"""The number from which on so many decimals are enough."""
_MOST_DECIMALS = 3
_LONGEST_RANGE = 1000
_SHORT_RATIO = 9.95
"""From here on a ratio is written without decimals."""


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """What times are written in, all of them in one, so that they can be compared.

    Attributes:
        seconds: what one unit is.
        sign: how it is written.
    """

    seconds: float
    sign: str

    def number(self, seconds: float, decimals: int) -> str:
        """A time without its unit."""
        return f"{seconds / self.seconds:.{decimals}f}"

    def decimals(self, seconds: float) -> int:
        """How many digits behind the point suit a step of that time and its parts."""
        number = seconds / self.seconds
        return next((decimals for least, decimals in _DECIMALS if number >= least), _MOST_DECIMALS)


def unit_for(costs: Sequence[StageCost]) -> TimeUnit:
    """The unit that suits the fastest step; a larger one where the slowest takes a thousand times as long."""
    totals = [cost.total for cost in costs] or [0.0]
    return _unit_of(max(min(totals), max(totals) / _LONGEST_RANGE))


def introduction(turns: int, steps: int, measured: bool) -> str:
    """How the figures come about, in a line.

    Args:
        turns: how often each stage has its turn.
        steps: timed steps in a turn.
        measured: whether there are figures already.
    """
    when = "measured just now in one go" if measured else "measured in one go"
    return (
        f"Time of one step on this machine, {when}: {_count(turns, 'turn')} of {_count(steps, 'step')} each,"
        " the stages in turn; medians."
    )


def progress_text(done: int, of: int) -> str:
    """How far the measurement is: `measuring: 30 %`."""
    return f"measuring: {100 * done // of if of > 0 else 0}\u00a0%"


def title_of(cost: StageCost) -> str:
    """A stage as the window writes it."""
    stage = stage_named(cost.stage)
    return cost.stage if stage is None else stage.title


def figures(cost: StageCost, unit: TimeUnit) -> str:
    """A step and its parts: `0.61 ms ≈ 0.21 + 0.30 + 0.10`.

    Medians of parts add up to the median of the whole only nearly, hence no sign of equality.
    """
    decimals = unit.decimals(cost.total)
    total, *parts = (
        unit.number(seconds, decimals) for seconds in (cost.total, cost.forward, cost.backward, cost.update)
    )
    return f"{total} {unit.sign} ≈ {' + '.join(parts)}"


def ratio(cost: StageCost, fastest: float) -> float:
    """How many times the fastest step this one takes."""
    return cost.total / fastest if fastest > 0 else 1.0


def ratio_text(cost: StageCost, fastest: float) -> str:
    """The same in short: `2.3×`."""
    times = ratio(cost, fastest)
    return f"{times:.1f}×" if times < _SHORT_RATIO else f"{show_whole(round(times))}×"


def memory_text(cost: StageCost) -> str:
    """The peak of memory: `3.4 MB`."""
    return in_words(cost.peak_bytes)


def line(cost: StageCost, unit: TimeUnit, fastest: float) -> str:
    """All that a row shows, in a line."""
    times, memory = ratio_text(cost, fastest), memory_text(cost)
    return f"{title_of(cost)}: {figures(cost, unit)}, {times}, {memory}"


def details(cost: StageCost, fastest: float) -> str:
    """All figures of a stage, a few lines long."""
    forward, backward, update = map(duration, (cost.forward, cost.backward, cost.update))
    size = f"{show_whole(cost.peak_bytes)} bytes"
    return (
        f"{title_of(cost)}: {duration(cost.total)} a step, {ratio_text(cost, fastest)} the fastest\n"
        f"forward {forward}, backward {backward}, update {update}\n"
        f"peak memory {memory_text(cost)} ({size})\n"
        f"{_medians(cost.steps)}"
    )


def duration(seconds: float) -> str:
    """A time with three digits, in the unit that suits it: `0.222 ms`."""
    unit = _unit_of(seconds)
    number = seconds / unit.seconds
    decimals = 0 if number <= 0 else max(0, 2 - math.floor(math.log10(number)))
    return f"{number:.{decimals}f} {unit.sign}"


def table(costs: Sequence[StageCost]) -> str:
    """The figures as text with tabs, as a spreadsheet takes it; the first line has the headings."""
    fastest = min((cost.total for cost in costs), default=0.0)
    rows = [COLUMNS, *(_row(cost, fastest) for cost in costs)]
    return "".join("\t".join(row) + "\n" for row in rows)


def _row(cost: StageCost, fastest: float) -> tuple[str, ...]:
    times = (f"{1e3 * part:.4f}" for part in (cost.total, cost.forward, cost.backward, cost.update))
    return (
        title_of(cost),
        *times,
        f"{ratio(cost, fastest):.3f}",
        str(cost.steps),
        str(cost.peak_bytes),
    )


def _unit_of(seconds: float) -> TimeUnit:
    return next(TimeUnit(size, sign) for least, size, sign in _UNITS if seconds >= least)


def _medians(steps: int) -> str:
    if steps == 1:
        return "of one step"
    return f"medians of {_count(steps, 'step')}; those of the parts add up to the whole only nearly"


def _count(number: int, noun: str) -> str:
    return f"{show_whole(number)} {noun}{'' if number == 1 else 's'}"
