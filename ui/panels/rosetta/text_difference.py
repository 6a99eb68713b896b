"""The plain difference of two texts, colored by what is on one side only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from playground.comparing.rosetta import DiffLine
from ui.panels.rosetta.code import show_as_code
from ui.panels.rosetta.tensors import difference_words
from ui.style.theme import current_theme

_TINT = 38
"""Of 255: how much of its color is behind a line."""


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
            selection = QTextEdit.ExtraSelection()
            selection.cursor = QTextCursor(self.document().findBlockByNumber(number))
            if entry.kind in colors:
                color = QColor(colors[entry.kind])
                color.setAlpha(_TINT)
                selection.format.setBackground(color)
                selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            else:
                # Only a selection that holds the line's text can color it.
                selection.cursor.select(QTextCursor.SelectionType.LineUnderCursor)
                selection.format.setForeground(QColor(theme.accent if entry.kind == "?" else theme.muted))
            selections.append(selection)
        self.setExtraSelections(selections)
