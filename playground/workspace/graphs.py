"""A graph as the text of a file."""

from __future__ import annotations

import json

from playground.graph.export import SCHEMES, to_dot, to_mermaid, to_svg
from playground.graph.layout import lay_out
from playground.graph.model import Graph
from playground.graph.sizes import node_sizes

FORMATS = ("json", "dot", "svg", "mermaid")


def graph_text(graph: Graph, written: str, scheme: str = "light") -> str:
    """A graph in one of the formats.

    Args:
        graph: any.
        written: one of `FORMATS`.
        scheme: `"light"` or `"dark"`; of the SVG.
    """
    if written == "json":
        return json.dumps(graph.to_json())
    if written == "dot":
        return to_dot(graph)
    if written == "mermaid":
        return to_mermaid(graph)
    return to_svg(graph, lay_out(graph, node_sizes(graph)), SCHEMES[scheme])
