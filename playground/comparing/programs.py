"""Any two programs from the same seed: where their values part first, and from which step on their losses.

Both run twice. At first unrecorded, for their losses; then turn by turn, with steps recorded, until the
first event whose tensors differ is found. Each has random numbers and surroundings of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from playground.comparing.program_run import (
    Made,
    Outcome,
    RecordedRun,
    kept_lines,
    losses_of,
    seeded,
    stopped_unless_wanted,
)
from playground.faults.parting import (
    Both,
    PartedValues,
    Parting,
    PartingKind,
    aligned,
    differs,
    find_parting_in,
    parted_values,
)
from playground.faults.texts import line_pairs
from playground.programs.errors import ProgramError
from playground.programs.execution import ProgramFailure
from playground.programs.program import Program
from playground.recording.events import Event
from playground.recording.model import Recording

MOST_STEPS = 100
"""So many steps are made, if nobody says otherwise."""
FIRST_STEPS = 5
"""So many are recorded one by one; of later ones only the two in which the losses begin to part."""

Progress = Callable[[int, int], None]
"""Hears how much is done, and of how much; what it raises ends the work."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedProgram:
    """One of the two.

    Attributes:
        name: what it is called, its file by default.
        text: what ran.
        outcome: what came of it.
    """

    name: str
    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, eq=False)
class EventRow:
    """Events of the two that stand for each other, or one that only one of them has.

    Attributes:
        first, second: None where that program does not have it.
        differs: whether their tensors do, or one of them is missing.
    """

    first: Event | None
    second: Event | None
    differs: bool


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPair:
    """The same step of both, also one that failed."""

    first: Recording
    second: Recording


@dataclass(frozen=True, slots=True, eq=False)
class ProgramsComparison:
    """What two programs have in common, and where they part.

    Attributes:
        first, second: the two.
        losses_part: the first step whose losses differ; None if those of all common steps are the same.
        parting: the first place at which their values differ; None if none was found.
        recorded: the step in which they part, else the last one that was looked into; None if there is none.
        rows: the events of that step, side by side.
        passed_over: steps before that one that were not looked into.
    """

    first: ComparedProgram
    second: ComparedProgram
    losses_part: int | None
    parting: Parting | None
    recorded: RecordedPair | None
    rows: tuple[EventRow, ...] = ()
    passed_over: range = range(0)

    @property
    def lines(self) -> dict[int, int]:
        """From lines of the first text to the lines of the second that stand in their place."""
        return line_pairs(self.first.text, self.second.text)

    @property
    def first_line(self) -> int | None:
        """Of the first program, where they part; None where it has none."""
        parting, pair = self.parting, self.recorded
        if parting is None or pair is None:
            return None
        if parting.healthy_event is not None:
            return pair.first.events[parting.healthy_event].line
        # Of what only the second has: the line in whose place its line stands.
        back = {theirs: ours for ours, theirs in self.lines.items()}
        return back.get(parting.line or 0)

    @property
    def second_line(self) -> int | None:
        """Likewise of the second."""
        return None if self.parting is None else self.parting.line

    def values(self) -> PartedValues | None:
        """The tensor in which they part; None if there is none."""
        if self.parting is None or self.recorded is None:
            return None
        return parted_values(self.parting, self.recorded.first, self.recorded.second)

    def in_words(self) -> str:
        """Where the values part, in one sentence."""
        parting = self.parting
        if parting is None:
            return self._nothing_parts()
        where = f"Step {parting.step}, {self._lines_in_words()}: "
        tensor = parting.tensor or "a tensor"
        if parting.kind is PartingKind.ERROR:
            whose = self.second if parting.event is not None or parting.healthy_event is None else self.first
            return f"{where}{whose.name} ends with {parting.error}"
        if parting.kind in (PartingKind.ADDED, PartingKind.MISSING):
            return f"{where}only {self._alone_in_words(parting)}"
        if parting.difference is None:
            return f"{where}{tensor} has {_KINDS[parting.kind]}"
        size = f"{parting.difference:.2g} of the largest"
        return f"{where}{tensor} has other numbers, the largest difference is {size}"

    def losses_in_words(self) -> str:
        """From which step on the losses part, in one sentence."""
        made = [len(each.outcome.losses) for each in (self.first, self.second)]
        if self.losses_part is not None:
            return f"The losses part in step {self.losses_part}."
        same = f"The losses of the {min(made)} common steps are the same." if min(made) else ""
        if made[0] == made[1]:
            return same or "Neither has made a step."
        longer, count = (self.first, made[0]) if made[0] > made[1] else (self.second, made[1])
        return f"{same} {longer.name} makes {count}.".strip()

    def parts_to_plain(self) -> dict[str, object] | None:
        """Where they part as plain data for JSON: event and line are the second's; None if they do not."""
        parting = self.parting
        if parting is None:
            return None
        return {
            "step": parting.step,
            "kind": parting.kind.value,
            "tensor": parting.tensor or None,
            "event": parting.event,
            "line": self.second_line,
            "reference_event": parting.healthy_event,
            "reference_line": self.first_line,
            "relative_difference": parting.difference,
            "error": parting.error or None,
            "losses_part": self.losses_part,
        }

    def _lines_in_words(self) -> str:
        first, second = self.first_line, self.second_line
        if first is None or second is None or first == second:
            line = second or first
            return "somewhere" if line is None else f"line {line}"
        return f"line {first} ↔ line {second}"

    def _alone_in_words(self, parting: Parting) -> str:
        """What only one of the two does: `"b.py computes twice (mul)"`."""
        assert self.recorded is not None, "they part in it"
        is_second = parting.event is not None
        events = (self.recorded.second if is_second else self.recorded.first).events
        number = parting.event if is_second else parting.healthy_event
        assert number is not None, "one of them has it"
        name, op = (self.second if is_second else self.first).name, events[number].op
        return f"{name} computes {parting.tensor} ({op})" if parting.tensor else f"{name} calls {op}"

    def _nothing_parts(self) -> str:
        made = min(len(each.outcome.losses) for each in (self.first, self.second))
        if self.recorded is None:
            return "No step of the two could be looked into."
        return f"Nothing parts in {made} step{'' if made == 1 else 's'}."


