"""The text of a faulty program, and in which lines it differs from the healthy one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from playground.faults.fault import FOLDER, Change, Fault
from playground.programs.errors import ProgramError
from playground.programs.program import Program
from playground.programs.stage_text import text_of
from playground.settings import Settings, make_settings, quoted

LOSS_NAME = "loss"
"""What every stage calls its loss. A faulty program is told so: its text may not show it any more."""
_NUMBER = re.compile(r"(?<![\w.])\d[\w.]*(?:(?<=[eE])[-+]\d+)?")


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines that stand in place of others.

    Attributes:
        healthy, faulty: their numbers in the two texts, counted from 1; an empty range stands before the
            line with which it begins.
    """

    healthy: range
    faulty: range


def twin_settings(fault: Fault, settings: Settings) -> Settings:
    """The settings of both programs: those chosen, with what the fault needs.

    Raises:
        ProgramError: they are of another stage, or of a shared start.
    """
    if settings.stage != fault.stage:
        raise ProgramError(
            f"the fault {fault.name!r} is one of the stage {fault.stage}, not {settings.stage}"
        )
    if settings.same_start:
        raise ProgramError(
            f"the fault {fault.name!r} begins with the stage's own data and weights, not shared ones"
        )
    return make_settings(**{**settings.model_dump(), **fault.settings})


def healthy_text(fault: Fault, settings: Settings) -> str:
    """The stage's program beside which the faulty one runs; raises like `twin_settings`."""
    return text_of(twin_settings(fault, settings))


def faulty_text(fault: Fault, settings: Settings) -> str:
    """The stage's program with these settings and the fault.

    Raises:
        ProgramError: like `twin_settings`, or a line that the fault changes is not there.
    """
    return with_fault(fault, healthy_text(fault, settings))


def with_fault(fault: Fault, text: str) -> str:
    """A text of the fault's stage, perhaps changed by its user, with the fault.

    Raises:
        ProgramError: a line that the fault changes is not there, or there twice.
    """
    lines = _lines(text)
    for change in fault.changes:
        lines = _changed(fault, change, lines)
    return "\n".join(lines) + "\n"


def changed_lines(fault: Fault, settings: Settings) -> tuple[ChangedLines, ...]:
    """Where the two texts differ, from top to bottom; raises like `faulty_text`."""
    return _differences(healthy_text(fault, settings), faulty_text(fault, settings))


def line_pairs(healthy: str, faulty: str) -> dict[int, int]:
    """From lines of one text to the lines of the other that stand in their place.

    A changed line leads to the one in the same place of its block, a line that has moved to where it is now.
    """
    ours, theirs = _lines(healthy), _lines(faulty)
    found: dict[int, int] = {}
    for tag, a, b, c, d in _matcher(healthy, faulty).get_opcodes():
        if tag == "equal" or b - a == d - c:
            found.update(zip(range(a + 1, b + 1), range(c + 1, d + 1), strict=True))
    for number, line in enumerate(ours, 1):
        if number not in found and theirs.count(line) == 1:
            found[number] = theirs.index(line) + 1
    return found


def look_line(fault: Fault, settings: Settings) -> int:
    """Number of the line of the faulty program that is to be looked at; raises like `faulty_text`."""
    lines = [_without_numbers(line.strip()) for line in _lines(faulty_text(fault, settings))]
    found = [number for number, line in enumerate(lines, 1) if line == _without_numbers(fault.look.line)]
    if len(found) != 1:
        raise ProgramError(
            f"the fault {fault.name!r}: the line {quoted(fault.look.line)} stands there {len(found)} times"
        )
    return found[0]


def faulty_program(fault: Fault, settings: Settings, endless: bool = False) -> Program:
    """The faulty program, ready to run.

    Args:
        fault, settings: see `faulty_text`, which tells what it raises, too.
        endless: whether its loop goes on for as long as it is driven.
    """
    return _program(fault.name, faulty_text(fault, settings), fault, endless)


def healthy_program(fault: Fault, settings: Settings, endless: bool = False) -> Program:
    """Its healthy twin, likewise."""
    return _program("healthy", healthy_text(fault, settings), fault, endless)


def _program(name: str, text: str, fault: Fault, endless: bool) -> Program:
    # A name of its own: tracebacks must show the lines that run, and not those of the stage's file.
    return Program(text, str(FOLDER / f"{fault.stage}-{name}.py"), endless, LOSS_NAME)


def _changed(fault: Fault, change: Change, lines: list[str]) -> list[str]:
    """The lines with one of the fault's changes."""
    old, new = change.old.splitlines(), change.new.splitlines()
    wanted, shapes = [_without_numbers(each) for each in old], [_without_numbers(each) for each in lines]
    places = [at for at in range(len(lines)) if shapes[at : at + len(old)] == wanted]
    if len(places) != 1:
        missing = [line for line, shape in zip(old, wanted, strict=True) if shape not in shapes]
        line = quoted((missing or old)[0].strip())
        how = "more than once" if places else "nowhere" if missing else "in another place"
        raise ProgramError(f"the fault {fault.name!r} needs the line {line}; the text has it {how}")
    (place,) = places
    chosen = dict(zip(old, lines[place : place + len(old)], strict=True))
    return [*lines[:place], *(chosen.get(each, each) for each in new), *lines[place + len(old) :]]


def _lines(text: str) -> list[str]:
    # Not splitlines(): Python ends no line at a form feed, U+2028 and their like.
    return text.removesuffix("\n").split("\n")


def _without_numbers(line: str) -> str:
    return _NUMBER.sub("0", line.rstrip())


def _differences(healthy: str, faulty: str) -> tuple[ChangedLines, ...]:
    return tuple(
        ChangedLines(range(a + 1, b + 1), range(c + 1, d + 1))
        for tag, a, b, c, d in _matcher(healthy, faulty).get_opcodes()
        if tag != "equal"
    )


def _matcher(healthy: str, faulty: str) -> SequenceMatcher[str]:
    return SequenceMatcher(None, _lines(healthy), _lines(faulty), autojunk=False)
