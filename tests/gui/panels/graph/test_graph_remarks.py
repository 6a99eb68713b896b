"""What a recorded step adds to its graph: NaN in red, what is saved and freed, what is not in the graph."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from playground.recording.around_graph import Held, Outsider
from playground.recording.flaws import Flaw, FlawedNode
from playground.recording.progress import Progress
from tests.gui.panels.graph.drawings import box_of, draw, picture, place_of, scene_of
from tests.gui.recordings import CLAMP, MM1, MM2, POW, SUB, small_graph
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.legend import GraphLegend
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.remarks import PlacedOutsider, Remarks, place_outsiders
from ui.style.theme import DARK, LIGHT, Theme

X = Outsider("x", (4, 6), (MM1,), "x needs no gradient")
Y = Outsider("y", (4, 3), (SUB,), "y needs no gradient")
UPDATE = Outsider("update", None, ("w1", "w2"), "The update runs under no_grad", is_update=True)


@pytest.fixture
def view(view: GraphView) -> GraphView:
    view.resize(1200, 500)
    draw(view, small_graph())
    return view


def count(image: QImage, area: QRectF, name: str, near: float = 40.0) -> int:
    """How many pixels of an area have about this color."""
    color, box = QColor(name), area.toAlignedRect().intersected(image.rect())
    wanted = color.red(), color.green(), color.blue()
    found = 0
    for x in range(box.left(), box.right() + 1):
        for y in range(box.top(), box.bottom() + 1):
            pixel = image.pixelColor(x, y)
            found += math.dist((pixel.red(), pixel.green(), pixel.blue()), wanted) < near
    return found


def placed(view: GraphView, *outsiders: Outsider) -> tuple[PlacedOutsider, ...]:
    return place_outsiders(scene_of(view), outsiders)


def told(view: GraphView, key: str, remarks: Remarks) -> str:
    scene = scene_of(view)
    return tooltip(scene, scene.geometry.rectangles[key].center(), True, remarks=remarks)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_node_with_nan_is_red_and_says_how_many(view: GraphView, theme: Theme) -> None:
    wear(theme)
    plain = picture(view)
    remarks = Remarks(flawed={CLAMP: FlawedNode(Flaw(10, 0), Flaw(0, 3))})
    view.set_remarks(remarks)
    image = picture(view)
    for key in (CLAMP, MM1):
        box = box_of(view, key).adjusted(-3, -3, 3, 8)
        red = [count(each, box, theme.error) for each in (plain, image)]
        assert (red[1] > red[0] + 100) == (key == CLAMP)
    # The pill with the words lies on the lower border.
    box = box_of(view, CLAMP)
    lower = QRectF(box.left(), box.bottom() - 6, box.width(), 12)
    assert count(image, lower, theme.error) > 150
    assert "value: 10 NaN" in told(view, CLAMP, remarks)
    assert "gradient: 3 inf" in told(view, CLAMP, remarks)
    assert "NaN" not in told(view, MM1, remarks)
    assert "1 node has NaN or infinity." in view.canvas.accessibleDescription()


def test_an_edge_along_which_nan_went_is_red(view: GraphView) -> None:
    key = (MM2, CLAMP, 0)
    start, end = scene_of(view).geometry.routes[key][0], scene_of(view).geometry.routes[key][-1]
    to = view.canvas.viewport.to_widget
    middle = (to(QPointF(*start)) + to(QPointF(*end))) / 2
    area = QRectF(middle.x() - 4, middle.y() - 4, 8, 8)
    assert count(picture(view), area, LIGHT.error) == 0
    view.set_remarks(Remarks(flawed_edges=frozenset({key})))
    assert count(picture(view), area, LIGHT.error) > 8


def test_nan_is_seen_from_afar(view: GraphView) -> None:
    view.canvas.zoom(0.1 / view.canvas.viewport.scale)
    view.set_remarks(Remarks(flawed={CLAMP: FlawedNode(Flaw(1, 0))}))
    assert count(picture(view), box_of(view, CLAMP).adjusted(-2, -2, 2, 2), LIGHT.error) > 4


def test_a_node_says_what_it_holds_and_that_it_was_freed(view: GraphView) -> None:
    held = {MM1: Held((("x", 256_000),), 256_000, False), POW: Held((("diff", 2560),), 2560, True)}
    remarks = Remarks(held=held)
    plain = picture(view)
    view.set_remarks(remarks)
    image = picture(view)
    above = {key: QRectF(box_of(view, key)).translated(0, -34) for key in (MM1, POW, CLAMP)}
    violet = {key: count(image, area, LIGHT.backward) for key, area in above.items()}
    assert violet[MM1] > 100
    assert violet[POW] == violet[CLAMP] == 0
    assert count(image, above[POW], LIGHT.muted) > count(plain, above[POW], LIGHT.muted) + 50
    assert "saved for backward: x, 256 kB" in told(view, MM1, remarks)
    assert "freed, backward has used it: diff, 2.6 kB" in told(view, POW, remarks)


def test_what_is_not_in_the_graph_stands_beside_its_users_and_covers_nothing(view: GraphView) -> None:
    places = placed(view, X, Y, UPDATE)
    scene = scene_of(view)
    assert [each.outsiders for each in places] == [(X,), (Y,), (UPDATE,)]
    for each in places:
        assert not scene.nodes_in(each.box)
        assert not [other for other in places if other is not each and other.box.intersects(each.box)]
    ends = [each.line.p2() for each in places]
    for end, key in zip(ends, (MM1, SUB, "w1"), strict=True):
        assert scene.geometry.rectangles[key].adjusted(-1, -1, 1, 1).contains(end)
    assert places[2].texts == ("update", "no_grad")


def test_of_many_tensors_at_one_node_all_but_the_first_share_a_box(view: GraphView) -> None:
    buffers = [Outsider(f"running_mean_{n}", (10,), (MM1,), "needs no gradient") for n in range(16)]
    places = placed(view, X, *buffers, Y)
    assert [len(each.outsiders) for each in places] == [1, 16, 1]
    assert places[1].texts[0] == "16 more tensors"
    assert not places[1].box.intersects(places[0].box)
    text = tooltip(scene_of(view), places[1].box.center(), True, remarks=Remarks(), outside=places)
    assert all(each.label in text for each in buffers)


def test_it_is_drawn_dashed_within_the_view_and_says_why(view: GraphView) -> None:
    plain = picture(view)
    remarks = Remarks(outside=(X, Y))
    view.set_remarks(remarks)
    image = picture(view)
    for each in placed(view, X, Y):
        box = view.canvas.viewport.transform().mapRect(each.box)
        assert QRectF(view.canvas.rect()).contains(box)
        assert count(image, box.adjusted(-2, -2, 2, 2), LIGHT.muted) > 20
        text = tooltip(scene_of(view), each.box.center(), True, remarks=remarks, outside=placed(view, X, Y))
        assert each.outsiders[0].reason in text
        assert "not in the graph" in text
    corner = QRectF(0, view.canvas.height() - 30, 300, 30)
    assert count(image, corner, LIGHT.muted) > count(plain, corner, LIGHT.muted)
    assert "x and y need no gradient: not in the graph." in view.canvas.accessibleDescription()
    view.set_remarks(None)
    assert picture(view) == plain


def test_what_no_drawn_node_uses_is_left_out(view: GraphView) -> None:
    assert placed(view, Outsider("z", (1,), ("nobody",), "")) == ()


def test_the_legend_says_what_the_signs_mean(view: GraphView, qtbot: QtBot) -> None:
    legend = view.findChild(GraphLegend)
    assert isinstance(legend, GraphLegend)
    view.set_progress(Progress())
    assert "NaN or inf" not in legend.words()
    view.set_remarks(Remarks(flawed={MM1: FlawedNode(Flaw(1, 0))}, outside=(X,)))
    qtbot.waitUntil(lambda: {"NaN or inf", "not in the graph"} <= set(legend.words()))


def test_setters_may_be_repeated_without_a_graph(view: GraphView) -> None:
    remarks = Remarks(outside=(X,), held={MM1: Held((("x", 8),), 8, False)})
    for _ in range(2):
        view.set_remarks(remarks)
        view.set_graph(None, None)
        picture(view)
        draw(view, small_graph())
        assert view.canvas.rect().contains(place_of(view, MM1))
