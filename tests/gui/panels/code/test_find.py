"""Finding in the code."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton

from tests.gui.driver import click, find
from ui.panels.code import CodeView
from ui.panels.code.find_bar import FindBar, places_of

CODE = "loss = 1\nx = 2  # Loss\n𝛌 = loss\n"
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def open_find(panel: CodeView, text: str = CODE) -> QLineEdit:
    panel.set_source("mine.py", text)
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_F, CONTROL)
    field = find(panel, QLineEdit, "code_find")
    assert field.hasFocus()
    return field


def count(panel: CodeView) -> str:
    return find(panel, QLabel, "code_find_count").text()


def place(panel: CodeView) -> tuple[int, str]:
    cursor = panel.editor.textCursor()
    return cursor.blockNumber() + 1, cursor.selectedText()


def test_enter_goes_on_and_shift_enter_back(panel: CodeView) -> None:
    field = open_find(panel)
    QTest.keyClicks(field, "loss")
    assert (place(panel), count(panel)) == ((1, "loss"), "1 of 3")
    seen = []
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Return)
        seen.append((*place(panel), count(panel)))
    assert seen == [(2, "Loss", "2 of 3"), (3, "loss", "3 of 3"), (1, "loss", "1 of 3")]
    QTest.keyClick(field, Qt.Key.Key_Return, SHIFT)
    assert place(panel) == (3, "loss")
    assert field.hasFocus()
    click(find(panel, QToolButton, "code_find_previous"))
    assert place(panel) == (2, "Loss")
    click(find(panel, QToolButton, "code_find_next"))
    assert place(panel) == (3, "loss")


def test_it_searches_on_from_the_caret(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    QTest.keyClick(panel.editor, Qt.Key.Key_Down)
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_F, CONTROL)
    field = find(panel, QLineEdit, "code_find")
    QTest.keyClicks(field, "los")
    assert place(panel) == (2, "Los")
    # Letter by letter, the same place as long as it matches.
    QTest.keyClicks(field, "s")
    assert place(panel) == (2, "Loss")


def test_what_is_selected_is_searched_for(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    for _ in range(4):
        QTest.keyClick(panel.editor, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(panel.windowHandle(), Qt.Key.Key_F, CONTROL)
    assert find(panel, QLineEdit, "code_find").text() == "loss"
    assert count(panel) == "1 of 3"


def test_escape_closes_and_gives_the_focus_back(panel: CodeView) -> None:
    field = open_find(panel)
    bar = find(panel, FindBar)
    QTest.keyClicks(field, "nowhere")
    assert count(panel) == "none"
    before = panel.editor.geometry()
    assert bar.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert panel.editor.hasFocus()
    # The bar takes the place of the header: no line of the code has moved.
    assert panel.editor.geometry() == before


def test_a_letter_for_the_window_stays_in_the_field(panel: CodeView) -> None:
    pressed: list[str] = []
    for keys in ("[", "Return", "Esc"):
        QShortcut(keys, panel).activated.connect(lambda keys=keys: pressed.append(keys))
    field = open_find(panel)
    for key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(panel.windowHandle(), key)
    assert field.text() == "["
    assert pressed == []


def test_typing_in_the_code_counts_anew(panel: CodeView) -> None:
    field = open_find(panel)
    QTest.keyClicks(field, "loss")
    panel.editor.setFocus()
    QTest.keyClick(panel.editor, Qt.Key.Key_End, CONTROL)
    QTest.keyClicks(panel.editor, " loss")
    assert count(panel) == "4"


def test_every_place_is_outlined_while_the_bar_is_open(panel: CodeView) -> None:
    plain = open_find(panel) and panel.editor.viewport().grab().toImage()
    field = find(panel, QLineEdit, "code_find")
    QTest.keyClicks(field, "= ")
    assert count(panel) == "1 of 3"
    assert panel.editor.viewport().grab().toImage() != plain
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(panel.editor, Qt.Key.Key_Home, CONTROL)
    panel.editor.clearFocus()
    assert panel.editor.viewport().grab().toImage() == plain


def test_places_are_counted_in_letters() -> None:
    assert places_of("", "abc") == []
    assert places_of("a.", "aa. A.𝛌a.") == [(1, 3), (4, 6), (7, 9)]
