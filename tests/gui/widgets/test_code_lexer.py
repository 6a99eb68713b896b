"""The colors of code: Python's own tokenizer is asked, and a whole text against its lines one by one."""

from __future__ import annotations

import io
import keyword
import random
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.gui.themes import wear
from ui.style.theme import DARK, current_theme
from ui.widgets.code_highlighter import AT_ONCE, CodeHighlighter
from ui.widgets.code_lexer import lex_line, lex_lines

ROOT = Path(__file__).parents[3]
FILES = sorted(
    [*ROOT.glob("playground/stages/*.py"), *ROOT.glob("tests/programs/scripts/*.py"), Path(__file__)]
)
NASTY = '''x = f"{a!r:>{width}} {{no}} {d['k']:.3f}" + rb'\\'' + 'open\\
still' + """several
lines \\""" here""" + f\'\'\'{
x + 1:
}\'\'\'
def f(): return 0x1F_F, 1_000.5e-3j, .5, a.print, print  # "no string"
'''


def kinds(text: str) -> dict[tuple[int, int], str]:
    """The kind of each place, by line and column as Python counts them."""
    found = {}
    for number, (line, lexed) in enumerate(zip(text.split("\n"), lex_lines(text), strict=True), 1):
        place = [0]
        for letter in line:
            place.append(place[-1] + (2 if ord(letter) > 0xFFFF else 1))
        column = {unit: index for index, unit in enumerate(place)}
        for span in lexed.spans:
            for each in range(column[span.start], column[span.start + span.length]):
                found[number, each] = span.kind
    return found


def wanted(token: tokenize.TokenInfo) -> set[str]:
    if token.type == tokenize.NAME:
        return {"keyword"} if keyword.iskeyword(token.string) else {"name", "builtin", "decorator", "keyword"}
    if token.type == tokenize.STRING:
        return {"string"} if "f" not in token.string[:3].lower() else set()
    names = {
        tokenize.NUMBER: {"number"},
        tokenize.COMMENT: {"comment"},
        tokenize.OP: {"operator", "decorator"},
    }
    return names.get(token.type, set())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_token_has_its_kind(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = kinds(text)
    in_fields = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        # From Python 3.12 on, the parts of f-strings are tokens of their own.
        name = tokenize.tok_name[token.type]
        in_fields += (name == "FSTRING_START") - (name == "FSTRING_END")
        kind = wanted(token)
        if kind and not in_fields:
            assert found[token.start] in kind, token
            assert found[token.end[0], token.end[1] - 1] in kind, token


def test_fields_of_f_strings_are_code() -> None:
    line = """f"{x!r:>{width}} {{no}} {d['k']}" + y"""
    at = {column: kind for (_, column), kind in kinds(line).items()}
    for code in ("x!r", "width", "d[", "y"):
        assert at[line.index(code)] == "name"
    for text in ('f"', "{x", "{{no", "'k'", ":>", '" +'):
        assert at[line.index(text)] == "string"


@pytest.mark.parametrize(
    "text", ["def f(:\n  '''open", 'f"{x', 'f"{x:', "f'{a' + b", "'\\", "x = 1 ?$ \x00", "}{)("]
)
def test_broken_code_ends_with_its_line_or_stays_open(text: str) -> None:
    assert len(lex_lines(text)) == len(text.split("\n"))
    # Only what may go on over the end of a line does.
    assert bool(lex_lines(text)[-1].state) is ("'''" in text or text.endswith("\\"))


@settings(deadline=None)
@given(st.text("ab1. \n'\"\\{}:#fr()", max_size=60))
def test_any_text_keeps_its_letters(text: str) -> None:
    for line, lexed in zip(text.split("\n"), lex_lines(text), strict=True):
        ends = [0]
        for span in lexed.spans:
            assert span.start >= ends[-1]
            ends.append(span.start + span.length)
        assert ends[-1] <= len(line)
        assert len(lexed.bare) == len(line)
        for column, sign in lexed.brackets:
            assert line[column] == sign


class Listening(CodeHighlighter):
    """Remembers which lines it has read."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.read: list[str] = []

    def highlightBlock(self, text: str) -> None:
        self.read.append(text)
        super().highlightBlock(text)


def test_a_key_stroke_reads_its_own_line_alone(qtbot: QtBot) -> None:
    edit = QPlainTextEdit()
    qtbot.addWidget(edit)
    highlighter = Listening(edit.document())
    highlighter.read_document()
    edit.setPlainText("\n".join(f"line_{number} = call({number})" for number in range(2000)))
    qtbot.waitUntil(lambda: colored(edit) == expected(edit))
    highlighter.read.clear()
    QTest.keyClicks(edit, "x")
    assert highlighter.read == ["xline_0 = call(0)"]


def test_soft_keywords_are_names_elsewhere() -> None:
    assert lex_line("match x:").spans[0].kind == "keyword"
    assert lex_line("match = 1").spans[0].kind == "name"


def colored(edit: QPlainTextEdit) -> dict[tuple[int, int], str]:
    """The color of each place that has one, as it is painted."""
    found = {}
    block = edit.document().firstBlock()
    while block.isValid():
        for piece in block.layout().formats():
            for column in range(piece.start, piece.start + piece.length):
                found[block.blockNumber(), column] = piece.format.foreground().color().name()
        block = block.next()
    return found


def expected(edit: QPlainTextEdit) -> dict[tuple[int, int], str]:
    text = edit.document().toRawText().replace("\u2029", "\n")
    return {
        (number, column): current_theme().syntax[span.kind]
        for number, line in enumerate(lex_lines(text))
        for span in line.spans
        for column in range(span.start, span.start + span.length)
    }


def test_editing_colors_as_reading_would(qtbot: QtBot) -> None:
    edit = QPlainTextEdit()
    qtbot.addWidget(edit)
    highlighter = CodeHighlighter(edit.document())
    # Longer than what is colored in one go.
    edit.setPlainText(NASTY + "x = call(1)  # y\n" * 3 * AT_ONCE)
    assert colored(edit) == {}
    highlighter.read_document()
    qtbot.waitUntil(lambda: colored(edit) == expected(edit))
    chance = random.Random(1)
    for number in range(30):
        cursor = edit.textCursor()
        cursor.setPosition(chance.randrange(min(600, edit.document().characterCount())))
        if number % 4 == 3:
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor, 30)
        cursor.insertText(chance.choice(['"""', "'", "(", "\n", "'''", 'f"{', "}", "# "]))
        qtbot.waitUntil(lambda: colored(edit) == expected(edit))
    wear(DARK)
    highlighter.follow_theme()
    assert colored(edit) == expected(edit)
