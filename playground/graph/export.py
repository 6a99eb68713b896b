"""Drawings of a graph as text: DOT for Graphviz, Mermaid for notes, and SVG that any browser shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree import ElementTree

from playground.graph.layout import Box, Layout, Point
from playground.graph.model import Edge, Graph, Node, NodeKind, data_flow
from playground.graph.sizes import LINE_HEIGHT, box_lines, estimated_width, text_insets

MARGIN = 16.0
FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
SLANT = 12.0
"""Pixels by which a parallelogram leans, and a hexagon's ends point outwards, at most."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Graphviz's shape and the colors of one kind of node."""

    shape: str
    fill: str
    stroke: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """Colors of a drawing, on a light or on a dark ground."""

    background: str
    text: str
    line: str
    looks: Mapping[NodeKind, _Look]


_SHAPES = MappingProxyType(
    {
        NodeKind.PARAMETER: "ellipse",
        NodeKind.DATA: "parallelogram",
        NodeKind.OPERATION: "box",
        NodeKind.LOSS: "hexagon",
    }
)


def _scheme(background: str, text: str, line: str, *colors: tuple[str, str]) -> Scheme:
    looks = {kind: _Look(shape, *pair) for (kind, shape), pair in zip(_SHAPES.items(), colors, strict=True)}
    return Scheme(background, text, line, MappingProxyType(looks))


LIGHT = _scheme(
    *("#ffffff", "#1b1f27", "#596273"),
    *(("#e3f0fb", "#1d6fb8"), ("#eceef2", "#5d6778"), ("#f8f9fb", "#3f4757"), ("#fbe7e0", "#c93c0e")),
)
DARK = _scheme(
    *("#191d24", "#e8ebf1", "#8e98a9"),
    *(("#1c2d42", "#74b3f7"), ("#28303c", "#8e98a9"), ("#222831", "#a7b3c7"), ("#3a241b", "#ff8552")),
)
SCHEMES = MappingProxyType({"light": LIGHT, "dark": DARK})

_MERMAID_SHAPES = MappingProxyType(
    {
        NodeKind.PARAMETER: ('(["', '"])'),
        NodeKind.DATA: ('[/"', '"/]'),
        NodeKind.OPERATION: ('["', '"]'),
        NodeKind.LOSS: ('{{"', '"}}'),
    }
)


def to_dot(graph: Graph) -> str:
    """The graph in Graphviz's language, drawn from left to right as the data flows.

    Every edge has its own line, with its `input_index` as an attribute.
    """
    lines = [
        "digraph {",
        "  rankdir=LR;",
        f'  bgcolor="{LIGHT.background}";',
        f'  node [style=filled, fontname=monospace, fontsize=10, fontcolor="{LIGHT.text}"];',
        f'  edge [color="{LIGHT.line}"];',
        *(f"  {_dot_node(node)}" for node in graph.nodes),
        *(f"  n{start} -> n{end} [input_index={edge.input_index}];" for start, end, edge in data_flow(graph)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def to_mermaid(graph: Graph) -> str:
    """The graph in Mermaid's language, which notes and forges draw by themselves."""
    lines = ["flowchart LR"]
    for node in graph.nodes:
        before, after = _MERMAID_SHAPES[node.kind]
        label = "<br/>".join(_mermaid_text(line) for line in _label(node))
        lines.append(f"  n{node.id}{before}{label}{after}:::{node.kind}")
    lines += [f"  n{start} --> n{end}" for start, end, _ in data_flow(graph)]
    for kind, look in LIGHT.looks.items():
        lines.append(f"  classDef {kind} fill:{look.fill},stroke:{look.stroke},color:{LIGHT.text}")
    return "\n".join(lines) + "\n"


def _mermaid_text(line: str) -> str:
    # Whatever is not a letter or a digit may mean something to Mermaid, or to the browser behind it.
    return "".join(
        character if character.isalnum() or character in " _.,()" else f"#{ord(character)};"
        for character in line
    )


def to_svg(graph: Graph, layout: Layout, scheme: Scheme = LIGHT) -> str:
    """The graph as an SVG document of its own, with the layout's size and a margin.

    Only what the graph holds is drawn, at the same place for all graphs that share a layout. Each
    node is a group with a title, which browsers show under the pointer, and text that can be searched.

    Raises:
        ValueError: if the layout lacks a node or an edge of the graph.
    """
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    svg = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": _number(width),
            "height": _number(height),
            "viewBox": f"{_number(-MARGIN)} {_number(-MARGIN)} {_number(width)} {_number(height)}",
            "role": "img",
            "aria-label": "Computation graph",
        },
    )
    _add_arrowhead(svg, scheme.line)
    background = {"x": -MARGIN, "y": -MARGIN, "width": width, "height": height}
    _add(svg, "rect", background, fill=scheme.background)
    edges = ElementTree.SubElement(svg, "g", {"class": "edges", "fill": "none", "stroke": scheme.line})
    for start, end, edge in data_flow(graph):
        _add_edge(edges, edge, _route(graph, edge, layout), (start, end))
    nodes = ElementTree.SubElement(svg, "g", {"class": "nodes", "font-family": FONT})
    for node in graph.nodes:
        _add_node(nodes, node, _box(node, layout), scheme)
    ElementTree.indent(svg)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _label(node: Node) -> list[str]:
    """Lines of text on a node: its operation, its parameter or variable, its shape."""
    lines = [node.op, node.parameter or node.name or "", _shape(node)]
    return [_printable(line) for line in lines if line]


