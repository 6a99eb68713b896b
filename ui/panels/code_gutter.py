"""The strip at the left of the code: line numbers, and a triangle before each marked line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from ui.panels.code_editor import CodeEditor

_BAND_ALPHA = 38
"""Of 255: strong enough on a projector, faint enough to read the code's own colours."""


class Gutter(QWidget):
    """Paints what its editor says of the lines in sight; a click on it is a click on the line."""

    def __init__(self, editor: CodeEditor) -> None:
        """Belongs to this editor, which places it."""
        super().__init__(editor)
        self._editor = editor
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Wide enough for the last line's number; the height is the editor's."""
        letter = self._editor.fontMetrics().horizontalAdvance("9")
        digits = max(2, len(str(self._editor.blockCount())))
        # Room for the triangle before the numbers and for a gap after them.
        return QSize(letter * (digits + 3), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the lines in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._editor.font())
        letter = self._editor.fontMetrics().horizontalAdvance("9")
        for block, top, bottom in self._editor.visible_blocks():
            line = block.blockNumber() + 1
            colour = self._editor.mark_colour(line)
            if colour is not None:
                _paint_mark(painter, colour, QRect(0, int(top), self.width(), int(bottom - top)), letter)
            painter.setPen(colour or self._editor.number_colour())
            place = QRect(0, int(top), self.width() - letter, int(bottom - top))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Chooses the line whose number was clicked."""
        line = self._editor.line_at(event.position().y())
        if line is not None and event.button() is Qt.MouseButton.LeftButton:
            self._editor.line_clicked.emit(line)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls and zooms as over the text."""
        self._editor.wheelEvent(event)


def faint(colour: QColor) -> QColor:
    """The colour as a background for text."""
    background = QColor(colour)
    background.setAlpha(_BAND_ALPHA)
    return background


def _paint_mark(painter: QPainter, colour: QColor, line: QRect, letter: int) -> None:
    painter.fillRect(line, faint(colour))
    middle = QPoint(letter, line.center().y() + 1)
    half = letter * 0.55
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = [QPointF(-half, -half), QPointF(half, 0), QPointF(-half, half)]
    painter.drawPolygon(QPolygonF([corner + QPointF(middle) for corner in corners]))
