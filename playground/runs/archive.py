"""The runs that were made: what each was and how far it came, kept within a budget of memory.

A run is known by its number, never by its place in the list. Entries are frozen: a change puts another
entry in the place of the old one, so that a reader sees by identity which have changed. What grows while
a run goes on (its history, structures and clock) grows inside of its entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playground.graph.model import Graph
from playground.history import History
from playground.runs.changes import Change
from playground.runs.entry import STATES, RunEntry, checked_name, default_name
from playground.runs.series import LossSeries
from playground.settings import Settings, quoted

BUDGET = 200_000_000
"""Bytes that the runs may take together."""

BYTES_PER_STEP = sum(np.dtype(kind).itemsize for kind in (np.float64, np.int8, np.int32))
"""What a history writes for a step: loss, depth and structure."""
BYTES_PER_NODE, BYTES_PER_EDGE = 400, 130
"""Of a structure in memory, measured on graphs of 10 to 1 000 nodes."""


class RunArchive:
    """The runs in the order in which they began; the present one is the last that has begun.

    Over the budget the oldest runs go that are neither pinned nor present; when only pinned ones are
    left, the oldest of these. The present run always stays. Only the window's thread uses it.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        """Starts empty.

        Args:
            budget: bytes, above 0.
        """
        if budget <= 0:
            raise ValueError(f"budget is {budget}; allowed: above 0")
        self.budget = budget
        self._entries: dict[int, RunEntry] = {}
        self._listed: tuple[RunEntry, ...] | None = None
        self._weights: dict[int, _Weight] = {}
        self._evicted: list[RunEntry] = []
        self._present: int | None = None

    @property
    def entries(self) -> tuple[RunEntry, ...]:
        """All runs in order; the same tuple as long as none has changed."""
        if self._listed is None:
            self._listed = tuple(self._entries.values())
        return self._listed

    @property
    def present(self) -> int | None:
        """Number of the run that has begun last; None before the first."""
        return self._present

    @property
    def nbytes(self) -> int:
        """Bytes that the runs take: the steps that were written, not the room kept for more."""
        return sum(self._weights[number].of(entry) for number, entry in self._entries.items())

    def summary(self) -> str:
        """How many runs there are and what they take: `"12 runs · 3.4 of 200 MB"`."""
        count = len(self._entries)
        runs = "1 run" if count == 1 else f"{count} runs"
        return f"{runs} · {self.nbytes / 1e6:.1f} of {self.budget / 1e6:.4g} MB"

    def get(self, number: int) -> RunEntry | None:
        """The run of that number, or None."""
        return self._entries.get(number)

    def begin(
        self,
        number: int,
        settings: Settings,
        history: History,
        structures: Sequence[Graph],
        series: Sequence[LossSeries] = (),
    ) -> RunEntry:
        """Adds a run, which is the present one.

        A present run without a step makes way for it, and leaves it its color, its pin and the name that
        the user gave to it. Any other is no longer drawn, unless the user has said that it is.

        Raises:
            ValueError: the number is negative or in the list already.
        """
        if number < 0 or number in self._entries:
            raise ValueError(f"run {number} cannot begin; allowed: a number from 0 up that is not listed")
        fresh = RunEntry(
            number,
            settings,
            default_name(settings, number),
            self._free_color(),
            history,
            structures,
            series=series,
        )
        before = None if self._present is None else self._entries[self._present]
        if before is not None and not before.steps:
            self._drop(before.number)
            fresh = _in_place_of(before, fresh)
        elif before is not None:
            state = "paused" if before.state == "running" else before.state
            self._put(replace(before, state=state, visible=before.visible and before.chosen))
        self._present = number
        self._weights[number] = _Weight()
        self._put(fresh)
        self.trim()
        return fresh

    def restore(self, entries: Sequence[RunEntry]) -> None:
        """Adds runs of an earlier session, each with a color of its own, in front of those of this one.

        Raises:
            ValueError: a number is in the list already.
        """
        for entry in entries:
            if entry.number in self._entries:
                raise ValueError(f"run {entry.number} is in the list already")
            self._weights[entry.number] = _Weight()
            self._put(replace(entry, color=self._free_color()))
        numbers = [entry.number for entry in entries]
        later = [number for number in self._entries if number not in numbers]
        self._entries = {number: self._entries[number] for number in (*numbers, *later)}
        self.trim()

    def trim(self) -> None:
        """Lets runs go until the others fit in the budget; to be called now and then while a run goes on."""
        excess = self.nbytes - self.budget
        if excess <= 0:
            return
        others = [entry for entry in self.entries if entry.number != self._present]
        # Sorting keeps the order within each kind: the oldest first.
        for entry in sorted(others, key=lambda each: each.pinned):
            if excess <= 0:
                break
            excess -= self._weights[entry.number].of(entry)
            self._drop(entry.number)
            self._evicted.append(entry)

    def take_evicted(self) -> tuple[RunEntry, ...]:
        """The runs that have gone for want of room since the last call; `eviction_notice` tells of them."""
        evicted, self._evicted = tuple(self._evicted), []
        return evicted

    def remove(self, number: int) -> None:
        """Takes a run off the list.

        Raises:
            ValueError: it is the present run, or not listed.
        """
        name = self._entry(number).name
        if number == self._present:
            raise ValueError(f"run {quoted(name)} is the present one; allowed: any other run")
        self._drop(number)

    def rename(self, number: int, name: str) -> None:
        """Gives a run another name.

        Raises:
            ValueError: the name is blank or too long, or the run not listed.
        """
        self._put(self._colored(replace(self._entry(number), name=checked_name(name), named=True)))

    def set_default_name(self, number: int, name: str) -> None:
        """What a run is called that the user has not named. Raises ValueError for one that is not listed."""
        if not self._entry(number).named:
            self._put(replace(self._entry(number), name=name))

    def set_visible(self, number: int, visible: bool) -> None:
        """The user wants the run's curve drawn, or not. Raises ValueError for a run that is not listed."""
        entry = self._entry(number)
        if visible != entry.visible or not entry.chosen:
            self._put(self._colored(replace(entry, visible=visible, chosen=True)))

    def set_pinned(self, number: int, pinned: bool) -> None:
        """Whether the run stays when memory is short. Raises ValueError for one that is not listed."""
        if pinned != self._entry(number).pinned:
            self._put(self._colored(replace(self._entry(number), pinned=pinned)))

    def set_settings(self, number: int, settings: Settings) -> None:
        """The settings that are in force now; a name that was made from older ones stays.

        Raises:
            ValueError: the run is not listed.
        """
        if settings != self._entry(number).settings:
            self._put(replace(self._entry(number), settings=settings))

    def set_state(self, number: int, state: str) -> None:
        """What the run is doing.

        Raises:
            ValueError: the state is none of `STATES`, or the run not listed.
        """
        if state not in STATES:
            raise ValueError(f"state is {quoted(state)}; allowed: {', '.join(STATES)}")
        if state != self._entry(number).state:
            self._put(self._colored(replace(self._entry(number), state=str(state))))

    def set_recordings_nbytes(self, number: int, nbytes: int) -> None:
        """What the run's recorded steps take. Raises ValueError for a run that is not listed."""
        if nbytes != self._entry(number).recordings_nbytes:
            self._put(replace(self._entry(number), recordings_nbytes=nbytes))

    def set_changes(self, number: int, changes: tuple[Change, ...]) -> None:
        """What was changed in mid-run. Raises ValueError for a run that is not listed."""
        if changes != self._entry(number).changes:
            self._put(replace(self._entry(number), changes=changes))

    def _entry(self, number: int) -> RunEntry:
        entry = self._entries.get(number)
        if entry is None:
            raise ValueError(f"run {number} is not listed; it was removed")
        return entry

    def _colored(self, after: RunEntry) -> RunEntry:
        """A run that was changed: with a color of its own, if it is no longer in passing."""
        was_passing = self._entry(after.number).passing
        if was_passing and not after.passing and after.color in self._colors(after.number):
            return replace(after, color=self._free_color())
        return after

    def _put(self, entry: RunEntry) -> None:
        self._entries[entry.number] = entry
        self._listed = None

    def _drop(self, number: int) -> None:
        del self._entries[number], self._weights[number]
        self._listed = None

    def _free_color(self) -> int:
        """The smallest number that no listed run has, but for those in passing."""
        taken = self._colors()
        return next(color for color in range(len(taken) + 1) if color not in taken)

    def _colors(self, without: int = -1) -> set[int]:
        """Of the runs that are not in passing, or of all of these but one."""
        runs = self._entries.values()
        return {entry.color for entry in runs if not entry.passing and entry.number != without}


