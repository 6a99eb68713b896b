"""The loss of the last step; of a step with several, the first two by their names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ui.style.scale import scaled
from ui.style.sheet import set_class
from ui.widgets.figure import Figure

LOSS_PIXELS = 16
UNNAMED = "loss"
LONGEST_NAME = 10
NAME_OF_TWO, FIGURE_OF_TWO = 15, 19
QWIDGETSIZE_MAX = (1 << 24) - 1
ONE, ONE_OF_TWO = "8.888e+88", "-8.888"


class LossFigures(QWidget):
    """A name and a number, and beside them a second pair where that is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A single loss, not known yet."""
        super().__init__(parent)
        self._names = [QLabel(UNNAMED), QLabel()]
        self._figures = [_figure("Loss", "loss_label"), _figure("Second loss", "second_loss_label")]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(0)
        for name in self._names:
            set_class(name, "muted")
            name.setIndent(4)
        self._several: tuple[tuple[str, str], ...] = ()
        self._show_second(False)

    def show_loss(self, loss: str) -> None:
        """The loss of the last step, of several the first."""
        if not self._several:
            self._figures[0].set_text(loss)

    def show_several(self, losses: Sequence[tuple[str, str]]) -> None:
        """Losses by their names; fewer than two leave the only one as it is."""
        if tuple(losses) == self._several:
            return
        self._several = tuple(losses)
        for name, figure, (called, value) in zip(self._names, self._figures, losses, strict=False):
            name.setText(called if len(called) <= LONGEST_NAME else f"{called[: LONGEST_NAME - 1]}…")
            figure.set_text(value)
        if not losses:
            self._names[0].setText(UNNAMED)
        self.setToolTip("\n".join(f"{called} {value}" for called, value in losses))
        self._show_second(len(losses) > 1)

    def changeEvent(self, event: QEvent) -> None:
        """Two stand as high as their letters ask for."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._show_second(len(self._several) > 1)

    def _show_second(self, shown: bool) -> None:
        """One stands beside its name; two stand below theirs, which takes less room."""
        for number, (name, figure) in enumerate(zip(self._names, self._figures, strict=True)):
            figure.keep_room(ONE_OF_TWO if shown else ONE)
            # The toolbar stays as high as it is.
            figure.setMaximumHeight(scaled(FIGURE_OF_TWO) if shown else QWIDGETSIZE_MAX)
            name.setMaximumHeight(scaled(NAME_OF_TWO) if shown else QWIDGETSIZE_MAX)
            self._grid.addWidget(name, 0, number)
            self._grid.addWidget(figure, *((1, number) if shown else (0, number + 1)))
        for widget in (self._names[1], self._figures[1]):
            widget.setVisible(shown)


def _figure(called: str, name: str) -> Figure:
    figure = Figure(called, ONE)
    figure.setObjectName(name)
    figure.setBackgroundRole(QPalette.ColorRole.Base)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(LOSS_PIXELS)
    font.setBold(True)
    figure.setFont(font)
    return figure
