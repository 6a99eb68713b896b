"""The place of the cursor within a recorded step, in the code."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QTextCursor
from PySide6.QtWidgets import QTextEdit
from pytestqt.qtbot import QtBot

from tests.gui.themes import wear
from ui.panels.code import CodeView
from ui.panels.code.gutter import Gutter
from ui.style.theme import DARK, LIGHT, Theme

FORWARD = "y_pred = x.mm(w1).clamp(min=0).mm(w2)"
CODE = f"""def step():
    # a comment with 𝛌 in it
    {FORWARD}
    loss = 𝛌(y_pred - y)
    wide = first(argument, another, {", ".join(f"number_{i}" for i in range(20))}).last()
    call(
        y_pred,
        # why
        y,
    )
    loss.backward()
"""
KINDS = {
    "node": "accent",
    "forward": "operation",
    "loss": "loss",
    "backward": "backward",
    "update": "update",
    "marked": "info",
    "error": "error",
}


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(330, 300)
    with qtbot.waitExposed(view):
        view.show()
    view.set_source("stage.py", CODE)
    return view


def spots(view: CodeView) -> list[tuple[str, str, int]]:
    """What is painted behind parts of lines: the text, the color, and its strength."""
    return [
        (each.cursor.selectedText(), color.name(), color.alpha())
        for each in selections(view)
        if each.cursor.hasSelection()
        for color in [each.format.background().color()]
    ]


def bands(view: CodeView) -> dict[int, tuple[str, int]]:
    """What is painted behind whole lines: the color and its strength."""
    return {
        each.cursor.blockNumber() + 1: (color.name(), color.alpha())
        for each in selections(view)
        if not each.cursor.hasSelection()
        for color in [each.format.background().color()]
    }


def selections(view: CodeView) -> list[QTextEdit.ExtraSelection]:
    found: list[QTextEdit.ExtraSelection] = view.editor.extraSelections()
    return found


def span_of(text: str, line: int) -> tuple[int, int, int, int]:
    column = CODE.splitlines()[line - 1].index(text)
    return line, column, line, column + len(text)


def sign(view: CodeView, line: int) -> QImage:
    """The gutter's left part at a line, where its sign is."""
    gutter = view.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    block = view.editor.document().findBlockByNumber(line - 1)
    row = view.editor.cursorRect(QTextCursor(block))
    letter = view.editor.fontMetrics().horizontalAdvance("9")
    return gutter.grab(QRect(0, row.top(), 2 * letter, row.height())).toImage()


