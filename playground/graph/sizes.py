"""What is written on a node's box and how large that box is, estimated without any font.

The window and the SVG files share these numbers, so that a layout made for one fits the other. The
estimate is made for a wide sans serif font; whoever draws with a wider one shrinks the text.
"""

from __future__ import annotations

import re

from playground.graph.model import FoldedNode, Graph, Node, NodeKind

NAME_PIXELS = 13
"""Font size of the name on a box, at a zoom of 1."""
SHAPE_PIXELS = 12
"""Font size of the shape below it, at a zoom of 1."""
LINE_HEIGHT = 1.25
"""Distance of two lines of text, in units of the font's size."""

LONGEST_NAME = 34
"""Characters of a name that are shown; the middle of a longer one is left out."""

MOST_WITH_WHOLE_NAMES = 10
"""Graphs of more nodes are drawn with short names, so that more of them can be read at once."""

_NARROW = frozenset("ijlftrI.,:;'|!()[] ")
_WIDE = frozenset("mwMW@%→×…")
_SMALLEST_WIDTH = 60.0
_WIDEST_WHOLE = 66.0
"""Pixels up to which a name stays in one line: narrow boxes let a long graph be read at a glance."""
_PADDING = 14.0

_BACKWARD = re.compile(r"(?<=.)Backward\d*$")

_BREAKS = re.compile(r"(?<=[._ ])|(?<=[A-Za-z0-9])(?=[A-Z][a-z])")
"""Where a name may go on in a second line: after a dot, before a capital."""

_INSETS = {
    NodeKind.PARAMETER: (13.0, 9.0),
    NodeKind.DATA: (16.0, 16.0),
    NodeKind.OPERATION: (8.0, 8.0),
    NodeKind.LOSS: (20.0, 20.0),
}


def node_texts(node: Node) -> tuple[str, str]:
    """Both lines on a node's box: its name, and the shape of its tensor ("" if unknown)."""
    return _shortened(_name(node, node.op)), _shortened(shape_text(node.shape))


def short_op(op: str) -> str:
    """An operation's name without the "Backward0" that all nodes of autograd share: `"Mm"`, `"MyReLU"`."""
    return _BACKWARD.sub("", op)


def short_name(node: Node) -> str:
    """What is written on a box that has no room for the whole name."""
    return _shortened(_name(node, short_op(node.op)))


def box_lines(node: Node, short: bool = False) -> tuple[tuple[str, int], ...]:
    """The lines on a node's box with their font sizes: its name, in two if it is long, and its shape."""
    name, shape = node_texts(node)
    if short:
        name = short_name(node)
    names = [name] if estimated_width(name, NAME_PIXELS) <= _WIDEST_WHOLE else in_two(name)
    below = node.says if isinstance(node, FoldedNode) and node.says else (shape,)
    lines = [(line, NAME_PIXELS) for line in names] + [(line, SHAPE_PIXELS) for line in below]
    return tuple((text, pixels) for text, pixels in lines if text)


def in_two(name: str) -> list[str]:
    """A name broken where its parts meet, after a dot if it has one; whole if it has no parts.

    The lines are as equal as can be.
    """
    places = [found.start() for found in _BREAKS.finditer(name) if 0 < found.start() < len(name)]
    if not places:
        return [name]
    dots = [place for place in places if name[place - 1] == "."]
    place = min(dots or places, key=lambda place: max(place, len(name) - place))
    return [name[:place].strip(), name[place:].strip()]


def shape_text(shape: tuple[int, ...] | None) -> str:
    """A shape as `1000 × 100`; `scalar` for a tensor without dimensions, "" if unknown."""
    if shape is None:
        return ""
    return " × ".join(str(length) for length in shape) or "scalar"


def text_insets(kind: NodeKind) -> tuple[float, float]:
    """Pixels at the left and at the right of a box that its outline takes from the text."""
    return _INSETS[kind]


def node_size(node: Node, short: bool = False) -> tuple[float, float]:
    """Width and height of a node's box for its whole or its short name, in pixels at a zoom of 1."""
    lines = box_lines(node, short)
    text = max(estimated_width(line, pixels) for line, pixels in lines)
    width = max(_SMALLEST_WIDTH, text + sum(text_insets(node.kind)))
    height = _PADDING + LINE_HEIGHT * sum(pixels for _, pixels in lines)
    return float(round(width)), float(round(height))


def node_sizes(graph: Graph, short: bool = False) -> dict[str, tuple[float, float]]:
    """Width and height of every node's box by the node's key, in pixels at a zoom of 1."""
    return {node.key: node_size(node, short) for node in graph.nodes}


def window_sizes(graph: Graph) -> dict[str, tuple[float, float]]:
    """The same for the window, where a graph of many nodes has short names."""
    return node_sizes(graph, len(graph.nodes) > MOST_WITH_WHOLE_NAMES)


def estimated_width(text: str, pixels: float) -> float:
    """Width of a text in a wide sans serif font of this size, in pixels."""
    return pixels * sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    """In units of the font's size."""
    if character in _NARROW:
        return 0.40
    if character in _WIDE or ord(character) > 0x2E80:
        return 1.0
    return 0.70 if character.isupper() else 0.62


def _name(node: Node, op: str) -> str:
    if isinstance(node, FoldedNode) and node.title:
        return node.title
    if node.parameter is not None:
        return node.parameter
    if node.name is None:
        return op
    if node.kind in (NodeKind.PARAMETER, NodeKind.DATA):
        return node.name
    return f"{op} → {node.name}"


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_NAME:
        return text
    kept = LONGEST_NAME - 1
    return f"{text[: kept // 2]}…{text[kept // 2 - kept :]}"
