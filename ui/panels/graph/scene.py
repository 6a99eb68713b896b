"""A graph placed by its layout: what painting, pointing and the arrow keys ask for, computed once."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from playground.graph.folding import Block, Folding
from playground.graph.framed_layout import FRAME_TITLE_HEIGHT
from playground.graph.layout import EdgeKey, Frame, Layout, Point
from playground.graph.model import Graph, GraphKind, Node, NodeKind, Phase, data_flow
from playground.graph.modules import Chain
from playground.graph.sharing import original

_CORNER_RADIUS = 8.0
_ARROW_LENGTH = 8.0
_ARROW_HALF_WIDTH = 3.6
_SPREAD = 6.0
"""Pixels between two edges that a layout put on one line."""


def spread_routes(routes: Mapping[EdgeKey, Sequence[Point]]) -> dict[EdgeKey, tuple[Point, ...]]:
    """The routes without repeated points, and those that coincide moved apart: edges stay countable."""
    cleaned = {key: _without_repeats(points) for key, points in routes.items()}
    lines: defaultdict[tuple[tuple[int, int], ...], list[EdgeKey]] = defaultdict(list)
    for key, points in cleaned.items():
        lines[tuple((round(x), round(y)) for x, y in points)].append(key)
    for keys in lines.values():
        if len(keys) > 1:
            for place, key in enumerate(sorted(keys)):
                cleaned[key] = _shifted(cleaned[key], (place - (len(keys) - 1) / 2) * _SPREAD)
    return cleaned


def rounded_path(points: Sequence[Point]) -> QPainterPath:
    """A line through the points (at least two) with rounded corners."""
    path = QPainterPath(QPointF(*points[0]))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER_RADIUS, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        path.lineTo(_towards(corner, before, radius))
        path.quadTo(QPointF(*corner), _towards(corner, after, radius))
    path.lineTo(QPointF(*points[-1]))
    return path


def arrowhead(points: Sequence[Point]) -> QPolygonF:
    """A triangle whose tip is the line's last point, pointing the way in which the line arrives."""
    tip = points[-1]
    base = _point_before_end(points, _ARROW_LENGTH)
    length = math.dist(base, tip) or 1.0
    along = ((tip[0] - base[0]) / length, (tip[1] - base[1]) / length)
    back = (tip[0] - along[0] * _ARROW_LENGTH, tip[1] - along[1] * _ARROW_LENGTH)
    aside = (-along[1] * _ARROW_HALF_WIDTH, along[0] * _ARROW_HALF_WIDTH)
    corners = (tip, (back[0] + aside[0], back[1] + aside[1]), (back[0] - aside[0], back[1] - aside[1]))
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _without_repeats(points: Sequence[Point]) -> tuple[Point, ...]:
    kept = [points[0]]
    kept += [point for before, point in pairwise(points) if point != before]
    return tuple(kept) if len(kept) > 1 else (points[0], points[-1])


def _shifted(points: tuple[Point, ...], distance: float) -> tuple[Point, ...]:
    """Moved across the line's main direction."""
    (left, top), (right, bottom) = points[0], points[-1]
    if abs(right - left) >= abs(bottom - top):
        return tuple((x, y + distance) for x, y in points)
    return tuple((x + distance, y) for x, y in points)


