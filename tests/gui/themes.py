"""Puts a theme on the application, as the window does."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from ui.style.appearance import apply_theme
from ui.style.theme import Theme


def wear(theme: Theme) -> None:
    """From now on every widget has the colors of this theme; the next test starts in the light one."""
    application = QApplication.instance()
    assert isinstance(application, QApplication), "a test of widgets has one"
    apply_theme(application, theme)
