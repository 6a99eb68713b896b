"""How the parts of the comparison look in a theme, each as a style sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontInfo
from PySide6.QtWidgets import QPlainTextEdit

from ui.style.theme import Theme


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
    text.setFrameShape(QPlainTextEdit.Shape.NoFrame)


def text_sheet(theme: Theme) -> str:
    """Of the two texts and their difference."""
    return f"""
        QPlainTextEdit {{ color: {theme.text}; background: {theme.surface}; border: none;
            border-top: 1px solid {theme.border};
            selection-color: {theme.surface}; selection-background-color: {theme.parameter}; }}
        QPlainTextEdit:focus {{ border-top-color: {theme.parameter}; }}
    """


def table_sheet(theme: Theme) -> str:
    """Of the table; headings stand exactly above their columns."""
    return f"""
        QTableWidget {{ color: {theme.text}; background: {theme.surface}; border: none;
            border-top: 1px solid {theme.border};
            selection-color: {theme.text}; selection-background-color: {theme.border}; }}
        QTableWidget:focus {{ border-top-color: {theme.parameter}; }}
        QTableWidget::item {{ padding: 0 8px; }}
        QTableWidget::item:selected {{ color: {theme.text}; background: {theme.border}; }}
        QHeaderView {{ background: {theme.surface}; border: none; }}
        QHeaderView::section {{ color: {theme.muted}; background: {theme.surface}; border: none;
            padding: 3px 11px; }}
    """


def button_sheet(theme: Theme) -> str:
    """Of a button."""
    return f"""
        QToolButton {{ color: {theme.text}; background: {theme.raised}; padding: 2px 7px;
            border: 1px solid {theme.border}; border-radius: 4px; min-height: 20px; }}
        QToolButton:hover, QToolButton:focus {{ border-color: {theme.parameter}; }}
        QToolButton:checked {{ color: {theme.surface}; background: {theme.parameter};
            border-color: {theme.parameter}; }}
        QToolButton:checked:focus {{ border-color: {theme.text}; }}
        QToolButton:disabled {{ color: {theme.faint}; background: transparent; }}
    """


def splitter_sheet(theme: Theme) -> str:
    """Of what stands between the texts and the table."""
    return f"QSplitter::handle {{ background: {theme.border}; height: 1px; }}"