_KINDS = {
    PartingKind.VALUE: "other numbers",
    PartingKind.SHAPE: "another shape",
    PartingKind.REQUIRES_GRAD: "another requires_grad",
}


def compare_programs(
    first: Program,
    second: Program,
    seed: int | None = 0,
    step: int | None = None,
    most_steps: int = MOST_STEPS,
    words: tuple[Sequence[str], Sequence[str]] = ((), ()),
    tell: Progress = lambda _done, _of: None,
    names: tuple[str, str] | None = None,
) -> ProgramsComparison:
    """Runs both from the same seed, and finds where they part.

    Args:
        first, second: the programs; they may be the same.
        seed: of all generators before either begins; a program that seeds itself does so. None leaves them.
        step: the one to look into; None to find the first in which they part.
        most_steps: that are made of each.
        words: what they find in `sys.argv` after their names.
        tell: hears how far it is, also from another thread.
        names: what the two are called; their files' by default.

    Raises:
        ProgramError: one has no training step, asks for what nobody can give, or does not reach the step.
        Exception: what `tell` raises.
    """
    done, of = 0, 2 * (most_steps + FIRST_STEPS)
    outcomes: list[Outcome] = []

    def made(steps: int) -> None:
        nonlocal done
        done = most_steps * len(outcomes) + steps
        tell(done, of)

    programs, called = (first, second), names or (_name_of(first), _name_of(second))
    with kept_lines(first.filename, second.filename):
        for program, given, name in zip(programs, words, called, strict=True):
            outcomes.append(run_seeded(program, seed, given, most_steps, made, name=name))
        both = (outcomes[0], outcomes[1])
        return compared(programs, both, seed, step, words, lambda: tell(done, of), called)


def run_seeded(
    program: Program,
    seed: int | None = 0,
    words: Sequence[str] = (),
    most_steps: int | None = None,
    tell: Made = lambda _steps: None,
    output: IO[str] | None = None,
    name: str = "",
) -> Outcome:
    """What comes of a program that begins with this seed; see `losses_of`.

    Raises:
        ProgramError: as there, with the name in front; that of the program's file by default.
    """
    try:
        with seeded(seed):
            return losses_of(program, words, most_steps, tell, output)
    except ProgramError as error:
        raise ProgramError(f"{name or _name_of(program)}: {error}") from None


