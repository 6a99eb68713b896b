"""Names that go on from what was typed: those of the text at once, those of modules from Jedi's process."""

from __future__ import annotations

import gc
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.driver import click, find
from ui.panels.code import CodeView
from ui.panels.code.completion import GUESS, NameList
from ui.panels.code.names import Word, matching, names_in, word_before
from ui.widgets.code_lexer import lex_line

CODE = "import json\nlearning_rate = 1e-3  # learned\nlearner = 'learnable'\n"
CONTROL = Qt.KeyboardModifier.ControlModifier
PATIENCE = 60_000
"""Jedi's process starts, and reads modules, in competition with all else."""


def type_at_end(panel: CodeView, *keys: Qt.Key | str) -> None:
    QTest.keyClick(panel.editor, Qt.Key.Key_End, CONTROL)
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(panel.editor, key)
        else:
            QTest.keyClick(panel.editor, key)


def names(panel: CodeView) -> list[str]:
    found = find(panel, NameList)
    return found.names if found.isVisible() else []


def test_two_letters_call_the_names_of_the_text(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    type_at_end(panel, Qt.Key.Key_Return, "l")
    assert names(panel) == []
    QTest.keyClicks(panel.editor, "e")
    # Neither of the comment nor of the string; Python's own names count.
    assert names(panel) == ["learner", "learning_rate", "len"]
    QTest.keyClicks(panel.editor, "arni")
    assert names(panel) == ["learning_rate"]
    QTest.keyClick(panel.editor, Qt.Key.Key_Tab)
    assert panel.text.endswith("\nlearning_rate\n")
    assert names(panel) == []
    QTest.keyClick(panel.editor, Qt.Key.Key_Z, CONTROL)
    assert panel.text.endswith("\nlearni\n")


def test_arrows_choose_and_enter_takes(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    edited: list[str] = []
    type_at_end(panel, Qt.Key.Key_Return, "le", Qt.Key.Key_Down)
    panel.edited.connect(edited.append)
    QTest.keyClick(panel.editor, Qt.Key.Key_Return)
    assert panel.text.endswith("\nlearning_rate\n")
    assert edited == [panel.text]
    # Nothing is listed now: the key is for the text.
    QTest.keyClick(panel.editor, Qt.Key.Key_Return)
    assert panel.text.endswith("\nlearning_rate\n\n")


def test_a_click_takes(panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    type_at_end(panel, Qt.Key.Key_Return, "le")
    found = find(panel, NameList)
    click(found.viewport(), found.visualItemRect(found.item(1)).center())
    assert panel.text.endswith("\nlearning_rate\n")


def test_enter_after_a_whole_name_begins_a_line(panel: CodeView) -> None:
    panel.set_source("mine.py", "x = 1\npassing = 2\n")
    type_at_end(panel, Qt.Key.Key_Return, "pass")
    assert names(panel) == ["pass", "passing"]
    QTest.keyClick(panel.editor, Qt.Key.Key_Return)
    assert panel.text.endswith("\npass\n\n")


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Home])
def test_other_keys_close_the_list(panel: CodeView, key: Qt.Key) -> None:
    panel.set_source("mine.py", CODE)
    type_at_end(panel, Qt.Key.Key_Return, "le")
    assert names(panel)
    QTest.keyClick(panel.editor, key)
    assert names(panel) == [] or key == Qt.Key.Key_Left
    assert panel.text.endswith("\nle\n")
    assert panel.editor.hasFocus()


def test_nothing_is_listed_in_texts_comments_and_numbers(panel: CodeView) -> None:
    for line in ("# le", "x = 'le", "x = 1e", "x = 0xle", "x = 12le"):
        panel.set_source("mine.py", CODE)
        type_at_end(panel, Qt.Key.Key_Return, line)
        assert names(panel) == [], line


def test_what_a_module_holds_is_known(qtbot: QtBot, panel: CodeView) -> None:
    panel.set_source("mine.py", CODE)
    type_at_end(panel, Qt.Key.Key_Return, "json.")
    qtbot.waitUntil(lambda: "dumps" in names(panel), timeout=PATIENCE)
    QTest.keyClicks(panel.editor, "dump")
    assert names(panel) == ["dump", "dumps"]
    QTest.keyClick(panel.editor, Qt.Key.Key_Down)
    QTest.keyClick(panel.editor, Qt.Key.Key_Return)
    QTest.keyClicks(panel.editor, "(1)")
    assert panel.text.endswith("\njson.dumps(1)\n")


def test_a_value_of_which_nothing_is_known_may_be_a_tensor(
    qtbot: QtBot, panel: CodeView, tmp_path: Path
) -> None:
    # In place of PyTorch, which takes Jedi seconds to read; a program's own folder comes first.
    (tmp_path / "torch.py").write_text(
        "from typing import Any\ndef call() -> Any: ...\n"
        "class Tensor:\n    backward = baddbmm = clone = None\n"
    )
    panel.set_path(str(tmp_path / "mine.py"))
    panel.set_source("mine.py", "import torch\ny = torch.call()\n")
    type_at_end(panel, Qt.Key.Key_Return, "y.")
    qtbot.waitUntil(lambda: bool(names(panel)), timeout=PATIENCE)
    found = find(panel, NameList)
    assert found.item(0).text() == GUESS
    QTest.keyClicks(panel.editor, "b")
    assert names(panel) == ["backward", "baddbmm"]
    # The heading is passed over in both directions.
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_Tab):
        QTest.keyClick(panel.editor, key)
    assert panel.text.endswith("\ny.backward\n")


def test_the_process_ends_with_the_editor(qtbot: QtBot) -> None:
    before = set(psutil.Process().children())
    panel = CodeView()
    panel.show()
    panel.set_source("mine.py", CODE)
    panel.editor.setFocus()
    with qtbot.waitSignal(panel.editor.completion.server.answered, timeout=PATIENCE):
        panel.editor.completion.server.ask(CODE, 3, 0, "")
    assert set(psutil.Process().children()) - before
    panel.deleteLater()
    del panel
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert set(psutil.Process().children()) == before


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("lear", Word(0, "lear", False)),
        ("x = nn.Li", Word(7, "Li", True)),
        ("x.", Word(2, "", True)),
        ("f(x).y", Word(5, "y", True)),
        ("'a'.jo", Word(4, "jo", True)),
        ("𝛌𝛌.a", Word(3, "a", True)),
        ("x = ", None),
        ("1.", None),
        ("1.e", None),
        ("1e", None),
        ("# lear", None),
        ("'lear", None),
        ("f'{lear", Word(3, "lear", False)),
    ],
)
def test_the_word_before_the_caret(line: str, word: Word | None) -> None:
    assert word_before(line, len(line), lex_line(line)) == word


def test_private_names_come_last_and_only_when_asked_for() -> None:
    known = ["_private", "Linear", "linear", "__init__", "lines"]
    assert matching(known, "") == ["Linear", "linear", "lines", "_private"]
    assert matching(known, "Li") == ["Linear", "linear", "lines"]
    assert matching(known, "__") == ["__init__"]


def test_the_word_itself_is_a_name_where_it_stands_elsewhere() -> None:
    assert "lear" not in names_in("lear", Word(0, "lear", False))
    assert "lear" in names_in("lear = lear", Word(7, "lear", False))
