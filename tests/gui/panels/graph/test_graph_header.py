"""The row above the graph: its caption is whole, its buttons make way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, focus
from tests.gui.panels.graph.drawings import dynamic_net, show, two_layers
from ui.panels.graph import GraphView
from ui.panels.graph.find import FindField
from ui.panels.graph.header import FOLD_SHORT, LONG, SHORT, SHORTEST, GraphHeader
from ui.widgets.eliding_label import ElidedLabel

CAPTION = "21 nodes · 24 edges · 6 parameters"
NARROW = 555
"""Pixels of the graph's place in a window of 1280 by 800."""


@pytest.fixture
def narrow(view: GraphView, qtbot: QtBot) -> GraphView:
    show(view, dynamic_net(3))
    view.set_caption(CAPTION)
    focus(qtbot, view.canvas)
    view.resize(NARROW, 400)
    qtbot.waitUntil(lambda: find(view, GraphHeader).width() == NARROW)
    return view


def caption(view: GraphView) -> str:
    return find(view, ElidedLabel, "graph_caption").text()


def button(view: GraphView, name: str) -> QToolButton:
    return find(view, QToolButton, f"graph_{name}")


def parts(view: GraphView) -> list[QWidget]:
    children = [each for each in find(view, GraphHeader).children() if isinstance(each, QWidget)]
    return sorted((each for each in children if each.isVisible()), key=lambda each: each.x())


def stand_apart(row: list[QWidget]) -> bool:
    return all(one.geometry().right() < other.x() for one, other in pairwise(row))


def test_the_caption_is_whole_in_a_small_window(narrow: GraphView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: caption(narrow) == CAPTION)
    assert button(narrow, "repeats").isVisible()
    assert button(narrow, "fit").isVisible()


def test_nothing_overlaps_while_somebody_searches(narrow: GraphView, qtbot: QtBot) -> None:
    field = find(narrow, FindField)
    small = field.width()
    focus(qtbot, field)
    QTest.keyClicks(field, "middle_linear")
    qtbot.waitUntil(lambda: field.width() > small and not button(narrow, "repeats").isVisible())
    qtbot.waitUntil(lambda: caption(narrow) == CAPTION)
    qtbot.waitUntil(lambda: stand_apart(parts(narrow)))
    assert parts(narrow)[-1].geometry().right() < NARROW
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: field.width() == small)


def test_buttons_say_more_where_there_is_room(narrow: GraphView, qtbot: QtBot) -> None:
    assert button(narrow, "repeats").text() == SHORT
    narrow.resize(900, 400)
    qtbot.waitUntil(lambda: button(narrow, "repeats").text() == LONG)
    assert button(narrow, "zoom_in").isVisible()


def test_both_toggles_have_room_in_a_small_window(narrow: GraphView, qtbot: QtBot) -> None:
    narrow.set_caption("108 nodes · 169 edges · 6 parameters")
    narrow.set_folds(True, True)
    qtbot.waitUntil(lambda: caption(narrow) == "108 nodes · 169 edges · 6 parameters")
    assert [button(narrow, name).text() for name in ("folds", "repeats")] == [FOLD_SHORT, SHORTEST]
    assert all(button(narrow, name).isVisible() for name in ("folds", "repeats", "fit"))


def test_there_is_nothing_to_repeat_where_nothing_is_shared(view: GraphView) -> None:
    show(view, two_layers())
    assert not button(view, "repeats").isVisible()
    show(view, dynamic_net(2))
    assert button(view, "repeats").isVisible()
    view.set_copies(True)
    show(view, two_layers())
    assert button(view, "repeats").isVisible(), "what is on can be switched off"


def test_the_button_tells_what_the_user_wants(narrow: GraphView) -> None:
    toggled: list[bool] = []
    narrow.copies_toggled.connect(toggled.append)
    for _ in range(2):
        button(narrow, "repeats").click()
    assert toggled == [True, False]


def test_buttons_say_what_they_do(view: GraphView) -> None:
    buttons = view.findChildren(QToolButton)
    assert all(each.toolTip() and each.accessibleName() for each in buttons)
    header = find(view, GraphHeader)
    keys = {each.key().toString() for each in header.findChildren(QShortcut)}
    assert keys == {"Ctrl++", "Ctrl+-", "Ctrl+0"}
