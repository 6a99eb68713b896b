"""A figure that changes many times a second, at a fraction of what a QLabel costs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Figure(QWidget):
    """One line of text whose room never changes with the text, so that nothing else is laid out anew.

    It paints the whole of its rectangle, so that nothing under it is painted with it.
    """

    def __init__(self, name: str, widest: str, parent: QWidget | None = None, *, grows: bool = True) -> None:
        """Makes an empty figure.

        Args:
            name: what it tells, for screen readers.
            widest: a text as wide as any that will be shown.
            parent: the widget that owns it.
            grows: whether a text that is longer all the same gets the room; else it is cut, and whole in the
                tooltip.
        """
        super().__init__(parent)
        self._text = ""
        self._widest, self._grows = widest, grows
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def text(self) -> str:
        """What is shown."""
        return self._text

    def set_text(self, text: str) -> None:
        """Shows another text."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleDescription(text)
        if self._grows:
            self.make_room(text)
        else:
            self.setToolTip(text if self._is_cut(text) else "")
        self.update()

    def make_room(self, widest: str) -> None:
        """Takes room for a text as wide as this one, which is still to come."""
        if len(widest) > len(self._widest):
            self._widest = widest
            self.updateGeometry()

    def keep_room(self, widest: str) -> None:
        """Takes room for a text as wide as this one, and for no wider one until it comes."""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for the widest text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._widest) + 12, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """The same: a figure that is cut would be another figure."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints background and text."""
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(self.backgroundRole()))
        painter.setPen(palette.color(self.foregroundRole()))
        area = self.rect().adjusted(4, 0, 0, 0)
        text = self._text
        if not self._grows:
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()

    def _is_cut(self, text: str) -> bool:
        return self.fontMetrics().horizontalAdvance(text) > self.width() - 4