def compared(
    programs: tuple[Program, Program],
    outcomes: tuple[Outcome, Outcome],
    seed: int | None = 0,
    step: int | None = None,
    words: tuple[Sequence[str], Sequence[str]] = ((), ()),
    tell: Callable[[], None] = lambda: None,
    names: tuple[str, str] | None = None,
) -> ProgramsComparison:
    """Records steps of two programs whose losses are known; see `compare_programs`."""
    apart = losses_part(outcomes[0].losses, outcomes[1].losses)
    wanted = _steps_to_record(apart) if step is None else [step]
    lines = line_pairs(programs[0].text, programs[1].text)
    pair: RecordedPair | None = None
    parting: Parting | None = None
    recorded = _recorded(programs, outcomes, seed, wanted, words, tell)
    with closing(recorded):
        for pair in recorded:
            parting = find_parting_in(pair.first, pair.second, lines)
            if parting is not None:
                break
    if step is not None and pair is None:
        made = min(len(each.losses) for each in outcomes)
        raise ProgramError(f"step {step} is not reached: both make {made} steps")
    looked = 0 if pair is None or step is not None else pair.first.step
    sides = (
        ComparedProgram(name, program.text, outcome)
        for program, outcome, name in zip(programs, outcomes, names or map(_name_of, programs), strict=True)
    )
    passed = range(FIRST_STEPS, max(FIRST_STEPS, min(looked, (apart or 0) - 1)))
    rows = () if pair is None else tuple(_rows(pair, lines))
    return ProgramsComparison(next(sides), next(sides), apart, parting, pair, rows, passed)


def _rows(pair: RecordedPair, lines: Mapping[int, int]) -> Iterator[EventRow]:
    for place in aligned(pair.first.events, pair.second.events, dict(lines)):
        if isinstance(place, Both):
            yield EventRow(place.healthy, place.faulty, differs(place))
        elif place.is_faulty:
            yield EventRow(None, place.event, True)
        else:
            yield EventRow(place.event, None, True)


def losses_part(first: Sequence[float], second: Sequence[float]) -> int | None:
    """The first step whose losses differ, of those that both have made; None if none does."""
    for step, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other and not (math.isnan(one) and math.isnan(other)):
            return step
    return None


def _name_of(program: Program) -> str:
    return Path(program.filename).name


def _steps_to_record(apart: int | None) -> list[int]:
    """Values part before losses do, mostly in an update: the step before the losses part is looked into."""
    first = list(range(FIRST_STEPS))
    return first if apart is None else first + [at for at in (apart - 1, apart) if at >= FIRST_STEPS]


def _recorded(
    programs: tuple[Program, Program],
    outcomes: tuple[Outcome, Outcome],
    seed: int | None,
    steps: Sequence[int],
    words: tuple[Sequence[str], Sequence[str]],
    tell: Callable[[], None],
) -> Generator[RecordedPair, None, None]:
    """These steps of both, until one of them ends."""

    def run(at: int) -> RecordedRun:
        program = programs[at]
        return RecordedRun(program, words[at], outcomes[at].loop if program.loss is None else None)

    runs, found = [run(0), run(1)], False
    try:
        with seeded(seed), stopped_unless_wanted([each.execution for each in runs], tell):
            for pair in _turn_by_turn(runs[0], runs[1], steps, tell):
                found = True
                yield pair
        return
    except ProgramFailure:
        # It has failed where there is nothing to record, as the outcome tells; or the two cannot be
        # suspended at once: two event loops of asyncio cannot.
        if found or outcomes[0].error or outcomes[1].error:
            return
    finally:
        for each in runs:
            each.close()
    ours, theirs = (
        {each.step: each for each in _recorded_alone(run(at), seed, steps, tell)} for at in (0, 1)
    )
    yield from (RecordedPair(ours[step], theirs[step]) for step in ours if step in theirs)


def _recorded_alone(
    run: RecordedRun, seed: int | None, steps: Sequence[int], tell: Callable[[], None]
) -> list[Recording]:
    """These steps of one program, as far as it makes them."""
    found: list[Recording] = []
    try:
        with seeded(seed), stopped_unless_wanted([run.execution], tell):
            for at in range(steps[-1] + 1):
                tell()
                wanted = at in steps and (at > 0 or run.can_record_first)
                recording = run.record(at) if wanted else None
                if recording is not None:
                    found.append(recording)
                elif wanted or not run.skip():
                    break
    except ProgramFailure:
        # What was recorded before counts.
        pass
    finally:
        run.close()
    return found


def _turn_by_turn(
    first: RecordedRun, second: RecordedRun, steps: Sequence[int], tell: Callable[[], None]
) -> Iterator[RecordedPair]:
    at = 0
    # What ends before its first step, or fails in it, is left to the recording.
    unknown = [
        each for each in (first, second) if not each.can_record_first and not each.execution.driver.ended
    ]
    for step in steps:
        if unknown and not step:
            continue
        while at < step:
            tell()
            if not (first.skip() and second.skip()):
                return
            at += 1
        tell()
        ours, theirs = first.record(step), second.record(step)
        at += 1
        if ours is None or theirs is None:
            return
        yield RecordedPair(ours, theirs)
        if ours.failure is not None or theirs.failure is not None:
            return
