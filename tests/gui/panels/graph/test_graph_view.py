"""The drawing of a graph: colors, selection, and what is painted when."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from playground.graph.model import Edge, Graph, Node
from tests.gui.driver import click, colors_of
from tests.gui.panels.graph.drawings import (
    LOSS,
    PARAMETER,
    box_of,
    chain,
    columns,
    dynamic_net,
    picture,
    place_of,
    scene_of,
    show,
    trace,
    two_layers,
)
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.scene import Geometry, Scene
from ui.style.theme import DARK, LIGHT


def test_an_empty_view_paints_its_message_and_nothing_else(view: GraphView) -> None:
    view.set_message("")
    blank = colors_of(picture(view), QRectF(view.canvas.rect()))
    assert blank == {QColor(LIGHT.surface).name()}
    view.set_message("Press Run")
    written = picture(view)
    middle = QRectF(view.canvas.rect()).adjusted(300, 180, -300, -180)
    assert len(colors_of(written, middle)) > 1
    show(view, two_layers())
    view.set_graph(None, None)
    assert picture(view) == written


def test_every_node_is_drawn_in_its_color(view: GraphView) -> None:
    show(view, two_layers())
    image = picture(view)
    for key, color in (("w1", LIGHT.parameter), ("mm1", LIGHT.operation), ("loss", LIGHT.loss)):
        found = colors_of(image, box_of(view, key).adjusted(-2, -2, 2, 2))
        assert min(_distance(name, color) for name in found) < 60


def _distance(first: str, second: str) -> float:
    ours, theirs = QColor(first), QColor(second)
    return math.dist((ours.red(), ours.green(), ours.blue()), (theirs.red(), theirs.green(), theirs.blue()))


def test_phases_of_a_trace_have_their_own_colors(view: GraphView) -> None:
    show(view, trace())
    image = picture(view)
    for key, color in (("grad_w1", LIGHT.backward), ("new", LIGHT.update)):
        found = colors_of(image, box_of(view, key).adjusted(-2, -2, 2, 2))
        assert min(_distance(name, color) for name in found) < 60


def test_another_theme_repaints_everything(view: GraphView) -> None:
    show(view, two_layers())
    wear(DARK)
    assert picture(view).pixelColor(2, 2).name() == DARK.surface
    title = view.findChild(QLabel, "graph_title")
    assert title is not None
    assert title.palette().windowText().color().name() == DARK.text
    assert view.grab().toImage().pixelColor(1, 1).name() == DARK.surface


def test_a_click_selects_once(view: GraphView, selections: list[str]) -> None:
    show(view, two_layers())
    plain = picture(view)
    click(view.canvas, place_of(view, "clamp"))
    click(view.canvas, place_of(view, "clamp"))
    assert selections == ["clamp"]
    assert picture(view) != plain
    click(view.canvas, QPoint(5, 5))
    click(view.canvas, QPoint(5, 5))
    assert selections == ["clamp", ""]


def test_escape_clears_the_selection_once(view: GraphView, selections: list[str]) -> None:
    show(view, two_layers())
    click(view.canvas, place_of(view, "mm2"))
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert selections == ["mm2", ""]


def test_setters_are_silent_and_may_be_repeated(view: GraphView, selections: list[str]) -> None:
    toggled: list[bool] = []
    view.copies_toggled.connect(toggled.append)
    graph = two_layers()
    layout = columns(graph)
    pictures = []
    for _ in range(2):
        wear(DARK)
        view.set_graph(graph, layout)
        view.set_caption("a caption")
        view.set_note("a note")
        view.set_message("a message")
        view.set_ghosts(True)
        view.set_copies(True)
        view.select("mm1")
        QApplication.processEvents()
        pictures.append(view.grab().toImage())
    assert pictures[0] == pictures[1]
    view.select(None)
    view.set_graph(None, None)
    assert (selections, toggled) == ([], [])


def test_the_same_graph_again_is_not_painted_again(view: GraphView, qtbot: QtBot) -> None:
    graph = two_layers()
    layout = columns(graph)
    view.set_graph(graph, layout)
    QApplication.processEvents()
    paints: list[None] = []

    class Watcher(QLabel):
        def eventFilter(self, watched: object, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                paints.append(None)
            return False

    watcher = Watcher()
    qtbot.addWidget(watcher)
    view.canvas.installEventFilter(watcher)
    view.set_graph(graph, layout)
    wear(LIGHT)
    view.select(None)
    QApplication.processEvents()
    assert paints == []
    view.select("mm1")
    QApplication.processEvents()
    assert paints


def test_hovering_fades_what_is_not_connected(view: GraphView) -> None:
    show(view, dynamic_net(2))
    view.fit()
    before = picture(view)
    QTest.mouseMove(view.canvas, place_of(view, "middle_linear.weight"))
    lit = picture(view)

    def changed(key: str) -> bool:
        inside = box_of(view, key).adjusted(2, 12, -2, -2).toAlignedRect()
        return before.copy(inside) != lit.copy(inside)

    same = {key for key in ("middle_linear.weight", "t 1", "t 2") if not changed(key)}
    assert same == {"middle_linear.weight", "t 1", "t 2"}
    assert all(changed(key) for key in ("input_linear.weight", "t 0", "addmm 0", "loss"))
    QTest.mouseMove(view.canvas, QPoint(3, 3))
    assert picture(view) == before


def test_copies_of_a_parameter_light_up_together() -> None:
    nodes = (
        Node(0, "MulBackward0", LOSS, "loss"),
        Node(1, "AccumulateGrad", PARAMETER, "w @1", parameter="w"),
        Node(2, "AccumulateGrad", PARAMETER, "w @2", parameter="w"),
        Node(3, "AccumulateGrad", PARAMETER, "v", parameter="v"),
    )
    graph = Graph(nodes, tuple(Edge(0, number, number - 1) for number in (1, 2, 3)))
    scene = Scene(graph, Geometry(columns(graph)))
    lit, edges = scene.related(1)
    assert {scene.nodes[place].key for place in lit} == {"loss", "w @1", "w @2"}
    assert len(edges) == 2


def test_free_places_are_drawn_only_when_wanted(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    own = {node.key for node in dynamic_net(1).nodes}
    free = [key for key in layout.boxes if key not in own]
    assert free
    view.set_graph(dynamic_net(1), layout)
    with_ghosts = picture(view)
    view.set_ghosts(False)
    without = picture(view)
    surface = {QColor(LIGHT.surface).name()}
    crossed = [key for key in free if colors_of(without, box_of(view, key)) != surface]
    assert len(crossed) < len(free)
    for key in set(free) - set(crossed):
        assert colors_of(with_ghosts, box_of(view, key)) != surface


def test_a_selected_node_that_is_absent_keeps_its_place(view: GraphView, selections: list[str]) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    view.select("addmm 3")
    selected = picture(view)
    view.set_graph(dynamic_net(0), layout)
    view.set_graph(dynamic_net(3), layout)
    assert picture(view) == selected
    assert selections == []


def test_ten_thousand_nodes_are_painted_near_and_far(view: GraphView) -> None:
    show(view, chain(10_000))
    far = picture(view)
    assert len(colors_of(far, QRectF(view.canvas.rect()))) > 1
    view.canvas.zoom(1.0 / view.canvas.viewport.scale)
    visible = view.canvas.viewport.visible(QRectF(view.canvas.rect()).size())
    assert 0 < len(scene_of(view).nodes_in(visible)) < 20
    assert len(colors_of(picture(view), QRectF(view.canvas.rect()))) > 1
