"""Texts of programs that are read and not edited, and the colors behind their lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QPlainTextEdit

from ui.style.sheet import set_class

TINT, WORD_TINT = 30, 90
"""Of 255: how much of its color is behind a line, and on top of that behind a word that differs."""


def show_as_code(text: QPlainTextEdit) -> None:
    """Makes a text that can be read and selected, in the system's font of fixed width."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QFontInfo(text.font()).pointSizeF() * 0.95)
    text.setFont(font)
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    text.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    text.setTabChangesFocus(True)
    set_class(text, "code")
    text.setFrameShape(QPlainTextEdit.Shape.NoFrame)


def tinted(name: str, alpha: int) -> QColor:
    """A color of the theme that lets through what is behind it."""
    color = QColor(name)
    color.setAlpha(alpha)
    return color
