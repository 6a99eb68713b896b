"""Runs a faulty program and its healthy twin from the same start, and finds where they part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playground.comparing.program_run import RecordedRun
from playground.faults.fault import Fault
from playground.faults.parting import LineOf, Parting, find_parting_in
from playground.faults.texts import faulty_program, faulty_text, healthy_program, healthy_text, line_pairs
from playground.recording.model import Recording
from playground.settings import Settings

MOST_STEPS = 5
"""So many steps are looked at, if nobody says otherwise: a fault shows itself within two."""


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """One step of both programs.

    Attributes:
        healthy, faulty: its recordings, also of a step that failed.
    """

    healthy: Recording
    faulty: Recording


def record_twins(fault: Fault, settings: Settings, most_steps: int = MOST_STEPS) -> Iterator[Twins]:
    """Records one step after the other of both programs, from the same start, until one of them ends.

    Both run on the thread that asks, turn by turn, each with random numbers of its own.

    Raises:
        ProgramError: the settings do not fit the fault; see `faulty_text`.
        ProgramFailure: a program fails before its first step, where there is nothing to record.
    """
    programs = healthy_program(fault, settings), faulty_program(fault, settings)
    twins = [RecordedRun(program, stage=fault.stage) for program in programs]
    try:
        for step in range(most_steps):
            healthy, faulty = (each.record(step) for each in twins)
            if healthy is None or faulty is None:
                return
            yield Twins(healthy, faulty)
            if healthy.failure is not None or faulty.failure is not None:
                return
    finally:
        for each in twins:
            each.close()


def find_parting(fault: Fault, settings: Settings, most_steps: int = MOST_STEPS) -> Parting | None:
    """Where the two programs part; None if they do not, in so many steps. Raises like `record_twins`."""
    lines = _line_of(fault, settings)
    for twins in record_twins(fault, settings, most_steps):
        found = find_parting_in(twins.healthy, twins.faulty, lines)
        if found is not None:
            return found
    return None


def _line_of(fault: Fault, settings: Settings) -> LineOf:
    return line_pairs(healthy_text(fault, settings), faulty_text(fault, settings))
