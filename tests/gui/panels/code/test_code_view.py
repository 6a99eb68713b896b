"""The code panel: colors, marks, scrolling, clicks, copying and zoom."""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QShortcut, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import turn_wheel
from tests.gui.themes import wear
from ui.panels.code import CodeView
from ui.panels.code.gutter import Gutter
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.code_highlighter import spans_of

CODE = '''"""A text with everything.

It goes on.
"""

import numpy as np


@np.vectorize
def train(steps: int = 500) -> None:
    for step in range(steps):
        h = np.maximum(3.5e-1 * step, 0)  # the 𝛌 of ∂L and “quotes”
        print(f"{step} {h!r}", '𝛌', h if h is not None else True)
'''


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(420, 300)
    with qtbot.waitActive(view):
        view.show()
    return view


def long_code(lines: int) -> str:
    return "\n".join(f"line_{number} = {number}" for number in range(1, lines + 1))


def middle_of(view: CodeView, line: int) -> QPoint:
    block = view.editor.document().findBlockByNumber(line - 1)
    return view.editor.cursorRect(QTextCursor(block)).center() + QPoint(20, 0)


def color_at(view: CodeView, line: int, column: int) -> str:
    """Color that Qt paints the character in, as the highlighter left it in the layout."""
    block = view.editor.document().findBlockByNumber(line - 1)
    for span in block.layout().formats():
        if span.start <= column < span.start + span.length:
            return span.format.foreground().color().name()
    return ""


def bands(view: CodeView) -> dict[int, str]:
    return {
        selection.cursor.blockNumber() + 1: selection.format.background().color().name()
        for selection in view.editor.extraSelections()
    }


def test_the_text_is_shown_as_it_is(view: CodeView) -> None:
    view.set_source("stage.py", CODE)
    assert view.editor.toPlainText() == CODE.removesuffix("\n")
    assert not view.editor.isReadOnly()
    assert view.text == CODE
    assert view.editor.lineWrapMode() is view.editor.LineWrapMode.NoWrap
    assert view.editor.accessibleName()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colors_agree_with_pythons_own_tokenizer(view: CodeView, theme: Theme) -> None:
    view.set_source("stage.py", CODE)
    wear(theme)
    checked = set()
    for token in tokenize.generate_tokens(io.StringIO(CODE).readline):
        line, column = token.start
        # Python counts characters, Qt counts UTF-16 units.
        column += sum(ord(letter) > 0xFFFF for letter in token.line[:column])
        kind = ""
        if keyword.iskeyword(token.string):
            kind = "keyword"
        elif token.type == tokenize.NUMBER:
            kind = "number"
        elif token.type == tokenize.COMMENT:
            kind = "comment"
        elif token.type == tokenize.STRING and "{" not in token.string:
            kind = "string"
        elif token.string in ("range", "int") and hasattr(builtins, token.string):
            kind = "builtin"
        elif token.string in ("steps", "h"):
            kind = "name"
        elif token.string in ("=", "*", "->"):
            kind = "operator"
        if kind and 'f"' not in token.line[: token.start[1]]:
            assert color_at(view, line, column) == theme.syntax[kind], token
            checked.add(kind)
    assert checked == set(theme.syntax) - {"decorator"}
    assert color_at(view, 9, 0) == theme.syntax["decorator"]
    assert color_at(view, 3, 3) == theme.syntax["string"]


@pytest.mark.parametrize("text", ["", "\n\n", "def broken(:\n  '''open", CODE, "x\ty = 1", "\x00\x0c a"])
def test_coloring_keeps_the_lines_of_any_text(text: str) -> None:
    assert len(spans_of(text)) == len(text.split("\n"))


def test_a_name_goes_into_the_header(view: CodeView) -> None:
    view.set_source("playground/stages/" + "very_" * 40 + "long.py", CODE)
    label = view.findChild(QWidget, "code_file")
    assert label is not None
    assert label.toolTip().endswith("long.py")
    copy = view.findChild(QToolButton, "code_copy")
    assert copy is not None
    assert label.geometry().right() < copy.geometry().left()


