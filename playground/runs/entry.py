"""One run of the list: what it was, how far it came, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.graph.model import Graph
from playground.history import History
from playground.runs.clock import RunClock
from playground.settings import Settings, quoted

LONGEST_NAME = 60
STATES = ("paused", "running", "finished", "failed")


@dataclass(frozen=True, slots=True, eq=False)
class RunEntry:
    """One run of the list. Two entries are the same only if they are one object.

    Attributes:
        number: the run's, from 0 up.
        settings: the latest in force.
        name: the user's for it.
        color: number of its color, from 0 up, which no other listed run has; what draws more runs than
            it has colors begins with the first again.
        history: its losses, depths and structures.
        structures: the graphs that it has built so far, each once.
        clock: the time that it took.
        state: one of `STATES`.
        visible: whether its curve is drawn.
        pinned: whether it stays when memory runs short.
        recordings_nbytes: bytes that its recorded steps take, which have a budget of their own.
    """

    number: int
    settings: Settings
    name: str
    color: int
    history: History
    structures: Sequence[Graph]
    clock: RunClock = field(default_factory=RunClock)
    state: str = "paused"
    visible: bool = True
    pinned: bool = False
    recordings_nbytes: int = 0

    @property
    def steps(self) -> int:
        """Number of steps that the run has made."""
        return self.history.length

    @property
    def loss(self) -> float | None:
        """Loss of the last step; None before the first."""
        length = self.history.length
        return self.history.loss(length - 1) if length else None


def default_name(settings: Settings, number: int) -> str:
    """What a run is called until the user gives it a name: `"autograd 3"`."""
    return f"{settings.stage} {number}"


def checked_name(name: str) -> str:
    """The name on one line, without space around it.

    Raises:
        ValueError: it is blank or too long.
    """
    name = " ".join(name.split())
    if not name:
        raise ValueError(f"name: a blank one is not allowed; allowed: 1 to {LONGEST_NAME} characters")
    if len(name) > LONGEST_NAME:
        raise ValueError(
            f"name: {quoted(name)} has {len(name)} characters; allowed: 1 to {LONGEST_NAME} characters"
        )
    return name
