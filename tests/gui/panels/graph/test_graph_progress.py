"""The graph at one place within a recorded step: what waits, what runs, where the gradient has been."""

from __future__ import annotations

import math
from collections.abc import Collection

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.graph.layout import EdgeKey, Layout, lay_out
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase
from playground.graph.sharing import split_shared
from playground.graph.sizes import node_sizes
from playground.recording.progress import Progress, progress_at
from tests.gui.panels.graph.drawings import box_of, draw, picture, scene_of
from tests.gui.recordings import CLAMP, LOSS, MM1, MM2, POW, SUB, SUM, UPDATE_W1, small_graph, small_recording
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.legend import GraphLegend
from ui.panels.graph.progress import NOTHING, reach_of
from ui.panels.graph.scene import Geometry, Scene
from ui.style.theme import DARK, LIGHT, Theme

EVERY = frozenset({MM1, CLAMP, MM2, SUB, POW, SUM, "w1", "w2"})
NARROW = 640


@pytest.fixture
def view(view: GraphView) -> GraphView:
    view.resize(1200, 500)
    draw(view, small_graph())
    return view


def start_of(view: GraphView, key: EdgeKey) -> QPointF:
    """On the canvas: where the data's line begins, hence where the gradient arrives."""
    return view.canvas.viewport.to_widget(QPointF(*scene_of(view).geometry.routes[key][0]))


def around(point: QPointF, reach: float) -> QRectF:
    return QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)


def nearest(image: QImage, area: QRectF, color: str) -> float:
    """How near the best pixel of an area comes to a color."""
    return min(_distance(each, color) for each in pixels(image, area))


def amount(image: QImage, area: QRectF, color: str) -> int:
    """How many pixels of an area have a color."""
    return sum(_distance(each, color) < 40 for each in pixels(image, area))


def pixels(image: QImage, area: QRectF) -> list[QColor]:
    box = area.toAlignedRect().intersected(image.rect())
    rows = range(box.top(), box.bottom() + 1)
    return [image.pixelColor(x, y) for x in range(box.left(), box.right() + 1) for y in rows]


def _distance(ours: QColor, name: str) -> float:
    theirs = QColor(name)
    return math.dist((ours.red(), ours.green(), ours.blue()), (theirs.red(), theirs.green(), theirs.blue()))


def ring(view: GraphView, image: QImage, key: str, color: str) -> bool:
    """Whether there is an outline of this color a little outside the upper edge of a node."""
    box = box_of(view, key)
    return nearest(image, QRectF(box.center().x() - 3, box.top() - 6, 6, 5), color) < 30


def all_but(*keys: str) -> frozenset[str]:
    return EVERY - set(keys)


def test_without_a_progress_the_graph_looks_as_ever(view: GraphView) -> None:
    plain = picture(view)
    view.set_progress(Progress())
    assert picture(view) == plain
    view.set_progress(progress_at(small_recording(), LOSS))
    assert picture(view) != plain
    view.set_progress(None)
    assert picture(view) == plain


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_waits_is_faint_yet_visible(view: GraphView, theme: Theme) -> None:
    wear(theme)
    plain = picture(view)
    view.set_progress(Progress(waiting=all_but("w1", MM1, CLAMP)))
    image = picture(view)
    for key in ("w1", MM1, CLAMP):
        inside = box_of(view, key).adjusted(4, 4, -4, -4).toAlignedRect()
        assert image.copy(inside) == plain.copy(inside)
    for key in (MM2, "w2", SUM):
        box = box_of(view, key).adjusted(-1, -1, 1, 1)
        contrast = [max(_distance(each, theme.surface) for each in pixels(of, box)) for of in (plain, image)]
        assert 30 < contrast[1] < 0.85 * contrast[0]


def test_edges_at_a_waiting_node_are_faint_too() -> None:
    graph = small_graph()
    scene = Scene(graph, Geometry(lay_out(graph, node_sizes(graph))))
    reach = reach_of(scene, Progress(waiting=frozenset({MM2})))
    faint = {scene.edges[place].key for place in reach.waiting_edges}
    assert faint == {(MM2, CLAMP, 0), (MM2, "w2", 1), (SUB, MM2, 0)}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("phase", list(Phase))
