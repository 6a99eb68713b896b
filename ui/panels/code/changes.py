"""Which lines of a text are others than in an earlier one, and where its lines stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

SMALL = 10_000
"""Up to so many pairs of lines `difflib` compares them all, whose time grows with the square."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighboring lines of two texts that belong together; counted from 0, the ends excluded."""

    before: range
    after: range
    is_equal: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of a text's lines; lines are counted from 1.

    Attributes:
        stretches: the whole of both texts, in order.
        changed: lines of the later text that stand in place of others, or have moved past others.
        added: lines of the later text that are new.
    """

    stretches: tuple[Stretch, ...]
    changed: frozenset[int]
    added: frozenset[int]

    def now(self, line: int) -> int | None:
        """Where a line of the earlier text stands, or what stands in its place; None if it is gone."""
        for stretch in self.stretches:
            if line - 1 in stretch.before:
                place = line - 1 - stretch.before.start
                return stretch.after[min(place, len(stretch.after) - 1)] + 1 if stretch.after else None
        # Behind the end, where both texts have nothing.
        return line

    def before(self, line: int) -> int | None:
        """Which line of the earlier text stands here, or stood in its place; None for an added one."""
        for stretch in self.stretches:
            if line - 1 in stretch.after:
                place = line - 1 - stretch.after.start
                return stretch.before[place] + 1 if place < len(stretch.before) else None
        return line

    def is_same(self, line: int) -> bool:
        """Whether a line of the earlier text stands in the later one to the letter."""
        return all(stretch.is_equal for stretch in self.stretches if line - 1 in stretch.before)


UNCHANGED = Changes((), frozenset(), frozenset())


def changed_lines(before: str, after: str) -> frozenset[int]:
    """Lines of the later text, counted from 1, that are new, different, or moved past others."""
    found = changes(before, after)
    return found.changed | found.added


@lru_cache(maxsize=4)
def changes(before: str, after: str) -> Changes:
    """Compares two texts line by line.

    Some thousand lines take a few milliseconds: what is equal at both ends is passed over, and a long rest
    is first cut at the lines that stand once in each text (Bram Cohen's patience diff).
    """
    if before == after:
        return UNCHANGED
    old, new = before.split("\n"), after.split("\n")
    stretches = tuple(_stretches(_matches(old, new), len(old), len(new)))
    different = [each for each in stretches if not each.is_equal]
    gone = {old[line] for each in different for line in each.before if old[line].strip()}
    changed = {line for each in different for line in each.after if each.before or new[line] in gone}
    others = {line for each in different for line in each.after}
    return Changes(
        stretches,
        frozenset(line + 1 for line in changed),
        frozenset(line + 1 for line in others - changed),
    )


def _stretches(matches: list[tuple[int, int]], old: int, new: int) -> Iterator[Stretch]:
    """What matches, and what lies between."""
    i = j = run = 0
    for next_i, next_j in [*matches, (old, new)]:
        if (next_i, next_j) != (i + run, j + run):
            if run:
                yield Stretch(range(i, i + run), range(j, j + run), is_equal=True)
            yield Stretch(range(i + run, next_i), range(j + run, next_j), is_equal=False)
            i, j, run = next_i, next_j, 0
        run += 1
    # The last pair is no match but the end.
    if run > 1:
        yield Stretch(range(i, i + run - 1), range(j, j + run - 1), is_equal=True)


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of equal lines, in order."""
    found: list[tuple[int, int]] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        i1, i2, j1, j2 = waiting.pop()
        while i1 < i2 and j1 < j2 and old[i1] == new[j1]:
            found.append((i1, j1))
            i1, j1 = i1 + 1, j1 + 1
        while i1 < i2 and j1 < j2 and old[i2 - 1] == new[j2 - 1]:
            i2, j2 = i2 - 1, j2 - 1
            found.append((i2, j2))
        if i1 == i2 or j1 == j2:
            continue
        if (i2 - i1) * (j2 - j1) <= SMALL:
            blocks = SequenceMatcher(None, old[i1:i2], new[j1:j2], autojunk=False).get_matching_blocks()
            found += [(i1 + block.a + k, j1 + block.b + k) for block in blocks for k in range(block.size)]
            continue
        anchors = [(i1 + i, j1 + j) for i, j in _anchors(old[i1:i2], new[j1:j2])]
        found += anchors
        if anchors:
            corners = [(i1 - 1, j1 - 1), *anchors, (i2, j2)]
            waiting += [(i + 1, next_i, j + 1, next_j) for (i, j), (next_i, next_j) in pairwise(corners)]
    return sorted(found)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest series of lines that stand once in each text, in the same order in both."""
    once_old, once_new = Counter(old), Counter(new)
    place = {line: j for j, line in enumerate(new) if once_new[line] == 1}
    pairs = [(i, place[line]) for i, line in enumerate(old) if once_old[line] == 1 and line in place]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs, given by their first number, in which the second rises, too."""
    ends: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if pairs[ends[middle]][1] < j else (low, middle)
        before.append(ends[low - 1] if low else -1)
        ends[low : low + 1] = [place]
    found = []
    place = ends[-1] if ends else -1
    while place >= 0:
        found.append(pairs[place])
        place = before[place]
    return found[::-1]
