"""The strip at the left of the code: line numbers, and a sign before each marked line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.panels.code.marks import LineMark, Sign

if TYPE_CHECKING:
    from ui.panels.code.editor import CodeEditor


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
            mark = self._editor.mark(line)
            if mark is not None:
                _paint_mark(painter, mark, QRect(0, int(top), self.width(), int(bottom - top)), letter)
            painter.setPen(self._editor.number_colour() if mark is None else mark.colour)
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


def _paint_mark(painter: QPainter, mark: LineMark, line: QRect, letter: int) -> None:
    painter.fillRect(line, mark.band)
    middle = QPointF(QPoint(letter, line.center().y() + 1))
    half = letter * 0.55
    hollow = mark.sign is Sign.HOLLOW_TRIANGLE
    painter.setPen(QPen(mark.colour, letter * 0.16) if hollow else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else mark.colour)
    if mark.sign is Sign.DOT:
        painter.drawEllipse(middle, 0.7 * half, 0.7 * half)
    elif mark.sign is not Sign.NONE:
        corners = [QPointF(-half, -half), QPointF(half, 0), QPointF(-half, half)]
        painter.drawPolygon(QPolygonF([corner + middle for corner in corners]))
