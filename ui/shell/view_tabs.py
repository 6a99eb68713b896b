"""Panels of which one is seen at a time, with their names and the buttons of that one in a single row."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget


@runtime_checkable
class LendsHeader(Protocol):
    """A panel with a row of its own at its top."""

    def lend_header(self) -> QWidget:
        """Gives that row away, without the panel's name."""
        ...


class ViewTabs(QWidget):
    """What takes most of the window: the graph, and what can be looked at in its place.

    Attributes:
        bar: their names.
        pages: the panels, in the same order.
    """

    def __init__(self, name: str) -> None:
        """Empty.

        Args:
            name: of the object; that of the bar of names ends in `_tabs`.
        """
        super().__init__()
        self.setObjectName(name)
        self.bar = QTabBar()
        self.bar.setObjectName(f"{name}_tabs")
        self.bar.setDocumentMode(True)
        # Its line is white in the dark.
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(False)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._headers = QStackedWidget()
        # The buttons of a panel that is not seen shall not keep the column wide.
        self._headers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.pages = QStackedWidget()
        self.bar.currentChanged.connect(self._headers.setCurrentIndex)
        self.bar.currentChanged.connect(self.pages.setCurrentIndex)
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.bar)
        row.addWidget(self._headers, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.pages, 1)

    def add(self, panel: QWidget, title: str) -> None:
        """Adds a panel as the last; the first one is seen."""
        self._headers.addWidget(panel.lend_header() if isinstance(panel, LendsHeader) else QWidget())
        self.pages.addWidget(panel)
        self.bar.addTab(title)

    def bring_forward(self, panel: QWidget) -> None:
        """Shows a panel that was added."""
        self.bar.setCurrentIndex(self.pages.indexOf(panel))
