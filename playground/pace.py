"""How many steps a second a run makes where somebody watches it, and times at a glance."""

from __future__ import annotations

FULL_SPEED = 0.0
"""As fast as the machine can."""
PACES: tuple[float, ...] = (1, 3, 10, 30, 100, 300, FULL_SPEED)
"""Steps a second that can be chosen, from the slowest."""
DEFAULT_POSITION = 2
FASTEST_PLAYED = 3
"""Up to so many steps a second, each step is recorded, and what happens in it is played."""
FULL_SPEED_NAME = "full"


def is_played(pace: float) -> bool:
    """Whether at this many steps a second each step is recorded and played."""
    return pace != FULL_SPEED and pace <= FASTEST_PLAYED


def pace_name(position: int) -> str:
    """As the command line writes it."""
    pace = PACES[position]
    return FULL_SPEED_NAME if pace == FULL_SPEED else f"{pace:g}"


def pace_text(position: int) -> str:
    """As the window writes it."""
    pace = PACES[position]
    if pace == FULL_SPEED:
        return "full speed"
    return f"{pace:g} step/s" if pace == 1 else f"{pace:g} steps/s"


def position_named(text: str) -> int | None:
    """The position of a pace as the command line writes it, or None."""
    names = [pace_name(position) for position in range(len(PACES))]
    return names.index(text) if text in names else None


def duration_text(seconds: float) -> str:
    """A time at a glance: `"18 s"`, `"4 min"`, `"3 h"`, `"12 days"`."""
    for unit, length, most in (("s", 1, 90), ("min", 60, 90), ("h", 3_600, 48)):
        if seconds < most * length:
            return f"{round(seconds / length)} {unit}"
    return f"{round(seconds / 86_400)} days"
