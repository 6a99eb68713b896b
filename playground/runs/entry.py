"""One run of the list: what it was, how far it came, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.graph.model import Graph
from playground.history import History
from playground.runs.changes import Change
from playground.runs.clock import RunClock
from playground.runs.series import LossSeries
from playground.settings import Settings, quoted, shortened
from playground.stages import OWN

LONGEST_NAME = 60
STATES = ("paused", "running", "finished", "failed")
SHORT = 10
"""A run of fewer steps is short: mostly it was only a look."""


@dataclass(frozen=True, slots=True, eq=False)
class RunEntry:
    """One run of the list. Two entries are the same only if they are one object.

    Attributes:
        number: the run's, from 0 up.
        settings: the latest in force.
        name: what it is called.
        color: number of its color, from 0 up, which no other listed run has, but for those in passing; what
            draws more runs than it has colors begins with the first again.
        history: its losses, depths and structures.
        structures: the graphs that it has built so far, each once.
        clock: the time that it took.
        state: one of `STATES`.
        named: whether that name is the user's.
        visible: whether its curve is drawn.
        chosen: whether the user has said that it is drawn, or not.
        pinned: whether it stays when memory runs short.
        recordings_nbytes: bytes that its recorded steps take, which have a budget of their own.
        changes: what was changed in mid-run, at most one change a step and setting.
        series: its losses by name, where a step has several; they grow with the run.
    """

    number: int
    settings: Settings
    name: str
    color: int
    history: History
    structures: Sequence[Graph]
    clock: RunClock = field(default_factory=RunClock)
    state: str = "paused"
    named: bool = False
    visible: bool = True
    chosen: bool = False
    pinned: bool = False
    recordings_nbytes: int = 0
    changes: tuple[Change, ...] = ()
    series: Sequence[LossSeries] = ()

    @property
    def steps(self) -> int:
        """Number of steps that the run has made."""
        return self.history.length

    @property
    def hidden(self) -> bool:
        """Whether the user does not want to see it."""
        return self.chosen and not self.visible

    @property
    def passing(self) -> bool:
        """Whether it is a short run that has not failed and that the user did nothing with."""
        touched = self.named or self.pinned or self.chosen or self.state == "failed"
        return self.steps < SHORT and not touched

    @property
    def loss(self) -> float | None:
        """Loss of the last step; None before the first."""
        length = self.history.length
        return self.history.loss(length - 1) if length else None


def default_name(settings: Settings, number: int) -> str:
    """What a run is called until the user gives it a name: `"autograd 3"`."""
    if settings.own is None:
        return f"{settings.stage} {number}"
    name = shortened(settings.own.name.removesuffix(".py"))
    return f"{name} {number}" if settings.stage == OWN else f"{settings.stage}, edited {number}"


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
