"""Answers what the window asks of the worker beside training, on the worker's thread.

It is loaded by that thread, with the window on the screen: it brings the whole engine along.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from playground.comparing.compare import settings_for
from playground.comparing.costs import StageCost, measure_costs
from playground.comparing.device_check import check_devices
from playground.comparing.program_graphs import graphs_of
from playground.comparing.programs import compare_programs
from playground.comparing.rosetta import Rosetta, rosetta
from playground.data.landscape import Landscape, LandscapeError
from playground.data.run_landscape import landscape_of_run_parts, step_sizes_of_run_parts
from playground.data.step_size import StepSizes
from playground.data.weight_path import WeightPath
from playground.data.what_if import WhatIf, what_if
from playground.data.what_if_targets import WhatIfError
from playground.faults import fault_named
from playground.faults.lab import LabRun, run_lab
from playground.faults.lab_settings import lab_settings
from playground.programs.errors import ProgramError
from playground.programs.program import Program, program_of
from playground.recording.cache import RecordingCache
from playground.recording.finite_difference import GradientCheck, GradientCheckError
from playground.recording.model import Recording
from playground.setting_specs import SIZES
from playground.settings import Settings, SettingsError
from playground.threads import Threads
from playground.trainer import Trainer, kept_random_states
from playground.workspace.files import FileError, write_bytes, write_file
from playground.workspace.models import write_model
from playground.workspace.onnx_model import OnnxError, onnx_of
from playground.workspace.runs import NotThereError, model_of
from ui.session.requests import (
    Answer,
    AtOnce,
    CostsRequest,
    DevicesRequest,
    GradientCheckRequest,
    LabRequest,
    LandscapeRequest,
    ModelRequest,
    ProgramsAnswer,
    ProgramsRequest,
    RecordRequest,
    RosettaRequest,
    WhatIfRequest,
)

Tell: TypeAlias = Callable[[int, int], None]
"""Hears how much is done, and of how much; what it raises ends the work, as a `Teller` does."""

_ONE_THREAD = Settings(threads=1)
"""Enough for small programs, and it suffers least where the machine is busy."""
NO_RUN = "the run has ended: Run or Step starts it again"


ANSWERED = (
    FileError,
    GradientCheckError,
    LandscapeError,
    NotThereError,
    OnnxError,
    ProgramError,
    SettingsError,
    WhatIfError,
)
"""What says in one line why something cannot be answered."""


class RequestError(Exception):
    """Why a request cannot be answered, in one line."""


@dataclass(frozen=True, slots=True)
class Present:
    """What the worker has at hand.

    Attributes:
        run: number of the present run.
        trainer: of the run, or None.
        shelf: its recordings.
        threads: sets the number of threads.
        path: weights that were kept of the run; None if there is none.
    """

    run: int
    trainer: Trainer | None
    shelf: RecordingCache
    threads: Threads
    path: WeightPath | None = None


AnswerInParts: TypeAlias = Generator[tuple[int, int], None, Landscape | StepSizes]
"""Tells before each part how many are done, and of how many."""


def parts_of(request: LandscapeRequest, present: Present) -> AnswerInParts:
    """An answer in parts, between which the run may go on. Raises like `answer`, but for `Stopped`."""
    if request.run != present.run or present.trainer is None:
        raise RequestError(NO_RUN)
    trainer, shelf, path = present.trainer, present.shelf, present.path or WeightPath()
    try:
        if request.kind == "step":
            return (yield from step_sizes_of_run_parts(trainer, shelf, request.step))
        return (yield from landscape_of_run_parts(trainer, path, shelf, request.kind, request.seed))
    except ANSWERED as error:
        raise RequestError(str(error)) from None


def answer(request: AtOnce, present: Present, tell: Tell) -> Answer:
    """Answers on the thread that calls it.

    Raises:
        RequestError: why not, in one line.
        Stopped: what `tell` raised.
        Exception: whatever a stage raises.
    """
    try:
        if isinstance(request, RosettaRequest):
            return _side_by_side(request, tell)
        if isinstance(request, CostsRequest):
            return _costs(request, present, tell)
        if isinstance(request, DevicesRequest):
            return check_devices(None, tell, present.threads, {"threads": request.threads})
        if isinstance(request, LabRequest):
            return _lab(request, present, tell)
        if isinstance(request, ProgramsRequest):
            return _programs(request, present, tell)
        if request.run != present.run or present.trainer is None:
            raise RequestError(NO_RUN)
        if isinstance(request, RecordRequest):
            recording = present.trainer.record_again(request.step, request.run, tell, present.threads)
            present.shelf.put(recording)
            return request.step
        if isinstance(request, WhatIfRequest):
            return _what_if(request, present.trainer, present, tell)
        if isinstance(request, ModelRequest):
            return _save_model(request, present.trainer, tell)
        return _check_gradient(request, present.trainer, present.shelf, tell)
    except ANSWERED as error:
        raise RequestError(str(error)) from None


def _check_gradient(
    request: GradientCheckRequest, trainer: Trainer, shelf: RecordingCache, tell: Tell
) -> GradientCheck:
    recording = shelf.get(request.step)
    if recording is None:
        raise RequestError("the recording is no longer kept")
    return trainer.check_gradient(recording, request.parameter, request.index, request.epsilon, tell)


def _save_model(request: ModelRequest, trainer: Trainer, tell: Tell) -> str:
    path = Path(request.path)
    if request.written == "onnx":
        content = onnx_of(trainer)
        write_bytes(path, content, over=request.over, on_progress=tell)
        return request.path
    state = model_of(trainer)
    tell(0, 0)
    write_file(path, lambda file: write_model(state, request.written, file, tell), over=request.over)
    return request.path


def _what_if(request: WhatIfRequest, trainer: Trainer, present: Present, tell: Tell) -> WhatIf:
    recording = present.shelf.get(request.step)
    if recording is None:
        raise RequestError("the recording is no longer kept")
    return what_if(trainer, recording, request.interventions, tell, present.threads)


def _side_by_side(request: RosettaRequest, tell: Tell) -> Rosetta:
    sides: list[tuple[Recording, Program]] = []
    for settings in _alike(request.settings, (request.left, request.right), steps=1, same_start=True):
        tell(len(sides), 3)
        with kept_random_states():
            recording = Trainer(settings).record_step()
        sides.append((recording, program_of(settings)))
    tell(len(sides), 3)
    (left, left_program), (right, right_program) = sides
    return rosetta(left, left_program, right, right_program)


def _costs(request: CostsRequest, present: Present, tell: Tell) -> tuple[StageCost, ...]:
    runs = _alike(request.settings, request.stages, steps=request.settings.steps)
    far = (0, 1)

    def turned(done: int, of: int) -> None:
        nonlocal far
        far = (done, of)
        tell(done, of)

    return measure_costs(runs, on_progress=turned, threads=present.threads, on_step=lambda: tell(*far))


def _lab(request: LabRequest, present: Present, tell: Tell) -> LabRun:
    fault = fault_named(request.fault)
    if fault is None:
        raise RequestError(f"{request.fault!r} is no fault")
    present.threads.use(_ONE_THREAD)
    return run_lab(fault, lab_settings(fault, request.steps), tell)


def _programs(request: ProgramsRequest, present: Present, tell: Tell) -> ProgramsAnswer:
    both = (request.first, request.second)
    try:
        words = both[0].words(), both[1].words()
    except ValueError as error:
        raise RequestError(str(error)) from None
    present.threads.use(_ONE_THREAD)
    first, second = (Program(each.text, each.path) for each in both)
    found = compare_programs(first, second, request.seed, None, request.steps, words, tell, request.names)
    return ProgramsAnswer(found, None if found.recorded is None else graphs_of(found.recorded))


def _alike(
    settings: Settings, stages: tuple[str, ...], steps: int, same_start: bool = False
) -> tuple[Settings, ...]:
    """Settings of several stages, with the sizes and the seed of these settings."""
    sizes = {name: getattr(settings, name) for name in (*SIZES, "seed", "threads")}
    start = {"same_start": True, "dtype": "float64"} if same_start else {}
    found = {each.stage: each for each in settings_for(stages, steps=steps, **sizes, **start)}
    return tuple(found[stage] for stage in stages)