def _shape(node: Node) -> str:
    return "" if node.shape is None else str(node.shape)


def _printable(text: str) -> str:
    # Neither format has a way to write a control character.
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _dot_node(node: Node) -> str:
    look = LIGHT.looks[node.kind]
    label = "\\n".join(_dot_text(line) for line in _label(node))
    return (
        f'n{node.id} [label="{label}", shape={look.shape}, fillcolor="{look.fill}", color="{look.stroke}"];'
    )


def _dot_text(line: str) -> str:
    # Within a label, Graphviz replaces \N by the node's name and &amp; by the character.
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _box(node: Node, layout: Layout) -> Box:
    try:
        return layout.boxes[node.key]
    except KeyError:
        raise ValueError(f"the layout has no place for node {node.key!r} of the graph") from None


def _route(graph: Graph, edge: Edge, layout: Layout) -> tuple[Point, ...]:
    key = (graph.nodes[edge.source].key, graph.nodes[edge.target].key, edge.input_index)
    try:
        return layout.routes[key]
    except KeyError:
        raise ValueError(f"the layout has no route for edge {key!r} of the graph") from None


def _add(
    parent: ElementTree.Element, tag: str, numbers: dict[str, float], **words: str
) -> ElementTree.Element:
    attributes = {name: _number(value) for name, value in numbers.items()}
    return ElementTree.SubElement(parent, tag, attributes | words)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _add_arrowhead(svg: ElementTree.Element, color: str) -> None:
    numbers = {"refX": 9.0, "refY": 5.0, "markerWidth": 8.0, "markerHeight": 8.0}
    definitions = ElementTree.SubElement(svg, "defs")
    marker = _add(
        definitions,
        "marker",
        numbers,
        id="arrow",
        viewBox="0 0 10 10",
        orient="auto",
        markerUnits="userSpaceOnUse",
    )
    ElementTree.SubElement(marker, "path", {"d": "M0,1 L10,5 L0,9 Z", "fill": color})


def _add_edge(parent: ElementTree.Element, edge: Edge, route: Sequence[Point], ends: tuple[int, int]) -> None:
    attributes = {
        "points": _points(route),
        "stroke-width": "1.2",
        "stroke-linejoin": "round",
        "marker-end": "url(#arrow)",
        "data-from": str(ends[0]),
        "data-to": str(ends[1]),
        "data-input-index": str(edge.input_index),
    }
    ElementTree.SubElement(parent, "polyline", attributes)


def _add_node(parent: ElementTree.Element, node: Node, box: Box, scheme: Scheme) -> None:
    attributes = {"class": f"node {node.kind}", "data-node": str(node.id)}
    group = ElementTree.SubElement(parent, "g", attributes)
    title = ElementTree.SubElement(group, "title")
    details = (node.key, node.op, node.parameter, _shape(node), node.dtype, node.device)
    title.text = "\n".join(_printable(detail) for detail in details if detail)
    _add_outline(group, node.kind, box, scheme.looks[node.kind])
    _add_texts(group, node, box, scheme.text)


def _add_texts(group: ElementTree.Element, node: Node, box: Box, color: str) -> None:
    """The lines of text, centred in the box, in smaller letters where they would not fit."""
    left, right = text_insets(node.kind)
    lines = [(text, _fitting(text, pixels, box.width - left - right)) for text, pixels in box_lines(node)]
    middle = box.x + (left + box.width - right) / 2
    top = box.y + (box.height - LINE_HEIGHT * sum(size for _, size in lines)) / 2
    for text, size in lines:
        # The baseline is given in numbers: not every viewer knows dominant-baseline.
        numbers = {"x": middle, "y": top + size * (LINE_HEIGHT / 2 + 0.35), "font-size": size}
        line = _add(group, "text", numbers, fill=color, **{"text-anchor": "middle"})
        line.text = _printable(text)
        top += LINE_HEIGHT * size


def _fitting(text: str, pixels: float, width: float) -> float:
    return min(pixels, max(1.0, pixels * width / estimated_width(text, pixels)))


def _add_outline(group: ElementTree.Element, kind: NodeKind, box: Box, look: _Look) -> None:
    """Parameter: a pill; data: a parallelogram; operation: a box with round corners; loss: a hexagon."""
    words = {"fill": look.fill, "stroke": look.stroke, "stroke-width": "1.5"}
    slant = min(SLANT, box.width / 4)
    left, middle, right = box.x, box.y + box.height / 2, box.x + box.width
    top, bottom = box.y, box.y + box.height
    if kind is NodeKind.DATA:
        corners = [(left + slant, top), (right, top), (right - slant, bottom), (left, bottom)]
        ElementTree.SubElement(group, "polygon", {"points": _points(corners)} | words)
    elif kind is NodeKind.LOSS:
        upper = [(left, middle), (left + slant, top), (right - slant, top)]
        lower = [(right, middle), (right - slant, bottom), (left + slant, bottom)]
        ElementTree.SubElement(group, "polygon", {"points": _points(upper + lower)} | words)
    else:
        radius = box.height / 2 if kind is NodeKind.PARAMETER else 4.0
        numbers = {"x": left, "y": top, "width": box.width, "height": box.height, "rx": radius}
        _add(group, "rect", numbers, **words)
