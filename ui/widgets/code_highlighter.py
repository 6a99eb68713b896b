"""Syntax colors of a Python text, found by Pygments for the whole text at once."""

from __future__ import annotations

from dataclasses import dataclass

from pygments.lexers.python import PythonLexer
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    _TokenType,
    is_token_subtype,
)
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextDocument

from ui.style.theme import current_theme

_KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Operator, "operator"),
    (Punctuation, "operator"),
    (String, "string"),
    (Number, "number"),
    (Name.Decorator, "decorator"),
    (Name.Builtin, "builtin"),
    (Name.Exception, "builtin"),
)
"""Kinds of token and their names in `Theme.syntax`; the first that fits counts, else it is a name."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one color: where it starts and how long it is, in UTF-16 units as Qt counts."""

    start: int
    length: int
    kind: str


class CodeHighlighter(QSyntaxHighlighter):
    """Colors a document that is replaced as a whole and never edited."""

    def __init__(self, document: QTextDocument) -> None:
        """Colors nothing before `read_document` is called."""
        super().__init__(document)
        self._theme = current_theme()
        self._lines: list[list[Span]] = []

    def read_document(self) -> None:
        """Finds the tokens of what the document holds now, and colors them."""
        document = self.document()
        text = "\n".join(document.findBlockByNumber(number).text() for number in range(document.blockCount()))
        self._lines = spans_of(text)
        self.rehighlight()

    def follow_theme(self) -> None:
        """Colors anew if another theme was applied."""
        if self._theme is not current_theme():
            self._theme = current_theme()
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for each line."""
        number = self.currentBlock().blockNumber()
        for span in self._lines[number] if number < len(self._lines) else ():
            self.setFormat(span.start, span.length, QColor(self._theme.syntax[span.kind]))


def spans_of(text: str) -> list[list[Span]]:
    """The colored pieces of each line of a Python text, in order; blanks are left out."""
    lines: list[list[Span]] = [[]]
    column = 0
    # The unprocessed tokens keep every character, and so every position.
    for _, token, value in PythonLexer().get_tokens_unprocessed(text):
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append([])
                column = 0
            length = len(piece.encode("utf-16-le", "surrogatepass")) // 2
            if piece.strip():
                lines[-1].append(Span(column, length, _kind_of(token)))
            column += length
    return lines


def _kind_of(token: _TokenType) -> str:
    return next((kind for family, kind in _KINDS if is_token_subtype(token, family)), "name")
