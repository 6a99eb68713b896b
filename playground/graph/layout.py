"""Where to draw a graph: boxes and edge routes, found by a layout library behind one small interface."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from playground.graph import engine_graphlay, engine_sugiyama
from playground.graph.engine_data import Placement, Task, length
from playground.graph.model import Graph, data_flow
from playground.graph.modules import Chain

Point: TypeAlias = tuple[float, float]
EdgeKey: TypeAlias = tuple[str, str, int]
"""Keys of the nodes at an edge's source and target (as in `Edge`), and its input index."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its left upper corner and its size, in pixels at a zoom of 1."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of an open module around what it made.

    Attributes:
        call: the calls that it stands for, itself the last.
        title: what is written in its upper left corner.
        box: its place.
    """

    call: Chain
    title: str
    box: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of nodes by key and routes of edges by `EdgeKey`, drawn from left to right.

    A layout may hold more nodes and edges than the graph that is drawn with it: the graphs of one
    run share a layout, so that what they have in common stays where it was.

    Attributes:
        boxes: place of each node.
        routes: the points of each edge's line, at least two, in the direction of the data
            (from the parameters to the loss).
        width, height: size of the whole drawing.
        engine: the library that made it.
        note: what a user must know of it ("too large to lay out well …"), else "".
        frames: around nodes of open modules, the outer ones before the inner.
    """

    boxes: Mapping[str, Box]
    routes: Mapping[EdgeKey, tuple[Point, ...]]
    width: float
    height: float
    engine: str = ""
    note: str = ""
    frames: tuple[Frame, ...] = ()


CAREFUL_NODES = 1000
"""The careful engine takes up to a second for so many nodes."""
_CAREFUL_LENGTH = 6000
"""Lines that lead on so many columns altogether cost it another second; shared parameters make them long."""
_SMALL_NODES = 50
_SMALL_LENGTH = 120


def lay_out(graph: Graph, sizes: Mapping[str, tuple[float, float]]) -> Layout:
    """Lays a graph out from left to right, in the direction of the data.

    Boxes depend on the nodes' keys and sizes and on the edges, not on the order of either. They do not
    overlap; a route starts on the border of its start's box and ends on that of its end's. In a
    graph without cycles every edge leads to the right, and its route runs through no other box. A small
    graph takes a few milliseconds (see `small`), a large one up to two seconds.

    Args:
        graph: any graph; isolated nodes, cycles and edges from a node to itself are drawn too.
        sizes: width and height of each node's box by the node's key, in pixels.

    Raises:
        KeyError: if a node has no size.
    """
    task = make_task(graph, sizes)
    return make_layout(graph, task, (engine_graphlay if is_careful(task) else engine_sugiyama).place(task))


def small(graph: Graph) -> bool:
    """Whether `lay_out` takes less than half a frame (8 ms), so that a window may wait for it."""
    if len(graph.nodes) > _SMALL_NODES:
        return False
    return length(make_task(graph, {node.key: (0.0, 0.0) for node in graph.nodes})) <= _SMALL_LENGTH


def is_careful(task: Task) -> bool:
    """Whether the careful engine is expected to lay this out within about two seconds."""
    return len(task.keys) <= CAREFUL_NODES and length(task) <= _CAREFUL_LENGTH


def make_task(graph: Graph, sizes: Mapping[str, tuple[float, float]]) -> Task:
    """What a layout engine needs to know of a graph; the order of nodes and edges stays.

    Raises:
        KeyError: if a node has no size.
    """
    keys = tuple(node.key for node in graph.nodes)
    position = {node.id: index for index, node in enumerate(graph.nodes)}
    flow = list(data_flow(graph))
    return Task(
        keys,
        array("d", (sizes[key][0] for key in keys)),
        array("d", (sizes[key][1] for key in keys)),
        array("L", (position[start] for start, _, _ in flow)),
        array("L", (position[end] for _, end, _ in flow)),
    )


def make_layout(graph: Graph, task: Task, placement: Placement) -> Layout:
    """What an engine found for the task of this graph."""
    key_of = {node.id: node.key for node in graph.nodes}
    edges = [(key_of[edge.source], key_of[edge.target], edge.input_index) for edge in graph.edges]
    boxes = _Boxes(task, placement.corners)
    routes = _Routes(edges, placement)
    return Layout(boxes, routes, placement.width, placement.height, placement.engine, placement.note)


class _Boxes(Mapping[str, Box]):
    """Boxes that stay numbers until they are asked for: to make 10 000 at once would hold up a window."""

    def __init__(self, task: Task, corners: array[float]) -> None:
        self._task = task
        self._corners = corners
        self._position = {key: position for position, key in enumerate(task.keys)}

    def __getitem__(self, key: str) -> Box:
        position = self._position[key]
        x, y = self._corners[2 * position : 2 * position + 2]
        return Box(x, y, self._task.widths[position], self._task.heights[position])

    def __iter__(self) -> Iterator[str]:
        return iter(self._position)

    def __len__(self) -> int:
        return len(self._position)


class _Routes(Mapping[EdgeKey, tuple[Point, ...]]):
    """Routes that stay numbers until they are asked for."""

    def __init__(self, edges: Sequence[EdgeKey], placement: Placement) -> None:
        self._points = placement.points
        self._ends = list(accumulate(placement.counts, initial=0))
        self._position = {key: position for position, key in enumerate(edges)}

    def __getitem__(self, key: EdgeKey) -> tuple[Point, ...]:
        position = self._position[key]
        numbers = self._points[2 * self._ends[position] : 2 * self._ends[position + 1]]
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))

    def __iter__(self) -> Iterator[EdgeKey]:
        return iter(self._position)

    def __len__(self) -> int:
        return len(self._position)
