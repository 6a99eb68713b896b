"""The commands for a program of the user's own: `--program FILE` in place of `--stage NAME`."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from playground.data_commands import steps_wanted
from playground.programs.errors import ProgramError
from playground.programs.execution import Execution, ProgramFailure, first_loop
from playground.programs.program import Program, open_program

if TYPE_CHECKING:
    from playground.graph.model import Graph
    from playground.recording.model import Recording


def train(arguments: argparse.Namespace) -> int:
    """Runs the program and prints the loss of every step."""
    # What it prints itself must not come between the objects of `--json`.
    with _execution(arguments, sys.stderr if arguments.json else None) as execution:
        return print_losses(execution, arguments.json, steps_wanted(arguments))


def print_losses(execution: Execution, as_json: bool, most: int | None = None) -> int:
    """Makes the steps of a program, at most so many, and prints a line for each; the exit status."""
    for step in islice(execution.steps(), most):
        if as_json:
            line: dict[str, object] = {"step": step.number, "loss": _finite(step.loss), "depth": None}
            if len(step.losses) > 1:
                line["losses"] = [_finite(each) for each in step.losses]
            sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
        else:
            # A step may have several: one after the other.
            sys.stdout.write(f"{step.number} {' '.join(map(repr, step.losses))}\n")
    return _status(execution.driver.exit)


def _status(code: object) -> int:
    """The exit status of a program that has given this to `sys.exit`; a text is printed, as Python does."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def graph(arguments: argparse.Namespace, step: int) -> Graph:
    """The graph that a step of the program builds."""
    with _execution(arguments, sys.stderr) as execution:
        return execution.graph(step)


def print_graph(graph: Graph, written: str) -> None:
    """Prints a graph as `"json"`, `"dot"` or `"svg"`."""
    from playground.workspace.graphs import graph_text

    print(graph_text(graph, written))


def record(arguments: argparse.Namespace, step: int) -> int:
    """Prints what happens inside a step of the program."""
    program = _program(arguments)
    words = _words(arguments)
    loop = _loop(arguments, program)
    if loop is None and step == 0:
        loop = first_loop(program, words)
    execution = Execution(program, words, sys.stderr, loop=loop)
    try:
        recording = execution.record(step)
    finally:
        execution.close()
    return print_recording(recording, arguments.format)


def print_recording(recording: Recording, written: str) -> int:
    """Prints a recording as `"json"` or `"text"`; the exit status, which is 1 for a step that has failed."""
    from playground.recording.text import as_text

    print(recording.to_json() if written == "json" else as_text(recording))
    return int(recording.failure is not None)


def script(arguments: argparse.Namespace) -> int:
    """Prints the program."""
    sys.stdout.write(_program(arguments).text)
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Runs several programs from one seed, and tells where each parts from the first one."""
    from playground.comparing.program_run import Outcome
    from playground.comparing.programs import ProgramsComparison, compared, run_seeded

    words = _words(arguments)
    programs = {name: open_program(name) for name in arguments.program}
    outcomes: dict[str, Outcome] = {}
    for name, program in programs.items():
        outcomes[name] = outcome = run_seeded(program, words=words, output=sys.stderr)
        if outcome.error:
            sys.stderr.write(outcome.details)
            return 1
    reference = arguments.program[0]
    found: dict[str, dict[str, object]] = {}
    parted: dict[str, ProgramsComparison] = {}
    for name, program in programs.items():
        found[name] = _difference(outcomes[name].losses, outcomes[reference].losses)
        found[name]["parts"] = None
        if name != reference:
            both = (programs[reference], program), (outcomes[reference], outcomes[name])
            parted[name] = compared(*both, words=(words, words))
            found[name]["parts"] = parted[name].parts_to_plain()
    if arguments.json:
        print(json.dumps({"reference": reference, "programs": found}, allow_nan=False))
        return 0
    width = max(map(len, found))
    print(f"{'program':{width}}  steps  max relative difference  last loss")
    for name, each in found.items():
        last, apart = each["last_loss"], each["max_relative_difference"]
        print(f"{name:{width}}  {each['steps']:5}  {apart!s:>23}  {last!s}")
    for name, comparison in parted.items():
        print(f"\n{reference} and {name}:\n{comparison.in_words()}\n{comparison.losses_in_words()}")
    return 0


def report(failure: ProgramFailure) -> int:
    """Prints the traceback of a program that has failed; the exit status."""
    sys.stderr.write(failure.details)
    return 1


@contextmanager
def _execution(arguments: argparse.Namespace, output: IO[str] | None) -> Iterator[Execution]:
    program = _program(arguments)
    loop = _loop(arguments, program)
    execution = Execution(program, _words(arguments), output, loop=loop)
    execution.driver.counts_others = loop is None
    try:
        yield execution
    finally:
        execution.close()


def _program(arguments: argparse.Namespace) -> Program:
    return open_program(Path(arguments.program))


def _loop(arguments: argparse.Namespace, program: Program) -> int | None:
    """Number of the training loop that the user has chosen by its line; None if none was."""
    line = getattr(arguments, "loop", None)
    if line is None:
        return None
    for loop in program.loops:
        if str(loop.lineno) == line.strip():
            return loop.number
    lines = ", ".join(str(loop.lineno) for loop in program.loops) or "none, the program has no loop"
    raise ProgramError(f"no loop begins in line {line}; its loops begin in line {lines}")


def _words(arguments: argparse.Namespace) -> list[str]:
    return shlex.split(arguments.args or "")


def _finite(loss: float) -> float | None:
    # JSON has no word for what is not finite.
    return loss if math.isfinite(loss) else None


def _difference(losses: Sequence[float], reference: Sequence[float]) -> dict[str, object]:
    """How far losses are apart from the reference, as far as both go."""
    apart = [
        abs(one - other) / max(abs(one), abs(other)) if one != other else 0.0
        for one, other in zip(losses, reference, strict=False)
        if math.isfinite(one) and math.isfinite(other)
    ]
    return {
        "steps": len(losses),
        "max_relative_difference": max(apart, default=None),
        "last_loss": _finite(losses[-1]) if losses else None,
    }
