"""What is written on a node's box and how large that box is, estimated without any font.

The window and the SVG files share these numbers, so that a layout made for one fits the other. The
estimate is made for a wide sans serif font; whoever draws with a wider one shrinks the text.
"""

from __future__ import annotations

from playground.graph.model import Graph, Node, NodeKind

NAME_PIXELS = 13
"""Font size of a box's first line, at a zoom of 1."""
SHAPE_PIXELS = 11
"""Font size of a box's second line, at a zoom of 1."""

LONGEST_NAME = 34
"""Characters of a name that are shown; the middle of a longer one is left out."""

_NARROW = frozenset("ijlftrI.,:;'|!()[] ")
_WIDE = frozenset("mwMW@%→×…")
_SMALLEST_WIDTH = 72.0
_ONE_LINE_HEIGHT = 32.0
_TWO_LINES_HEIGHT = 46.0

_INSETS = {
    NodeKind.PARAMETER: (18.0, 14.0),
    NodeKind.DATA: (18.0, 18.0),
    NodeKind.OPERATION: (12.0, 12.0),
    NodeKind.LOSS: (22.0, 22.0),
}


def node_texts(node: Node) -> tuple[str, str]:
    """Both lines on a node's box: its name, and the shape of its tensor ("" if unknown)."""
    return _shortened(_name(node)), _shortened(shape_text(node.shape))


def shape_text(shape: tuple[int, ...] | None) -> str:
    """A shape as `1000 × 100`; `scalar` for a tensor without dimensions, "" if unknown."""
    if shape is None:
        return ""
    return " × ".join(str(length) for length in shape) or "scalar"


def text_insets(kind: NodeKind) -> tuple[float, float]:
    """Pixels at the left and at the right of a box that its outline takes from the text."""
    return _INSETS[kind]


def node_size(node: Node) -> tuple[float, float]:
    """Width and height of a node's box, in pixels at a zoom of 1."""
    name, shape = node_texts(node)
    text = max(estimated_width(name, NAME_PIXELS), estimated_width(shape, SHAPE_PIXELS))
    width = max(_SMALLEST_WIDTH, text + sum(text_insets(node.kind)))
    return float(round(width)), _TWO_LINES_HEIGHT if shape else _ONE_LINE_HEIGHT


def node_sizes(graph: Graph) -> dict[str, tuple[float, float]]:
    """Width and height of every node's box by the node's key, in pixels at a zoom of 1."""
    return {node.key: node_size(node) for node in graph.nodes}


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


def _name(node: Node) -> str:
    if node.parameter is not None:
        return node.parameter
    if node.name is None:
        return node.op
    if node.kind in (NodeKind.PARAMETER, NodeKind.DATA):
        return node.name
    return f"{node.op} → {node.name}"


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_NAME:
        return text
    kept = LONGEST_NAME - 1
    return f"{text[: kept // 2]}…{text[kept // 2 - kept :]}"
