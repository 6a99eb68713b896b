"""The panel: parameters over the steps of a run, in two views."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ui.panels.weights.bands import BandsPage
from ui.style.sheet import set_class


class WeightsView(QWidget):
    """Shows how parameters change.

    Attributes:
        bands: how their elements are spread.

    Signals:
        step_chosen(int): the user wants to see this step.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Says what it is for, until there is a step."""
        super().__init__(parent)
        self.setObjectName("weights_view")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.bands = BandsPage()
        self.bands.step_chosen.connect(self.step_chosen)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.bands)
        self._symlog = self._button("weights_symlog", "symlog", "Logarithmic axes on both sides of zero")
        self._symlog.setChecked(True)
        self._symlog.toggled.connect(self.bands.set_symlog)
        self._header = QWidget()
        row = QHBoxLayout(self._header)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(4)
        row.addStretch(1)
        row.addWidget(self._symlog)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._pages, 1)

    def lend_header(self) -> QWidget:
        """The row above the views, for a place where the panel's name already stands."""
        return self._header

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(True)
        set_class(button, "button small")
        return button
