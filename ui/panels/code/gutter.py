"""Beside the text: the lines' numbers, the signs of marks, and a bar at lines that were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.panels.code.marks import LineMark, Sign
from ui.style.theme import current_theme

if TYPE_CHECKING:
    from ui.panels.code.text import CodeText

CHANGE_BAR = 3
"""Pixels that the bar of a changed line is wide."""


class Gutter(QWidget):
    """Paints what its text says of the lines in sight; a click on it is a click on the line."""

    def __init__(self, text: CodeText) -> None:
        """Belongs to this text, which places it."""
        super().__init__(text)
        self._text = text
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Wide enough for the last line's number; the height is the text's."""
        letter = self._text.fontMetrics().horizontalAdvance("9")
        digits = max(2, len(str(self._text.blockCount())))
        # Room for the triangle before the numbers and for a gap after them.
        return QSize(round(letter * (digits + 2.6)), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the lines in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._text.font())
        letter = self._text.fontMetrics().horizontalAdvance("9")
        caret = self._text.caret_line
        for block, top, bottom in self._text.visible_blocks():
            line = block.blockNumber() + 1
            row = QRect(0, int(top), self.width(), int(bottom - top))
            mark = self._text.mark(line)
            if mark is not None:
                _paint_mark(painter, mark, row, letter)
            if self._text.is_changed(line):
                bar = QRect(row.right() - CHANGE_BAR, row.top(), CHANGE_BAR, row.height())
                painter.fillRect(bar, QColor(current_theme().warning))
            color = self._text.number_color(is_caret=line == caret) if mark is None else mark.color
            painter.setPen(color)
            place = row.adjusted(0, 0, -letter, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Chooses the line whose number was clicked."""
        line = self._text.line_at(event.position().y())
        if line is not None and event.button() is Qt.MouseButton.LeftButton:
            self._text.line_clicked.emit(line)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls and zooms as over the text."""
        self._text.wheelEvent(event)


def _paint_mark(painter: QPainter, mark: LineMark, line: QRect, letter: int) -> None:
    painter.fillRect(line, mark.band)
    middle = QPointF(QPoint(letter, line.center().y() + 1))
    half = letter * 0.55
    hollow = mark.sign is Sign.HOLLOW_TRIANGLE
    painter.setPen(QPen(mark.color, letter * 0.16) if hollow else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else mark.color)
    if mark.sign is Sign.DOT:
        painter.drawEllipse(middle, 0.7 * half, 0.7 * half)
    elif mark.sign is not Sign.NONE:
        corners = [QPointF(-half, -half), QPointF(half, 0), QPointF(-half, half)]
        painter.drawPolygon(QPolygonF([corner + middle for corner in corners]))
