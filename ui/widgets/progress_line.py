"""A bar that shows how much is done.

QProgressBar paints at once at every change, which holds up the training.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style.theme import Theme, current_theme

_SIZE = QSize(130, 6)
_RADIUS = 3.0


class ProgressLine(QWidget):
    """Shows a share from 0 to 1; repaints only when it is a pixel longer or shorter."""

    def __init__(
        self, name: str, parent: QWidget | None = None, theme: Callable[[], Theme] = current_theme
    ) -> None:
        """At 0; `name` is for screen readers, `theme` gives the colors of what it lies on."""
        super().__init__(parent)
        self._share, self._theme = 0.0, theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        """What is shown, from 0 to 1."""
        return self._share

    def set_share(self, share: float) -> None:
        """Shows another share, cut to between 0 and 1."""
        share = min(max(share, 0.0), 1.0)
        before, self._share = self._share, share
        if round(before * self.width()) != round(share * self.width()):
            self.setAccessibleDescription(f"{share:.0%}")
            self.update()

    def sizeHint(self) -> QSize:
        """A size that suits a toolbar."""
        return _SIZE

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the groove, and over it what is done."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(self.rect())
        painter.setBrush(QColor(self._theme().border))
        painter.drawRoundedRect(groove, _RADIUS, _RADIUS)
        groove.setWidth(groove.width() * self._share)
        painter.setBrush(QColor(self._theme().parameter))
        painter.drawRoundedRect(groove, _RADIUS, _RADIUS)
        painter.end()
