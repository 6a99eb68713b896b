"""Lays out a graph with open modules: each in a frame of its own, with nothing foreign inside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from playground.graph.folding import Folding
from playground.graph.layout import Box, EdgeKey, Frame, Layout, Point, lay_out
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, data_flow
from playground.graph.modules import Chain
from playground.graph.sizes import estimated_width

FRAME_TITLE_PIXELS = 12
"""Font size of a frame's title, at a zoom of 1."""
FRAME_TITLE_HEIGHT = 22.0
"""Height of the strip at a frame's upper edge."""
_SIDES, _BELOW = 8.0, 10.0
"""Pixels between a frame and what is in it."""
_TITLE_SIDES = 36.0
"""Pixels of a title's strip that its text leaves free."""
_PORT = (1.0, 1.0)
_IN, _OUT = "\0in", "\0out"
"""Where lines cross a frame: they all enter at one place, as the module's inputs do, and leave at one."""
_MOST_KEPT = 256

Piece: TypeAlias = tuple[str, str, int]
"""A part of an edge inside one frame: what it joins there, and which of several it is."""
Memory: TypeAlias = dict[object, Layout]
"""Layouts of single frames: one that looks as before need not be laid out again."""


def lay_out_framed(
    folding: Folding, sizes: Mapping[str, tuple[float, float]], memory: Memory | None = None
) -> Layout:
    """Lays out a folded graph from left to right, the insides of each open module within its frame.

    Frames lie in each other as the calls do, and overlap nothing else. Without open modules it is `lay_out`.

    Args:
        folding: what is drawn, and in which frames.
        sizes: width and height of each node's box by the node's key, in pixels.
        memory: what has been laid out before; it grows.

    Raises:
        KeyError: if a node has no size.
    """
    if not folding.frames:
        return lay_out(folding.graph, sizes)
    return _Framed(folding, sizes, {} if memory is None else memory).layout()


@dataclass(slots=True)
class _Room:
    """What lies directly inside a frame.

    Attributes:
        items: size of each node, of each frame and of the places where lines cross, by key.
        pieces: what joins them.
    """

    items: dict[str, tuple[float, float]] = field(default_factory=dict)
    pieces: dict[Piece, None] = field(default_factory=dict)


class _Framed:
    def __init__(self, folding: Folding, sizes: Mapping[str, tuple[float, float]], memory: Memory) -> None:
        self._folding = folding
        self._memory = memory
        self._rooms: defaultdict[Chain, _Room] = defaultdict(_Room)
        self._ways: dict[EdgeKey, list[tuple[Chain, Piece]]] = {}
        self._layouts: dict[Chain, Layout] = {}
        self._origins: dict[Chain, Point] = {(): (0.0, 0.0)}
        frames = folding.frames
        for node in folding.graph.nodes:
            self._rooms[frames.get(node.key, ())].items[node.key] = sizes[node.key]
        self._inner = sorted({chain[:n] for chain in frames.values() for n in range(1, len(chain) + 1)})
        for start, end, edge in data_flow(folding.graph):
            nodes = folding.graph.nodes
            ends = nodes[start].key, nodes[end].key
            key = (nodes[edge.source].key, nodes[edge.target].key, edge.input_index)
            self._ways[key] = list(self._way(*ends, edge.input_index))

    def layout(self) -> Layout:
        for frame in (*sorted(self._inner, key=lambda chain: (-len(chain), chain)), ()):
            self._lay_out(frame)
        boxes: dict[str, Box] = {}
        frames: list[Frame] = []
        for frame in ((), *sorted(self._inner, key=lambda chain: (len(chain), chain))):
            left, top = self._origins[frame]
            for key, box in self._layouts[frame].boxes.items():
                placed = Box(box.x + left, box.y + top, box.width, box.height)
                inner = next((each for each in self._children(frame) if _key(each) == key), None)
                if inner is not None:
                    self._origins[inner] = (placed.x + _SIDES, placed.y + FRAME_TITLE_HEIGHT)
                    frames.append(Frame(inner, self._folding.titles[inner], placed))
                elif key not in (_IN, _OUT):
                    boxes[key] = placed
        whole = self._layouts[()]
        routes = {key: self._route(way) for key, way in self._ways.items()}
        return Layout(boxes, routes, whole.width, whole.height, whole.engine, whole.note, tuple(frames))

    def _way(self, start: str, end: str, index: int) -> Iterator[tuple[Chain, Piece]]:
        """The pieces of an edge in the direction of the data: out of frames, across, into others."""
        source = self._folding.frames.get(start, ())
        target = self._folding.frames.get(end, ())
        shared = 0
        while source[: shared + 1] == target[: shared + 1] and shared < min(len(source), len(target)):
            shared += 1
        here = start
        for length in range(len(source), shared, -1):
            yield self._piece(source[:length], here, _OUT)
            here = _key(source[:length])
        direct = shared == len(source) == len(target)
        there = end if shared == len(target) else _key(target[: shared + 1])
        yield self._piece(source[:shared], here, there, index if direct else 0)
        for length in range(shared + 1, len(target) + 1):
            there = end if length == len(target) else _key(target[: length + 1])
            yield self._piece(target[:length], _IN, there)

    def _piece(self, frame: Chain, start: str, end: str, index: int = 0) -> tuple[Chain, Piece]:
        room = self._rooms[frame]
        for port in {start, end} & {_IN, _OUT}:
            room.items[port] = _PORT
        room.pieces[start, end, index] = None
        return frame, (start, end, index)

    def _children(self, frame: Chain) -> list[Chain]:
        return [each for each in self._inner if each[:-1] == frame]

    def _lay_out(self, frame: Chain) -> None:
        """Lays a frame's inside out, once all frames in it are; its own size is an item of the one around."""
        room = self._rooms[frame]
        known = frozenset(room.items.items()), frozenset(room.pieces)
        found = self._memory.get(known)
        if found is None:
            if len(self._memory) >= _MOST_KEPT:
                self._memory.clear()
            found = self._memory[known] = _laid_out(room)
        self._layouts[frame] = found
        if frame:
            title = estimated_width(self._folding.titles[frame], FRAME_TITLE_PIXELS) + _TITLE_SIDES
            width = max(found.width + 2 * _SIDES, title)
            size = (width, found.height + FRAME_TITLE_HEIGHT + _BELOW)
            self._rooms[frame[:-1]].items[_key(frame)] = size

    def _route(self, way: list[tuple[Chain, Piece]]) -> tuple[Point, ...]:
        points: list[Point] = []
        for frame, piece in way:
            left, top = self._origins[frame]
            more = [(x + left, y + top) for x, y in self._layouts[frame].routes[piece]]
            if points:
                (x, y), (next_x, next_y) = points[-1], more[0]
                middle = (x + next_x) / 2
                points += [(middle, y), (middle, next_y)]
            points += more
        return tuple(points[:1] + [point for before, point in pairwise(points) if point != before])


def _laid_out(room: _Room) -> Layout:
    keys = sorted(room.items)
    number = {key: place for place, key in enumerate(keys)}
    nodes = tuple(Node(place, "", NodeKind.OPERATION, key) for place, key in enumerate(keys))
    edges = tuple(Edge(number[start], number[end], index) for start, end, index in sorted(room.pieces))
    return lay_out(Graph(nodes, edges, GraphKind.TRACE), room.items)


def _key(frame: Chain) -> str:
    path, use = frame[-1]
    return f"\0{path}#{use}"
