"""The lines of edges: routes moved apart where they coincide, rounded paths and arrowheads."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from playground.graph.layout import EdgeKey, Point

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
