"""Errors of the text, as they are typed."""

from __future__ import annotations

import ast
import warnings

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.gui.driver import find
from ui.panels.code import CodeView
from ui.panels.code.problems import WHOLE, find_problem
from ui.style.theme import LIGHT
from ui.widgets.eliding_label import ElidedLabel

PATIENCE = 10_000


def type_text(panel: CodeView, text: str) -> None:
    QTest.keyClick(panel.editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(panel.editor, text)


def test_an_error_is_told_at_the_foot_and_goes_when_it_is_mended(qtbot: QtBot, panel: CodeView) -> None:
    foot = find(panel, ElidedLabel, "code_problem")
    panel.set_source("mine.py", "x = 1\ny = ")
    with qtbot.waitSignal(panel.editor.problem_found, timeout=PATIENCE):
        pass
    with qtbot.waitSignal(panel.editor.problem_found, timeout=PATIENCE):
        type_text(panel, "(1,")
    assert foot.isVisible()
    assert foot.accessibleName() == "line 2: '(' was never closed"
    with qtbot.waitSignal(panel.editor.problem_found, timeout=PATIENCE):
        type_text(panel, ")")
    assert panel.editor.hints.problem is None
    assert not foot.isVisible()


def test_another_text_has_no_error_of_the_one_before(qtbot: QtBot, panel: CodeView) -> None:
    with qtbot.waitSignal(panel.editor.problem_found, timeout=PATIENCE):
        panel.set_source("mine.py", "x = (")
    foot = find(panel, ElidedLabel, "code_problem")
    assert foot.isVisible()
    panel.set_source("other.py", "x = 1")
    assert not foot.isVisible()


def test_the_place_is_underlined_and_says_why(qtbot: QtBot, panel: CodeView) -> None:
    panel.set_source("mine.py", "x = 1\ny = (2")
    with qtbot.waitSignal(panel.editor.problem_found, timeout=PATIENCE):
        pass
    image = panel.editor.viewport().grab().toImage()
    block = panel.editor.document().findBlockByNumber(1)
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + 4)
    bracket = panel.editor.cursorRect(cursor)
    red = QColor(LIGHT.error)
    rows = range(bracket.bottom() - 3, bracket.bottom() + 2)

    def reddest(left: int) -> int:
        return min(
            abs(color.green() - red.green()) + abs(color.blue() - red.blue())
            for x in range(left, left + 6)
            for y in rows
            for color in [image.pixelColor(x, y)]
        )

    assert reddest(bracket.left()) < 60 < reddest(bracket.left() + 60)
    place = bracket.center() + QPoint(2, 0)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, panel.editor.viewport().mapToGlobal(place))
    QApplication.sendEvent(panel.editor.viewport(), event)
    assert QToolTip.text() == "'(' was never closed"
    QToolTip.hideText()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = (1,\n  2\n",
        "def f(:\n pass",
        "x = 'abc",
        "for i in range(3):\npass",
        "x = '''abc\n\n",
        "return 1",
        "a = 1 +",
        "𝛌𝛌 = 1 +* 2",
        "x = 1\x00",
        "(" * 500,
        "\tif x:\n        y",
    ],
)
def test_problems_lie_in_the_text(text: str) -> None:
    problem = find_problem(text)
    if not text:
        assert problem is None
        return
    assert problem is not None
    lines = text.split("\n")
    assert 1 <= problem.line <= problem.end_line <= len(lines)
    assert 0 <= problem.column <= len(lines[problem.line - 1])
    assert 0 <= problem.end_column <= len(lines[problem.end_line - 1])
    assert problem.message


def test_the_words_are_pythons_own() -> None:
    text = "x = 1\n" * (WHOLE // 6 + 1) + "y = = 2"
    with pytest.raises(SyntaxError) as caught:
        ast.parse(text)
    problem = find_problem(text)
    assert problem is not None
    assert (problem.line, problem.message) == (caught.value.lineno, caught.value.msg)


def test_a_warning_is_no_problem() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_problem("x = '\\d'\nx is 1\n") is None