def _towards(start: Point, end: Point, distance: float) -> QPointF:
    share = distance / (math.dist(start, end) or 1.0)
    return QPointF(start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _point_before_end(points: Sequence[Point], distance: float) -> Point:
    """The first corner, seen from the end, that is at least this far from the end."""
    for point in reversed(points[:-1]):
        if math.dist(point, points[-1]) >= distance:
            return point
    return points[0]


Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
_MOST_SCENES = 64
_MOST_PLACED = 20_000
"""So many nodes are remembered altogether."""


class Role(Enum):
    """What a node or an edge is, for its color."""

    PARAMETER = "parameter"
    DATA = "data"
    OPERATION = "operation"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class DrawnEdge(NamedTuple):
    """An edge in the direction of the data, between places in `Scene.nodes`."""

    key: EdgeKey
    start: int
    end: int
    role: Role


class Geometry:
    """A layout's places and lines, whichever graph is drawn with it."""

    def __init__(self, layout: Layout) -> None:
        """Computes what all graphs need; the lines of single edges follow when they are asked for."""
        self.layout = layout
        self.routes = spread_routes(layout.routes)
        self.rectangles = {
            key: QRectF(box.x, box.y, box.width, box.height) for key, box in layout.boxes.items()
        }
        self._paths: dict[EdgeKey, QPainterPath] = {}
        self._arrowheads: dict[EdgeKey, QPolygonF] = {}

    def path(self, key: EdgeKey) -> QPainterPath:
        """The edge's line, rounded."""
        if key not in self._paths:
            self._paths[key] = rounded_path(self.routes[key])
        return self._paths[key]

    def arrowhead(self, key: EdgeKey) -> QPolygonF:
        """The triangle at the end of the edge's line."""
        if key not in self._arrowheads:
            self._arrowheads[key] = arrowhead(self.routes[key])
        return self._arrowheads[key]


class Segments:
    """Many straight lines, of which only those that can be seen are painted.

    Attributes:
        lines: all of them.
    """

    def __init__(self, lines: list[tuple[float, float, float, float]], owners: list[int]) -> None:
        """Takes lines as (x1, y1, x2, y2), and for each the place of its edge."""
        self._owners = np.array(owners, dtype=np.intp)
        self.lines = [QLineF(*line) for line in lines]
        ends = np.array(lines, dtype=np.float64)
        low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
        self._bounds = np.hstack((low, high))
        self._lengths = (high - low).max(axis=1)

    def visible(self, area: QRectF, shortest: float, edges: Mask) -> list[QLineF]:
        """The lines of these edges that touch a part of the drawing, but for those shorter than this."""
        wanted = _touches(self._bounds, area) & (self._lengths >= shortest) & edges[self._owners]
        places = np.flatnonzero(wanted)
        return [self.lines[place] for place in places.tolist()]


class Scene:
    """Nodes and edges of one graph that have a place in the layout; others are not drawn.

    Attributes:
        graph, geometry: what it was made from.
        nodes, rectangles, roles, uses: of each drawn node; `uses` counts its edges towards the loss.
        edges: the drawn edges.
        frames: open modules, the outer ones first.
        ghosts: places that the layout holds for nodes which this graph does not have.
        folding: which of its nodes stand for several, None if none does.
    """

    def __init__(self, graph: Graph, geometry: Geometry, folding: Folding | None = None) -> None:
        """Places the graph."""
        self.graph = graph
        self.folding = folding
        self.geometry = geometry
        self.nodes = tuple(node for node in graph.nodes if node.key in geometry.rectangles)
        self.rectangles = [geometry.rectangles[node.key] for node in self.nodes]
        self.roles = [role_of(node) for node in self.nodes]
        self.frames = geometry.layout.frames
        self._index = {node.key: index for index, node in enumerate(self.nodes)}
        self.edges = self._drawn_edges()
        self.uses = self._counted_uses()
        self.ghosts = {key: box for key, box in geometry.rectangles.items() if key not in self._index}

    def index(self, key: str | None) -> int | None:
        """Place of the node with this key in `nodes`, or None if it is not drawn."""
        return None if key is None else self._index.get(key)

    def block(self, index: int) -> Block | None:
        """The uses that a node stands for; None if it is a node of its own."""
        return None if self.folding is None else self.folding.blocks.get(self.nodes[index].key)

    def keys_at(self, index: int) -> tuple[str, ...]:
        """Keys of what a node stands for: its own, that of the leaf it is a copy of, or a block's members."""
        block = self.block(index)
        return (original(self.nodes[index].key),) if block is None else tuple(sorted(block.members))

    def node_at(self, point: QPointF) -> int | None:
        """The node whose box holds this point of the drawing, or None."""
        x, y = point.x(), point.y()
        hits = _touching(self._boxes, QRectF(x, y, 0.0, 0.0))
        return hits[-1] if hits else None

    def frame_at(self, point: QPointF) -> Frame | None:
        """The innermost frame whose title holds this point of the drawing, or None."""
        found = (each for each in reversed(self.frames) if title_area(each).contains(point))
        return next(found, None)

    def frame_around(self, index: int | None) -> Chain:
        """The calls of open modules around a node; empty outside them."""
        if self.folding is None or index is None:
            return ()
        return self.folding.frames.get(self.nodes[index].key, ())

    def ghost_at(self, point: QPointF) -> str | None:
        """Key of the free place that holds this point of the drawing, or None."""
        return next((key for key, box in self.ghosts.items() if box.contains(point)), None)

    def nodes_in(self, area: QRectF) -> list[int]:
        """The nodes that touch a part of the drawing."""
        return _touching(self._boxes, area)

    def edges_in(self, area: QRectF) -> list[int]:
        """Places in `edges` of those whose bounds touch a part of the drawing."""
        return _touching(self._edge_bounds, area)

    @cached_property
    def shares(self) -> bool:
        """Whether some parameter is used more than once, by this graph or by another of its layout."""
        starts = {
            key: set[str]()
            for key, role in zip(self._index, self.roles, strict=True)
            if role is Role.PARAMETER
        }
        reverse = self.graph.kind is GraphKind.AUTOGRAD
        for source, target, _ in self.geometry.routes:
            start, end = (target, source) if reverse else (source, target)
            if start in starts:
                starts[start].add(end)
        return any(len(ends) > 1 for ends in starts.values())

    @cached_property
    def merged(self) -> dict[int, int]:
        """How many edges each of those in `edges` stands for that are several, and not of parameters."""
        if self.folding is None:
            return {}
        counts = Counter(self.folding.edges.values())
        return {
            place: counts[edge.key]
            for place, edge in enumerate(self.edges)
            if counts[edge.key] > 1 and edge.role is not Role.PARAMETER
        }

    @cached_property
    def edges_of(self) -> list[list[int]]:
        """For each node the places in `edges` of those that end or start at it, in that order."""
        ending: list[list[int]] = [[] for _ in self.nodes]
        starting: list[list[int]] = [[] for _ in self.nodes]
        for place, edge in enumerate(self.edges):
            ending[edge.end].append(place)
            starting[edge.start].append(place)
        return [before + after for before, after in zip(ending, starting, strict=True)]

    def related(self, index: int) -> tuple[frozenset[int], frozenset[int]]:
        """A node with its neighbours and the other copies of its parameter, and the edges among them."""
        centres = {index}
        parameter = self.nodes[index].parameter
        if parameter is not None:
            centres.update(other for other, node in enumerate(self.nodes) if node.parameter == parameter)
        edges = frozenset(place for centre in centres for place in self.edges_of[centre])
        ends = {end for place in edges for end in (self.edges[place].start, self.edges[place].end)}
        return frozenset(centres | ends), edges

    @cached_property
    def _boxes(self) -> Array:
        corners = [(box.left(), box.top(), box.right(), box.bottom()) for box in self.rectangles]
        return np.array(corners, dtype=np.float64).reshape(-1, 4)

    @cached_property
    def _edge_bounds(self) -> Array:
        bounds = [_bounds(self.geometry.routes[edge.key]) for edge in self.edges]
        return np.array(bounds, dtype=np.float64).reshape(-1, 4)

    @cached_property
    def segments(self) -> dict[Role, Segments]:
        """The straight pieces of all edges of a role."""
        pieces: dict[Role, tuple[list[tuple[float, float, float, float]], list[int]]] = {}
        for place, edge in enumerate(self.edges):
            lines, owners = pieces.setdefault(edge.role, ([], []))
            points = self.geometry.routes[edge.key]
            lines.extend((*start, *end) for start, end in pairwise(points))
            owners.extend([place] * (len(points) - 1))
        return {role: Segments(lines, owners) for role, (lines, owners) in pieces.items()}

    @cached_property
    def places_by_role(self) -> dict[Role, list[int]]:
        """The places in `nodes` of all nodes of a role."""
        places: dict[Role, list[int]] = {}
        for place, role in enumerate(self.roles):
            places.setdefault(role, []).append(place)
        return places

    @cached_property
    def middles(self) -> list[QLineF]:
        """A line from left to right through the middle of each box."""
        lines = []
        for box in self.rectangles:
            height = box.center().y()
            lines.append(QLineF(box.left(), height, box.right(), height))
        return lines

    @cached_property
    def drawn_as(self) -> Mapping[str, list[int]]:
        """For a node's key its place in `nodes`, or those of the copies or the block that stand for it."""
        places: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            places.setdefault(original(node.key), []).append(place)
            block = self.block(place)
            for key in () if block is None else block.members:
                places.setdefault(key, []).append(place)
        return places

    @cached_property
    def edges_drawn_as(self) -> Mapping[EdgeKey, list[int]]:
        """For the key that an edge has if no leaf is drawn as copies, its places in `edges`."""
        places: dict[EdgeKey, list[int]] = {}
        for place, edge in enumerate(self.edges):
            source, target, index = edge.key
            places.setdefault((original(source), original(target), index), []).append(place)
        if self.folding is not None:
            drawn = {edge.key: place for place, edge in enumerate(self.edges)}
            for (source, target, index), key in self.folding.edges.items():
                if key in drawn and key != (source, target, index):
                    places.setdefault((original(source), original(target), index), []).append(drawn[key])
        return places

    def _drawn_edges(self) -> list[DrawnEdge]:
        keys = [node.key for node in self.graph.nodes]
        drawn = []
        for start, end, edge in data_flow(self.graph):
            key = (keys[edge.source], keys[edge.target], edge.input_index)
            first, last = self._index.get(keys[start]), self._index.get(keys[end])
            if first is not None and last is not None and key in self.geometry.routes:
                drawn.append(DrawnEdge(key, first, last, self._edge_role(first, last)))
        return drawn

    def _counted_uses(self) -> list[int]:
        """How often each node is used; an edge to a block stands for as many uses as the block has of it."""
        stands_for = Counter(() if self.folding is None else self.folding.edges.values())
        counted: Counter[int] = Counter()
        for edge in self.edges:
            # Of the parameters of a module each use takes all: it is one use.
            block = self.block(edge.start)
            whole = block is not None and block.kind is NodeKind.PARAMETER
            counted[edge.start] += 1 if whole else max(1, stands_for[edge.key])
        return [counted[index] for index in range(len(self.nodes))]

    def _edge_role(self, start: int, end: int) -> Role:
        if self.graph.kind is GraphKind.TRACE and self.roles[end] in (Role.BACKWARD, Role.UPDATE):
            return self.roles[end]
        return Role.PARAMETER if self.roles[start] is Role.PARAMETER else Role.DATA


class Scenes:
    """The scenes of the latest graphs and layouts: what returns is placed once."""

    def __init__(self) -> None:
        """Empty at first."""
        self._geometries: dict[int, Geometry] = {}
        self._scenes: dict[tuple[int, int], Scene] = {}

    def scene(self, graph: Graph, layout: Layout, folding: Folding | None = None) -> Scene:
        """The scene of this very graph and layout; graphs that share a layout share a geometry."""
        # A scene holds its graph and its layout, so no others can take their numbers.
        known = self._scenes.get((id(graph), id(layout)))
        if known is None:
            nodes = len(graph.nodes) + sum(len(each.nodes) for each in self._scenes.values())
            if len(self._scenes) >= _MOST_SCENES or nodes > _MOST_PLACED:
                self._scenes.clear()
                self._geometries.clear()
            geometry = self._geometries.get(id(layout))
            if geometry is None:
                geometry = self._geometries[id(layout)] = Geometry(layout)
            known = self._scenes[id(graph), id(layout)] = Scene(graph, geometry, folding)
        return known


def frame_area(frame: Frame) -> QRectF:
    """The place of a frame."""
    return QRectF(frame.box.x, frame.box.y, frame.box.width, frame.box.height)


def title_area(frame: Frame) -> QRectF:
    """The strip at a frame's upper edge that folds it."""
    return QRectF(frame.box.x, frame.box.y, frame.box.width, FRAME_TITLE_HEIGHT)


def role_of(node: Node) -> Role:
    """An operation's role is the part of the step in which it ran; any other node's is its kind."""
    if node.kind is NodeKind.OPERATION and node.phase is Phase.BACKWARD:
        return Role.BACKWARD
    if node.kind is NodeKind.OPERATION and node.phase is Phase.UPDATE:
        return Role.UPDATE
    return Role(node.kind.value)


def _bounds(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    across = [x for x, _ in points]
    down = [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _touching(boxes: Array, area: QRectF) -> list[int]:
    hits: list[int] = np.flatnonzero(_touches(boxes, area)).tolist()
    return hits


def _touches(boxes: Array, area: QRectF) -> Mask:
    left, top, right, bottom = boxes.T
    inside: Mask = (left <= area.right()) & (right >= area.left())
    inside &= (top <= area.bottom()) & (bottom >= area.top())
    return inside
