"""Puts a theme on the whole application: the palette, and the few things a palette cannot say."""

from __future__ import annotations

from enum import StrEnum
from typing import cast

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.style.scale import own_sizes, scale, set_scale
from ui.style.sheet import style_sheet
from ui.style.theme import DARK, LIGHT, Theme, set_current_theme, told_from_afar

OUTLINED = ("QAbstractSpinBox", "QCheckBox", "QComboBox", "QLineEdit")
"""Fields around which the Fusion style draws a line in a darker shade of the window's color."""


class Appearance(StrEnum):
    """What the user wants; the desktop's own choice unless he says otherwise."""

    DESKTOP = "desktop"
    LIGHT = "light"
    DARK = "dark"


def theme_for(appearance: Appearance, projected: bool = False) -> Theme:
    """The theme to use now; with stronger texts where it is seen from afar."""
    if appearance is Appearance.DESKTOP:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    else:
        dark = appearance is Appearance.DARK
    theme = DARK if dark else LIGHT
    return told_from_afar(theme) if projected else theme


def apply_theme(application: QApplication, theme: Theme, factor: float = 1.0) -> None:
    """Gives every widget, also those made later, the theme's colors; the same again repaints nothing.

    Args:
        application: whose widgets they are.
        theme: the colors.
        factor: how much larger than at a desk the letters are.
    """
    set_current_theme(theme)
    sheet = style_sheet(theme)
    is_other = application.styleSheet() != sheet or factor != scale()
    sizes = own_sizes(application, factor) if is_other else []
    if is_other:
        # Going from one sheet to another, Qt would polish a widget as often as it has ancestors.
        application.setStyleSheet("")
    _set_palettes(application, theme)
    # Qt takes no other font of the application to its widgets while there is a sheet.
    set_scale(application, factor)
    if is_other:
        application.setStyleSheet(sheet)
    for widget, font in sizes:
        widget.setFont(font)


def _set_palettes(application: QApplication, theme: Theme) -> None:
    """Also where they are set: another scheme of the desktop takes some of them away."""
    palette = palette_of(theme)
    application.setPalette(palette)
    # On a dark window that line would not be seen.
    palette.setColor(QPalette.ColorRole.Window, QColor(theme.faint if theme.dark else theme.window))
    for name in OUTLINED:
        # PySide takes a str, whatever its types say, and refuses bytes.
        application.setPalette(palette, cast("bytes", name))
    # Qt posts the palette's change, but the sheet's comes at once: else there were a time between them.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.ApplicationPaletteChange.value)


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
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.disabled))
    return palette
