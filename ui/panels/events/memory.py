"""The curve of what a step holds for backward, over its events, with the walk's place marked."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.recording.ledger import MemoryLedger
from ui.panels.events.memory_text import held_at, memory_text, peak_text
from ui.style.theme import current_theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 10, 4, 5
_CURVE = 20
_GAP = 2
_SMALL = 0.88
_REACHED, _AHEAD = 0.45, 0.16
"""Opacity of the area under the curve, up to the cursor and after it."""
_DOT = 2.5


class MemoryStrip(QWidget):
    """One line of words and below it the curve; hidden while nothing was saved for backward.

    Signals:
        event_chosen(int): the user went to the event of this number.
    """

    event_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a step at first."""
        super().__init__(parent)
        self.setObjectName("memory_strip")
        self._memory = MemoryLedger()
        # Of a long step it takes a while to find, and does not change with the cursor.
        self._peak, self._peak_text = 1, ""
        self._cursor: int | None = None
        self._text = ""
        self._area: tuple[int, QPolygonF] = (-1, QPolygonF())
        self._font = QFont(self.font())
        self._font.setPointSizeF(self.font().pointSizeF() * _SMALL)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Memory saved for backward")
        self.hide()

    def show_memory(self, memory: MemoryLedger) -> None:
        """Shows what another step held, without a cursor."""
        self._memory, self._cursor = memory, None
        self._area = -1, QPolygonF()
        self._peak, self._peak_text = max(1, memory.peak), peak_text(memory)
        self.setVisible(bool(self._peak_text))
        self._refresh()

    def show_event(self, number: int | None) -> None:
        """Marks the place of an event; None takes the mark away."""
        if number != self._cursor:
            self._cursor = number
            self._refresh()

    def text(self) -> str:
        """How much is held, and how much it was at most."""
        return self._text

    def place_of(self, number: int) -> QPointF:
        """Where an event stands in the curve, in pixels."""
        plot = self._plot()
        height = plot.height() * held_at(self._memory, number) / self._peak
        return QPointF(self._across(number), plot.bottom() - height)

    def sizeHint(self) -> QSize:
        """A line of words and the curve; any width will do."""
        return QSize(0, QFontMetrics(self._font).height() + _TOP + _GAP + _CURVE + _BOTTOM)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground, a line above, the words and the curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, plot = current_theme(), self._plot()
        painter.fillRect(self.rect(), QColor(theme.surface))
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.border))
        painter.setFont(self._font)
        painter.setPen(QColor(theme.muted))
        words = QRectF(plot.left(), _TOP, plot.width(), plot.top() - _GAP - _TOP)
        text = QFontMetrics(self._font).elidedText(
            self._text, Qt.TextElideMode.ElideRight, int(words.width()) + 1
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_curve(painter, plot)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes to the event below the pointer."""
        count = len(self._memory.totals)
        if event.button() is Qt.MouseButton.LeftButton and count:
            plot = self._plot()
            number = int((event.position().x() - plot.left()) / max(1.0, plot.width()) * count)
            self.event_chosen.emit(min(max(number, 0), count - 1))

    def _paint_curve(self, painter: QPainter, plot: QRectF) -> None:
        color, area = QColor(current_theme().backward), self._polygon()
        now = plot.right() if self._cursor is None else self._across(self._cursor)
        painter.setPen(Qt.PenStyle.NoPen)
        for opacity, left, right in ((_REACHED, 0.0, now), (_AHEAD, now, float(self.width()))):
            painter.setOpacity(opacity)
            painter.setBrush(color)
            painter.setClipRect(QRectF(left, 0, right - left, self.height()))
            painter.drawPolygon(area)
        painter.setOpacity(1.0)
        painter.setClipping(False)
        painter.fillRect(QRectF(plot.left(), plot.bottom(), plot.width(), 1), QColor(current_theme().border))
        if self._cursor is not None:
            painter.setPen(QPen(QColor(current_theme().accent), 1))
            painter.drawLine(QLineF(now, plot.top(), now, plot.bottom()))
            painter.setBrush(QColor(current_theme().accent))
            painter.drawEllipse(self.place_of(self._cursor), _DOT, _DOT)

    def _polygon(self) -> QPolygonF:
        """The area under the curve; of the events that share a pixel, the most that was held."""
        if self._area[0] != self.width():
            plot, totals = self._plot(), self._memory.totals
            columns = min(len(totals), max(1, int(plot.width())))
            points = [plot.bottomLeft()]
            for column in range(columns):
                first = column * len(totals) // columns
                last = (column + 1) * len(totals) // columns
                high = plot.bottom() - plot.height() * max(totals[first:last]) / self._peak
                points += [
                    QPointF(plot.left() + plot.width() * each / columns, high)
                    for each in (column, column + 1)
                ]
            self._area = self.width(), QPolygonF([*points, plot.bottomRight()])
        return self._area[1]

    def _plot(self) -> QRectF:
        top = self.height() - _BOTTOM - _CURVE
        return QRectF(_LEFT, top, max(1, self.width() - _LEFT - _RIGHT), _CURVE)

    def _across(self, number: int) -> float:
        plot = self._plot()
        return plot.left() + plot.width() * (number + 0.5) / max(1, len(self._memory.totals))

    def _refresh(self) -> None:
        self._text = memory_text(self._memory, self._peak_text, self._cursor)
        self.setAccessibleDescription(self._text)
        self.setToolTip(self._text)
        self.update()
