"""Two graphs in one drawing: what differs is marked, what they share stays, and one turns into the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QAbstractAnimation, QPointF, QRectF, QVariantAnimation
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.graph.layout import EdgeKey, Layout
from playground.graph.model import Graph
from playground.graph.sharing import split_shared_alike
from playground.recording.progress import Progress
from tests.gui.panels.graph.drawings import box_of, dynamic_net, layout_of, picture, scene_of, trace
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.difference import Change
from ui.panels.graph.find import FindField
from ui.panels.graph.legend import GraphLegend
from ui.panels.graph.motion import between
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.nodes import MARK_RADIUS, MarkPainter
from ui.panels.graph.scene import Geometry, Scene
from ui.panels.graph.shapes import Colors
from ui.panels.graph.view import RenderState, Viewport
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.eliding_label import ElidedLabel

SHALLOW, DEEP = dynamic_net(1), dynamic_net(3)
ONLY_DEEP = ["t 2", "addmm 2", "clamp 2", "t 3", "addmm 3", "clamp 3"]
SHORTCUT: EdgeKey = ("addmm last", "clamp 1", 1)
"""Leads past the places of the second and the third use in the shallow graph; the deep one has none."""


@pytest.fixture(scope="module")
def layout() -> Layout:
    return layout_of(SHALLOW, DEEP)


@pytest.fixture
def view(qtbot: QtBot) -> GraphView:
    panel = GraphView()
    qtbot.addWidget(panel)
    panel.resize(1400, 600)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def distances(image: QImage, area: QRectF, color: str) -> npt.NDArray[np.float64]:
    """How far each pixel of an area is from a color, row by row."""
    part = image.copy(area.toAlignedRect().intersected(image.rect()))
    part = part.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(part.constBits(), np.uint8).reshape(part.height(), part.width(), 4)
    wanted = QColor(color)
    offsets = pixels[:, :, 2::-1] - np.array([wanted.red(), wanted.green(), wanted.blue()], np.float64)
    return np.asarray(np.sqrt((offsets**2).sum(axis=2)))


def amount(image: QImage, area: QRectF, color: str) -> int:
    """How many pixels of an area have a color."""
    return int((distances(image, area, color) < 40).sum())


def mark_at(view: GraphView, key: str) -> QRectF:
    """Where a node's mark is: half of it outside its upper left corner."""
    corner = box_of(view, key).topLeft()
    return QRectF(corner.x() - 5, corner.y() - 7, 5, 6)


def marked(view: GraphView, image: QImage, keys: Sequence[str], color: str) -> list[str]:
    return [key for key in keys if amount(image, mark_at(view, key), color) > 5]


def words_of(view: GraphView) -> str:
    label = view.findChild(ElidedLabel, "graph_difference")
    assert isinstance(label, ElidedLabel)
    return label.text() if label.isVisible() else ""


def keys_of(graph: Graph) -> list[str]:
    return [node.key for node in graph.nodes]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_appeared_is_marked_in_green(view: GraphView, layout: Layout, theme: Theme) -> None:
    wear(theme)
    view.set_graph(DEEP, layout)
    view.set_difference(SHALLOW)
    assert sorted(marked(view, picture(view), keys_of(DEEP), theme.update)) == sorted(ONLY_DEEP)
    assert marked(view, picture(view), keys_of(DEEP), theme.error) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_vanished_is_marked_at_the_place_it_had(view: GraphView, layout: Layout, theme: Theme) -> None:
    wear(theme)
    view.set_graph(SHALLOW, layout)
    plain = picture(view)
    view.set_difference(DEEP)
    image = picture(view)
    assert sorted(marked(view, image, keys_of(DEEP), theme.error)) == sorted(ONLY_DEEP)
    for key in ONLY_DEEP:
        box = box_of(view, key)
        assert amount(image, box, theme.error) > amount(plain, box, theme.error) + 40


def test_vanished_boxes_and_lines_are_dashed(view: GraphView, layout: Layout) -> None:
    view.set_graph(SHALLOW, layout)
    view.set_difference(DEEP)
    assert 0.3 < _covered(view, "clamp 3", LIGHT.error) < 0.8
    view.set_graph(DEEP, layout)
    view.set_difference(SHALLOW)
    assert _covered(view, "clamp 3", LIGHT.update) > 0.95


