"""Typing in the code: what keys do to it, and what the panel says of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QShortcut, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.driver import click, find
from ui.panels.code import CodeView
from ui.style.theme import LIGHT

CODE = """def step(x):
    h = relu(x @ w1)  # a (comment
    if h.any():
        return h
    return None
"""
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    view = CodeView()
    qtbot.addWidget(view)
    view.resize(496, 300)
    with qtbot.waitActive(view):
        view.show()
    view.set_source("mine.py", CODE)
    view.editor.setFocus()
    return view


def put_caret(view: CodeView, before: str, until: str = "") -> None:
    """Puts the caret before a text; a selection goes from there until before another."""
    cursor = view.editor.textCursor()
    start = view.text.index(before)
    cursor.setPosition(start)
    if until:
        cursor.setPosition(view.text.index(until, start), QTextCursor.MoveMode.KeepAnchor)
    view.editor.setTextCursor(cursor)


def type_keys(view: CodeView, *keys: Qt.Key | str, modifier: Qt.KeyboardModifier | None = None) -> None:
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(view.editor, key)
        else:
            QTest.keyClick(view.editor, key, modifier or Qt.KeyboardModifier.NoModifier)


def test_every_change_of_the_user_is_told_whole(view: CodeView) -> None:
    told: list[str] = []
    view.edited.connect(told.append)
    put_caret(view, "None")
    type_keys(view, "0,")
    assert told == [CODE.replace("None", "0None"), CODE.replace("None", "0,None")]
    type_keys(view, Qt.Key.Key_Z, modifier=CONTROL)
    assert told[-1] == view.text == CODE
    view.set_source("other.py", "x = 1\n")
    view.change_source("x = 2\n")
    view.set_edited(True, True)
    assert len(told) == 3
    assert view.text == "x = 2\n"


def test_rare_signs_stay_as_they_are(view: CodeView) -> None:
    view.set_source("rare.py", "x = '\u00a0\u2028\x0c𝛌'\n#")
    type_keys(view, Qt.Key.Key_End, modifier=CONTROL)
    type_keys(view, Qt.Key.Key_Left, "y")
    assert view.text == "x = '\u00a0\u2028\x0c𝛌'\ny#"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("if x:", "if x:\n    "),
        ("    if x:  # why", "    if x:  # why\n        "),
        ("x = 1  # note:", "x = 1  # note:\n"),
        ("x = 'a:'", "x = 'a:'\n"),
        ("    x = 1", "    x = 1\n    "),
        ("    return x", "    return x\n"),
        ("call(", "call(\n    "),
        ("call(first,", "call(first,\n     "),
        ("call((first),", "call((first),\n     "),
        ("call(')', [1,", "call(')', [1,\n           "),
        ("x = call(first)", "x = call(first)\n"),
        ("𝛌 = call(a,", "𝛌 = call(a,\n         "),
    ],
)
def test_a_new_line_is_as_deep_as_the_code_asks_for(view: CodeView, before: str, line: str) -> None:
    view.set_source("new.py", before)
    type_keys(view, Qt.Key.Key_End, modifier=CONTROL)
    type_keys(view, Qt.Key.Key_Return)
    assert view.text == line
    type_keys(view, Qt.Key.Key_Z, modifier=CONTROL)
    assert view.text == before


def test_within_a_text_of_several_lines_nothing_is_a_block(view: CodeView) -> None:
    view.set_source("doc.py", '"""\n  Note:\n"""')
    type_keys(view, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Return)
    assert view.text == '"""\n  Note:\n  \n"""'


def test_a_line_is_cut_without_the_blanks_between(view: CodeView) -> None:
    put_caret(view, " @ w1")
    type_keys(view, Qt.Key.Key_Return)
    assert "    h = relu(x\n             @ w1)" in view.text


def test_the_tabulator_indents_and_outdents(view: CodeView) -> None:
    put_caret(view, "def", until="if")
    type_keys(view, Qt.Key.Key_Tab)
    assert view.text.splitlines()[:3] == [
        "    def step(x):",
        "        h = relu(x @ w1)  # a (comment",
        "        if h.any():",
    ]
    type_keys(view, Qt.Key.Key_Backtab, modifier=SHIFT)
    assert view.text == CODE
    put_caret(view, "return h")
    type_keys(view, Qt.Key.Key_Backtab, modifier=SHIFT)
    assert "\n    return h\n" in view.text
    put_caret(view, "= relu")
    type_keys(view, Qt.Key.Key_Tab)
    # To the next level, not by four blanks.
    assert "    h   = relu" in view.text


@pytest.mark.parametrize("unit", ["  ", "\t", "        "])
def test_a_level_is_what_the_program_takes_for_one(view: CodeView, unit: str) -> None:
    view.set_source(
        "mine.py",
        f'''"""Note:
   a text."""
if x:
{unit}y = 1
''',
    )
    type_keys(view, Qt.Key.Key_End, modifier=CONTROL)
    type_keys(view, Qt.Key.Key_Return, "while y:", Qt.Key.Key_Return, "x")
    assert view.text.splitlines()[4:] == [f"{unit}while y:", f"{unit}{unit}x"]
    type_keys(view, Qt.Key.Key_Backtab, modifier=SHIFT)
    assert view.text.splitlines()[-1] == f"{unit}x"
    type_keys(view, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Tab, Qt.Key.Key_Tab, "z")
    assert view.text.splitlines()[-1] == f"{unit}{unit}z"


def test_a_bracket_that_is_gone_has_no_partner(view: CodeView) -> None:
    put_caret(view, "(x)")
    assert view.editor.hints.pair is not None
    type_keys(view, Qt.Key.Key_Delete)
    assert view.editor.hints.pair is None


def test_backspace_takes_a_level_of_blanks(view: CodeView) -> None:
    put_caret(view, "return h")
    type_keys(view, Qt.Key.Key_Backspace)
    assert "\n    return h\n" in view.text
    type_keys(view, " ", " ", Qt.Key.Key_Backspace)
    assert "\n    return h\n" in view.text
    put_caret(view, "= relu")
    type_keys(view, Qt.Key.Key_Backspace)
    assert "    h= relu" in view.text


def test_comments_come_and_go(view: CodeView) -> None:
    put_caret(view, "h = relu", until="return None")
    type_keys(view, Qt.Key.Key_Slash, modifier=CONTROL)
    lines = view.text.splitlines()
    assert lines[1:4] == ["    # h = relu(x @ w1)  # a (comment", "    # if h.any():", "    #     return h"]
    type_keys(view, Qt.Key.Key_Slash, modifier=CONTROL)
    assert view.text == CODE


@pytest.mark.parametrize("caret", ["(x):", "):", "(x @", ")  #"])
def test_the_bracket_at_the_caret_finds_its_partner(view: CodeView, caret: str) -> None:
    put_caret(view, caret)
    pair = view.editor.hints.pair
    assert pair is not None
    assert pair.other is not None
    assert {pair.here.selectedText(), pair.other.selectedText()} == {"(", ")"}
    assert pair.here.selectedText() == caret[0]
    start, end = sorted((pair.here.selectionStart(), pair.other.selectionStart()))
    assert CODE[start : end + 1] in ("(x)", "(x @ w1)")


def test_a_bracket_in_a_comment_is_none(view: CodeView) -> None:
    put_caret(view, "(comment")
    assert view.editor.hints.pair is None


@pytest.mark.parametrize("text", ["call([1, 2)", "(", ")", "'(' + ("])
def test_a_bracket_without_a_partner_is_marked_alone(view: CodeView, text: str) -> None:
    view.set_source("open.py", text)
    type_keys(view, Qt.Key.Key_End)
    pair = view.editor.hints.pair
    assert pair is not None
    assert pair.other is None


def test_brackets_of_many_lines(view: CodeView) -> None:
    view.set_source("many.py", "call(\n    '''\n)''',\n    {(1, [2])},\n)\n")
    for caret, line in (("(", 5), (")\n", 1), ("{", 4)):
        put_caret(view, caret if caret != ")\n" else "\n)\n")
        if caret == ")\n":
            type_keys(view, Qt.Key.Key_Right)
        pair = view.editor.hints.pair
        assert pair is not None
        assert pair.other is not None
        assert pair.other.blockNumber() + 1 == line


def test_keys_ask_for_what_others_do(qtbot: QtBot, view: CodeView) -> None:
    elsewhere: list[str] = []
    for keys in ("Ctrl+Return", "Ctrl+S", "Ctrl+F", "["):
        QShortcut(keys, view).activated.connect(lambda keys=keys: elsewhere.append(keys))
    handle = view.windowHandle()
    with qtbot.waitSignal(view.run_requested):
        QTest.keyClick(handle, Qt.Key.Key_Return, CONTROL)
    with qtbot.waitSignal(view.save_requested):
        QTest.keyClick(handle, Qt.Key.Key_S, CONTROL)
    assert view.text == CODE
    QTest.keyClick(handle, Qt.Key.Key_BracketLeft)
    assert view.text == f"[{CODE}"
    assert elsewhere == []


def test_an_edited_program_offers_what_to_do_with_it(qtbot: QtBot, view: CodeView) -> None:
    chip, copy = find(view, QLabel, "code_edited"), find(view, QToolButton, "code_copy")
    buttons = {name: find(view, QToolButton, f"code_{name}") for name in ("difference", "put_back", "save")}
    assert not any(widget.isVisible() for widget in (chip, *buttons.values()))
    assert copy.isVisible()
    view.set_edited(True, True)
    assert all(widget.isVisible() for widget in (chip, *buttons.values()))
    name = view.findChild(QLabel, "code_title")
    assert name is not None
    # In the width that the panel has at first, what is on the right leaves room for the file's name.
    assert find(view, QToolButton, "code_save").geometry().right() < 496
    assert chip.geometry().left() - name.geometry().right() > 70
    for signal, key in (
        (view.difference_requested, "difference"),
        (view.put_back_requested, "put_back"),
        (view.save_requested, "save"),
    ):
        with qtbot.waitSignal(signal):
            click(buttons[key])
    view.set_edited(True, False)
    assert [button.isEnabled() for button in buttons.values()] == [False, False, True]
    view.set_edited(False, False)
    assert not any(widget.isVisible() for widget in (chip, *buttons.values()))


def test_a_change_from_outside_keeps_the_caret_and_can_be_undone(view: CodeView) -> None:
    put_caret(view, "return None")
    type_keys(view, "x = 2; ")
    edited = view.text
    view.change_source("import torch\n" + edited.replace("w1", "weight_1"))
    assert view.text == "import torch\n" + edited.replace("w1", "weight_1")
    type_keys(view, "y")
    assert "    x = 2; yreturn None" in view.text
    for _ in range(2):
        type_keys(view, Qt.Key.Key_Z, modifier=CONTROL)
    assert view.text == edited
    type_keys(view, Qt.Key.Key_Z, modifier=CONTROL)
    assert view.text == CODE


def test_the_line_of_the_caret_is_told_by_its_number_alone(view: CodeView) -> None:
    put_caret(view, "h = relu")
    assert view.editor.caret_line == 2
    assert view.editor.number_color(is_caret=True).name() == LIGHT.text
    assert view.editor.extraSelections() == []
    view.editor.clearFocus()
    assert view.editor.caret_line is None


def test_a_file_that_is_dropped_is_not_for_the_text(view: CodeView) -> None:
    text, files = QMimeData(), QMimeData()
    text.setText("x = 1")
    files.setUrls([QUrl.fromLocalFile("/somewhere/mine.py")])
    assert view.editor.canInsertFromMimeData(text)
    assert not view.editor.canInsertFromMimeData(files)
