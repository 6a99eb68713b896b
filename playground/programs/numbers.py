"""The numbers of a program's text: under which names they are known, and when a change of one acts."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal as Either

from playground.programs.effects import Effects, EffectsOf
from playground.programs.errors import ProgramError
from playground.programs.literals import REAL, Literal, Parents, literals, told_apart
from playground.programs.parse import parse
from playground.programs.slots import Places, replaced, written
from playground.programs.step_region import StepRegion


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a program's text that a name or a keyword explains.

    Attributes:
        index: which of the text's numbers it is, in order; another value of any of them leaves it as it is.
        name: that no other number of the text has (`d_opt lr`, `hidden`).
        value: what stands there, its sign included.
        text: the same as it is written.
        line, column, end_column: where, the line counted from 1, columns in characters from 0.
        start, end: the same as places in the text.
        whole: whether it is a whole number, and no other would do.
        acts: whether a change acts at the program's next step, or needs a new start.
        reason: why so, in words.
        part: which of several of one name, counted from 1 (`opt betas 2`); 0 for a number alone.
    """

    index: int
    name: str
    value: int | float
    text: str
    line: int
    column: int
    end_column: int
    start: int
    end: int
    whole: bool
    acts: Either["at once", "restart"]
    reason: str
    part: int = 0

    @property
    def is_live(self) -> bool:
        """Whether a change acts at the next step."""
        return self.acts == "at once"


def find_numbers(text: str, filename: str = "program", loop: int | None = None) -> tuple[Number, ...]:
    """Every number of a program's text that a name, a keyword or a known argument explains, in order.

    Which there are and what they are called does not depend on their values.

    Args:
        text: of the program.
        filename: what messages call it.
        loop: line in which its training loop begins, where that is known.

    Raises:
        ProgramError: the text is not Python.
    """
    return _found(text, filename, loop)


@lru_cache(maxsize=16)
def _found(text: str, filename: str, loop: int | None) -> tuple[Number, ...]:
    # The code, the settings and the session ask for those of one text.
    return tuple(number for number, _, _ in numbers_with_effects(parse(text, filename), text, loop))


def numbers_with_effects(
    tree: ast.Module, text: str, loop: int | None = None
) -> list[tuple[Number, Effects, Literal]]:
    """The numbers of a text that was parsed, with what a change of each needs, and their nodes."""
    parents, places = Parents(tree), Places(text)
    found = literals(parents)
    if not found:
        return []
    effects = EffectsOf(parents, StepRegion(parents, loop))
    return [
        (_number(index, name, literal, of_it, text, places), of_it, literal)
        for index, (literal, name) in enumerate(zip(found, told_apart(found), strict=True))
        for of_it in [effects.of(literal)]
    ]


def with_number(text: str, number: Number, value: float) -> str:
    """The text with another value of a number, and the rest of it to the letter.

    Raises:
        ProgramError: the number does not stand there any more, or cannot take this value.
    """
    if text[number.start : number.end] != number.text:
        raise ProgramError(f"{number.name} in line {number.line} does not stand there any more")
    return replaced(text, [(number.start, number.end, written(allowed(number, value)))])


def allowed(number: Number, value: float) -> int | float:
    """The value as the number takes it; raises ProgramError in one line if it takes no such value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProgramError(f"{number.name}: {value!r} is not a finite number")
    if number.whole and not float(value).is_integer():
        raise ProgramError(f"{number.name}: {value!r} is not a whole number")
    return int(value) if number.whole else value


def numbers_changed(
    old: str, new: str, filename: str = "program", loop: int | None = None
) -> list[tuple[Number, int | float]] | None:
    """The numbers of a text that have another value in a new one, and that value.

    Returns:
        None if the texts differ by more than numbers, or the new one is not Python; an empty list if by
        nothing but the way in which numbers are written.

    Raises:
        ProgramError: the old text is not Python.
    """
    before = find_numbers(old, filename, loop)
    try:
        after = find_numbers(new, filename, loop)
    except ProgramError:
        return None
    if _around(old, before) != _around(new, after):
        return None
    return [
        (number, now.value)
        for number, now in zip(before, after, strict=True)
        if (now.value, type(now.value)) != (number.value, type(number.value))
    ]


def _around(text: str, numbers: tuple[Number, ...]) -> list[str]:
    """What stands between the numbers."""
    ends = [0, *(number.end for number in numbers)]
    starts = [*(number.start for number in numbers), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _number(index: int, name: str, literal: Literal, effects: Effects, text: str, places: Places) -> Number:
    start, end = places.span(literal.node)
    line = literal.node.lineno
    column = start - places.line(line)
    return Number(
        index=index,
        name=name,
        value=literal.value,
        text=text[start:end],
        line=line,
        column=column,
        end_column=column + end - start,
        start=start,
        end=end,
        whole=isinstance(literal.value, int) and literal.key not in REAL,
        acts="at once" if effects.is_live else "restart",
        reason=effects.reason,
        part=literal.part,
    )
