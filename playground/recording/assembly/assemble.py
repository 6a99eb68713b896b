"""Puts a recording together, also of a step that failed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from playground.failure import one_line
from playground.graph.model import Graph
from playground.recording.assembly.events import EventMaker
from playground.recording.assembly.gradients import gradient_ledgers, memory_ledger
from playground.recording.assembly.nodes import node_records, node_records_of
from playground.recording.assembly.parameters import Updates, parameter_records
from playground.recording.assembly.passes import backward_passes
from playground.recording.assembly.phases import find_phases
from playground.recording.assembly.reading import TapeReading
from playground.recording.events import Event
from playground.recording.footprint import bytes_of
from playground.recording.model import (
    BackwardPass,
    NodeRecord,
    ParameterRecord,
    RecordedFailure,
    Recording,
)
from playground.recording.step_tape import StepTape
from playground.recording.variables import Found

if TYPE_CHECKING:
    import torch


@dataclass(slots=True)
class Outcome:
    """What a step came to.

    Attributes:
        loss: the tensor or NumPy's number; None if there is none.
        is_the_steps: whether whoever drives the step says so; else it is that of the first pass that has one.
        number: the same as Python's number, as the update may change the tensor; None for a complex one.
        error: what the step raised, or None.
    """

    loss: object = None
    number: float | None = None
    is_the_steps: bool = False
    error: Exception | None = None

    def note_loss(self, loss: object) -> None:
        """Keeps the loss and, before anything changes it, its number; a vector has none."""
        self.loss = loss
        # NumPy's numbers and torch's tensors have these alike.
        if math.prod(getattr(loss, "shape", ())) != 1:
            return
        number = cast("torch.Tensor", loss).item()
        self.loss, self.number = loss, None if isinstance(number, complex) else number


def _loss_of(passes: Sequence[BackwardPass], outcome: Outcome) -> float | None:
    if outcome.is_the_steps and outcome.number is not None:
        return outcome.number
    return next((each.loss for each in passes if each.loss is not None), outcome.number)


def assemble(
    tape: StepTape,
    text: str,
    found: Found,
    outcome: Outcome,
    *,
    step: int,
    stage: str | None = None,
    depth: int | None = None,
    run: int = 0,
    seconds: float = 0.0,
) -> Recording:
    """The recording of a step whose tape is still open.

    Args:
        tape: of the step.
        text: the source that ran.
        found: the names of modules, and the parameters' learning rates.
        outcome: what the step came to.
        step, stage, depth, run, seconds: as of the recording.
    """
    try:
        return _assembled(tape, text, found, outcome, step, stage, depth, run, seconds)
    except Exception as error:
        # Of the step itself nothing is wrong: what it came to is told all the same.
        tape.not_seen("the recording", error)
        return Recording(
            stage=stage,
            step=step,
            loss=outcome.number,
            depth=depth,
            graph=Graph(),
            events=(),
            nodes={},
            parameters=(),
            failure=None if outcome.error is None else _failure(outcome.error, tape.filename, ()),
            seconds=seconds,
            run=run,
            notes=tuple(tape.notes),
        )


def _assembled(
    tape: StepTape,
    text: str,
    found: Found,
    outcome: Outcome,
    step: int,
    stage: str | None,
    depth: int | None,
    run: int,
    seconds: float,
) -> Recording:
    reading = TapeReading(tape, text, found.paths)
    phases = find_phases(reading, outcome.loss, found.modules)
    updates = Updates(reading)
    unseen = updates.unseen()
    if tape.watch is not None:
        tape.watch.gradients.check_all()
    maker = EventMaker(reading, phases, updates)
    events = tuple(maker.event(draft) for draft in tape.drafts) + unseen
    ledgers = gradient_ledgers(reading, events)
    parameters = parameter_records(reading, updates, events, ledgers, found.learning_rates)
    passes = tuple(backward_passes(reading, events))
    recording = Recording(
        stage=stage,
        step=step,
        loss=_loss_of(passes, outcome),
        depth=depth,
        graph=reading.graph,
        events=events,
        nodes=_nodes(reading, passes, parameters),
        parameters=parameters,
        failure=None if outcome.error is None else _failure(outcome.error, tape.filename, events),
        seconds=seconds,
        run=run,
        passes=passes,
        gradients=ledgers,
        memory=memory_ledger(reading),
        notes=tuple(tape.notes),
    )
    return replace(recording, nbytes=bytes_of(recording))


def _nodes(
    reading: TapeReading, passes: Sequence[BackwardPass], parameters: Sequence[ParameterRecord]
) -> Mapping[str, NodeRecord]:
    if passes:
        return passes[0].nodes
    return node_records(reading, parameters) if reading.is_trace else node_records_of(reading, 0)


def _failure(error: Exception, filename: str, events: tuple[Event, ...]) -> RecordedFailure:
    lines = []
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    failed = [event.number for event in events if event.error]
    return RecordedFailure(one_line(error), lines[-1] if lines else None, failed[-1] if failed else None)