def ink(image: QImage, color: str) -> int:
    """How many pixels have a color."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return pixels.count(QColor(color))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_color(view: CodeView, kind: str, theme: Theme) -> None:
    wear(theme)
    color = getattr(theme, KINDS[kind])
    view.mark_lines([2], kind)
    assert bands(view)[2][0] == color
    view.mark_lines([], kind)
    view.show_cursor(3, span_of("x.mm(w1)", 3), kind)
    assert bands(view)[3][0] == color
    assert [spot[:2] for spot in spots(view)] == [("x.mm(w1)", color)]


def test_the_expression_stands_out_from_its_line(view: CodeView) -> None:
    plain = view.editor.viewport().grab().toImage()
    view.show_cursor(3, span_of("x.mm(w1)", 3), "forward")
    assert spots(view)[0][2] > bands(view)[3][1]
    image = view.editor.viewport().grab().toImage()

    def background(text: str) -> QColor:
        """Right at the top of a character, above its ink."""
        block = view.editor.document().findBlockByNumber(2)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + 4 + FORWARD.index(text) + 1)
        place = view.editor.cursorRect(cursor)
        return image.pixelColor(place.left() + 2, place.top() + 1)

    inside, beside = background("x.mm"), background(".mm(w2)")
    assert background(".mm(w1)") == inside
    assert background("y_pred") == beside
    white = plain.pixelColor(plain.width() - 2, plain.height() - 2)
    weak, strong = (white.lightness() - each.lightness() for each in (beside, inside))
    assert weak > 10
    assert 1.6 * weak < strong < 3 * weak


def test_columns_count_characters(view: CodeView) -> None:
    view.show_cursor(4, span_of("(y_pred - y)", 4), "loss")
    assert spots(view)[0][0] == "(y_pred - y)"


def test_an_expression_of_several_lines_leaves_out_the_indentation(view: CodeView) -> None:
    view.show_cursor(6, (6, 4, 10, 5), "forward")
    assert [spot[0] for spot in spots(view)] == ["call(", "y_pred,", "# why", "y,", ")"]
    assert sorted(bands(view)) == [6, 7, 8, 9, 10]
    assert ink(sign(view, 6), LIGHT.operation) > 5
    assert ink(sign(view, 7), LIGHT.operation) == 0


@pytest.mark.parametrize("span", [(99, 0, 99, 5), (3, 200, 3, 300), (3, 9, 3, 9), (0, 0, 0, 4)])
def test_an_expression_outside_the_text_is_left_out(view: CodeView, span: tuple[int, int, int, int]) -> None:
    view.show_cursor(3, span, "forward")
    assert spots(view) == []
    assert 3 in bands(view)


def test_the_line_that_made_a_node_is_marked_more_weakly(view: CodeView) -> None:
    view.show_cursor(11, None, "backward", origin=3)
    marked = bands(view)
    assert {name for name, _ in marked.values()} == {LIGHT.backward}
    assert 0 < marked[3][1] < marked[11][1]
    full, hollow = (ink(sign(view, line), LIGHT.backward) for line in (11, 3))
    assert 0 < hollow < full
    view.show_cursor(11, None, "backward", origin=11)
    assert bands(view) == {11: marked[11]}


def test_the_cursor_goes_and_other_marks_stay(view: CodeView) -> None:
    view.mark_lines([2, 3], "marked")
    before = bands(view)
    assert before[2][1] < 30
    dot = ink(sign(view, 2), LIGHT.info)
    view.show_cursor(3, span_of("x.mm(w1)", 3), "forward")
    assert bands(view)[2] == before[2]
    assert bands(view)[3][0] == LIGHT.operation
    assert 0 < dot < ink(sign(view, 3), LIGHT.operation)
    view.show_cursor(None, None, "forward")
    assert bands(view) == before
    assert spots(view) == []


def test_another_text_and_another_theme(view: CodeView) -> None:
    view.show_cursor(3, span_of("x.mm(w1)", 3), "loss")
    wear(DARK)
    assert spots(view)[0][1] == bands(view)[3][0] == DARK.loss
    view.set_source("other.py", "a\nb\nc = 1")
    assert (spots(view), bands(view)) == ([], {})


def test_a_kind_that_nobody_knows_is_an_error(view: CodeView) -> None:
    with pytest.raises(ValueError, match="‘colorful’ is not one of node, forward"):
        view.show_cursor(1, None, "colorful")
    assert bands(view) == {}


def test_the_line_comes_into_view(view: CodeView) -> None:
    view.set_source("stage.py", "\n".join(f"line_{number} = {number}" for number in range(200)))
    view.show_cursor(150, None, "forward")
    line = view.editor.cursorRect(QTextCursor(view.editor.document().findBlockByNumber(149)))
    assert view.editor.viewport().rect().contains(line)


def test_an_expression_at_the_far_right_comes_into_view(view: CodeView) -> None:
    bar = view.editor.horizontalScrollBar()
    view.show_cursor(3, span_of("x.mm(w1)", 3), "forward")
    assert bar.value() == 0
    view.show_cursor(5, span_of("number_19", 5), "forward")
    there = bar.value()
    left, right = edges(view)
    assert 0 <= left < right <= view.editor.viewport().width()
    view.show_cursor(5, span_of("number_18", 5), "forward")
    assert bar.value() == there
    # What is wider than the view shows its beginning.
    whole = span_of("first", 5)[1]
    view.show_cursor(5, (5, whole, 5, len(CODE.splitlines()[4])), "forward")
    assert 0 <= edges(view)[0] < view.editor.viewport().width() / 4
    view.show_cursor(5, span_of("number_19", 5), "forward")
    view.show_cursor(11, None, "backward")
    assert bar.value() == 0


def test_the_left_margin_stays_where_the_expression_begins_in_sight(view: CodeView) -> None:
    letter = view.editor.fontMetrics().horizontalAdvance("x")
    room = view.editor.viewport().width() // letter
    name = "n" * (room - 12)
    view.set_source("stage.py", f"        first = {name}  # and more, far to the right\nshort = 1")
    view.show_cursor(1, (1, 16, 1, 16 + len(name)), "forward")
    assert view.editor.horizontalScrollBar().value() == 0
    view.show_cursor(2, (2, 8, 2, 9), "forward")
    assert view.editor.horizontalScrollBar().value() == 0


def edges(view: CodeView) -> tuple[int, int]:
    """Where the painted expression begins and ends in the view."""
    # A cursor lives no longer than its selection.
    painted = [each for each in selections(view) if each.cursor.hasSelection()]
    piece = painted[0].cursor
    start, end = QTextCursor(piece), QTextCursor(piece)
    start.setPosition(piece.selectionStart())
    end.setPosition(piece.selectionEnd())
    return view.editor.cursorRect(start).left(), view.editor.cursorRect(end).left()


def test_the_setter_is_silent(qtbot: QtBot, view: CodeView) -> None:
    with qtbot.assertNotEmitted(view.line_clicked):
        view.show_cursor(3, span_of("x.mm(w1)", 3), "forward", origin=2)
        view.show_cursor(None, None)
