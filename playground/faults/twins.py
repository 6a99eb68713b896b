"""Runs a faulty program and its healthy twin from the same start, and finds where they part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from playground.faults.fault import Fault
from playground.faults.parting import LineOf, Parting, find_parting_in
from playground.faults.texts import faulty_program, faulty_text, healthy_program, healthy_text, line_pairs
from playground.programs.driver import ProgramEnded
from playground.programs.execution import Execution, ProgramFailure, own_traceback
from playground.programs.program import Program
from playground.recording.model import Recording
from playground.recording.recorder import StepRecorder
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
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        twins = [_Run(program, fault.stage, nowhere) for program in programs]
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


class _Run:
    """One of the two programs."""

    def __init__(self, program: Program, stage: str, output: IO[str]) -> None:
        self._program, self._stage = program, stage
        self._execution = Execution(program, output=output, errors=output)

    def record(self, step: int) -> Recording | None:
        """The next step; None if there is none."""
        driver = self._execution.driver
        try:
            driver.begin()
        except Exception as error:
            raise ProgramFailure(own_traceback(error, driver.files.filenames)) from None
        recorder = StepRecorder(self._program, driver)
        with recorder:
            try:
                recorder.forward()
                recorder.backward()
            except ProgramEnded:
                return None
            except Exception as error:
                # The recording tells what the program has raised, and nothing else may be hidden by it.
                if recorder.recording(self._stage, step).failure is None:
                    raise error
            return recorder.recording(self._stage, step)

    def close(self) -> None:
        self._execution.close()
