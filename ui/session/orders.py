"""What the worker is asked to do, and what it tells of a run: plain data that crosses threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.graph.model import Graph
from playground.halting import Halt
from playground.history import History
from playground.pace import FULL_SPEED
from playground.runs.changes import Change
from playground.runs.series import LossSeries
from playground.settings import Settings

if TYPE_CHECKING:
    from playground.data.weight_path import WeightPath
    from playground.health.sample import HealthSample
    from playground.health.spread import Spreads
    from playground.programs.output import OutputTape
    from playground.recording.cache import RecordingCache
    from ui.session.live_pictures import PictureLook


@dataclass(frozen=True, slots=True)
class Command:
    """What the worker shall do; the newest one counts.

    Attributes:
        run: the run's number; another number than before asks for a new run.
        settings: the run's.
        target: how many steps the run shall have made when the worker stops; 0 to stand still. The last
            one is recorded.
        pausing: make one more step, which is recorded, whatever the target.
        record_every: record every so many steps besides; 0 for none.
        pace: steps a second at most; 0 for as fast as possible.
        halt: what else to stand still for, the step being recorded.
    """

    run: int
    settings: Settings
    target: int
    pausing: bool = False
    record_every: int = 0
    pace: float = FULL_SPEED
    halt: Halt | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that the worker has begun. Lists only grow, and only the worker writes to them.

    Attributes:
        number: the run's.
        history: its losses, depths and structures.
        structures: the graphs that it has built so far, each once.
        threads: number of threads that its operations use, or None where that cannot be told.
        recordings: the steps that were recorded, as far as there is room.
        changes: what was changed in mid-run, each with the step from which it acts.
        health: what was seen of its parameters last; at most one look, which the next one replaces.
        series: the losses of a program of the user's own, by their names.
        output: what a program of the user's own prints, draws and asks; None of a stage's.
        picture: of what the net gives, while somebody looks at it; at most one, which the next one replaces.
        spreads: how the elements of its parameters were spread over its steps; None where nobody looks.
        path: the weights of some of its steps; whoever reads its `points` reads them once.
    """

    number: int
    history: History
    structures: Sequence[Graph]
    threads: int | None
    recordings: RecordingCache
    changes: Sequence[Change]
    health: list[HealthSample] = field(default_factory=list)
    series: Sequence[LossSeries] = ()
    output: OutputTape | None = None
    picture: list[PictureLook] = field(default_factory=list)
    spreads: Spreads | None = None
    path: WeightPath | None = None


@dataclass(frozen=True, slots=True)
class Halted:
    """The worker has stopped stepping.

    Attributes:
        order: the order that it has carried out.
        steps: how many steps the run has made.
        seconds: time that it has spent on them so far, without the pauses and without recorded steps.
        reached: why it stands still before the order's target, "" if it does not.
        ended: whether there is no further step.
    """

    order: Command
    steps: int
    seconds: float
    reached: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class SlowStep:
    """A step that takes so long that the user must be told, while it is being made.

    Attributes:
        run: the run's number.
        step: the step's; the history has it as soon as its forward pass is done.
        began: on the clock `time.monotonic`.
        seconds: how long it will take, estimated.
        stopping: whether it has been asked to end; it waits for the operation that it is in.
    """

    run: int
    step: int
    began: float
    seconds: float
    stopping: bool = False


class TorchMissingError(RuntimeError):
    """Torch could not be loaded, and the stage needs it."""
