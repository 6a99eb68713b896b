"""Two programs beside each other: rows, marks, clicks, scrolling and both themes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QTextCursor
from pytestqt.qtbot import QtBot

from tests.gui.themes import wear
from ui.style.theme import DARK, LIGHT
from ui.widgets.side_by_side import CodePane, SideBySide

FIRST = "import torch\nx = 1\ny = 2\n" + "".join(f"z{number} = 0\n" for number in range(60))
SECOND = FIRST.replace("y = 2\n", "y = 3\nmore = 4\n")


@pytest.fixture
def view(qtbot: QtBot) -> SideBySide:
    widget = SideBySide()
    qtbot.addWidget(widget)
    widget.resize(800, 200)
    widget.set_texts(FIRST, SECOND, ("healthy", "faulty"))
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def click(qtbot: QtBot, pane: CodePane, row: int) -> None:
    block = pane.document().findBlockByNumber(row)
    place = pane.cursorRect(QTextCursor(block)).center() + QPoint(2, 0)
    qtbot.mouseClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_lines_stand_beside_their_counterparts(view: SideBySide) -> None:
    rows = view.text().splitlines()
    assert rows[1:5] == ["2 x = 1 | 2 x = 1", "3 y = 2 | 3 y = 3", " | 4 more = 4", "4 z0 = 0 | 5 z0 = 0"]


def test_a_mark_comes_into_sight_and_both_scroll(view: SideBySide) -> None:
    view.mark(50, 51)
    assert view.marked == (50, 51)
    assert "▶50 z46 = 0 | ▶51 z46 = 0" in view.text()
    left, right = (pane.verticalScrollBar().value() for pane in view.panes)
    assert left == right > 0
    view.mark(None, None)
    assert "▶" not in view.text()


def test_around_the_change_only(view: SideBySide) -> None:
    view.set_texts(FIRST, SECOND, context=1)
    assert len(view.text().splitlines()) == 6
    view.mark(None, 40)
    assert [row for row in view.text().splitlines() if "▶" in row] == ["39 z35 = 0 | ▶40 z35 = 0"]


def test_a_click_names_the_line_of_its_side(qtbot: QtBot, view: SideBySide) -> None:
    heard: list[tuple[bool, int]] = []
    view.line_clicked.connect(lambda second, line: heard.append((second, line)))
    click(qtbot, view.panes[0], 4)
    click(qtbot, view.panes[1], 4)
    # A row that only the other side has is no line.
    click(qtbot, view.panes[0], 3)
    assert heard == [(False, 4), (True, 5)]


def test_another_theme_is_worn_at_once(view: SideBySide) -> None:
    view.mark(1, 1)
    for theme in (DARK, LIGHT):
        wear(theme)
        selections = view.panes[1].extraSelections()
        ground = selections[0].format.background().color()
        assert ground.name() == QColor(theme.accent).name()
