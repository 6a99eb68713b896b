"""The quick layout engine, for graphs of many thousand nodes.

fast-sugiyama finds the order in each column and how high everything lies. It knows neither the sizes
of boxes nor routes, drops isolated nodes, and ends the whole process when an edge leads from a node to
itself; all this is dealt with here. Lines cross a column level, between its boxes, and slant only from
one column to the next: none runs through a box.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from playground.graph.engine_data import (
    Line,
    Placement,
    Point,
    Task,
    choose_columns,
    make_placement,
    without_cycles,
)

NOTE = "This is the quick layout for large graphs: lines may cross more often than they need to."
RAILS_NOTE = " The longest lines run along the upper edge."

COLUMN_GAP = 70.0
ROW_GAP = 24.0
LINE_GAP = 10.0
STUB = 12.0
RAIL_GAP = 6.0
RAILS = 12
"""So many lines run side by side along the upper edge; further ones share their places."""
BENDS = 40_000
"""All lines together cross so many columns at most, since the library's time grows with them."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where everything lies.

    Attributes:
        column: column of each node, counted from the left.
        center: height of each node's middle.
        bends: the height at which a line crosses each column between its ends; a line that is not
            among them runs along the upper edge.
        lefts, rights: borders of each column.
        top: the upper edge of it all.
    """

    column: Sequence[int]
    center: Sequence[float]
    bends: dict[Line, list[float]]
    lefts: Sequence[float]
    rights: Sequence[float]
    top: float


def place(task: Task) -> Placement:
    """Lays a graph out with fast-sugiyama; 10 000 nodes take about a second."""
    lines = without_cycles(task)
    joined = {line for line in lines if line[0] != line[1]}
    column, ranking = choose_columns(len(task.keys), joined)
    center, bends = _with_fast_sugiyama(task, _shortest(task, joined, column), ranking, column)
    isolated = set(range(len(task.keys))).difference(*joined)
    _spread(task, isolated, column, center, bends)
    _place_isolated(task, isolated, column, center, bends)
    grid = _measure(task, column, center, bends)
    corners = [
        (_left(task, grid, node), center[node] - height / 2) for node, height in enumerate(task.heights)
    ]
    note = NOTE if bends.keys() == joined else NOTE + RAILS_NOTE
    return make_placement(task, corners, _routes(task, lines, grid), "fast-sugiyama", note)


def _shortest(task: Task, joined: Collection[Line], column: Sequence[int]) -> list[Line]:
    """The lines without the longest ones, such that they cross at most `BENDS` columns together.

    Every line between neighbouring columns stays, and these alone decide on the columns of all nodes.
    """
    lengths = (
        (column[end] - column[start], task.keys[start], task.keys[end], (start, end)) for start, end in joined
    )
    kept, bends = [], 0
    for length, _, _, line in sorted(lengths):
        bends += length - 1
        if bends > BENDS:
            break
        kept.append(line)
    return kept


def _with_fast_sugiyama(
    task: Task, lines: Collection[Line], ranking: Literal["up", "down"], column: Sequence[int]
) -> tuple[list[float], dict[Line, list[float]]]:
    """Heights of all joined nodes, and of the lines in the columns that they cross."""
    from fast_sugiyama import from_edges

    used = sorted({node for line in lines for node in line}, key=task.keys.__getitem__)
    number = {node: position for position, node in enumerate(used)}
    spacing = max(task.heights, default=0.0) + ROW_GAP
    parts = from_edges(
        sorted((number[start], number[end]) for start, end in lines),
        vertex_spacing=spacing,
        dummy_vertices=True,
        dummy_size=LINE_GAP,
        ranking_type=ranking,
        crossing_minimization="median",
        transpose=False,
    )
    center = [0.0] * len(task.keys)
    bends: dict[Line, list[float]] = {}
    top = 0.0
    for positions, _, _, edges in sorted(parts, key=lambda part: min(int(node) for node, _ in part[0])):
        # The library draws from the top to the bottom: its x is the height here.
        highest = min(x for _, (x, _) in positions)
        heights = {int(node): x - highest + top for node, (x, _) in positions}
        for node, height in heights.items():
            if node < len(used):
                center[used[node]] = height
        for start, between, end in _chains(len(used), [(int(a), int(b)) for a, b in edges or ()]):
            line = used[start], used[end]
            # Both count the columns alike; a line for which they do not still gets a route, along the edge.
            if len(between) == column[line[1]] - column[line[0]] - 1:
                bends[line] = [heights[bend] for bend in between]
        top = max(heights.values()) + spacing
    return center, bends


def _chains(count: int, edges: Collection[Line]) -> list[tuple[int, list[int], int]]:
    """Each line as start, bends and end, where the library has cut it at bends, numbered from `count` on."""
    following = {start: end for start, end in edges if start >= count}
    chains = []
    for start, end in edges:
        if start >= count:
            continue
        between = []
        while end >= count:
            between.append(end)
            end = following[end]
        chains.append((start, between, end))
    return chains


def _spread(
    task: Task,
    isolated: Collection[int],
    column: Sequence[int],
    center: list[float],
    bends: dict[Line, list[float]],
) -> None:
    """Pushes down what lies too close to its upper neighbour: the library leaves equal room to all nodes."""
    # In each column: height, half of the room that it takes, and where it is to be written back.
    places: dict[int, list[tuple[float, float, list[float], int]]] = defaultdict(list)
    for node, height in enumerate(task.heights):
        if node not in isolated:
            places[column[node]].append((center[node], (height + ROW_GAP) / 2, center, node))
    for (start, _), heights in bends.items():
        for position, height in enumerate(heights):
            places[column[start] + 1 + position].append((height, LINE_GAP / 2, heights, position))
    for found in places.values():
        found.sort(key=lambda place: place[0])
        free = -math.inf
        for height, half, heights, position in found:
            heights[position] = max(height, free + half)
            free = heights[position] + half


def _place_isolated(
    task: Task,
    isolated: Collection[int],
    column: list[int],
    center: list[float],
    bends: dict[Line, list[float]],
) -> None:
    """Puts the nodes without edges below all others, row after row."""
    row = max(max(column, default=0) + 1, math.ceil(math.sqrt(len(isolated))))
    spacing = max(task.heights, default=0.0) + ROW_GAP
    lowest = max((max(heights, default=0.0) for heights in bends.values()), default=-spacing)
    top = max(lowest, *center, -spacing) + spacing
    for position, node in enumerate(sorted(isolated, key=task.keys.__getitem__)):
        column[node] = position % row
        center[node] = top + position // row * spacing


def _measure(
    task: Task, column: Sequence[int], center: Sequence[float], bends: dict[Line, list[float]]
) -> _Grid:
    widths = [0.0] * (max(column, default=-1) + 1)
    for at, width in zip(column, task.widths, strict=True):
        widths[at] = max(widths[at], width)
    rights = list(accumulate(widths, lambda right, width: right + COLUMN_GAP + width))
    lefts = [right - width for right, width in zip(rights, widths, strict=True)]
    tops = [middle - height / 2 for middle, height in zip(center, task.heights, strict=True)]
    top = min([*tops, *(min(heights) for heights in bends.values() if heights)], default=0.0)
    return _Grid(column, center, bends, lefts, rights, top)


def _left(task: Task, grid: _Grid, node: int) -> float:
    """Left border of a node's box, which stands in the middle of its column."""
    column = grid.column[node]
    return (grid.lefts[column] + grid.rights[column] - task.widths[node]) / 2


