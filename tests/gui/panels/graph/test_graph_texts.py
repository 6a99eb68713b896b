"""What the drawing of a graph says: in boxes, tooltips, badges and words; and its edges."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel

from playground.graph.layout import EdgeKey, Layout, Point
from playground.graph.model import Graph
from playground.graph.sizes import node_sizes, node_texts, short_name, short_op
from tests.gui.driver import click, colors_of
from tests.gui.panels.graph.drawings import (
    Builder,
    box_of,
    columns,
    dynamic_net,
    picture,
    place_of,
    scene_of,
    show,
    squared,
    trace,
    two_layers,
)
from ui.panels.graph import GraphView
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.scene import Geometry, Scene, arrowhead
from ui.panels.graph.texts import PlacedLine, TextFitter
from ui.style.theme import LIGHT


def test_the_tooltip_tells_the_facts(view: GraphView) -> None:
    show(view, dynamic_net(3))
    scene = scene_of(view)
    text = tooltip(scene, scene.geometry.rectangles["middle_linear.weight"].center(), ghosts=True)
    for fact in ("middle_linear.weight", "AccumulateGrad", "100 × 100", "used 3 times"):
        assert fact in text
    text = tooltip(scene, scene.geometry.rectangles["addmm 0"].center(), ghosts=True)
    assert "torch.float32 on cpu" in text
    assert tooltip(scene, QPointF(-50, -50), ghosts=True) == ""


def test_the_tooltip_of_a_trace_tells_the_line_and_the_phase(view: GraphView) -> None:
    show(view, trace())
    scene = scene_of(view)
    text = tooltip(scene, scene.geometry.rectangles["grad_w1"].center(), ghosts=True)
    assert "line 9, backward phase" in text


@pytest.mark.parametrize("graph", [two_layers(), dynamic_net(3), trace(), squared()])
@pytest.mark.parametrize("family", ["DejaVu Sans", "DejaVu Sans Mono", "DejaVu Serif", "Liberation Sans"])
def test_texts_fit_their_boxes(qapp: QApplication, graph: Graph, family: str) -> None:
    font = qapp.font()
    font.setFamily(family)
    fitter = TextFitter(font)
    for node in graph.nodes:
        width, height = node_sizes(graph)[node.key]
        box = QRectF(0, 0, width, height)
        for fit, least in ((fitter.both, 9), (fitter.both, 12), (fitter.name, 9), (fitter.name, 14)):
            lines = fit(node, box.size(), least)
            assert lines
            assert all(box.contains(ink_of(line)) for line in lines)
            assert all(line.font.pixelSize() >= least for line in lines)


@pytest.mark.parametrize("graph", [dynamic_net(3), two_layers()])
def test_a_box_for_a_short_name_is_narrower_and_has_it(qapp: QApplication, graph: Graph) -> None:
    whole, short = node_sizes(graph), node_sizes(graph, short=True)
    fitter = TextFitter(qapp.font())
    for node in graph.nodes:
        lines = fitter.both(node, QSizeF(*short[node.key]), 9)
        assert "".join(line.text for line in lines[:-1]) == short_name(node)
        assert short[node.key][0] < whole[node.key][0] or short_name(node) == node_texts(node)[0]


def test_a_short_name_lacks_what_all_nodes_share() -> None:
    assert [short_op(op) for op in ("MmBackward0", "MyReLUBackward", "AccumulateGrad", "Backward")] == [
        "Mm",
        "MyReLU",
        "AccumulateGrad",
        "Backward",
    ]


def ink_of(line: PlacedLine) -> QRectF:
    return QFontMetricsF(line.font).boundingRect(line.text).translated(line.start)


def test_a_long_name_is_shortened_but_a_tooltip_tells_it_whole() -> None:
    name = "transformer.encoder.layers.11.self_attention.in_proj_weight"
    build = Builder()
    build.parameter(name, (3, 3))
    graph = build.graph()
    written, shape = node_texts(graph.nodes[0])
    assert len(written) < len(name)
    assert written.startswith("transf")
    assert written.endswith("weight")
    assert shape == "3 × 3"
    scene = Scene(graph, Geometry(columns(graph)))
    assert name in tooltip(scene, scene.rectangles[0].center(), ghosts=False)


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("x", ("x", "64 × 1000")),
        ("h", ("dot → h", "64 × 100")),
        ("loss", ("sum → loss", "scalar")),
        ("new", ("subtract → w1", "1000 × 100")),
    ],
)
def test_texts_of_a_trace(key: str, texts: tuple[str, str]) -> None:
    node = trace().node(key)
    assert node is not None
    assert node_texts(node) == texts


def test_edges_between_one_pair_of_nodes_stay_countable() -> None:
    layout = columns(squared())
    assert len(set(layout.routes.values())) == 1
    geometry = Geometry(layout)
    keys = list(layout.routes)
    assert len(keys) == 2
    first, second = (geometry.path(key) for key in keys)
    assert abs(first.pointAtPercent(0.5).y() - second.pointAtPercent(0.5).y()) >= 4


def test_routes_keep_their_ends_and_arrows_point_along_them() -> None:
    route: tuple[Point, ...] = ((0.0, 0.0), (50.0, 0.0), (50.0, 80.0), (120.0, 80.0), (120.0, 80.0))
    key: EdgeKey = ("b", "a", 0)
    geometry = Geometry(Layout({}, {key: route}, 120, 80))
    path = geometry.path(key)
    assert path.pointAtPercent(0) == QPointF(0, 0)
    assert path.pointAtPercent(1) == QPointF(120, 80)
    nearest = min(math.dist(path.pointAtPercent(part / 500).toTuple(), (50, 0)) for part in range(501))
    assert 1 < nearest < 8
    tip, *back = (arrowhead(geometry.routes[key]).at(place) for place in range(3))
    assert tip == QPointF(120, 80)
    assert all(corner.x() < 120 for corner in back)
    assert sum(corner.y() for corner in back) / 2 == pytest.approx(80)


def test_a_shared_parameter_carries_a_badge(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    view.canvas.reveal("middle_linear.weight")
    scene = scene_of(view)
    assert scene.uses[scene.index("middle_linear.bias") or 0] == 3
    shared = picture(view)
    view.set_graph(dynamic_net(1), layout)
    corner = box_of(view, "middle_linear.weight").topRight()
    above = QRectF(corner.x() - 12, corner.y() - 6, 10, 5)
    ink = QColor(LIGHT.parameter).name()
    assert ink in colors_of(shared, above)
    assert ink not in colors_of(picture(view), above)


def test_the_graph_is_told_in_words(view: GraphView) -> None:
    view.set_message("Press Run")
    assert view.canvas.accessibleName() == "Computation graph"
    assert view.canvas.accessibleDescription() == "Press Run"
    show(view, two_layers())
    assert view.canvas.accessibleDescription() == "6 nodes, 5 edges."
    click(view.canvas, place_of(view, "clamp"))
    assert "Selected: ClampBackward1, clamp, shape 64 × 100" in view.canvas.accessibleDescription()


def test_the_note_is_shown_only_while_there_is_one(view: GraphView) -> None:
    note = view.findChild(QLabel, "graph_note")
    assert note is not None
    assert not note.isVisible()
    view.set_note("no graph is built")
    assert note.isVisible()
    view.set_note("")
    assert not note.isVisible()
