"""The plain difference of two texts: lines of one side are tinted, and words that differ more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from playground.comparing.rosetta import DiffLine
from ui.panels.rosetta.tensors import difference_words
from ui.style.theme import current_theme
from ui.widgets.code_text import TINT, WORD_TINT, show_as_code, tinted


class RosettaDifference(QPlainTextEdit):
    """Shows every line of both texts: numbers at the left and right, `−` left only, `+` right only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Makes an empty text."""
        super().__init__(parent)
        self._entries: tuple[DiffLine, ...] = ()
        self.setAccessibleName("Difference of the two texts")
        show_as_code(self)
        self.document().setDocumentMargin(6)

    def show_difference(self, entries: Sequence[DiffLine]) -> None:
        """Shows another difference from its first line."""
        self._entries = tuple(entries)
        self.setPlainText("\n".join(difference_words(entries)))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        theme = current_theme()
        colors = {"-": theme.error, "+": theme.update}
        selections = []
        for number, entry in enumerate(self._entries):
            line = QTextEdit.ExtraSelection()
            block = self.document().findBlockByNumber(number)
            line.cursor = QTextCursor(block)
            if entry.kind in colors:
                line.format.setBackground(tinted(colors[entry.kind], TINT))
                line.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            else:
                # Only a selection that holds the line's text can color it.
                line.cursor.select(QTextCursor.SelectionType.LineUnderCursor)
                line.format.setForeground(QColor(theme.muted))
            selections.append(line)
            # Numbers stand before the text.
            first = block.position() + block.length() - 1 - len(entry.text)
            for start, end in entry.marks:
                word = QTextEdit.ExtraSelection()
                word.cursor = QTextCursor(block)
                word.cursor.setPosition(first + start)
                word.cursor.setPosition(first + end, QTextCursor.MoveMode.KeepAnchor)
                word.format.setBackground(tinted(colors[entry.kind], WORD_TINT))
                selections.append(word)
        self.setExtraSelections(selections)