def test_marks_are_replaced_by_kind(view: CodeView) -> None:
    view.set_source("stage.py", CODE)
    view.mark_lines([2, 3])
    view.mark_lines([5], "update")
    view.mark_lines({3, 4, 999, 0})
    assert bands(view) == {3: LIGHT.accent, 4: LIGHT.accent, 5: LIGHT.update}
    wear(DARK)
    assert bands(view) == {3: DARK.accent, 4: DARK.accent, 5: DARK.update}
    view.mark_lines([])
    assert bands(view) == {5: DARK.update}
    view.set_source("other.py", "pass")
    assert bands(view) == {}


def test_a_kind_that_nobody_knows_is_an_error(view: CodeView) -> None:
    view.set_source("stage.py", CODE)
    with pytest.raises(ValueError, match="‘colorful’ is not one of node"):
        view.mark_lines([1], "colorful")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_marks_are_painted_in_text_and_gutter(view: CodeView, theme: Theme) -> None:
    wear(theme)
    view.set_source("stage.py", long_code(9))
    plain = view.editor.grab().toImage()
    view.mark_lines([4])
    marked = view.editor.grab().toImage()
    ratio = marked.devicePixelRatio()
    top = view.editor.viewport().pos().y()
    rows = {line: int((middle_of(view, line).y() + top) * ratio) for line in (3, 4, 5)}
    for column in (2, marked.width() - 40):
        assert marked.pixelColor(column, rows[3]) == plain.pixelColor(column, rows[3])
        assert marked.pixelColor(column, rows[4]) != plain.pixelColor(column, rows[4])
    gutter = range(int(view.editor.viewport().pos().x() * ratio))
    assert QColor(theme.accent) in [marked.pixelColor(column, rows[4]) for column in gutter]


def test_scrolling_to_a_line_brings_it_into_sight_once(view: CodeView) -> None:
    view.set_source("stage.py", long_code(200))
    bar = view.editor.verticalScrollBar()
    view.scroll_to(120)
    there = bar.value()
    height = view.editor.viewport().height()
    assert height / 4 < middle_of(view, 120).y() < height * 3 / 4
    view.scroll_to(121)
    assert bar.value() == there
    for line in (0, 201, -5):
        view.scroll_to(line)
    assert bar.value() == there


def test_the_same_source_again_keeps_the_place(view: CodeView) -> None:
    view.set_source("stage.py", long_code(200))
    view.scroll_to(150)
    view.mark_lines([150])
    there = view.editor.verticalScrollBar().value()
    view.set_source("stage.py", long_code(200))
    assert view.editor.verticalScrollBar().value() == there
    assert bands(view) == {150: LIGHT.accent}
    view.set_source("stage.py", long_code(199))
    assert view.editor.verticalScrollBar().value() == 0


def test_a_click_names_its_line(qtbot: QtBot, view: CodeView) -> None:
    view.set_source("stage.py", long_code(200))
    view.scroll_to(120)
    lines: list[int] = []
    view.line_clicked.connect(lines.append)
    qtbot.mouseClick(view.editor.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(view, 121))
    gutter = view.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    qtbot.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=QPoint(5, middle_of(view, 118).y()))
    assert lines == [121, 118]
    qtbot.keyClick(view.editor, Qt.Key.Key_Down)
    qtbot.keyClick(view.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert lines == [121, 118, 122]


def test_no_line_is_clicked_by_selecting_or_below_the_end(qtbot: QtBot, view: CodeView) -> None:
    view.set_source("stage.py", long_code(3))
    viewport = view.editor.viewport()
    with qtbot.assertNotEmitted(view.line_clicked):
        qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=middle_of(view, 2))
        QTest.mouseMove(viewport, middle_of(view, 2) + QPoint(40, 0))
        qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle_of(view, 2) + QPoint(40, 0))
        assert view.editor.textCursor().hasSelection()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(30, viewport.height() - 3))
        qtbot.mouseClick(viewport, Qt.MouseButton.RightButton, pos=middle_of(view, 2))


def test_setters_say_nothing(qtbot: QtBot, view: CodeView) -> None:
    with qtbot.assertNotEmitted(view.line_clicked):
        view.set_source("stage.py", CODE)
        view.mark_lines([1, 2])
        view.scroll_to(3)
        wear(DARK)


