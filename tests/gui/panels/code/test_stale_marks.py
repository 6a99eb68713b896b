"""Marks of a recording, while the text is edited: they keep to their lines, and say when they fit no more."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QTextCursor
from PySide6.QtTest import QTest

from ui.panels.code import CodeView
from ui.panels.code.gutter import Gutter
from ui.style.theme import LIGHT

CODE = "".join(f"line_{number} = call({number})\n" for number in range(1, 10))


def type_at(panel: CodeView, line: int, text: str) -> None:
    """Types at a line's start."""
    panel.editor.setTextCursor(QTextCursor(panel.editor.document().findBlockByNumber(line - 1)))
    for letter in text:
        if letter == "\n":
            QTest.keyClick(panel.editor, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(panel.editor, letter)


def bands(panel: CodeView) -> set[int]:
    return {
        each.cursor.blockNumber() + 1
        for each in panel.editor.extraSelections()
        if not each.cursor.hasSelection()
    }


def spans(panel: CodeView) -> list[str]:
    return [
        each.cursor.selectedText() for each in panel.editor.extraSelections() if each.cursor.hasSelection()
    ]


def stale(panel: CodeView) -> set[int]:
    return {line for line in range(1, 30) if panel.editor.is_stale(line)}


def changed(panel: CodeView) -> set[int]:
    return {line for line in range(1, 30) if panel.editor.is_changed(line)}


def test_marks_move_with_their_lines(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.mark_lines([2, 7], "marked")
    panel.show_cursor(5, (5, 9, 5, 16), "forward")
    type_at(panel, 4, "\n\n")
    assert bands(panel) == {2, 7, 9}
    assert panel.editor.cursor_line == 7
    assert spans(panel) == ["call(5)"]
    assert (stale(panel), changed(panel)) == (set(), {4, 5})
    # A later event of the same recording is shown where its line is now.
    panel.show_cursor(6, (6, 9, 6, 16), "forward")
    assert bands(panel) == {2, 8, 9}
    for _ in range(2):
        panel.editor.undo()
    assert bands(panel) == {2, 6, 7}
    assert changed(panel) == set()


def test_a_line_that_was_changed_is_stale_at_once(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.show_cursor(5, (5, 9, 5, 16), "forward")
    type_at(panel, 5, "x")
    assert stale(panel) == changed(panel) == {5}
    assert panel.editor.cursor_line == 5
    # The columns of its expressions are others, perhaps.
    assert spans(panel) == []
    QTest.keyClick(panel.editor, Qt.Key.Key_Backspace)
    assert stale(panel) == set()
    assert spans(panel) == ["call(5)"]


def test_a_line_that_is_gone_has_no_mark(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.show_cursor(5, None, "forward")
    type_at(panel, 5, "")
    QTest.keyClick(panel.editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(panel.editor, Qt.Key.Key_Delete)
    assert panel.editor.cursor_line is None
    assert bands(panel) == set()


def test_another_recording_brings_its_own_text(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    type_at(panel, 1, "\nx")
    assert changed(panel) == {1, 2}
    edited = panel.text
    # The program hears of the text and gives it back; what is recorded is as old as before.
    panel.change_source(edited)
    assert changed(panel) == {1, 2}
    panel.set_recorded_text(edited)
    panel.show_cursor(3, None, "forward")
    assert changed(panel) == set()
    assert bands(panel) == {3}


def test_what_a_control_changes_is_not_stale(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.show_cursor(8, None, "forward")
    type_at(panel, 2, "x")
    panel.change_source(panel.text.replace("call(8)", "call(80)").replace("xline", "yline"))
    assert stale(panel) == {2}
    assert changed(panel) == {2, 8}
    assert panel.editor.cursor_line == 8


def test_lines_that_others_know_to_be_stale(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.set_stale_lines([3, 4])
    assert stale(panel) == {3, 4}
    panel.set_stale_lines([])
    assert stale(panel) == set()
    assert panel.changed_lines(CODE) == set()
    assert panel.changed_lines(CODE.replace("call(2)", "other(2)")) == {2}


def test_bar_and_word_are_painted(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    panel.set_stale_lines([3])
    viewport, gutter = panel.editor.viewport(), panel.findChild(Gutter)
    assert isinstance(gutter, Gutter)
    for line, is_stale in ((2, False), (3, True)):
        place = panel.editor.cursorRect(QTextCursor(panel.editor.document().findBlockByNumber(line - 1)))
        right = QRect(viewport.width() - 60, place.top(), 60, place.height())
        assert has(viewport.grab(right).toImage(), LIGHT.warning_ground) is is_stale
        row = QRect(0, place.top(), gutter.width(), place.height())
        assert has(gutter.grab(row).toImage(), LIGHT.warning) is is_stale


def has(image: QImage, color: str) -> bool:
    wanted = QColor(color)
    return any(image.pixelColor(x, y) == wanted for x in range(image.width()) for y in range(image.height()))
