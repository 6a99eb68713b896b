"""Puts a theme on the whole application: the palette, and the few things a palette cannot say."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.style.theme import DARK, LIGHT, Theme, set_current_theme


class Appearance(StrEnum):
    """What the user wants; the desktop's own choice unless he says otherwise."""

    DESKTOP = "desktop"
    LIGHT = "light"
    DARK = "dark"


def theme_for(appearance: Appearance) -> Theme:
    """The theme to use now."""
    if appearance is Appearance.DESKTOP:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    else:
        dark = appearance is Appearance.DARK
    return DARK if dark else LIGHT


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Gives every widget the theme's colors."""
    set_current_theme(theme)
    application.setPalette(palette_of(theme))
    application.setStyleSheet(_style_sheet(theme))


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette."""
    role = QPalette.ColorRole
    palette = QPalette()
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.parameter,
        role.HighlightedText: theme.surface,
        role.Accent: theme.parameter,
        role.Link: theme.info,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Mid: theme.border,
    }
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.faint))
    return palette


def _style_sheet(theme: Theme) -> str:
    return f"""
    QMainWindow::separator {{ background: {theme.border}; }}
    QSplitter::handle {{ background: {theme.border}; }}
    QToolBar {{ background: {theme.surface}; border: 0; border-bottom: 1px solid {theme.border};
        padding: 4px 8px; spacing: 4px; }}
    QToolBar QToolButton {{ color: {theme.text}; padding: 4px 9px; border: 1px solid transparent;
        border-radius: 5px; }}
    QToolBar QToolButton:hover {{ background: {theme.raised}; border-color: {theme.border}; }}
    QToolBar QToolButton:focus {{ border-color: {theme.parameter}; }}
    QToolBar QToolButton:disabled {{ color: {theme.faint}; }}
    QToolBar QToolButton#run_button {{ background: {theme.accent}; color: {theme.on_accent};
        font-weight: 600; }}
    QToolBar QToolButton#run_button:focus {{ border-color: {theme.text}; }}
    QToolBar QToolButton#run_button:disabled {{ background: {theme.raised}; color: {theme.faint}; }}
    QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.border};
        padding: 4px; }}
    """
