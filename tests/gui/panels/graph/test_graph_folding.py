"""A block of many uses, drawn as one node: what it shows, and how it is opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from playground.graph.folding import Folding, Repeats
from playground.graph.layout import lay_out
from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.graph.sizes import window_sizes
from playground.recording.flaws import Flaw, FlawedNode
from playground.recording.progress import Progress
from tests.gui.driver import click, find
from tests.gui.panels.graph.drawings import picture, place_of, scene_of
from ui.panels.graph import GraphView
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.progress import reach_of
from ui.panels.graph.remarks import Remarks

USES = 9


def use(number: int) -> str:
    return f"AddmmBackward0(layer)#{number}"


def repeated() -> Graph:
    """A layer used nine times in a row, with its weight at each use."""
    nodes = [
        Node(0, "SumBackward0", NodeKind.LOSS, "loss", ()),
        Node(1, "AccumulateGrad", NodeKind.PARAMETER, "layer.weight", (2, 2), parameter="layer.weight"),
    ]
    edges = [Edge(0, 2, 0)]
    for number in range(USES, 0, -1):
        place = len(nodes)
        nodes.append(Node(place, "AddmmBackward0", NodeKind.OPERATION, use(number), (2, 2)))
        edges.append(Edge(place, 1, 1))
        if number > 1:
            edges.append(Edge(place, place + 1, 0))
    return Graph(tuple(nodes), tuple(edges), outputs=(0,))


def draw_folded(view: GraphView, *open_keys: str) -> Folding:
    repeats = Repeats(repeated())
    folding = repeats.folded(repeats.uses_of(open_keys))
    assert folding is not None
    layout = lay_out(folding.graph, window_sizes(folding.graph))
    view.set_graph(folding.graph, layout, folding=folding)
    view.set_folds(True, True)
    return folding


def block_of(folding: Folding, first: int = 1) -> str:
    return next(key for key, block in folding.blocks.items() if block.first == first)


def test_a_block_counts_its_uses(view: GraphView) -> None:
    folding = draw_folded(view)
    scene = scene_of(view)
    assert {node.op for node in scene.nodes} == {"SumBackward0", "AccumulateGrad", f"layer × {USES}"}
    weight = scene.index("layer.weight")
    assert weight is not None
    assert scene.uses[weight] == USES
    box = scene.geometry.rectangles[block_of(folding)]
    text = tooltip(scene, box.center(), True)
    assert f"uses 1 to {USES} in a row" in text
    assert "unfold" in text


def test_progress_reaches_a_block_through_its_members(view: GraphView) -> None:
    folding = draw_folded(view, use(5))
    scene = scene_of(view)
    progress = Progress(
        current=frozenset({use(5)}),
        waiting=frozenset(use(number) for number in range(6, USES + 1)),
        differentiated=frozenset({use(1)}),
        edges=frozenset({(use(6), use(5), 0), (use(4), use(3), 0)}),
    )
    reach = reach_of(scene, progress)
    assert {scene.nodes[place].key for place in reach.current} == {use(5)}
    assert {scene.nodes[place].key for place in reach.waiting} == {block_of(folding, 6)}
    assert {scene.nodes[place].key for place in reach.differentiated} == {block_of(folding)}
    assert len(reach.travelled) == 1  # what lies inside a block is not seen


def test_a_click_or_enter_opens_a_block_and_selects_nothing(
    view: GraphView, selections: list[str], qtbot: QtBot
) -> None:
    folding = draw_folded(view)
    block = folding.blocks[block_of(folding)]
    with qtbot.waitSignal(view.block_opened) as opened:
        click(view.canvas, place_of(view, block_of(folding)))
    assert opened.args == [block]
    view.select("loss")
    QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    assert view.canvas.selected == block_of(folding)
    with qtbot.waitSignal(view.block_opened) as opened:
        QTest.keyClick(view.canvas, Qt.Key.Key_Return)
    assert opened.args == [block]
    assert selections == []


def test_the_toggle_is_there_only_where_something_repeats(view: GraphView) -> None:
    toggle = find(view, QToolButton, "graph_folds")
    assert not toggle.isVisible()
    view.set_folds(True, True)
    assert toggle.isVisible()
    toggle.click()
    assert not view.folds


@pytest.mark.parametrize("number", [1, 9])
def test_nan_inside_a_block_is_seen_on_it(view: GraphView, number: int) -> None:
    draw_folded(view)
    plain = picture(view)
    view.set_remarks(Remarks(flawed={use(number): FlawedNode(Flaw(3, 0))}))
    assert picture(view) != plain
