"""The toolbar's signs, painted in the colors of the present theme at whatever size is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPixmap,
    QPolygonF,
)

from ui.style.theme import Tone, current_theme


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


def _chevrons(*tips: float, back: bool = False, bar: float | None = None) -> QPainterPath:
    """Open arrows whose tips are at these places, to the right or back to the left, and an upright bar.

    Open, so that one step is told from the filled triangle of what runs by itself.
    """
    line = QPainterPath()
    for tip in tips:
        tail = tip + 5 if back else tip - 5
        line.moveTo(tail, 5)
        line.lineTo(tip, 10)
        line.lineTo(tail, 15)
    stroker = QPainterPathStroker()
    stroker.setWidth(2.2)
    path = stroker.createStroke(line)
    path.setFillRule(Qt.FillRule.WindingFill)
    if bar is not None:
        path.addRect(QRectF(bar, 4.2, 2.2, 11.6))
    return path


def _record() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(10, 10), 4.5, 4.5)
    return path


def _save() -> QPainterPath:
    """An arrow into a tray."""
    line = QPainterPath()
    for points in (
        ((10, 3.5), (10, 11.5)),
        ((6.5, 8.5), (10, 12), (13.5, 8.5)),
        ((4, 12), (4, 16), (16, 16), (16, 12)),
    ):
        line.moveTo(*points[0])
        for point in points[1:]:
            line.lineTo(*point)
    stroker = QPainterPathStroker()
    stroker.setWidth(1.8)
    path = stroker.createStroke(line)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


_FILLED: Mapping[str, Callable[[], QPainterPath]] = {
    "run": _run,
    "pause": _pause,
    "step": _step,
    "first": lambda: _chevrons(8, back=True, bar=4),
    "previous": lambda: _chevrons(7.5, back=True),
    "next": lambda: _chevrons(12.5),
    "last": lambda: _chevrons(12, bar=13.8),
    "phase": lambda: _chevrons(10, 15.5),
    "record": _record,
    "save": _save,
}


def icon(name: str, tone: Tone) -> QIcon:
    """The sign of that name, in a color of the theme that is applied whenever it is painted.

    Names: run, pause, step, reset; first, previous, next, last, phase, record, save.
    """
    return QIcon(_Sign(name, tone))


_COPIES: list[QIconEngine] = []
"""Made where somebody adds a picture to an icon, which nothing here does; kept to the end."""


class _Sign(QIconEngine):
    """Paints a sign, in another color where it is disabled."""

    def __init__(self, name: str, tone: Tone) -> None:
        super().__init__()
        self._name, self._tone = name, tone

    def clone(self) -> QIconEngine:
        copy = _Sign(self._name, self._tone)
        # PySide leaves it to Python, which would delete what Qt goes on using.
        _COPIES.append(copy)
        return copy

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        # Qt's own leaves what was in that memory.
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        theme = current_theme()
        color = QColor(theme.disabled if mode is QIcon.Mode.Disabled else self._tone(theme))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        painter.scale(rect.width() / 20, rect.height() / 20)
        if self._name in _FILLED:
            painter.fillPath(_FILLED[self._name](), color)
        else:
            pen = QPen(color, 2.2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawPath(_reset())
            painter.fillPath(_polygon((10.2, 0.8), (16.6, 4.2), (10.4, 8.0)), color)
        painter.restore()
