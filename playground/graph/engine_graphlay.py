"""The careful layout engine: few crossings, right-angled lines around all boxes, up to a thousand nodes."""

from __future__ import annotations

from typing import Final

from playground.graph.engine_data import Placement, Point, Task, longest_paths, make_placement, without_cycles

STRAIGHT = 20.0
"""Weight of an edge on a longest path, against 1 of any other: such a path is drawn as one straight line,
and with it the chain of layers that all structures of a run share."""

_ROOM = 1 / 18
"""So much of a box's height is added above and below it for the library, whose lines may graze a box by a
pixel. Lines end on the middle nine tenths of a side, so that they still end on the box itself."""

_OPTIONS: Final = {
    "direction": "leftright",
    "effort": "fast",
    "routing": {"style": "orthogonal", "port_sides": "facing_only"},
    "spacing": {
        "layer_gap": 28.0,
        "node_gap": 20.0,
        "dummy_gap": 14.0,
        "port_gap": 8.0,
        "port_stroke_clear": 6.0,
        "isolated_gap": 24.0,
    },
    # Otherwise a star of 300 leaves takes eight seconds.
    "tuning": {"routing": {"port_relax_rounds": 0}},
}


def place(task: Task) -> Placement:
    """Lays a graph out with graphlay; the time grows steeply with the length of all edges."""
    import graphlay

    nodes = [
        {"key": key, "size": {"width": width, "height": height * (1 + 2 * _ROOM)}}
        for key, width, height in zip(task.keys, task.widths, task.heights, strict=True)
    ]
    edges = [
        {"source": start, "target": end, "weight": weight}
        for (start, end), weight in zip(task.lines(), _weights(task), strict=True)
    ]
    drawing = graphlay.layout({"nodes": nodes, "edges": edges}, options=_OPTIONS)
    corners = [
        (node["center"]["x"] - width / 2, node["center"]["y"] - height / 2)
        for node, width, height in zip(drawing.nodes, task.widths, task.heights, strict=True)
    ]
    routes = []
    for edge, (start, end) in zip(drawing.edges, task.lines(), strict=True):
        route = [(point["x"], point["y"]) for point in edge["points"]]
        for place, node in ((0, start), (-1, end)):
            route[place] = _onto(corners[node], task.heights[node], route[place])
        routes.append(route)
    return make_placement(task, corners, routes, "graphlay")


def _onto(corner: Point, height: float, point: Point) -> Point:
    """A line's end, moved from the higher box that the library knows to the true one."""
    return point[0], min(max(point[1], corner[1]), corner[1] + height)


def _weights(task: Task) -> list[float]:
    lines = without_cycles(task)
    before, beyond = longest_paths(len(task.keys), lines)
    longest = max(before, default=0)
    return [STRAIGHT if before[start] + 1 + beyond[end] == longest else 1.0 for start, end in lines]
