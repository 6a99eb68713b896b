"""The panel: parameters over the steps of a run, in two views."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ui.panels.weights.bands import BandsPage
from ui.panels.weights.pictures import PicturesPage
from ui.style.sheet import set_class

_VIEWS = (
    ("weights_bands", "distributions", "How the elements are spread over the steps"),
    ("weights_pictures", "pictures", "The elements in colors, in some of the steps"),
)


class WeightsView(QWidget):
    """Shows how parameters change.

    Attributes:
        bands: how their elements are spread.
        pictures: their elements in colors.

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
        self.pictures = PicturesPage()
        self._pages = QStackedWidget()
        for page in (self.bands, self.pictures):
            page.step_chosen.connect(self.step_chosen)
            self._pages.addWidget(page)
        self._switch = QButtonGroup(self)
        for number, (name, text, tip) in enumerate(_VIEWS):
            button = self._button(name, text, tip)
            set_class(button, f"button small {('left', 'right')[number]}")
            self._switch.addButton(button, number)
        self._switch.button(0).setChecked(True)
        self._switch.idClicked.connect(self._show_page)
        self._symlog = self._button("weights_symlog", "symlog", "Logarithmic axes on both sides of zero")
        self._symlog.setChecked(True)
        self._symlog.toggled.connect(self.bands.set_symlog)
        self._large = self._button("weights_large", "large", "Larger pictures of fewer steps")
        self._large.toggled.connect(self.pictures.enlarge)
        self._header = QWidget()
        row = QHBoxLayout(self._header)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(0)
        row.addStretch(1)
        row.addWidget(self._symlog)
        row.addWidget(self._large)
        row.addSpacing(8)
        for each in self._switch.buttons():
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._pages, 1)
        self._show_page(0)

    def lend_header(self) -> QWidget:
        """The row above the views, for a place where the panel's name already stands."""
        return self._header

    def _show_page(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self._symlog.setVisible(number == 0)
        self._large.setVisible(number == 1)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setCheckable(True)
        set_class(button, "button small")
        return button