def _covered(view: GraphView, key: str, color: str) -> float:
    """The part of a box's lower border that has a color."""
    image, box = picture(view), box_of(view, key)
    border = QRectF(box.left() + 5, box.bottom() - 2, box.width() - 10, 4)
    return float((distances(image, border, color).min(axis=0) < 40).mean())


def test_edges_between_nodes_that_stayed_are_marked_too(view: GraphView, layout: Layout) -> None:
    for graph, before, color in ((SHALLOW, DEEP, LIGHT.update), (DEEP, SHALLOW, LIGHT.error)):
        view.set_difference(None)
        view.set_graph(graph, layout)
        middle = scene_of(view).geometry.path(SHORTCUT).pointAtPercent(0.5)
        point = view.canvas.viewport.to_widget(middle)
        area = QRectF(point.x() - 4, point.y() - 5, 8, 10)
        assert amount(picture(view), area, color) == 0
        view.set_difference(before)
        assert amount(picture(view), area, color) > 25


def test_what_stayed_keeps_its_place_and_is_a_little_muted(view: GraphView, layout: Layout) -> None:
    view.set_graph(DEEP, layout)
    plain, places = picture(view), {key: box_of(view, key) for key in keys_of(DEEP)}
    view.set_difference(SHALLOW)
    image = picture(view)
    assert {key: box_of(view, key) for key in keys_of(DEEP)} == places
    box = places["addmm 0"].adjusted(-1, -1, 1, 1)
    contrast = [distances(of, box, LIGHT.surface).max() for of in (plain, image)]
    assert 0.5 * contrast[0] < contrast[1] < 0.9 * contrast[0]


def test_another_shape_is_marked_as_a_change(view: GraphView, layout: Layout) -> None:
    nodes = [replace(node, shape=(7, 7)) if node.key == "t 1" else node for node in SHALLOW.nodes]
    view.set_graph(replace(SHALLOW, nodes=tuple(nodes)), layout)
    view.set_difference(SHALLOW)
    assert marked(view, picture(view), keys_of(SHALLOW), LIGHT.warning) == ["t 1"]
    scene, contrast = scene_of(view), view.canvas.contrast
    told = tooltip(scene, scene.geometry.rectangles["t 1"].center(), True, contrast)
    assert "changed: it was 100 × 100 torch.float32 on cpu" in told


def test_the_end_of_a_comparison_leaves_no_trace(view: GraphView, layout: Layout) -> None:
    view.set_graph(DEEP, layout)
    QApplication.processEvents()
    plain, size = view.grab().toImage(), view.canvas.size()
    view.set_difference(SHALLOW, "against step 3")
    QApplication.processEvents()
    assert view.grab().toImage() != plain
    assert view.canvas.size() == size
    view.set_difference(None)
    QApplication.processEvents()
    assert view.grab().toImage() == plain


def test_every_graph_that_follows_is_compared(view: GraphView, layout: Layout) -> None:
    view.set_difference(SHALLOW, "against step 3")
    assert words_of(view) == ""
    view.set_graph(DEEP, layout)
    assert words_of(view) == "against step 3: 6 nodes appeared, none vanished, 15 stayed"
    view.set_graph(SHALLOW, layout)
    assert words_of(view) == "against step 3: the same structure: all 15 nodes stayed"
    view.set_graph(None, None)
    assert words_of(view) == ""
    view.set_graph(DEEP, layout)
    assert "6 nodes appeared" in words_of(view)
    assert "6 nodes appeared" in view.canvas.accessibleDescription()


def test_vanished_nodes_without_a_place_are_only_counted(view: GraphView) -> None:
    view.set_graph(SHALLOW, layout_of(SHALLOW))
    view.set_difference(DEEP, "against step 3")
    assert "6 vanished (not drawn)" in words_of(view)
    assert amount(picture(view), QRectF(view.canvas.rect()), LIGHT.error) == 0


def test_some_vanished_nodes_may_have_a_place(view: GraphView) -> None:
    view.set_graph(SHALLOW, layout_of(SHALLOW, dynamic_net(2)))
    view.set_difference(DEEP)
    assert "6 vanished (3 of them not drawn)" in words_of(view)


def test_copies_of_shared_leaves_are_compared_one_by_one(view: GraphView) -> None:
    shallow, deep = split_shared_alike([SHALLOW, DEEP])
    view.set_graph(deep, layout_of(shallow, deep))
    view.set_difference(shallow)
    found = marked(view, picture(view), keys_of(deep), LIGHT.update)
    copies = {key for key in found if key.startswith("middle_linear")}
    assert copies == {f"middle_linear.{part}@{number}" for part in ("weight", "bias") for number in (2, 3)}
    assert set(found) - copies == set(ONLY_DEEP)


