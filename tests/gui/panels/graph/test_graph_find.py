"""The search field of the graph: what matches, how it is shown, and how to go from one to the next."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from playground.graph.layout import lay_out
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind
from playground.graph.sizes import node_sizes
from tests.gui.panels.graph.drawings import draw
from tests.gui.recordings import CLAMP, MM1, MM2, small_graph
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.find import FindField, matching
from ui.panels.graph.scene import Geometry, Scene
from ui.style.theme import DARK, LIGHT

ENTER, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot: QtBot) -> GraphView:
    panel = GraphView()
    qtbot.addWidget(panel)
    panel.resize(640, 460)
    with qtbot.waitActive(panel):
        panel.show()
    draw(panel, small_graph())
    return panel


@pytest.fixture
def field(view: GraphView) -> FindField:
    found = view.findChild(FindField, "graph_find")
    assert isinstance(found, FindField)
    found.setFocus()
    return found


def outlined(view: GraphView, key: str) -> bool:
    """Whether the color of what was found is a little outside the upper edge of a node."""
    scene = view.canvas.scene
    assert scene is not None
    box = view.canvas.viewport.transform().mapRect(scene.geometry.rectangles[key])
    area = QRectF(box.center().x() - 2, box.top() - 5, 4, 4).toAlignedRect()
    image = view.canvas.grab().toImage().copy(area)
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    info = QColor(LIGHT.info)
    wanted = (info.red(), info.green(), info.blue())
    return min(math.dist((each.red(), each.green(), each.blue()), wanted) for each in colors) < 30


def scene(*nodes: Node) -> Scene:
    graph = Graph(nodes, (Edge(0, 1, 0),), GraphKind.TRACE)
    return Scene(graph, Geometry(lay_out(graph, node_sizes(graph))))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("H_RELU", ["k2"]),
        ("maximum", ["k2"]),
        ("layer.weight", ["k1"]),
        ("k", ["k1", "k2"]),
        ("2", ["k2"]),
        (" maximum ", ["k2"]),
        ("absent", []),
        ("", []),
        ("  ", []),
    ],
)
def test_names_operations_parameters_and_keys_match(text: str, keys: list[str]) -> None:
    first = Node(0, "randn", NodeKind.PARAMETER, "k1", (2,), parameter="layer.weight")
    second = Node(1, "maximum", NodeKind.OPERATION, "k2", (2,), name="h_relu")
    assert matching(scene(first, second), text) == keys


def test_the_path_of_a_module_matches() -> None:
    first = Node(0, "AddmmBackward0", NodeKind.OPERATION, "AddmmBackward0(middle_linear)#2", (2,))
    second = Node(1, "AddmmBackward0", NodeKind.OPERATION, "AddmmBackward0(output_linear)#1", (2,))
    assert matching(scene(first, second), "Middle") == [first.key]


def test_typing_outlines_what_matches(view: GraphView, field: FindField, selections: list[str]) -> None:
    QTest.keyClicks(field, "mm")
    assert field.count == "0/2"
    assert outlined(view, MM1)
    assert outlined(view, MM2)
    assert not outlined(view, CLAMP)
    assert selections == []


def test_enter_goes_from_match_to_match(view: GraphView, field: FindField, selections: list[str]) -> None:
    QTest.keyClicks(field, "mm")
    counts = []
    for _ in range(3):
        QTest.keyClick(field, ENTER)
        counts.append(field.count)
    QTest.keyClick(field, ENTER, SHIFT)
    counts.append(field.count)
    assert selections == [MM1, MM2, MM1, MM2]
    assert counts == ["1/2", "2/2", "1/2", "2/2"]
    view.select(CLAMP)
    assert field.count == "0/2"
    QTest.keyClick(field, ENTER, SHIFT)
    assert selections[-1] == MM2


def test_a_match_comes_into_view(view: GraphView, field: FindField) -> None:
    view.canvas.zoom(4.0)
    QTest.keyClicks(field, "sum")
    QTest.keyClick(field, ENTER)
    drawn = view.canvas.scene
    assert drawn is not None
    box = next(
        box for node, box in zip(drawn.nodes, drawn.rectangles, strict=True) if node.op == "SumBackward0"
    )
    assert QRectF(view.canvas.rect()).contains(view.canvas.viewport.transform().mapRect(box))


def test_no_match_is_told(view: GraphView, field: FindField, selections: list[str]) -> None:
    ordinary = field.palette().text().color().name()
    QTest.keyClicks(field, "xyz")
    assert field.count == "none"
    assert field.palette().text().color().name() == LIGHT.error
    wear(DARK)
    assert field.palette().text().color().name() == DARK.error
    wear(LIGHT)
    QTest.keyClick(field, ENTER)
    assert selections == []
    field.clear()
    assert field.count == ""
    assert field.palette().text().color().name() == ordinary == LIGHT.text


def test_escape_ends_the_search(view: GraphView, field: FindField) -> None:
    plain = view.canvas.grab().toImage()
    QTest.keyClicks(field, "mm")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.count) == ("", "")
    assert view.canvas.hasFocus()
    field.setFocus()
    assert view.canvas.grab().toImage() == plain


def test_a_key_leads_to_the_field(view: GraphView, field: FindField) -> None:
    QTest.keyClicks(field, "mm")
    view.canvas.setFocus()
    QTest.keyClick(view.windowHandle(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert field.hasFocus()
    assert field.selectedText() == "mm"


def test_another_graph_is_searched_anew(view: GraphView, field: FindField, selections: list[str]) -> None:
    QTest.keyClicks(field, "mm")
    other = Graph((Node(0, "MmBackward0", NodeKind.LOSS, "loss", ()),))
    draw(view, other)
    assert field.count == "0/1"
    assert outlined(view, "loss")
    view.set_graph(None, None)
    assert field.count == "none"
    draw(view, small_graph())
    assert field.count == "0/2"
    assert selections == []


def test_the_field_can_be_heard(field: FindField) -> None:
    assert field.accessibleName() == "Find nodes"
    QTest.keyClicks(field, "mm")
    assert field.accessibleDescription() == "matches: 0/2"
    assert all(each.accessibleName() for each in field.findChildren(QToolButton))