def _routes(task: Task, lines: Sequence[Line], grid: _Grid) -> list[list[Point]]:
    """The route of each edge of the task; `lines` are the same edges without cycles."""
    starts, ends = _ports(task, lines, grid)
    routes = []
    for position, (start, end) in enumerate(lines):
        if start == end:
            routes.append(_loop(task, grid, start))
            continue
        bends = grid.bends.get((start, end))
        leave, enter = starts[position], ends[position]
        route = [
            (_left(task, grid, start) + task.widths[start], leave),
            (grid.rights[grid.column[start]], leave),
            *(
                _rail(grid, position, (start, end), (leave, enter))
                if bends is None
                else _through(grid, start, bends)
            ),
            (grid.lefts[grid.column[end]], enter),
            (_left(task, grid, end), enter),
        ]
        turned = task.starts[position] != start
        routes.append(list(dict.fromkeys(reversed(route) if turned else route)))
    return routes


def _ports(task: Task, lines: Sequence[Line], grid: _Grid) -> tuple[dict[int, float], dict[int, float]]:
    """The heights at which each line leaves its start and enters its end, so that they do not cross there."""
    leaving: dict[int, list[tuple[float, int]]] = defaultdict(list)
    entering: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for position, (start, end) in enumerate(lines):
        if start == end:
            continue
        bends = grid.bends.get((start, end))
        on_rail = (-math.inf,)
        towards = on_rail if bends is None else (*bends, grid.center[end])
        back = on_rail if bends is None else (grid.center[start], *bends)
        leaving[start].append((towards[0], position))
        entering[end].append((back[-1], position))
    return _share_out(task, grid, leaving), _share_out(task, grid, entering)


def _share_out(task: Task, grid: _Grid, lines_at: dict[int, list[tuple[float, int]]]) -> dict[int, float]:
    """Heights on a box's side for its lines, in equal distances."""
    heights = {}
    for node, found in lines_at.items():
        distance = task.heights[node] / (len(found) + 1)
        for place, (_, position) in enumerate(sorted(found), start=1):
            heights[position] = grid.center[node] - task.heights[node] / 2 + place * distance
    return heights


def _through(grid: _Grid, start: int, bends: Sequence[float]) -> list[Point]:
    """A line's points in the columns that it crosses."""
    points = []
    for column, height in enumerate(bends, start=grid.column[start] + 1):
        points += [(grid.lefts[column], height), (grid.rights[column], height)]
    return points


def _rail(grid: _Grid, position: int, line: Line, ports: Point) -> list[Point]:
    """A line's corners on its way along the upper edge, between the heights of both its ports."""
    rail = position % RAILS
    height = grid.top - 2 * STUB - rail * RAIL_GAP
    up = grid.rights[grid.column[line[0]]] + STUB + 2 * rail
    down = grid.lefts[grid.column[line[1]]] - STUB - 2 * rail
    return [(up, ports[0]), (up, height), (down, height), (down, ports[1])]


def _loop(task: Task, grid: _Grid, node: int) -> list[Point]:
    """From the lower side of a box back to it."""
    left, third = _left(task, grid, node), task.widths[node] / 3
    bottom = grid.center[node] + task.heights[node] / 2
    below = bottom + LINE_GAP
    return [
        (left + third, bottom),
        (left + third, below),
        (left + 2 * third, below),
        (left + 2 * third, bottom),
    ]
