"""What is painted behind, below and beside the code."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTextBlock, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextEdit

from ui.style.theme import current_theme

STALE = "stale"
_WAVE, _WAVE_WIDTH = 2, 1.2
"""Pixels from one turn of a wave to the next, and of its pen."""


def band(block: QTextBlock, color: QColor) -> QTextEdit.ExtraSelection:
    """A whole line with a color behind it."""
    selection = QTextEdit.ExtraSelection()
    selection.format.setBackground(color)
    selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    selection.cursor = QTextCursor(block)
    return selection


def painted(piece: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
    """A part of the text with a color behind it."""
    selection = QTextEdit.ExtraSelection()
    selection.format.setBackground(color)
    selection.cursor = piece
    return selection


def paint_stale(painter: QPainter, right: int, top: float, bottom: float) -> None:
    """The word at a line's right end."""
    theme = current_theme()
    width = painter.fontMetrics().horizontalAdvance(STALE) + 10
    place = QRectF(right - width - 4, top, width, bottom - top)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.warning_ground))
    painter.drawRoundedRect(place.adjusted(0, 0.5, 0, -0.5), 3, 3)
    painter.setPen(QColor(theme.warning))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, STALE)


def paint_wave(painter: QPainter, area: QRect) -> None:
    """A wave below what is wrong; Qt's own is a thin line where letters are small."""
    low, high = area.bottom() + 0.5, area.bottom() + 0.5 - _WAVE
    turns = range(area.left(), area.right() + _WAVE + 1, _WAVE)
    points = [QPointF(x, high if place % 2 else low) for place, x in enumerate(turns)]
    painter.setPen(QPen(QColor(current_theme().error), _WAVE_WIDTH))
    painter.drawPolyline(QPolygonF(points))