def _in_place_of(before: RunEntry, fresh: RunEntry) -> RunEntry:
    """The new run, with what the user has said of the empty one."""
    name = before.name if before.named else fresh.name
    return replace(fresh, name=name, named=before.named, color=before.color, pinned=before.pinned)


class _Weight:
    """What a run takes in memory; each of its structures is looked at once, since lists only grow."""

    __slots__ = ("_counted", "_structures")

    def __init__(self) -> None:
        self._counted = self._structures = 0

    def of(self, entry: RunEntry) -> int:
        count = len(entry.structures)
        if count != self._counted:
            fresh = entry.structures[self._counted : count]
            self._structures += sum(
                len(graph.nodes) * BYTES_PER_NODE + len(graph.edges) * BYTES_PER_EDGE for graph in fresh
            )
            self._counted = count
        steps = entry.steps + sum(each.history.length for each in tuple(entry.series))
        return steps * BYTES_PER_STEP + entry.clock.nbytes + self._structures


def eviction_notice(evicted: Sequence[RunEntry]) -> str:
    """One line that tells which runs have gone for want of room; "" for none."""
    if not evicted:
        return ""
    if len(evicted) == 1:
        which = f"The oldest run, {quoted(evicted[0].name)}, was"
    else:
        which = (
            f"The {len(evicted)} oldest runs, {quoted(evicted[0].name)} to {quoted(evicted[-1].name)}, were"
        )
    return f"{which} removed to make room."