def test_a_trace_against_itself(view: GraphView) -> None:
    view.set_graph(trace(), layout_of(trace()))
    view.set_difference(trace())
    assert words_of(view) == "the same structure: all 6 nodes stayed"
    contrast = view.canvas.contrast
    assert contrast is not None
    for changes in (contrast.nodes, contrast.edges, contrast.gone, contrast.gone_edges):
        assert changes == {}


def test_the_legend_explains_the_marks(view: GraphView, layout: Layout) -> None:
    legend = view.findChild(GraphLegend)
    assert isinstance(legend, GraphLegend)
    view.set_graph(DEEP, layout)
    plain = legend.words()
    view.set_difference(SHALLOW)
    view.set_progress(Progress())
    assert legend.words() == ["appeared", "vanished"]
    view.set_progress(None)
    view.set_difference(replace(DEEP, nodes=tuple(replace(node, shape=(7,)) for node in DEEP.nodes)))
    assert legend.words() == ["appeared", "vanished", "changed"]
    view.set_difference(None)
    assert legend.words() == plain == ["parameter", "operation", "loss"]


def test_marks_differ_without_their_colors(qtbot: QtBot) -> None:
    pictures = [_silhouette(change) for change in Change]
    assert all(first != second for first in pictures for second in pictures if first is not second)


def _silhouette(change: Change) -> list[bool]:
    """Which pixels of a mark are light, wherever its disc is."""
    side = round(2 * MARK_RADIUS)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.surface))
    painter = QPainter(image)
    MarkPainter(Colors(LIGHT)).paint_mark(painter, QPointF(side / 2, side / 2), change)
    painter.end()
    return [image.pixelColor(x, y).lightness() > 200 for x in range(side) for y in range(side)]


def test_the_tooltip_tells_what_became_of_a_node(view: GraphView, layout: Layout) -> None:
    view.set_graph(SHALLOW, layout)
    view.set_difference(DEEP)
    scene, contrast = scene_of(view), view.canvas.contrast
    told = tooltip(scene, scene.geometry.rectangles["addmm 3"].center(), False, contrast)
    assert "AddmmBackward0" in told
    assert "vanished" in told
    view.set_graph(DEEP, layout)
    view.set_difference(SHALLOW)
    scene, contrast = scene_of(view), view.canvas.contrast
    middle = {key: scene.geometry.rectangles[key].center() for key in ("addmm 3", "addmm 1")}
    assert "appeared" in tooltip(scene, middle["addmm 3"], False, contrast)
    assert "appeared" not in tooltip(scene, middle["addmm 1"], False, contrast)


@pytest.mark.parametrize("scale", [0.03, 0.15])
def test_a_difference_can_be_seen_from_afar(view: GraphView, layout: Layout, scale: float) -> None:
    view.set_graph(SHALLOW, layout)
    view.canvas.zoom(scale / view.canvas.viewport.scale)
    everything = QRectF(view.canvas.rect())
    assert amount(picture(view), everything, LIGHT.error) == 0
    view.set_difference(DEEP)
    assert amount(picture(view), everything, LIGHT.error) > 20
    assert amount(picture(view), everything, LIGHT.update) > 5


# Marks from outside.


def outlined(view: GraphView) -> set[str]:
    scene, image = scene_of(view), picture(view)
    found = set()
    for key in keys_of(scene.graph):
        box = box_of(view, key)
        if amount(image, QRectF(box.center().x() - 2, box.bottom() + 1, 4, 5), LIGHT.info) > 4:
            found.add(key)
    return found


def test_marked_nodes_are_outlined_until_others_are(view: GraphView, layout: Layout) -> None:
    view.set_graph(DEEP, layout)
    view.mark(["addmm 1", "clamp 1"])
    assert outlined(view) == {"addmm 1", "clamp 1"}
    view.mark(["addmm 2"])
    assert outlined(view) == {"addmm 2"}
    view.mark([])
    assert outlined(view) == set()