def test_the_node_at_the_cursor_is_filled_with_its_phase(view: GraphView, theme: Theme, phase: Phase) -> None:
    wear(theme)
    names = {
        Phase.FORWARD: theme.operation,
        Phase.LOSS: theme.loss,
        Phase.BACKWARD: theme.backward,
        Phase.UPDATE: theme.update,
    }
    for key in (CLAMP, "w2"):
        view.set_progress(Progress(phase, current=frozenset({key})))
        image = picture(view)
        full = [
            each
            for each in EVERY
            if amount(image, box_of(view, each), names[phase]) > 0.3 * _pixels(view, each)
        ]
        assert sorted({*full, SUM} - {SUM}) == [key]
        # A small triangle in the corner, in the color of texts on it.
        corner = QRectF(box_of(view, key).topLeft(), box_of(view, key).center())
        assert nearest(image, corner, theme.on_accent) < 30


def _pixels(view: GraphView, key: str) -> float:
    return box_of(view, key).width() * box_of(view, key).height()


def test_the_cursor_and_the_selection_look_different(view: GraphView) -> None:
    view.set_progress(Progress(Phase.BACKWARD, current=frozenset({CLAMP})))
    now = picture(view)
    assert not ring(view, now, CLAMP, LIGHT.parameter)
    view.select(CLAMP)
    both = picture(view)
    assert ring(view, both, CLAMP, LIGHT.parameter)
    inside = box_of(view, CLAMP).adjusted(2, 2, -2, -2).toAlignedRect()
    assert both.copy(inside) == now.copy(inside)
    view.select(MM2)
    assert ring(view, picture(view), MM2, LIGHT.parameter)
    assert amount(picture(view), box_of(view, MM2), LIGHT.parameter) == 0


def test_arrow_keys_begin_at_the_cursor(view: GraphView, qtbot: QtBot) -> None:
    view.set_progress(Progress(current=frozenset({MM2})))
    with qtbot.waitSignal(view.node_selected) as selected:
        QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    assert selected.args == [CLAMP]


def test_the_nodes_that_the_gradient_has_reached_have_its_color(view: GraphView) -> None:
    plain = picture(view)
    view.set_progress(Progress(Phase.BACKWARD, differentiated=frozenset({SUB, MM2})))
    image = picture(view)
    for key in EVERY:
        before, after = (amount(of, box_of(view, key), LIGHT.backward) for of in (plain, image))
        assert (after > before + 50) == (key in (SUB, MM2))


def test_an_updated_parameter_has_its_color(view: GraphView) -> None:
    view.set_progress(
        Progress(Phase.UPDATE, updated=frozenset({"w2"}), differentiated=frozenset({"w1", "w2"}))
    )
    image = picture(view)
    assert amount(image, box_of(view, "w2"), LIGHT.update) > 50
    assert amount(image, box_of(view, "w2"), LIGHT.backward) == 0
    assert amount(image, box_of(view, "w1"), LIGHT.update) == 0


def test_the_gradients_arrow_points_against_the_data(view: GraphView) -> None:
    key = (MM2, CLAMP, 0)
    plain, tip = picture(view), start_of(view, key)
    counts = {}
    for name, progress in (
        ("passed", Progress(edges=frozenset({key}))),
        ("passing", Progress(current_edges=frozenset({key}), edges=frozenset({key}))),
    ):
        view.set_progress(progress)
        counts[name] = amount(picture(view), around(tip + QPointF(6, 0), 8), LIGHT.backward)
    assert amount(plain, around(tip, 14), LIGHT.backward) == 0
    assert 20 < counts["passed"] < counts["passing"] / 1.5
    # At the other end there is no arrowhead any more: only the line.
    end = view.canvas.viewport.to_widget(QPointF(*scene_of(view).geometry.routes[key][-1]))
    view.set_progress(Progress(edges=frozenset({key})))
    assert amount(picture(view), around(end - QPointF(5, 0), 4), LIGHT.backward) < counts["passed"]


def test_a_failed_node_is_crossed_out(view: GraphView) -> None:
    view.set_progress(Progress(failed=MM2, current=frozenset({MM2})))
    image = picture(view)
    assert ring(view, image, MM2, LIGHT.error)
    corner = box_of(view, MM2).topLeft()
    assert nearest(image, around(corner, 12), LIGHT.error) < 20
    assert nearest(image, around(corner - QPointF(3, 3), 3), LIGHT.surface) < 20


