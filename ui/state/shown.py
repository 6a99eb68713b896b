"""What is to be seen of the present run at one look: one frozen object that every panel shows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from playground.graph.layout import Layout
from playground.graph.model import Graph
from playground.recording.events import Event
from playground.recording.model import BackwardPass, Recording
from playground.runs.changes import Change
from playground.runs.structure_statistics import DepthLoss, StructureCount
from playground.settings import Settings
from ui.session.orders import Run
from ui.session.session import RunState


class Against(StrEnum):
    """What the graph that is shown is compared with."""

    NOTHING = "nothing"
    BEFORE = "before"
    PINNED = "pinned"


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The graph variants of a run whose graphs change, and its newest steps.

    Attributes:
        structures, depths: how often each was built, and what the loss was.
        first: number of the first of the newest steps.
        newest, newest_depths, losses: graph variant, depth and loss of each of them.
    """

    structures: tuple[StructureCount, ...]
    depths: tuple[DepthLoss, ...]
    first: int
    newest: npt.NDArray[np.int32]
    newest_depths: npt.NDArray[np.int8]
    losses: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KeptStep:
    """A recorded step that the user keeps.

    Attributes:
        run, name: number and name of the run that it is of.
        settings, changes: of that run.
        recording: of the step.
    """

    run: int
    name: str
    settings: Settings
    changes: tuple[Change, ...]
    recording: Recording


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One look at the present run.

    Attributes:
        run: the run, None before it has begun; its history goes on, so nobody reads past `made`.
        state: what the run is doing.
        made: how many steps it had made.
        step: the step that is shown, None if there is none.
        following: whether that is the newest as the run goes on.
        moved: whether the user has just gone there.
        failed: whether it is the step in which the run failed.
        structure: number of the step's graph variant; None of a step that failed before it had one.
        structures: how many variants had been seen.
        depth: how often DynamicNet used its middle layer in the step, else None.
        graph, layout: what is drawn of the step, and where; None as long as it is not known.
        layout_failure: why it could not be laid out, "" if it could.
        has_film: whether the run's graphs may change from step to step.
        film: the variants, None before there are any.
        recording: of the step, None if it was not recorded or does not stand still.
        recorded: the steps that are recorded.
        recorded_bytes, recorded_budget: memory that recordings take, and may take.
        cursor: number of the event at which the walk stands, None without a recording.
        key: of the chosen node, "" if none is.
        line: the line of the code that is marked, or None.
        lit: keys of nodes that stand out for what is pointed at elsewhere.
        against: what the graph is compared with.
        pinned: the step that it may be compared with.
        compared: the graph that it is compared with, None if it is not.
        compared_step: the step of that graph.
        kept: of which other run the step is, kept from there; None for a step of the present run.
    """

    run: Run | None
    state: RunState
    made: int
    step: int | None = None
    following: bool = True
    moved: bool = False
    failed: bool = False
    structure: int | None = None
    structures: int = 0
    depth: int | None = None
    graph: Graph | None = None
    layout: Layout | None = None
    layout_failure: str = ""
    has_film: bool = False
    film: Film | None = None
    recording: Recording | None = None
    recorded: tuple[int, ...] = ()
    recorded_bytes: int = 0
    recorded_budget: int = 0
    cursor: int | None = None
    key: str = ""
    line: int | None = None
    lit: frozenset[str] = frozenset()
    against: Against = Against.NOTHING
    pinned: int = 0
    compared: Graph | None = None
    compared_step: int = 0
    kept: KeptStep | None = None

    @property
    def event(self) -> Event | None:
        """The event at which the walk stands, or None."""
        if self.recording is None or self.cursor is None:
            return None
        return self.recording.events[self.cursor]

    @property
    def backward_pass(self) -> BackwardPass | None:
        """The backward pass in which the walk stands, or None."""
        return None if self.recording is None else self.recording.pass_at(self.cursor)

    def differs(self, other: Shown | None, *names: str) -> bool:
        """Whether one of these attributes is another than in an earlier look; without names, any."""
        if other is None:
            return True
        return any(not _same(getattr(self, name), getattr(other, name)) for name in names or _ALL)


_ALL = tuple(field.name for field in fields(Shown) if field.name not in ("moved", "film"))
_PLAIN = (int, str, bool, float, tuple, frozenset, type(None))


def _same(one: object, other: object) -> bool:
    # What is large is known by identity: it is frozen, and made once.
    return one is other or (isinstance(one, _PLAIN) and one == other)
