"""DOT and SVG, read back by Graphviz and by an XML parser."""

from __future__ import annotations

import html
import re
from collections import Counter
from xml.etree import ElementTree

import pygraphviz
import pytest
import torch
from torch import nn

from playground.graph import Edge, Graph, GraphKind, Node, NodeKind, capture
from playground.graph.export import DARK, LIGHT, to_dot, to_mermaid, to_svg
from playground.graph.layout import Box, EdgeKey, Layout, Point

SVG = "{http://www.w3.org/2000/svg}"
AWKWARD = 'a "quoted" \\N <b>&amp;</b> ü\n]]>\x00;--é'


def network() -> Graph:
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    hidden = net(torch.ones(5, 4))
    return capture((hidden + hidden).sum(), dict(net.named_parameters()))


def trace(name: str = "h") -> Graph:
    nodes = (
        Node(0, "randn", NodeKind.DATA, f"x{name}", shape=(4, 3), name=name),
        Node(1, "dot", NodeKind.OPERATION, f"dot{name}", shape=(4, 2)),
        Node(2, "sum", NodeKind.LOSS, f"sum{name}", shape=()),
        Node(3, "w", NodeKind.PARAMETER, f"w{name}", parameter=name),
    )
    edges = (Edge(0, 1, 0), Edge(3, 1, 1), Edge(1, 2, 0), Edge(1, 2, 1))
    return Graph(nodes, edges, GraphKind.TRACE)


def in_a_row(graph: Graph) -> Layout:
    boxes = {node.key: Box(node.id * 220.0, node.id * 20.0, 160.0, 56.0) for node in graph.nodes}
    routes: dict[EdgeKey, tuple[Point, ...]] = {}
    for edge in graph.edges:
        source, target = graph.nodes[edge.source].key, graph.nodes[edge.target].key
        routes[source, target, edge.input_index] = ((0.0, 0.0), (edge.input_index * 10.0, 50.0))
    return Layout(boxes, routes, width=2000, height=500)


def data_flow(graph: Graph) -> Counter[tuple[int, int, int]]:
    if graph.kind is GraphKind.TRACE:
        return Counter((e.source, e.target, e.input_index) for e in graph.edges)
    return Counter((e.target, e.source, e.input_index) for e in graph.edges)


GRAPHS = [network(), trace(), trace(AWKWARD), Graph()]
each_graph = pytest.mark.parametrize("graph", GRAPHS, ids=["autograd", "trace", "awkward", "empty"])


@each_graph
def test_graphviz_reads_every_node_and_edge(graph: Graph) -> None:
    drawing = pygraphviz.AGraph(string=to_dot(graph))
    assert drawing.directed
    assert drawing.graph_attr["rankdir"] == "LR"
    assert sorted(drawing.nodes()) == sorted(f"n{node.id}" for node in graph.nodes)
    edges = Counter(
        (int(edge[0][1:]), int(edge[1][1:]), int(edge.attr["input_index"])) for edge in drawing.edges()
    )
    assert edges == data_flow(graph)


def test_dot_labels_name_operation_parameter_and_shape() -> None:
    drawing = pygraphviz.AGraph(string=to_dot(trace()))
    labels = [drawing.get_node(f"n{number}").attr["label"] for number in range(4)]
    assert labels == ["randn\\nh\\n(4, 3)", "dot\\n(4, 2)", "sum\\n()", "w\\nh"]


def test_graphviz_draws_awkward_text_as_it_is() -> None:
    drawing = pygraphviz.AGraph(string=to_dot(trace(AWKWARD)))
    picture = ElementTree.fromstring(drawing.draw(format="svg", prog="dot"))
    texts = ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]
    assert 'a "quoted" \\N <b>&amp;</b> ü\ufffd]]>\ufffd;--é' in texts


def test_each_kind_has_its_own_shape_and_color() -> None:
    drawing = pygraphviz.AGraph(string=to_dot(trace()))
    nodes = [drawing.get_node(f"n{number}") for number in range(4)]
    assert len({node.attr["shape"] for node in nodes}) == 4
    assert len({node.attr["color"] for node in nodes}) == 4
    svg = ElementTree.fromstring(to_svg(trace(), in_a_row(trace())))
    outlines = [group[1] for group in groups(svg)]
    assert len({(o.tag, o.get("rx"), (o.get("points") or "").count(" ")) for o in outlines}) == 4
    assert len({outline.get("stroke") for outline in outlines}) == 4


