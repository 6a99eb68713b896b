"""The newest loss as a dot at the end of its curve; the very first one says what it is."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ui.panels.loss.items import ViewItem
from ui.style.colors import mixed
from ui.style.theme import current_theme

RADIUS, LARGE_RADIUS, HALO = 3.0, 4.5, 9.0
_HALO_SHARE = 0.22
_GAP = 7.0


class EndPoint(ViewItem):
    """A dot; with words beside it, a larger one with a halo.

    Attributes:
        place: where it stands on the axes; NaN for a loss that has no place.
        words: the loss, and what follows it in a weaker color; both empty for the dot alone.
    """

    def __init__(self) -> None:
        """Nowhere at first."""
        super().__init__()
        self.place = QPointF(math.nan, math.nan)
        self.words = ("", "")

    def set_point(self, x: float, y: float, words: tuple[str, str] = ("", "")) -> None:
        """Puts it there."""
        self.place, self.words = QPointF(x, y), words
        self.update()

    def clear(self) -> None:
        """Draws none."""
        self.set_point(math.nan, math.nan)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The dot, and its words."""
        if math.isnan(self.place.x()) or math.isnan(self.place.y()):
            return
        transform = painter.worldTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.resetTransform()
        place, color = transform.map(self.place), self.pen.color()
        radius = RADIUS
        if any(self.words):
            radius = LARGE_RADIUS
            painter.setBrush(mixed(current_theme().surface, color, _HALO_SHARE))
            painter.drawEllipse(place, HALO, HALO)
        painter.setBrush(color)
        painter.drawEllipse(place, radius, radius)
        if any(self.words):
            self._paint_words(painter, place, transform.mapRect(self.view))
        painter.setWorldTransform(transform)

    def _paint_words(self, painter: QPainter, place: QPointF, area: QRectF) -> None:
        value, rest = self.words
        font, strong = QFont(painter.font()), QFont(painter.font())
        strong.setBold(True)
        wide, narrow = QFontMetricsF(strong), QFontMetricsF(font)
        width = wide.horizontalAdvance(value) + _GAP + narrow.horizontalAdvance(rest)
        left = min(place.x() + HALO + _GAP, area.right() - width)
        baseline = place.y() + wide.ascent() / 2 - 1
        painter.setFont(strong)
        painter.setPen(self.pen.color())
        painter.drawText(QPointF(left, baseline), value)
        painter.setFont(font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(QPointF(left + wide.horizontalAdvance(value) + _GAP, baseline), rest)
