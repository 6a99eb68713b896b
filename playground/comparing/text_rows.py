"""Two texts beside each other, row by row, with room where one of them has fewer lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto
from itertools import zip_longest


class RowKind(Enum):
    """What a row holds."""

    SAME = auto()
    CHANGED = auto()
    """Lines of both that stand in each other's place, or of one with nothing beside it."""
    GAP = auto()
    """Stands for lines of both that are left out."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A line of either text, None where a text has none here; lines are counted from 1."""

    kind: RowKind
    first: int | None
    second: int | None
    first_text: str = ""
    second_text: str = ""


def text_rows(
    first: str, second: str, context: int | None = None, kept: Collection[int] = ()
) -> tuple[TextRow, ...]:
    """Every line of both texts.

    Args:
        first, second: the texts.
        context: so many lines that both have are kept on either side of what differs; None keeps all.
        kept: lines of the second text that are kept with as many around them.
    """
    rows = list(_rows(first.splitlines(), second.splitlines()))
    if context is None:
        return tuple(rows)
    wanted = [at for at, row in enumerate(rows) if row.kind is RowKind.CHANGED or row.second in kept]
    near = {at for each in wanted for at in range(each - context, each + context + 1)}
    return tuple(_shortened(rows, near))


def _rows(first: list[str], second: list[str]) -> Iterator[TextRow]:
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        kind = RowKind.SAME if tag == "equal" else RowKind.CHANGED
        for one, other in zip_longest(range(a, b), range(c, d)):
            yield TextRow(
                kind,
                None if one is None else one + 1,
                None if other is None else other + 1,
                "" if one is None else first[one],
                "" if other is None else second[other],
            )


def _shortened(rows: list[TextRow], near: set[int]) -> Iterator[TextRow]:
    for at, row in enumerate(rows):
        if at in near:
            yield row
        elif at == 0 or at - 1 in near:
            yield TextRow(RowKind.GAP, None, None, "⋯", "⋯")
