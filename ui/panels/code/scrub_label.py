"""The value that a number has while it is scrubbed, large, hung below it, with the old one beside it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.style.theme import current_theme

_PIXELS = 16
_PAD, _GAP, _HEIGHT = 12, 8, 28
_WAS = "was "


class ScrubLabel(QWidget):
    """Lies over the text and takes no mouse."""

    def __init__(self, over: QWidget) -> None:
        """Hidden at first."""
        super().__init__(over)
        self.setObjectName("code_scrub")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._value = self._old = ""
        self.hide()

    @property
    def value(self) -> str:
        """What it shows large."""
        return self._value

    @property
    def old(self) -> str:
        """What it shows struck through."""
        return self._old

    def show_value(self, value: str, old: str, number: QRect) -> None:
        """Shows a value below the number's place, in pixels of the widget that it lies over."""
        self._value, self._old = value, old
        self.resize(self.sizeHint())
        over = self.parentWidget()
        assert over is not None
        room = over.rect()
        below = number.bottom() + 2
        top = below if below + self.height() <= room.height() else number.top() - self.height() - 2
        self.move(max(0, min(number.left() - _PAD, room.width() - self.width())), max(0, top))
        self.show()
        self.raise_()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for both values."""
        large, small = QFontMetrics(self._large()), self.fontMetrics()
        width = large.horizontalAdvance(self._value) + 2 * _PAD + _GAP
        return QSize(width + small.horizontalAdvance(_WAS + self._old) + _GAP, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the field and both values."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = QFontMetrics(self._large()).horizontalAdvance(self._value) + 2 * _PAD
        painter.fillRect(self.rect(), QColor(theme.surface))
        painter.setPen(QPen(QColor(theme.warning), 1.5))
        painter.setBrush(QColor(theme.warning_ground))
        field = QRectF(1, 1, width - 2, _HEIGHT - 2)
        painter.drawRoundedRect(field, 4, 4)
        painter.setFont(self._large())
        painter.drawText(field, Qt.AlignmentFlag.AlignCenter, self._value)
        self._paint_old(painter, width + _GAP)
        painter.end()

    def _paint_old(self, painter: QPainter, left: int) -> None:
        font = QFont(self.font())
        for text, is_struck in ((_WAS, False), (self._old, True)):
            font.setStrikeOut(is_struck)
            painter.setFont(font)
            painter.setPen(QColor(current_theme().muted))
            painter.drawText(
                QRect(left, 0, self.width(), _HEIGHT),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            left += painter.fontMetrics().horizontalAdvance(text)

    def _large(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(_PIXELS)
        font.setBold(True)
        return font
