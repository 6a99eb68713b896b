"""Moving about the drawing of a graph: fit, zoom, drag, wheel, keys and buttons."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from tests.gui.driver import drag, find, turn_wheel
from tests.gui.panels.graph.drawings import chain, columns, dynamic_net, place_of, show, squared, two_layers
from ui.panels.graph import GraphView


@pytest.mark.parametrize(
    ("start", "keys", "path"),
    [
        ("mm1", [Qt.Key.Key_Right, Qt.Key.Key_Right], ["clamp", "mm2"]),
        ("mm2", [Qt.Key.Key_Left], ["clamp"]),
        ("w1", [Qt.Key.Key_Left], []),
        ("w1", [Qt.Key.Key_Down, Qt.Key.Key_Up], ["w2", "w1"]),
        ("loss", [Qt.Key.Key_Right], []),
        (None, [Qt.Key.Key_Right], ["w1"]),
    ],
)
def test_arrow_keys_walk_along_the_data(
    view: GraphView, selections: list[str], start: str | None, keys: Sequence[Qt.Key], path: list[str]
) -> None:
    show(view, two_layers())
    view.select(start)
    for key in keys:
        QTest.keyClick(view.canvas, key)
    assert selections == path


def test_a_node_reached_by_keys_comes_into_view(view: GraphView) -> None:
    show(view, two_layers())
    view.canvas.zoom(4.0, QPointF(0, 0))
    for _ in range(5):
        QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.rect().contains(place_of(view, "loss"))


def test_the_whole_drawing_is_in_view_and_not_too_large(view: GraphView) -> None:
    for graph in (squared(), two_layers(), dynamic_net(3), chain(200)):
        view.set_graph(None, None)
        layout = show(view, graph)
        view.fit()
        drawing = view.canvas.viewport.transform().mapRect(QRectF(0, 0, layout.width, layout.height))
        assert QRectF(view.canvas.rect()).contains(drawing)
        assert view.canvas.viewport.scale <= 1.25


def test_a_fit_follows_the_canvas_until_the_user_moves_the_drawing(view: GraphView) -> None:
    show(view, dynamic_net(3))
    before = view.canvas.viewport
    view.resize(600, 400)
    assert view.canvas.viewport != before
    drag(view.canvas, QPoint(50, 50), QPoint(90, 80))
    moved = view.canvas.viewport
    view.resize(900, 500)
    show(view, two_layers())
    assert view.canvas.viewport == moved
    QTest.keyClick(view.canvas, Qt.Key.Key_F)
    assert view.canvas.viewport != moved


def test_graphs_that_share_a_layout_do_not_move(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    before = view.canvas.viewport
    places = {key: place_of(view, key) for key in layout.boxes}
    view.set_graph(dynamic_net(0), layout)
    assert view.canvas.viewport == before
    assert {key: place_of(view, key) for key in layout.boxes} == places


def test_dragging_moves_the_drawing_as_far_as_the_pointer_and_selects_nothing(
    view: GraphView, selections: list[str]
) -> None:
    show(view, two_layers())
    start = place_of(view, "mm1")
    drag(view.canvas, start, start + QPoint(60, 40))
    assert place_of(view, "mm1") == start + QPoint(60, 40)
    assert selections == []


@pytest.mark.parametrize("eighths", [120, -120, 360])
def test_the_wheel_keeps_the_point_under_the_pointer(view: GraphView, eighths: int) -> None:
    show(view, two_layers())
    pointer = QPoint(123, 77)
    point = view.canvas.viewport.to_drawing(QPointF(pointer))
    scale = view.canvas.viewport.scale
    turn_wheel(view.canvas, eighths, pointer)
    after = view.canvas.viewport
    assert (after.scale > scale) == (eighths > 0)
    assert after.to_widget(point).x() == pytest.approx(123)
    assert after.to_widget(point).y() == pytest.approx(77)


def test_zoom_has_limits(view: GraphView) -> None:
    show(view, two_layers())
    for eighths in (120, -120):
        for _ in range(60):
            turn_wheel(view.canvas, eighths, QPoint(10, 10))
        limit = view.canvas.viewport.scale
        turn_wheel(view.canvas, eighths, QPoint(10, 10))
        assert view.canvas.viewport.scale == limit
        assert 0.001 < limit < 100


def test_buttons_and_keys_zoom_and_fit(view: GraphView) -> None:
    show(view, two_layers())
    fitted = view.canvas.viewport
    for name, key in (("graph_zoom_in", Qt.Key.Key_Plus), ("graph_zoom_out", Qt.Key.Key_Minus)):
        QTest.keyClick(view.canvas, key)
        by_key = view.canvas.viewport
        QTest.mouseDClick(view.canvas, Qt.MouseButton.LeftButton)
        assert view.canvas.viewport == fitted
        find(view, QToolButton, name).click()
        assert view.canvas.viewport == by_key != fitted
        find(view, QToolButton, "graph_fit").click()
        assert view.canvas.viewport == fitted
