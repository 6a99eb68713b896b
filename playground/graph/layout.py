"""Where to draw a graph: boxes and edge routes, found by a layout library behind one small interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

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
    """

    boxes: Mapping[str, Box]
    routes: Mapping[EdgeKey, tuple[Point, ...]]
    width: float
    height: float
    engine: str = ""
    note: str = ""
