"""What the window may ask of the worker beside training; `answers` says how it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from playground.own_program import OwnProgram
from playground.settings import Settings
from playground.workspace.files import Seen

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost
    from playground.comparing.device_results import CheckedDevice
    from playground.comparing.program_graphs import ProgramGraphs
    from playground.comparing.programs import ProgramsComparison
    from playground.comparing.rosetta import Rosetta
    from playground.data.landscape import Landscape
    from playground.data.step_size import StepSizes
    from playground.data.what_if import WhatIf
    from playground.data.what_if_targets import Intervention
    from playground.faults.lab import LabRun
    from playground.recording.finite_difference import GradientCheck


@dataclass(frozen=True, slots=True)
class GradientCheckRequest:
    """Asks for the slope of the loss along one element of a parameter: a GradientCheck.

    Attributes:
        run, step: of the recording.
        parameter, index, epsilon: as for `Trainer.check_gradient`.
    """

    run: int
    step: int
    parameter: str
    index: tuple[int, ...]
    epsilon: float


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """Asks for the recording of a step that has been made without; it is put on the shelf."""

    run: int
    step: int


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Asks for a file with what the run has trained: its path.

    Attributes:
        run: the run's number.
        path: of the file, which is replaced if it is there.
        written: one of `playground.workspace.models.FORMATS`, or `"onnx"`.
        over: what was there when the user agreed to have it replaced.
    """

    run: int
    path: str
    written: str
    over: Seen


LandscapeKind: TypeAlias = Literal["path", "random", "step"]


@dataclass(frozen=True, slots=True)
class LandscapeRequest:
    """Asks for the loss over a plane of the run's weights, a Landscape, or along a step of it, a StepSizes.

    Attributes:
        run: the run's number.
        kind: of the plane, or `"step"`.
        step: the recorded one whose step size is asked for; None for the newest.
        seed: of random directions.
    """

    run: int
    kind: LandscapeKind
    step: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RosettaRequest:
    """Asks for two stages side by side, a step of each recorded from the same start: a Rosetta."""

    left: str
    right: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class WhatIfRequest:
    """Asks for a recorded step with some elements changed: a WhatIf.

    Attributes:
        run, step: of the recording.
        interventions: what is changed.
    """

    run: int
    step: int
    interventions: tuple[Intervention, ...]


@dataclass(frozen=True, slots=True)
class CostsRequest:
    """Asks what a step of each stage takes: a tuple of StageCost."""

    stages: tuple[str, ...]
    settings: Settings


@dataclass(frozen=True, slots=True)
class DevicesRequest:
    """Asks what runs on which device: a tuple of CheckedDevice.

    Attributes:
        number: tells one request from another.
        threads: of the runs' operations, 0 for automatic.
    """

    number: int
    threads: int


@dataclass(frozen=True, slots=True)
class LabRequest:
    """Asks for a fault's program and its healthy twin to be run: a LabRun.

    Attributes:
        fault: its name.
        steps: that are made of each.
    """

    fault: str
    steps: int


@dataclass(frozen=True, slots=True)
class ProgramsRequest:
    """Asks where two programs part: a ProgramsAnswer.

    Attributes:
        first, second: the programs.
        names: what the two are called.
        seed: of both.
        steps: that are made of each.
    """

    first: OwnProgram
    second: OwnProgram
    names: tuple[str, str]
    seed: int
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class ProgramsAnswer:
    """Where two programs part.

    Attributes:
        comparison: of the two.
        graphs: of the step that was looked into; None if there is none.
    """

    comparison: ProgramsComparison
    graphs: ProgramGraphs | None


RunRequest: TypeAlias = GradientCheckRequest | RecordRequest | ModelRequest
"""Needs the present run."""
AtOnce: TypeAlias = (
    RunRequest | WhatIfRequest | RosettaRequest | CostsRequest | DevicesRequest | LabRequest | ProgramsRequest
)
"""Is answered in one go: the run stands still meanwhile."""
Request: TypeAlias = AtOnce | LandscapeRequest
"""The others are answered in parts, between which the run may go on."""
Answer: TypeAlias = (
    "GradientCheck | int | str | Rosetta | tuple[StageCost, ...] | tuple[CheckedDevice, ...] | LabRun"
    " | ProgramsAnswer | Landscape | StepSizes | WhatIf"
)
