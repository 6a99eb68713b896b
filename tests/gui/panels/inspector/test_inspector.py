"""The inspector: facts of a node, links to its neighbours, and a layout that stays where it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QLabel, QScrollArea, QScrollBar, QTextBrowser, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase
from tests.gui.themes import wear
from ui.panels.inspector.panel import EMPTY, NOT_RECORDED, Inspector
from ui.panels.inspector.parts import Column
from ui.style.theme import DARK, LIGHT

SHARED = "middle_linear.weight"
ADDMM = "AddmmBackward0(middle_linear)#2"
LONG = "transformer.layers.11.self_attention." + "a_name_without_any_blank_" * 6

LOSS_NODE = Node(0, "MseLossBackward0", NodeKind.LOSS, "loss", (), dtype="torch.float32", line=30)
ADDMM_NODE = Node(
    1, "AddmmBackward0", NodeKind.OPERATION, ADDMM, (64, 100), None, "torch.float32", "cuda:0", None, 26
)
WEIGHT_NODE = Node(2, "AccumulateGrad", NodeKind.PARAMETER, SHARED, (100, 100), SHARED)
CUSTOM_NODE = Node(3, "<b>Own & Backward", NodeKind.OPERATION, 'a "key" #3', None)

AUTOGRAD = Graph(
    nodes=(LOSS_NODE, ADDMM_NODE, WEIGHT_NODE, CUSTOM_NODE),
    # The gradient's way: the loss uses the product, which uses its inputs, one of them twice.
    edges=(Edge(0, 1, 0), Edge(1, 2, 2), Edge(1, 3, 1), Edge(3, 2, 0), Edge(3, 2, 1)),
    outputs=(0,),
)
TRACE = Graph(
    nodes=(
        Node(0, "randn", NodeKind.DATA, "x", (64, 1000), name="x"),
        Node(1, "dot", NodeKind.OPERATION, "dot", (64, 100), name="h", line=22, phase=Phase.FORWARD),
        Node(2, "less", NodeKind.OPERATION, "less", (64, 100), line=37, phase=Phase.BACKWARD),
    ),
    # The data's way.
    edges=(Edge(0, 1, 0), Edge(1, 2, 0)),
    kind=GraphKind.TRACE,
)


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(320, 420)
    with qtbot.waitActive(inspector):
        inspector.show()
    return inspector


def facts(inspector: Inspector) -> QTextBrowser:
    found = inspector.findChild(QTextBrowser, "inspector_facts")
    assert found is not None
    return found


def scroll_bar(inspector: Inspector) -> QScrollBar:
    area = inspector.findChild(QScrollArea, "inspector_scroll")
    assert area is not None
    return area.verticalScrollBar()


def table(inspector: Inspector) -> list[tuple[str, str]]:
    """The rows as one reads them."""
    cells = facts(inspector).toPlainText().strip().splitlines()
    return list(zip(cells[::2], cells[1::2], strict=True))


def link_at(inspector: Inspector, row: int) -> QPoint:
    """A place in the viewport on the link in this row of the table."""
    browser = facts(inspector)
    frame = browser.document().rootFrame().childFrames()[0]
    cursor = QTextCursor(browser.document())
    cursor.setPosition(frame.firstPosition())
    for _ in range(2 * row + 1):
        cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
    cursor.movePosition(QTextCursor.MoveOperation.Right, n=2)
    return browser.cursorRect(cursor).center()


def test_it_says_what_to_do_while_no_node_is_chosen(inspector: Inspector) -> None:
    assert inspector.text() == EMPTY
    inspector.show_node(AUTOGRAD, None)
    assert inspector.text() == EMPTY
    inspector.show_node(None, SHARED)
    assert inspector.text() == EMPTY
    shown = [label.text() for label in inspector.findChildren(QLabel) if label.isVisible()]
    assert NOT_RECORDED in shown


def test_a_node_that_this_graph_lacks_counts_as_none(inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, "w3")
    assert inspector.text() == EMPTY
    inspector.show_node(AUTOGRAD, SHARED)
    assert "AccumulateGrad" in inspector.text()


def test_facts_of_an_autograd_node(inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, ADDMM)
    assert inspector.key == ADDMM
    assert inspector.text().startswith("AddmmBackward0\n")
    assert table(inspector) == [
        ("parameter", "—"),
        ("shape", "64 × 100"),
        ("dtype", "torch.float32"),
        ("device", "cuda:0"),
        ("line", "26"),
        ("uses", "1"),
        ("input 1", "<b>Own & Backward "),
        ("input 2", f"{SHARED} 100 × 100"),
        ("used by", "MseLossBackward0 as input 0"),
    ]


def test_every_use_of_a_shared_parameter_is_listed(inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, SHARED)
    rows = table(inspector)
    assert ("uses", "3") in rows
    assert ("inputs", "—") in rows
    assert [value for label, value in rows if label == "used by"] == [
        "AddmmBackward0 as input 2",
        "<b>Own & Backward as input 0",
        "<b>Own & Backward as input 1",
    ]


def test_facts_of_a_trace(inspector: Inspector) -> None:
    inspector.show_node(TRACE, "dot")
    rows = dict(table(inspector))
    assert rows["variable"] == "h"
    assert rows["phase"] == "forward"
    assert rows["input 0"].startswith("x 64 × 1000")
    assert rows["used by"].startswith("less as input 0")


@pytest.mark.parametrize(
    ("op", "word"),
    [("AddmmBackward0", "bias"), ("AccumulateGrad", ".grad"), ("dot", "product"), ("SomethingNew7", "")],
)
def test_a_known_operation_is_explained_and_another_is_not(inspector: Inspector, op: str, word: str) -> None:
    node = replace(ADDMM_NODE, op=op)
    inspector.show_node(Graph(nodes=(node,)), node.key)
    words = inspector.findChild(Column, "inspector_words")
    assert words is not None
    assert word in words.text()
    assert bool(word) == bool(words.text()) == words.isVisible()


def test_a_click_on_a_link_names_the_other_node(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, ADDMM)
    chosen: list[str] = []
    inspector.node_chosen.connect(chosen.append)
    viewport = facts(inspector).viewport()
    for row in (6, 7, 8):
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=link_at(inspector, row))
    assert chosen == ['a "key" #3', SHARED, "loss"]
    assert inspector.key == ADDMM


def test_links_are_followed_by_keyboard(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, ADDMM)
    inspector.setFocus()
    browser = facts(inspector)
    assert browser.hasFocus()
    qtbot.keyClick(browser, Qt.Key.Key_Tab)
    qtbot.keyClick(browser, Qt.Key.Key_Tab)
    with qtbot.waitSignal(inspector.node_chosen) as blocker:
        qtbot.keyClick(browser, Qt.Key.Key_Return)
    assert blocker.args == [SHARED]


def test_the_tabulator_does_not_stay_in_the_panel(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, ADDMM)
    browser = facts(inspector)
    browser.setFocus()
    for _ in range(4):
        qtbot.keyClick(browser, Qt.Key.Key_Tab)
    assert not browser.hasFocus()


def test_setters_say_nothing(qtbot: QtBot, inspector: Inspector) -> None:
    with qtbot.assertNotEmitted(inspector.node_chosen):
        inspector.show_node(AUTOGRAD, ADDMM)
        inspector.show_node(TRACE, "dot")
        wear(DARK)
        inspector.show_node(None, None)


def test_rows_stay_where_they_are_for_every_node(inspector: Inspector) -> None:
    places = set()
    for node in AUTOGRAD.nodes:
        inspector.show_node(AUTOGRAD, node.key)
        labels = [label for label, _ in table(inspector)][:6]
        places.add((facts(inspector).geometry().top(), link_at(inspector, 5).y(), *labels))
    assert len(places) == 1


def test_the_same_node_in_the_next_graph_keeps_place_and_selection(inspector: Inspector) -> None:
    inspector.resize(320, 200)
    inspector.show_node(AUTOGRAD, ADDMM)
    browser = facts(inspector)
    browser.selectAll()
    selected = browser.textCursor().selectedText()
    bar = scroll_bar(inspector)
    bar.setValue(20)
    inspector.show_node(replace(AUTOGRAD), ADDMM)
    assert (bar.value(), browser.textCursor().selectedText()) == (20, selected)
    moved = replace(AUTOGRAD, nodes=(LOSS_NODE, replace(ADDMM_NODE, line=99), WEIGHT_NODE, CUSTOM_NODE))
    inspector.show_node(moved, ADDMM)
    assert ("line", "99") in table(inspector)
    assert bar.value() == 20
    inspector.show_node(moved, SHARED)
    assert bar.value() == 0


@pytest.mark.parametrize("width", [180, 320])
def test_long_names_are_never_cut_off(qtbot: QtBot, inspector: Inspector, width: int) -> None:
    node = replace(WEIGHT_NODE, op="Own" + "LongName" * 8, key=LONG, parameter=LONG)
    inspector.resize(width, 500)
    inspector.show_node(Graph(nodes=(node,)), LONG)
    qtbot.waitUntil(lambda: inspector.width() == width)
    assert LONG in inspector.text()
    part = inspector.findChild(QTextEdit, "inspector_facts")
    assert part is not None
    assert part.document().size().width() <= part.viewport().width()
    assert part.geometry().right() <= width


def test_ten_thousand_uses_are_counted_but_not_all_listed(inspector: Inspector) -> None:
    users = tuple(Node(i, "MulBackward0", NodeKind.OPERATION, f"m{i}") for i in range(1, 10_001))
    weight = Node(0, "AccumulateGrad", NodeKind.PARAMETER, "w", (1,), "w")
    inspector.show_node(Graph((weight, *users), tuple(Edge(i, 0, 0) for i in range(1, 10_001))), "w")
    assert "10000" in dict(table(inspector))["uses"]
    assert "… and 9900 more" in inspector.text()


def test_text_can_be_selected_and_copied(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.show_node(AUTOGRAD, ADDMM)
    for part in inspector.findChildren(QTextEdit):
        if part.isHidden():
            # A label is told of recordings only.
            continue
        part.setFocus()
        qtbot.keyClick(part, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(part, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text().split() == part.toPlainText().split() != []
        assert part.accessibleName()


@pytest.mark.parametrize("shown_before", [False, True])
def test_the_theme_reaches_every_text(qtbot: QtBot, shown_before: bool) -> None:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    if shown_before:
        inspector.show()
    wear(DARK)
    inspector.show_node(AUTOGRAD, ADDMM)
    inspector.show()
    for part in inspector.findChildren(QTextEdit):
        assert part.palette().text().color() == QColor(DARK.text)
    for label in inspector.findChildren(QLabel):
        assert label.palette().windowText().color().name() in (DARK.text, DARK.muted)
    assert DARK.muted in facts(inspector).toHtml()
    assert LIGHT.muted not in facts(inspector).toHtml()
    assert isinstance(inspector.focusProxy(), QWidget)
