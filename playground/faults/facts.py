"""What shows a fault beside the loss, measured in the faulty program and in its healthy twin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from playground.comparing.program_run import RecordedRun, stopped_unless_wanted
from playground.faults.fault import Fault, Measure
from playground.faults.texts import faulty_program, healthy_program
from playground.faults.twins import record_twins
from playground.programs.execution import Execution, Silence
from playground.programs.program import Program
from playground.recording.finite_difference import GradientCheck, check_gradient
from playground.recording.model import ParameterRecord, Recording
from playground.settings import Settings

STEPS = 20
"""So many are measured at most: a step is recorded for it."""
_VERSIONS = re.compile(r"is at version (\d+); expected version (\d+)")

Series = tuple[float | None, ...]
"""A number a step; None where there is none."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What was measured.

    Attributes:
        title: of what.
        healthy, faulty: a number a step of either program; empty where one sentence says it all.
        words: that sentence, else "".
    """

    title: str
    healthy: Series = ()
    faulty: Series = ()
    words: str = ""


def measure_fact(fault: Fault, settings: Settings, tell: Callable[[], None] = lambda: None) -> Fact | None:
    """Measures what the fault's file names; None if it names nothing, or there was nothing to measure.

    Args:
        fault, settings: see `faulty_text`, which tells what it raises, too.
        tell: asked now and then whether it is still wanted; what it raises ends the work.
    """
    measure = fault.measure
    if measure is None:
        return None
    if measure.kind in _OF_VARIABLES:
        title, read = _OF_VARIABLES[measure.kind]
        healthy, faulty = (
            tuple(_of_variables(program(fault, settings), measure.name, read, tell))
            for program in (healthy_program, faulty_program)
        )
        return Fact(title.format(measure.name), healthy, faulty)
    if measure.kind in _OF_RECORDINGS:
        title, of = _OF_RECORDINGS[measure.kind]
        steps: list[tuple[float | None, float | None]] = []
        for twins in islice(record_twins(fault, settings, STEPS), STEPS):
            tell()
            steps.append((of(twins.healthy, measure), of(twins.faulty, measure)))
        return Fact(title.format(measure.name), tuple(a for a, _ in steps), tuple(b for _, b in steps))
    sentence = {"parameters": _parameters, "versions": _versions, "slope": _slope}[measure.kind]
    return sentence(fault, settings, measure)


def _zeros(recording: Recording, measure: Measure) -> float | None:
    """Of the results of an operation, the share that is 0."""
    values = (event.outputs[0].value for event in recording.events if event.op == measure.name)
    value = next(values, None)
    return None if value is None else value.statistics.zeros


def _gradient(recording: Recording, measure: Measure) -> float | None:
    """The norm of what the update reads."""
    record = recording.parameter(measure.name)
    if record is None or record.gradient is None:
        return None
    return record.gradient.statistics.whole_norm


def _spread(value: Any) -> float:
    """The standard deviation of a tensor's elements."""
    return float(value.detach().std().item())


def _nodes(value: Any) -> float:
    """How many nodes of autograd a tensor keeps alive, its own included."""
    waiting, seen = [getattr(value, "grad_fn", None)], set()
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [behind for behind, _ in node.next_functions]
    return float(len(seen))


_OF_RECORDINGS: dict[str, tuple[str, Callable[[Recording, Measure], float | None]]] = {
    "zeros": ("share of zeros behind {}", _zeros),
    "gradient": ("norm of {}.grad", _gradient),
}
_OF_VARIABLES: dict[str, tuple[str, Callable[[Any], float]]] = {
    "spread": ("std of {}", _spread),
    "nodes": ("graph nodes behind {}", _nodes),
}


def _of_variables(
    program: Program, name: str, read: Callable[[Any], float], tell: Callable[[], None]
) -> Iterator[float | None]:
    """What is read of a variable when a step is done."""
    silence = Silence.stream()
    execution = Execution(program, (), silence, silence)
    try:
        with stopped_unless_wanted([execution], tell):
            for _ in islice(execution.steps(), STEPS):
                tell()
                value = execution.driver.variables().get(name)
                yield None if value is None else read(value)
    finally:
        execution.close()


def _parameters(fault: Fault, settings: Settings, _measure: Measure) -> Fact | None:
    """Which tensors the model gives to its optimizer."""
    twins = next(record_twins(fault, settings, 1), None)
    if twins is None:
        return None
    healthy, faulty = ([each.name for each in side.parameters] for side in (twins.healthy, twins.faulty))
    missing = ", ".join(name for name in healthy if name not in faulty)
    words = f"healthy: {len(healthy)} parameters; faulty: {len(faulty)}"
    return Fact("parameters that are trained", words=f"{words}, without {missing}" if missing else words)


def _versions(fault: Fault, settings: Settings, _measure: Measure) -> Fact | None:
    """Of a tensor that was saved for backward: when, and who wrote to it since."""
    twins = next(record_twins(fault, settings, 1), None)
    failure = None if twins is None else twins.faulty.failure
    found = None if failure is None else _VERSIONS.search(failure.message)
    if twins is None or failure is None or failure.event is None or found is None:
        return None
    node = twins.faulty.events[failure.event]
    saved = [event for event in twins.faulty.events if event.line == node.origin]
    written = [
        event for event in twins.faulty.events if event.op.endswith("_") and event.number > saved[-1].number
    ]
    words = (
        f"{node.op} saved {written[0].outputs[0].label} in line {node.origin} at version {found[2]}; "
        f"{written[0].op} in line {written[0].line} made it version {found[1]}"
    )
    return Fact("versions of the saved tensor", words=words)


def _slope(fault: Fault, settings: Settings, measure: Measure) -> Fact | None:
    """The gradient check of the element with the largest gradient, of each of the parameters."""
    told = []
    for name in measure.name.split(", "):
        for title, program in (("healthy", healthy_program), ("faulty", faulty_program)):
            check = _check(program(fault, settings), name)
            if check is not None:
                place = ", ".join(map(str, check.index))
                numbers = f"slope {check.slope:.4g}, gradient {check.gradient:.4g}"
                told.append(f"{name}[{place}] {title}: {numbers}")
    return Fact("gradient check", words="; ".join(told)) if told else None


def _check(program: Program, parameter: str) -> GradientCheck | None:
    run = RecordedRun(program)
    try:
        recording = run.record(0)
        record = None if recording is None else recording.parameter(parameter)
        if recording is None or record is None or record.gradient is None:
            return None
        index = _largest(record)
        return check_gradient(program, run.execution.driver, recording, parameter, index)
    finally:
        run.close()


def _largest(record: ParameterRecord) -> tuple[int, ...]:
    assert record.gradient is not None, "it was asked for"
    assert record.gradient.values is not None, "a stage's own sizes are kept"
    values = np.abs(record.gradient.values)
    return tuple(int(each) for each in np.unravel_index(int(values.argmax()), values.shape))
