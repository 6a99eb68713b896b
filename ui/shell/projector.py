"""The window for those who look from afar: a rail of numbers at the left, the settings in a drawer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QBoxLayout, QSplitter, QWidget

from ui.panels.ladder.panel import RAIL
from ui.style.scale import scaled

LARGE, LARGEST = 1.25, 1.5
LARGEST_FROM = 1600
"""Pixels of the window's width from which there is room for the larger letters."""
CODE_SHARE = 0.52
"""Of the room beside the rail: seventy columns in larger letters."""
DRAWER_WIDTH = 240
WIDEST = (1 << 24) - 1
"""Qt's own: no limit."""


def factor_at(width: int) -> float:
    """How much larger the letters are in a window of so many pixels."""
    return LARGEST if width >= LARGEST_FROM else LARGE


class Projection(QObject):
    """Takes the settings out of their column while it is in force, and puts them back."""

    def __init__(self, columns: QSplitter, left: QWidget) -> None:
        """Not in force at first."""
        super().__init__(columns)
        self._columns, self._left = columns, left
        self._drawer: QWidget | None = None
        self._place = 0
        self.in_force = False

    def begin(self, settings: QWidget) -> None:
        """Makes the left column a rail, and the settings a drawer."""
        layout = self._layout()
        self.in_force, self._drawer = True, settings
        self._place = layout.indexOf(settings)
        layout.removeWidget(settings)
        settings.setParent(self._columns.window())
        settings.setAutoFillBackground(True)
        self._left.setFixedWidth(RAIL)
        room = self._columns.width() - RAIL
        code = round(CODE_SHARE * room)
        self._columns.setSizes([RAIL, room - code, code])
        self._columns.installEventFilter(self)

    def end(self, settings: QWidget) -> None:
        """Puts the settings back."""
        self._columns.removeEventFilter(self)
        self.in_force, self._drawer = False, None
        settings.setAutoFillBackground(False)
        self._layout().insertWidget(self._place, settings, 1)
        self._left.setMinimumWidth(0)
        self._left.setMaximumWidth(WIDEST)

    def place_drawer(self) -> None:
        """Lays the settings over the graph, beside the rail."""
        drawer, columns = self._drawer, self._columns
        if drawer is None or drawer.isHidden():
            return
        corner = columns.mapTo(columns.window(), columns.rect().topLeft())
        left = 0 if self._left.isHidden() else RAIL
        width = max(scaled(DRAWER_WIDTH), drawer.minimumSizeHint().width())
        drawer.setGeometry(QRect(corner.x() + left, corner.y(), width, columns.height()))
        drawer.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The drawer is as high as the window."""
        if event.type() == QEvent.Type.Resize:
            self.place_drawer()
        return False

    def _layout(self) -> QBoxLayout:
        layout = self._left.layout()
        assert isinstance(layout, QBoxLayout), "a column"
        return layout