def test_the_cursor_of_a_recording_is_drawn_at_each_event(view: GraphView) -> None:
    recording = small_recording()
    pictures = []
    for number in range(len(recording.events)):
        view.set_progress(progress_at(recording, number))
        pictures.append(picture(view))
    # Back again: every place looks as it did.
    for number in reversed(range(len(recording.events))):
        view.set_progress(progress_at(recording, number))
        assert picture(view) == pictures[number]
    view.set_progress(progress_at(recording, UPDATE_W1))
    assert amount(picture(view), box_of(view, "w1"), LIGHT.update) > 50


def shared() -> Graph:
    """`w` used by two operations, and a leaf that is not."""
    nodes = (
        Node(0, "SumBackward0", NodeKind.LOSS, "loss", ()),
        Node(1, "MulBackward0", NodeKind.OPERATION, "b", (2,)),
        Node(2, "MulBackward0", NodeKind.OPERATION, "a", (2,)),
        Node(3, "AccumulateGrad", NodeKind.PARAMETER, "w", (2,), parameter="w"),
        Node(4, "AccumulateGrad", NodeKind.PARAMETER, "v", (2,), parameter="v"),
    )
    ends = ((0, 1, 0), (1, 2, 0), (1, 3, 1), (2, 4, 0), (2, 3, 1))
    return Graph(nodes, tuple(Edge(*end) for end in ends), outputs=(0,))


def test_copies_follow_their_original() -> None:
    graph = split_shared(shared())
    scene = Scene(graph, Geometry(lay_out(graph, node_sizes(graph))))
    progress = Progress(
        current=frozenset({"w"}),
        waiting=frozenset({"w", "v"}),
        updated=frozenset({"w"}),
        differentiated=frozenset({"b", "w"}),
        edges=frozenset({("a", "w", 1)}),
        current_edges=frozenset({("b", "w", 1), ("a", "v", 0)}),
        failed="w",
    )
    reach = reach_of(scene, progress)

    def nodes(places: Collection[int]) -> set[str]:
        return {scene.nodes[place].key for place in places}

    def edges(places: Collection[int]) -> set[EdgeKey]:
        return {scene.edges[place].key for place in places}

    assert nodes(reach.current) == nodes(reach.updated) == nodes(reach.failed) == {"w@1", "w@2"}
    assert nodes(reach.waiting) == {"w@1", "w@2", "v"}
    assert nodes(reach.differentiated) == {"w@1", "w@2", "b"}
    assert edges(reach.travelled) == {("a", "w@1", 1)}
    assert edges(reach.travelling) == {("b", "w@2", 1), ("a", "v", 0)}
    assert reach_of(scene, None) is NOTHING


def test_an_edge_of_a_trace_may_begin_at_a_copy() -> None:
    nodes = (
        Node(0, "randn", NodeKind.PARAMETER, "w", (2,), parameter="w"),
        Node(1, "dot", NodeKind.OPERATION, "a", (2,)),
        Node(2, "dot", NodeKind.OPERATION, "b", (2,)),
    )
    graph = split_shared(Graph(nodes, (Edge(0, 1, 0), Edge(0, 2, 1), Edge(1, 2, 0)), GraphKind.TRACE, (2,)))
    scene = Scene(graph, Geometry(lay_out(graph, node_sizes(graph))))
    reach = reach_of(scene, Progress(edges=frozenset({("w", "b", 1)})))
    assert [scene.edges[place].key for place in reach.travelled] == [("w@2", "b", 1)]


@pytest.mark.parametrize("scale", [0.03, 0.15])
def test_it_can_be_seen_from_afar(view: GraphView, scale: float) -> None:
    view.canvas.zoom(scale / view.canvas.viewport.scale)
    drawn = view.canvas.viewport.transform().mapRect(QRectF(0, 0, *_size(view))).adjusted(-20, -20, 20, 20)
    plain = picture(view)
    assert amount(plain, drawn, LIGHT.backward) == 0
    edges = frozenset({(SUB, MM2, 0), (MM2, CLAMP, 0)})
    view.set_progress(Progress(differentiated=frozenset({SUB, MM2}), edges=edges))
    assert amount(picture(view), drawn, LIGHT.backward) > 5
    view.set_progress(Progress(current=frozenset({MM1}), waiting=all_but("w1", MM1)))
    image = picture(view)
    around_node = around(box_of(view, MM1).center(), 12 + box_of(view, MM1).height() / 2)
    assert amount(image, around_node, LIGHT.operation) > 20
    assert amount(image, box_of(view, SUM), LIGHT.loss) == 0
    view.set_progress(Progress(current_edges=edges))
    assert nearest(picture(view), drawn, LIGHT.backward) < 5


