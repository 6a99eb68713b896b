"""The commands for a broken program: `faults`, and `--fault NAME` with a stage."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playground.arguments import refuse_unused
from playground.faults import Fault, fault_named, faulty_program, faulty_text, list_faults
from playground.program_commands import print_graph, print_losses, print_recording, report
from playground.programs.errors import ProgramError
from playground.programs.execution import Execution, ProgramFailure
from playground.settings import Settings, SettingsError, make_settings, quoted
from playground.trainer import check_machine


def print_faults(as_json: bool) -> None:
    """Prints every fault: its name, stage, title and question."""
    faults = list_faults()
    if as_json:
        keys = ("name", "stage", "title", "question")
        print(
            json.dumps([{key: getattr(fault, key) for key in keys} for fault in faults], ensure_ascii=False)
        )
        return
    width = max(len(fault.name) for fault in faults)
    for fault in faults:
        print(f"{fault.name:{width}}  {fault.stage:8}  {fault.title}")
        print(f"{'':{width}}  {'':8}  {fault.question}")


def chosen(name: str, stage: str | None) -> Fault:
    """The fault of that name.

    Args:
        name: as it was typed.
        stage: likewise; None if none was given.

    Raises:
        SettingsError: there is no such stage.
        ProgramError: there is no such fault, or it is one of another stage.
    """
    if stage is not None:
        make_settings(stage=stage)
    fault = fault_named(name)
    if fault is not None and stage in (None, fault.stage):
        return fault
    names = [each.name for each in list_faults() if stage in (None, each.stage)]
    allowed = ", ".join(names) or f"none, the stage {stage} has no faults"
    why = "" if fault is None else f"it is a fault of the stage {fault.stage}, not {stage}; "
    raise ProgramError(f"{quoted(name)} is not allowed; {why}allowed: {allowed}")


def settings_for(fault: Fault, values: Mapping[str, object]) -> Settings:
    """The settings of the program, from those that were given.

    Raises:
        SettingsError: a value that is not allowed, not here, or without effect beside the fault.
        NotEnoughMemoryError: the sizes do not fit.
        ProgramError: the program with these settings lacks a line that the fault changes.
    """
    given = {**values, "stage": fault.stage}
    settings = make_settings(**given)
    refuse_unused(given, (settings.program,))
    if settings.same_start:
        raise SettingsError(
            "same_start", "is not allowed with --fault; allowed: the stage's own data and weights"
        )
    for name, value in values.items():
        if not _acts(fault, settings, name) and fault.settings.get(name) != getattr(settings, name):
            reason = f"{quoted(value)} is not allowed; the fault {fault.name!r} sets it itself"
            raise SettingsError(name, reason)
    check_machine(settings)
    return settings


def run(arguments: argparse.Namespace, values: Mapping[str, object], step: int) -> int:
    """Runs `train`, `graph`, `record` or `script` for a stage's program with a fault; the exit status.

    Args:
        arguments: of the command line.
        values: the settings that were given, as they were typed.
        step: which one to print.

    Raises:
        SettingsError, NotEnoughMemoryError, ProgramError: see `chosen` and `settings_for`.
    """
    fault = chosen(arguments.fault, arguments.stage)
    settings = settings_for(fault, values)
    if arguments.command == "script":
        sys.stdout.write(faulty_text(fault, settings))
        return 0
    if arguments.command != "train":
        # No more steps than the one that is asked for.
        settings = settings.model_copy(update={"steps": step + 1})
    try:
        with _execution(fault, settings) as execution:
            if arguments.command == "train":
                return print_losses(execution, arguments.json)
            if arguments.command == "graph":
                print_graph(execution.graph(step), arguments.format)
                return 0
            recording = dataclasses.replace(execution.record(step), stage=fault.stage)
            return print_recording(recording, arguments.format)
    except ProgramFailure as failure:
        return report(failure)


def _acts(fault: Fault, settings: Settings, name: str) -> bool:
    """Whether another number of a setting makes another program, beside the fault."""
    value = getattr(settings, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    # Another one that is allowed: near an end of the range there is room on one side only.
    larger = value * 2 if isinstance(value, float) else value + 1
    smaller = value / 2 if isinstance(value, float) else value - 1
    other = larger if value < 2 else smaller
    changed = settings.model_copy(update={name: other})
    return faulty_text(fault, changed) != faulty_text(fault, settings)


@contextmanager
def _execution(fault: Fault, settings: Settings) -> Iterator[Execution]:
    # What a stage prints is its losses, which are printed here; its warnings are PyTorch's own.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        execution = Execution(faulty_program(fault, settings), output=nowhere)
        try:
            yield execution
        finally:
            execution.close()
