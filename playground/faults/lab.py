"""Runs a fault beside its healthy twin: the losses, where they part, what else shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.comparing.programs import ProgramsComparison, compare_programs
from playground.faults.facts import Fact, measure_fact
from playground.faults.fault import Fault
from playground.faults.texts import faulty_program, healthy_program
from playground.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class LabRun:
    """What came of the twins.

    Attributes:
        fault: its name.
        twins: the healthy program and the faulty one.
        fact: what else shows the fault, None where there is nothing.
    """

    fault: str
    twins: ProgramsComparison
    fact: Fact | None


def run_lab(
    fault: Fault, settings: Settings, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> LabRun:
    """Runs both for as many steps as the settings say.

    Args:
        fault, settings: see `faulty_text`, which tells what it raises, too.
        tell: hears how far it is; what it raises ends the work.
    """
    done, of = 0, 1

    def told(now: int, total: int) -> None:
        nonlocal done, of
        done, of = now, total
        tell(done, of)

    programs = healthy_program(fault, settings), faulty_program(fault, settings)
    twins = compare_programs(*programs, seed=None, most_steps=settings.steps, tell=told)
    return LabRun(fault.name, twins, measure_fact(fault, settings, lambda: tell(done, of)))
