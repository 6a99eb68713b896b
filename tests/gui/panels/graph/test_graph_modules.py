"""Modules in the graph's panel: boxes that open, frames that fold, and what is found inside them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from playground.graph.folding import Folding
from playground.graph.framed_layout import lay_out_framed
from playground.graph.model import Graph, NodeKind
from playground.graph.module_folding import ModuleFolds
from playground.graph.modules import Call, Chain
from playground.graph.sizes import window_sizes
from playground.recording.progress import Progress
from tests.gui.driver import click, colors_of, find
from tests.gui.panels.graph.drawings import Builder, picture, place_of, scene_of
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.progress import reach_of
from ui.panels.graph.remarks import Remarks
from ui.panels.graph.scene import frame_area, title_area
from ui.panels.graph.shapes import Colors
from ui.style.theme import DARK, LIGHT, Theme

BODY, HEAD = (Call("body", 1),), (Call("head", 1),)
FIRST, SECOND = (*BODY, Call("body.0", 1)), (*BODY, Call("body.1", 1))


def network() -> tuple[Graph, dict[str, Chain]]:
    """A body of two layers and a head, each with a weight."""
    build, known = Builder(), dict[str, Chain]()
    hidden: tuple[int, ...] = ()
    for name, call in (("body.0", FIRST), ("body.1", SECOND), ("head", HEAD)):
        weight = build.parameter(f"{name}.weight", (4, 4))
        for op in ("mm", "add"):
            key = f"{op} {name}"
            hidden = (
                build.add(f"{op.title()}Backward0", key, (2, 4), *hidden, *([weight] if op == "mm" else [])),
            )
            known[key] = call
    build.add("SumBackward0", "loss", (), *hidden, kind=NodeKind.LOSS)
    return build.graph(), known | {"loss": ()}


def draw(view: GraphView, *opened: Chain) -> Folding:
    folding = ModuleFolds(*network()).folded(opened)
    assert folding is not None
    layout = lay_out_framed(folding, window_sizes(folding.graph))
    view.set_graph(folding.graph, layout, folding=folding)
    view.set_folds(True, True, of_modules=True)
    return folding


def block_key(folding: Folding, title: str) -> str:
    return next(key for key, block in folding.blocks.items() if block.title == title)


def title_place(view: GraphView, call: Chain) -> QPoint:
    frame = next(each for each in scene_of(view).frames if each.call == call)
    strip = title_area(frame)
    place: QPointF = view.canvas.viewport.to_widget(QPointF(strip.left() + 20, strip.center().y()))
    return place.toPoint()


def test_a_folded_module_tells_what_is_in_it(view: GraphView) -> None:
    folding = draw(view)
    scene = scene_of(view)
    assert {block.title for block in folding.blocks.values()} == {"body", "head"}
    node = folding.graph.node(block_key(folding, "body"))
    assert node is not None
    assert vars_of(node) == ("body", ("6 nodes", "32 params"))
    box = scene.geometry.rectangles[node.key]
    text = tooltip(scene, box.center(), True, remarks=Remarks(events={Call("body", 1): 41}))
    for words in ("module body", "6 nodes", "32 numbers in parameters", "41 events", "Click or press Enter"):
        assert words in text


def vars_of(node: object) -> tuple[object, object]:
    return getattr(node, "title", None), getattr(node, "says", None)


def test_the_toggle_says_that_modules_are_folded(view: GraphView) -> None:
    draw(view)
    toggle = find(view, QToolButton, "graph_folds")
    assert toggle.accessibleName() == "Fold modules"
    assert toggle.isChecked()
    view.set_folds(True, False)
    assert toggle.accessibleName() == "Fold repeats"
    assert not toggle.isChecked()


def test_a_click_on_a_title_folds_its_module_and_selects_nothing(
    view: GraphView, selections: list[str], qtbot: QtBot
) -> None:
    draw(view, BODY, FIRST)
    assert [frame.title for frame in scene_of(view).frames] == ["body", "body.0"]
    for call in (FIRST, BODY):
        with qtbot.waitSignal(view.frame_folded) as folded:
            click(view.canvas, title_place(view, call))
        assert folded.args == [call]
    assert selections == []


def test_backspace_folds_the_module_around_the_selected_node(view: GraphView, qtbot: QtBot) -> None:
    draw(view, BODY, FIRST)
    view.select("mm body.0")
    with qtbot.waitSignal(view.frame_folded) as folded:
        QTest.keyClick(view.canvas, Qt.Key.Key_Backspace)
    assert folded.args == [FIRST]
    view.select(None)
    view.set_progress(Progress(current=frozenset({"add body.1"})))
    with qtbot.waitSignal(view.frame_folded) as folded:
        QTest.keyClick(view.canvas, Qt.Key.Key_Backspace)
    # The cursor is in a box of the body.
    assert folded.args == [BODY]


def test_a_parameter_in_a_frame_leaves_the_path_of_its_module_out(view: GraphView) -> None:
    folding = draw(view, BODY, FIRST)
    node = folding.graph.node("body.0.weight")
    assert node is not None
    assert getattr(node, "title", None) == "weight"
    assert node.parameter == "body.0.weight"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_frame_is_drawn_around_an_open_module(view: GraphView, theme: Theme) -> None:
    wear(theme)
    draw(view)
    assert Colors(theme).frame.name() not in colors_of(picture(view))
    draw(view, BODY)
    assert Colors(theme).frame.name() in colors_of(picture(view))
    area = frame_area(scene_of(view).frames[0])
    corner = view.canvas.viewport.to_widget(area.bottomRight() - QPointF(4.0, 4.0)).toPoint()
    ground: QColor = picture(view).pixelColor(corner)
    assert ground != QColor(theme.surface)


def test_now_is_on_the_box_that_holds_it(view: GraphView) -> None:
    folding = draw(view)
    scene = scene_of(view)
    progress = Progress(
        current=frozenset({"add body.0"}),
        waiting=frozenset({"mm body.1", "add body.1", "mm head", "add head", "head.weight"}),
    )
    reach = reach_of(scene, progress)
    assert {scene.nodes[place].key for place in reach.current} == {block_key(folding, "body")}
    # A box of which some is there already does not wait.
    assert {scene.nodes[place].key for place in reach.waiting} == {block_key(folding, "head")}
    plain = picture(view)
    view.set_progress(progress)
    assert picture(view) != plain


def test_what_is_searched_for_is_found_inside_boxes(view: GraphView, selections: list[str]) -> None:
    folding = draw(view)
    field = find(view, QLineEdit, "graph_find")
    field.setText("mm")
    # In the order of the data: both of the body, then that of the head.
    for expected in ("mm body.0", "mm body.1", "mm head"):
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert selections[-1] == expected
    assert view.canvas.found == {"mm body.0", "mm body.1", "mm head"}
    plain = picture(view)
    field.setText("head.weight")
    assert picture(view) != plain
    assert folding.graph.node("head.weight") is None


def test_edges_between_boxes_are_counted(view: GraphView) -> None:
    build = Builder()
    pair = [build.add("MulBackward0", f"a{number}", (2,)) for number in range(3)]
    sums = [build.add("AddBackward0", f"b{number}", (2,), *pair) for number in range(2)]
    build.add("SumBackward0", "loss", (), *sums, kind=NodeKind.LOSS)
    known: dict[str, Chain] = {f"a{number}": (Call("a", 1),) for number in range(3)}
    known |= {f"b{number}": (Call("b", 1),) for number in range(2)} | {"loss": ()}
    folding = ModuleFolds(build.graph(), known).folded(())
    assert folding is not None
    view.set_graph(folding.graph, lay_out_framed(folding, window_sizes(folding.graph)), folding=folding)
    scene = scene_of(view)
    assert len(scene.edges) == 2
    assert sorted(scene.merged.values()) == [2, 6]
    assert place_of(view, block_key(folding, "a")) != place_of(view, block_key(folding, "b"))
