"""What the window of two programs shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.comparing.programs import ProgramsComparison


@dataclass(frozen=True, slots=True)
class ShownPrograms:
    """The two, and what is known of them by now.

    Attributes:
        names: as their titles say.
        texts: as they are now.
        comparison: the latest, None before and where there was a problem.
        problem: why there is none, in one line.
        running: whether they run now.
        stale: whether the comparison is of other texts.
    """

    names: tuple[str, str]
    texts: tuple[str, str]
    comparison: ProgramsComparison | None = None
    problem: str = ""
    running: bool = False
    stale: bool = False
