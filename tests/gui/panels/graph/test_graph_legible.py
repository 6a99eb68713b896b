"""What of a graph can be read: no text under nine pixels, the part that matters, and a map of the whole."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.graph.layout import lay_out
from playground.graph.model import Graph
from playground.graph.sizes import node_sizes, window_sizes
from playground.recording.progress import Progress
from tests.gui.driver import colors_of, drag
from tests.gui.panels.graph.drawings import box_of, dynamic_net, picture, two_layers
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.overview import OverviewMap
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import LEGIBLE, SMALLEST_TEXT, Detail, Viewport, detail_at, readable
from ui.style.theme import DARK


def draw(view: GraphView, graph: Graph) -> None:
    view.set_graph(graph, lay_out(graph, window_sizes(graph)))


def canvas_area(view: GraphView) -> QRectF:
    return QRectF(view.canvas.rect())


@pytest.mark.parametrize("graph", [two_layers(), dynamic_net(3), dynamic_net(32)])
@pytest.mark.parametrize("scale", [0.3, 0.644, LEGIBLE, 0.7, 0.75, 0.8, 1.0, 2.0])
def test_no_text_is_under_nine_pixels(qapp: QApplication, graph: Graph, scale: float) -> None:
    detail = detail_at(scale, len(graph.nodes))
    if detail not in (Detail.NAMES, Detail.FULL):
        assert scale < LEGIBLE
        return
    fitter = TextFitter(qapp.font())
    fit = fitter.both if detail is Detail.FULL else fitter.name
    least = math.ceil(SMALLEST_TEXT / scale)
    for node in graph.nodes:
        for sizes in (node_sizes(graph), window_sizes(graph)):
            lines = fit(node, QSizeF(*sizes[node.key]), least)
            assert lines
            assert all(line.font.pixelSize() * scale >= SMALLEST_TEXT for line in lines)


def test_a_small_graph_is_shown_whole(view: GraphView) -> None:
    draw(view, two_layers())
    assert not view.canvas.map.isVisible()
    assert all(canvas_area(view).contains(box_of(view, node.key)) for node in two_layers().nodes)


def test_of_a_large_graph_the_loss_is_shown_and_a_map(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    assert view.canvas.viewport.scale == LEGIBLE
    assert canvas_area(view).contains(box_of(view, "loss"))
    assert not canvas_area(view).contains(box_of(view, "input_linear.weight"))
    assert view.canvas.map.isVisible()
    assert canvas_area(view).contains(QRectF(view.canvas.map.geometry()))


def test_the_node_at_the_cursor_is_followed_calmly(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    places = []
    for number in range(17):
        view.set_progress(Progress(current=frozenset({f"addmm {number}"} if number < 17 else ())))
        assert canvas_area(view).contains(box_of(view, f"addmm {number}"))
        assert not QRectF(view.canvas.map.geometry()).intersects(box_of(view, f"addmm {number}"))
        places.append(view.canvas.viewport)
    assert {each.scale for each in places} == {LEGIBLE}
    # It stays where it is while the cursor is well in sight.
    assert len(set(places)) < len(places)


def test_fit_shows_the_whole_and_again_what_can_be_read(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    part = view.canvas.viewport
    view.fit()
    assert all(canvas_area(view).contains(box_of(view, node.key)) for node in dynamic_net(16).nodes)
    assert view.canvas.viewport.scale < LEGIBLE
    assert not view.canvas.map.isVisible()
    view.fit()
    assert view.canvas.viewport == part


def test_shapes_have_no_texts(view: GraphView) -> None:
    draw(view, dynamic_net(8))
    view.canvas.zoom(0.5 / view.canvas.viewport.scale)
    view.canvas.reveal("addmm 4")
    inside = box_of(view, "addmm 4").adjusted(3, 3, -3, -3)
    assert len(colors_of(picture(view), inside)) == 1
    view.canvas.zoom(LEGIBLE / view.canvas.viewport.scale)
    view.canvas.reveal("addmm 4")
    inside = box_of(view, "addmm 4").adjusted(3, 3, -3, -3)
    assert len(colors_of(picture(view), inside)) > 5


def test_the_map_leads_to_another_part(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    canvas, overview = view.canvas, view.canvas.map
    before = canvas.viewport
    drag(overview, overview.rect().center(), QPoint(12, overview.height() // 2))
    assert canvas.viewport.x > before.x
    assert canvas.viewport.scale == LEGIBLE
    middle = canvas.viewport.to_drawing(canvas_area(view).center())
    assert overview.point_at(QPointF(12, overview.height() // 2)).x() == pytest.approx(middle.x(), abs=1.0)
    assert overview.area.contains(QPointF(overview.area.center().x(), middle.y()))
    # What the user has gone to stays, whatever the cursor does.
    there = canvas.viewport
    view.set_progress(Progress(current=frozenset({"loss"})))
    assert canvas.viewport == there


def test_the_map_follows_theme_and_graph(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    view.set_progress(Progress(current=frozenset({"addmm 3"})))
    light = map_picture(view.canvas.map)
    wear(DARK)
    assert map_picture(view.canvas.map) != light
    draw(view, two_layers())
    assert not view.canvas.map.isVisible()
    view.set_graph(None, None)
    assert not view.canvas.map.isVisible()


def map_picture(overview: OverviewMap) -> set[str]:
    return colors_of(overview)


def test_keys_bring_another_part_without_losing_the_cursor(view: GraphView) -> None:
    draw(view, dynamic_net(16))
    view.select("loss")
    for _ in range(12):
        QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    chosen = view.canvas.selected
    assert chosen is not None
    assert canvas_area(view).contains(box_of(view, chosen))
    view.set_progress(Progress(current=frozenset({"loss"})))
    assert canvas_area(view).contains(box_of(view, "loss"))


def test_a_narrow_drawing_stands_in_the_middle() -> None:
    size, focus = QSizeF(500, 300), QRectF(1900, 40, 60, 40)
    shown = readable(QRectF(0, 0, 2000, 100), size, focus, Viewport())
    assert shown.scale == LEGIBLE
    assert shown.to_widget(QPointF(0, 50)).y() == pytest.approx(150)
    assert shown.to_widget(QPointF(2000, 0)).x() == pytest.approx(500 - 18)
    assert readable(QRectF(0, 0, 2000, 100), size, focus, shown) == shown
    assert scene_edge(readable(QRectF(0, 0, 2000, 100), size, QRectF(0, 40, 60, 40), shown)) == pytest.approx(
        18
    )


def scene_edge(viewport: Viewport) -> float:
    return viewport.to_widget(QPointF(0, 0)).x()
