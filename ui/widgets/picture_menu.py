"""“Copy picture” in the menu of whatever the pointer is on: of the panel around it, or of its window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

PANEL = "panel"
"""Property of a panel: its name."""
COPY = "Copy picture of this panel"
COPIED = "A picture of {} × {} pixels is on the clipboard."


def panel_around(widget: QWidget) -> QWidget:
    """The panel that a widget is in; its window if it is in none."""
    here: QWidget | None = widget
    while here is not None and not here.isWindow():
        if here.property(PANEL):
            return here
        here = here.parentWidget()
    return widget.window()


def add_copy(menu: QMenu, widget: QWidget) -> None:
    """Adds the entry below those that a menu has already."""
    if menu.actions():
        menu.addSeparator()
    entry = menu.addAction(COPY)
    entry.setObjectName("copy_picture_entry")
    # Not before the menu has gone from the screen.
    entry.triggered.connect(lambda _checked=False: _copy(widget))


def offer_copy(widget: QWidget, place: QPoint) -> QMenu:
    """Opens a menu with nothing else, at a place of the screen."""
    menu = QMenu(widget)
    menu.setObjectName("picture_menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_copy(menu, widget)
    menu.popup(place)
    return menu


def _copy(widget: QWidget) -> None:
    picture = panel_around(widget).grab()
    QGuiApplication.clipboard().setPixmap(picture)
    QToolTip.showText(QCursor.pos(), COPIED.format(picture.width(), picture.height()), widget)