def groups(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [group for group in svg.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]


@each_graph
def test_svg_has_a_titled_group_for_each_node_and_a_line_for_each_edge(graph: Graph) -> None:
    svg = ElementTree.fromstring(to_svg(graph, in_a_row(graph)))
    assert svg.tag == f"{SVG}svg"
    assert len(groups(svg)) == len(graph.nodes)
    lines = list(svg.iter(f"{SVG}polyline"))
    drawn = Counter(
        (int(line.get("data-from", "")), int(line.get("data-to", "")), int(line.get("data-input-index", "")))
        for line in lines
    )
    assert drawn == data_flow(graph)
    assert all(line.get("marker-end") == "url(#arrow)" for line in lines)


def test_svg_shows_name_and_shape_and_tells_the_rest_in_the_title() -> None:
    svg = ElementTree.fromstring(to_svg(trace("x"), in_a_row(trace("x"))))
    texts = [[text.text for text in group.iter(f"{SVG}text")] for group in groups(svg)]
    assert texts == [["x", "4 × 3"], ["dot", "4 × 2"], ["sum", "scalar"], ["x"]]
    titles = [group.findtext(f"{SVG}title") for group in groups(svg)]
    assert titles == ["xx\nrandn\n(4, 3)", "dotx\ndot\n(4, 2)", "sumx\nsum\n()", "wx\nw\nx"]


def test_svg_text_keeps_awkward_characters() -> None:
    short = '<&"\\>\x00'
    svg = ElementTree.fromstring(to_svg(trace(short), in_a_row(trace(short))))
    assert groups(svg)[0].findtext(f"{SVG}text") == '<&"\\>\ufffd'


def test_svg_text_shrinks_to_fit_its_box() -> None:
    graph = trace("a_parameter_with_a_long_name")
    full = in_a_row(graph)
    small = {key: Box(box.x, box.y, 60.0, 40.0) for key, box in full.boxes.items()}

    def sizes(layout: Layout) -> list[float]:
        svg = ElementTree.fromstring(to_svg(graph, layout))
        return [float(text.get("font-size", "")) for text in svg.iter(f"{SVG}text")]

    wide = {key: Box(box.x, box.y, 400.0, 40.0) for key, box in full.boxes.items()}
    large, shrunk = (sizes(Layout(boxes, full.routes, 2000, 500)) for boxes in (wide, small))
    assert shrunk[0] < large[0] / 3
    assert all(a <= b for a, b in zip(shrunk, large, strict=True))


def test_svg_has_a_background_as_large_as_the_view() -> None:
    svg = ElementTree.fromstring(to_svg(trace(), in_a_row(trace())))
    background = svg.find(f"{SVG}rect")
    assert background is not None
    view = " ".join(background.get(name, "") for name in ("x", "y", "width", "height"))
    assert view == svg.get("viewBox")


def test_a_layout_may_hold_more_than_the_graph() -> None:
    small, large = trace("a"), trace("b")
    first, second = in_a_row(small), in_a_row(large)
    both = Layout({**first.boxes, **second.boxes}, {**first.routes, **second.routes}, 2000, 500)
    assert to_svg(small, both) == to_svg(small, first)


@pytest.mark.parametrize("missing", ["boxes", "routes"])
def test_a_layout_of_another_graph_is_refused(missing: str) -> None:
    full = in_a_row(trace("h"))
    other = in_a_row(trace("other"))
    boxes = other.boxes if missing == "boxes" else full.boxes
    with pytest.raises(ValueError, match="the layout has no"):
        to_svg(trace("h"), Layout(boxes, other.routes, 2000, 500))


MERMAID_NODE = re.compile(r'^  n(\d+)(?:\(\["|\[/"|\["|\{\{")(.*?)(?:"\]\)|"/\]|"\]|"\}\}):::(\w+)$')


@each_graph
def test_mermaid_holds_every_node_and_edge_in_lines_that_nothing_breaks(graph: Graph) -> None:
    lines = to_mermaid(graph).splitlines()
    assert lines[0] == "flowchart LR"
    nodes = [found for line in lines if (found := MERMAID_NODE.match(line))]
    assert [(int(each[1]), each[3]) for each in nodes] == [(n.id, str(n.kind)) for n in graph.nodes]
    edges = Counter(
        (int(found[1]), int(found[2]))
        for line in lines
        if (found := re.match(r"^  n(\d+) --> n(\d+)$", line))
    )
    assert edges == Counter((start, end) for start, end, _ in data_flow(graph).elements())
    assert len(lines) == 1 + len(nodes) + edges.total() + len(NodeKind)


def test_mermaid_keeps_each_sign_of_a_name_as_a_number() -> None:
    names = [html.unescape(each.replace("#", "&#")) for each in to_mermaid(trace('"<|#;')).splitlines()[1:2]]
    assert '"<|#;' in names[0]


def test_the_dark_drawing_differs_from_the_light_one_in_colors_alone() -> None:
    graph = network()
    light, dark = to_svg(graph, in_a_row(graph), LIGHT), to_svg(graph, in_a_row(graph), DARK)
    color = re.compile("#[0-9a-f]{6}")
    assert color.sub("", light) == color.sub("", dark)
    assert not set(color.findall(light)) & set(color.findall(dark))
