"""What layout engines take and give: arrays of numbers, cheap to send to another process."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Point: TypeAlias = tuple[float, float]
Line: TypeAlias = tuple[int, int]
"""Positions of the nodes at an edge's start and end, in the direction of the data."""


@dataclass(frozen=True, slots=True)
class Task:
    """A graph to lay out.

    Attributes:
        keys: the nodes' keys. They alone break ties, so that a layout does not depend on the order of nodes.
        widths, heights: size of each node's box, in pixels.
        starts, ends: position in `keys` of the nodes that each edge joins, in the direction of the data.
    """

    keys: tuple[str, ...]
    widths: array[float]
    heights: array[float]
    starts: array[int]
    ends: array[int]

    def lines(self) -> list[Line]:
        """All edges as (start, end)."""
        return list(zip(self.starts, self.ends, strict=True))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an engine put boxes and lines, in pixels from the left upper corner of it all.

    Attributes:
        corners: x and y of each box's left upper corner, in turn.
        points: x and y of every point of every route, route after route.
        counts: number of points of each route, at least two.
        width, height: size of it all.
        engine: the library that made it.
        note: what a user must know of it, else "".
    """

    corners: array[float]
    points: array[float]
    counts: array[int]
    width: float
    height: float
    engine: str
    note: str = ""


def make_placement(
    task: Task,
    corners: Sequence[Point],
    routes: Sequence[Sequence[Point]],
    engine: str,
    note: str = "",
) -> Placement:
    """A placement from boxes and routes in pixels from any origin."""
    points = [point for route in routes for point in route]
    left, top = (min((point[axis] for point in (*corners, *points)), default=0.0) for axis in (0, 1))
    lower = [(x + w, y + h) for (x, y), w, h in zip(corners, task.widths, task.heights, strict=True)]
    right, bottom = (max((point[axis] for point in (*lower, *points)), default=0.0) for axis in (0, 1))
    return Placement(
        array("d", (number for x, y in corners for number in (x - left, y - top))),
        array("d", (number for x, y in points for number in (x - left, y - top))),
        array("L", map(len, routes)),
        right - left,
        bottom - top,
        engine,
        note,
    )


Engine: TypeAlias = Callable[[Task], Placement]


def without_cycles(task: Task) -> list[Line]:
    """The edges, those turned round that close a cycle; an edge from a node to itself stays."""
    after: list[list[tuple[int, int]]] = [[] for _ in task.keys]
    lines = task.lines()
    for position, (start, end) in enumerate(lines):
        if start != end:
            after[start].append((end, position))
    for followers in after:
        followers.sort(key=lambda follower: task.keys[follower[0]])
    for position in _closing(after, sorted(range(len(task.keys)), key=task.keys.__getitem__)):
        start, end = lines[position]
        lines[position] = (end, start)
    return lines


def _closing(after: Sequence[Sequence[tuple[int, int]]], order: Iterable[int]) -> list[int]:
    """Positions of the edges that lead back to a node on the way that a depth-first walk has come."""
    new, open_, done = 0, 1, 2
    state = [new] * len(after)
    closing = []
    for first in order:
        if state[first] != new:
            continue
        state[first] = open_
        way = [(first, iter(after[first]))]
        while way:
            node, followers = way[-1]
            for end, position in followers:
                if state[end] == open_:
                    closing.append(position)
                elif state[end] == new:
                    state[end] = open_
                    way.append((end, iter(after[end])))
                    break
            else:
                state[node] = done
                way.pop()
    return closing


def longest_paths(count: int, lines: Iterable[Line]) -> tuple[list[int], list[int]]:
    """Number of edges on the longest path that leads to each node, and on the longest that leaves it.

    Args:
        count: number of nodes.
        lines: the edges of a graph without cycles; edges from a node to itself are passed over.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for start, end in lines:
        if start != end:
            after[start].append(end)
            missing[end] += 1
    order = [node for node in range(count) if not missing[node]]
    before = [0] * count
    for node in order:
        for end in after[node]:
            before[end] = max(before[end], before[node] + 1)
            missing[end] -= 1
            if not missing[end]:
                order.append(end)
    beyond = [0] * count
    for node in reversed(order):
        beyond[node] = max((beyond[end] + 1 for end in after[node]), default=0)
    return before, beyond


def choose_columns(count: int, lines: Collection[Line]) -> tuple[list[int], Literal["up", "down"]]:
    """Each node as far right as it can be, or as far left, whichever makes the lines shorter.

    Args:
        count: number of nodes.
        lines: the edges of a graph without cycles.

    Returns:
        The column of each node, and how fast-sugiyama calls this choice.
    """
    left, beyond = longest_paths(count, lines)
    last = max(beyond, default=0)
    right = [last - steps for steps in beyond]
    return (right, "down") if _length(right, lines) <= _length(left, lines) else (left, "up")


def length(task: Task) -> int:
    """Number of columns that all lines together lead on, which decides how long a layout takes."""
    lines = without_cycles(task)
    return _length(choose_columns(len(task.keys), lines)[0], lines)


def _length(column: Sequence[int], lines: Iterable[Line]) -> int:
    return sum(column[end] - column[start] for start, end in lines)
