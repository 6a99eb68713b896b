"""The sign before a notice: another shape for each level, for those who do not tell the colours apart."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

_SIZE = 18
_CENTRE = QPointF(_SIZE / 2, _SIZE / 2)
_RADIUS = 8.0
_TRIANGLE = QPolygonF([QPointF(9, 1.2), QPointF(17.4, 16.4), QPointF(0.6, 16.4)])


class NoticeIcon(QWidget):
    """A round i, a triangle with an exclamation mark, or an octagon with a cross."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts as an information in black."""
        super().__init__(parent)
        self._level = "info"
        self._colour = QColor("black")
        self._inner = QColor("white")
        self.setFixedSize(QSize(_SIZE, _SIZE))

    def set_look(self, level: str, colour: str, inner: str) -> None:
        """Shows the sign of a level in this colour, with the mark inside it in the other."""
        self._level = level
        self._colour, self._inner = QColor(colour), QColor(inner)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the shape and what stands in it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        strokes = self._paint_shape(painter)
        pen = QPen(self._inner, 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLines(strokes)
        painter.end()

    def _paint_shape(self, painter: QPainter) -> list[QLineF]:
        """Fills the level's shape; returns the strokes that belong in it."""
        if self._level == "warning":
            painter.drawPolygon(_TRIANGLE)
            return [QLineF(9, 6.4, 9, 10.4), _dot(13.4)]
        if self._level == "error":
            painter.drawPolygon(_octagon())
            return [QLineF(6.2, 6.2, 11.8, 11.8), QLineF(11.8, 6.2, 6.2, 11.8)]
        painter.drawEllipse(_CENTRE, _RADIUS, _RADIUS)
        return [_dot(5.2), QLineF(9, 8.6, 9, 12.8)]


def _dot(height: float) -> QLineF:
    # A line without any length would not be painted everywhere.
    return QLineF(9, height, 9, height + 0.1)


def _octagon() -> QPolygonF:
    angles = [math.pi / 8 + corner * math.pi / 4 for corner in range(8)]
    return QPolygonF([_CENTRE + QPointF(math.cos(angle), math.sin(angle)) * _RADIUS for angle in angles])
