"""The toolbar's signs, painted in the theme's colours at whatever size is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

SIZES = (20, 40, 60)
"""Pixels: for screens of usual, double and triple density."""


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _run() -> QPainterPath:
    return _polygon((6, 3.5), (16.5, 10), (6, 16.5))


def _pause() -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(5, 4, 3.5, 12))
    path.addRect(QRectF(11.5, 4, 3.5, 12))
    return path


def _step() -> QPainterPath:
    path = _polygon((4.5, 4), (12.5, 10), (4.5, 16))
    path.addRect(QRectF(13, 4, 2.5, 12))
    return path


def _reset() -> QPainterPath:
    ring = QPainterPath()
    box = QRectF(4, 4, 12, 12)
    ring.arcMoveTo(box, 60)
    ring.arcTo(box, 60, 290)
    return ring


_FILLED: Mapping[str, Callable[[], QPainterPath]] = {"run": _run, "pause": _pause, "step": _step}


def icon(name: str, color: str, disabled: str) -> QIcon:
    """The sign of that name (run, pause, step, reset), in one colour and in another when disabled."""
    result = QIcon()
    for size in SIZES:
        result.addPixmap(_pixmap(name, color, size), QIcon.Mode.Normal)
        result.addPixmap(_pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return result


def _pixmap(name: str, color: str, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 20, size / 20)
    if name in _FILLED:
        painter.fillPath(_FILLED[name](), QColor(color))
    else:
        pen = QPen(QColor(color), 2.2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawPath(_reset())
        painter.fillPath(_polygon((10.2, 0.8), (16.6, 4.2), (10.4, 8.0)), QColor(color))
    painter.end()
    return pixmap