def _size(view: GraphView) -> tuple[float, float]:
    layout: Layout = scene_of(view).geometry.layout
    return layout.width, layout.height


def test_the_place_is_told_in_words(view: GraphView) -> None:
    view.set_progress(Progress(Phase.BACKWARD, current=frozenset({MM2}), failed=MM2))
    words = view.canvas.accessibleDescription()
    assert words.startswith("Backward phase. Now: Mm of w2. The step failed here. 8 nodes")
    view.set_progress(None)
    assert view.canvas.accessibleDescription() == "8 nodes, 7 edges."


def test_the_setter_is_silent_and_needs_no_graph(view: GraphView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.node_selected):
        view.set_progress(Progress(current=frozenset({"nobody"}), failed="nobody"))
        picture(view)
        view.set_graph(None, None)
        view.set_progress(Progress(current=frozenset({MM1})))
        picture(view)
    assert legend_of(view).words() == []


def legend_of(view: GraphView) -> GraphLegend:
    legend = view.findChild(GraphLegend)
    assert isinstance(legend, GraphLegend)
    return legend


def test_the_legend_explains_a_progress_while_there_is_one(view: GraphView, qtbot: QtBot) -> None:
    legend = legend_of(view)
    plain = legend.words()
    signs = ["gradient", "now", "selected", "not reached yet"]
    view.set_progress(Progress())
    qtbot.waitUntil(lambda: legend.words() == plain + signs)
    view.set_progress(None)
    assert legend.words() == plain


@pytest.mark.parametrize("traced", [False, True])
def test_the_legend_is_not_clipped_in_a_narrow_panel(view: GraphView, qtbot: QtBot, traced: bool) -> None:
    if traced:
        draw(view, every_role())
    view.set_progress(Progress())
    view.resize(NARROW, 460)
    qtbot.waitUntil(lambda: view.width() == NARROW)
    legend = legend_of(view)
    assert view.rect().contains(legend.geometry())
    words = legend.words()
    assert words[-1] in ("now", "selected", "gradient", "not reached yet", "update")
    # Nothing is painted over the edges: the ink ends before them.
    image = legend.grab().toImage()
    background = image.pixelColor(0, 0)
    assert all(
        image.pixelColor(x, y) == background for x in (0, image.width() - 1) for y in range(image.height())
    )


def every_role() -> Graph:
    phases = (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE)
    nodes = [
        Node(0, "randn", NodeKind.DATA, "x", (2,)),
        Node(1, "randn", NodeKind.PARAMETER, "w", (2,), parameter="w"),
        Node(2, "sum", NodeKind.LOSS, "loss", ()),
    ]
    nodes += [
        Node(3 + place, "dot", NodeKind.OPERATION, str(phase), (2,), phase=phase)
        for place, phase in enumerate(phases)
    ]
    edges = (Edge(0, 3, 0), Edge(1, 3, 1), Edge(3, 2, 0), Edge(2, 4, 0), Edge(4, 5, 0))
    return Graph(tuple(nodes), edges, GraphKind.TRACE, (2,))


def test_revealing_pans_only_when_the_user_has_zoomed_in(view: GraphView) -> None:
    fitted = view.canvas.viewport
    view.canvas.reveal(SUM)
    assert view.canvas.viewport == fitted
    view.canvas.zoom(3.0, QPointF(0, 0))
    zoomed = view.canvas.viewport
    view.canvas.reveal("nobody")
    assert view.canvas.viewport == zoomed
    view.canvas.reveal(SUM)
    assert view.canvas.viewport.scale == zoomed.scale
    assert QRectF(view.canvas.rect()).contains(box_of(view, SUM))
    there = view.canvas.viewport
    view.canvas.reveal(SUM)
    assert view.canvas.viewport == there


def test_revealing_a_shared_leaf_shows_one_of_its_copies(view: GraphView) -> None:
    draw(view, split_shared(shared()))
    view.canvas.zoom(4.0, QPointF(0, 0))
    view.canvas.reveal("loss")
    view.canvas.reveal("w")
    shown = [key for key in ("w@1", "w@2") if QRectF(view.canvas.rect()).contains(box_of(view, key))]
    assert shown