def test_what_is_searched_for_comes_before_what_is_marked(view: GraphView, layout: Layout) -> None:
    field = view.findChild(FindField)
    assert isinstance(field, FindField)
    view.set_graph(DEEP, layout)
    view.mark(["addmm 1"])
    field.setText("clamp 3")
    assert outlined(view) == {"clamp 3"}
    assert field.count == "0/1"
    field.setText("nothing has this name")
    assert outlined(view) == set()
    field.clear()
    assert outlined(view) == {"addmm 1"}
    assert field.count == ""


def test_a_marked_leaf_is_outlined_at_each_of_its_copies(view: GraphView) -> None:
    view.mark(["middle_linear.bias"])
    shallow, deep = split_shared_alike([SHALLOW, DEEP])
    view.set_graph(deep, layout_of(shallow, deep))
    assert outlined(view) == {f"middle_linear.bias@{number}" for number in (1, 2, 3)}


# Motion.


def at_rest(view: GraphView) -> bool:
    animation = view.canvas.findChild(QVariantAnimation)
    assert isinstance(animation, QVariantAnimation)
    return animation.state() is QAbstractAnimation.State.Stopped and not view.canvas.motion.running


def test_a_graph_fades_into_another_at_the_same_places(view: GraphView, layout: Layout, qtbot: QtBot) -> None:
    view.set_graph(SHALLOW, layout)
    before = picture(view)
    with qtbot.waitSignals([view.canvas.motion.moved, view.canvas.motion.finished]):
        view.set_graph(DEEP, layout, animate=True)
        assert picture(view) == before
        assert not at_rest(view)
    assert at_rest(view)
    animated = picture(view)
    view.set_graph(SHALLOW, layout)
    assert picture(view) == before
    view.set_graph(DEEP, layout)
    assert picture(view) == animated


def test_nodes_glide_to_places_in_another_layout(view: GraphView, layout: Layout, qtbot: QtBot) -> None:
    view.set_graph(SHALLOW, layout_of(SHALLOW))
    with qtbot.waitSignal(view.canvas.motion.finished):
        view.set_graph(DEEP, layout, animate=True)
        start = picture(view)
    end = picture(view)
    view.set_graph(None, None)
    view.set_graph(DEEP, layout)
    assert picture(view) == end != start


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_gliding_node_is_between_its_places(layout: Layout, share: float) -> None:
    narrow = layout_of(SHALLOW)
    before = RenderState(Scene(SHALLOW, Geometry(narrow)), Viewport(0.8, 30, 40), 700, 400)
    after = RenderState(Scene(DEEP, Geometry(layout)), Viewport(0.4, 10, 20), 700, 400)
    middle = between(before, after, share)
    assert {node.key for node in middle.scene.nodes} == set(keys_of(SHALLOW))
    assert middle.scene.uses[middle.scene.index("middle_linear.weight") or 0] == 3
    for key in keys_of(SHALLOW):
        start, here, end = (
            sight.viewport.to_widget(sight.scene.geometry.rectangles[key].topLeft())
            for sight in (before, middle, after)
        )
        assert here.x() == pytest.approx(start.x() + share * (end.x() - start.x()))
        assert here.y() == pytest.approx(start.y() + share * (end.y() - start.y()))


def test_another_graph_ends_a_motion_at_once(view: GraphView, layout: Layout, qtbot: QtBot) -> None:
    view.set_graph(SHALLOW, layout)
    view.set_graph(DEEP, layout, animate=True)
    with qtbot.waitSignal(view.canvas.motion.finished, timeout=0):
        view.set_graph(SHALLOW, layout)
    assert at_rest(view)


def test_another_view_ends_a_motion_at_once(view: GraphView, layout: Layout) -> None:
    acts: list[Callable[[], None]] = [lambda: view.canvas.zoom(1.5), view.hide, lambda: wear(DARK)]
    for act in acts:
        view.show()
        view.set_graph(SHALLOW, layout)
        view.set_graph(DEEP, layout, animate=True)
        assert not at_rest(view)
        act()
        assert at_rest(view)


def test_nothing_moves_unasked_unseen_or_unwanted(view: GraphView, layout: Layout) -> None:
    view.set_graph(SHALLOW, layout, animate=True)
    assert at_rest(view)  # There was no graph before.
    view.set_graph(DEEP, layout)
    assert at_rest(view)
    view.hide()
    view.set_graph(SHALLOW, layout, animate=True)
    assert at_rest(view)
    view.show()
    view.animated = False
    view.set_graph(DEEP, layout, animate=True)
    assert at_rest(view)
    view.animated = True
    view.set_graph(SHALLOW, layout, animate=True)
    assert not at_rest(view)