def test_copying(qtbot: QtBot, view: CodeView) -> None:
    view.set_source("stage.py", CODE)
    view.editor.setFocus()
    qtbot.keyClick(view.editor, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view.editor, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view.editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == CODE.splitlines()[0]
    button = view.findChild(QToolButton, "code_copy")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == CODE


def test_the_wheel_zooms_with_control(view: CodeView) -> None:
    view.set_source("stage.py", long_code(200))
    gutter = view.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    points, width = view.editor.font().pointSizeF(), gutter.width()
    for _ in range(3):
        turn_wheel(view.editor.viewport(), 120, keys=Qt.KeyboardModifier.ControlModifier)
    assert view.editor.font().pointSizeF() == points + 3
    assert gutter.width() > width
    for _ in range(100):
        turn_wheel(view.editor.viewport(), -120, keys=Qt.KeyboardModifier.ControlModifier)
    assert 4 < view.editor.font().pointSizeF() < points
    for _ in range(100):
        turn_wheel(view.editor.viewport(), 120, keys=Qt.KeyboardModifier.ControlModifier)
    assert points < view.editor.font().pointSizeF() < 60
    assert view.editor.verticalScrollBar().value() == 0


def test_keys_zoom_the_code_only_while_it_has_the_focus(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    view, other = CodeView(), QToolButton()
    layout.addWidget(view)
    layout.addWidget(other)
    elsewhere: list[str] = []
    for keys in ("Ctrl++", "Ctrl+0"):
        QShortcut(keys, window).activated.connect(lambda keys=keys: elsewhere.append(keys))
    with qtbot.waitActive(window):
        window.show()
    points = view.editor.font().pointSizeF()
    view.editor.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Plus, control)
    assert view.editor.font().pointSizeF() == points + 1
    QTest.keyClick(handle, Qt.Key.Key_0, control)
    assert view.editor.font().pointSizeF() == points
    assert elsewhere == []
    other.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Plus, control)
    QTest.keyClick(handle, Qt.Key.Key_0, control)
    assert elsewhere == ["Ctrl++", "Ctrl+0"]
    assert view.editor.font().pointSizeF() == points


def test_the_tabulator_leaves_the_code_after_escape(qtbot: QtBot, view: CodeView) -> None:
    view.set_source("stage.py", CODE)
    view.editor.setFocus()
    assert view.editor.hasFocus()
    for back in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        qtbot.keyClick(view.editor, Qt.Key.Key_Escape)
        qtbot.keyClick(view.editor, back)
        assert not view.editor.hasFocus()
        assert view.text == CODE
        view.editor.setFocus()
    # Any other key in between, and it is for the text again.
    qtbot.keyClick(view.editor, Qt.Key.Key_Escape)
    qtbot.keyClick(view.editor, Qt.Key.Key_Down)
    qtbot.keyClick(view.editor, Qt.Key.Key_Tab)
    assert view.editor.hasFocus()
    assert view.text != CODE


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_theme_reaches_a_panel_that_was_never_shown(qtbot: QtBot, theme: Theme) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    for each in (DARK, LIGHT, theme):
        wear(each)
    view.show()
    assert view.editor.palette().text().color().name() == theme.text
    label = view.findChild(QWidget, "code_file")
    assert label is not None
    assert label.palette().windowText().color().name() == theme.muted


def test_a_changed_value_lights_up_and_nothing_moves(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(300, 120)
    view.show()
    before = "\n".join(f"line_{number} = {number}" for number in range(60))
    view.set_source("own.py", before)
    view.editor.verticalScrollBar().setValue(20)
    view.mark_lines([25], "node")
    view.change_source(before.replace("line_30 = 30", "line_30 = 1e-3"))
    assert view.editor.verticalScrollBar().value() == 20
    assert view.editor.mark(25) is not None
    lit = [each.cursor.selectedText() for each in view.editor.extraSelections()]
    assert "1e-3" in lit
    qtbot.waitUntil(
        lambda: "1e-3" not in [each.cursor.selectedText() for each in view.editor.extraSelections()],
        timeout=10_000,
    )
    # A line that comes in is lit as a whole; marks would stand on other lines then.
    view.change_source("import os\n" + before)
    assert [each.cursor.selectedText().rstrip("\u2029") for each in view.editor.extraSelections()][:1] == [
        "import os"
    ]
    assert view.editor.mark(25) is None
