"""A muted label on one line that shortens its text where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

PARTED = " · "
"""Stands between the facts of a line."""


def whole_facts(text: str, metrics: QFontMetrics, width: int) -> str:
    """As many facts of a line as there is room for: a fact less is better read than half of one.

    The first one is shortened at its end where not even that fits.
    """
    parts = text.split(PARTED)
    wholes = (PARTED.join(parts[:count]) for count in range(len(parts), 0, -1))
    fitting = (each for each in wholes if metrics.horizontalAdvance(each) <= width)
    return next(fitting, metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))


class ElidedLabel(QWidget):
    """Shows what it can of a text that is too long; the whole of it is in the tooltip.

    Another text moves nothing and lays nothing out anew, so that it may change many times a second.
    """

    def __init__(
        self, parent: QWidget | None = None, elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle
    ) -> None:
        """Makes an empty label that takes the room it is given.

        Args:
            parent: the widget that owns it.
            elide: where a text is shortened.
        """
        super().__init__(parent)
        self._elide_mode = elide
        self._full_text = self._shown = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """What there is room for."""
        return self._shown

    def set_full_text(self, text: str) -> None:
        """Show this text, as much of it as there is room for."""
        if text != self._full_text:
            self._full_text = text
            self.setAccessibleName(text)
            self._elide()

    def sizeHint(self) -> QSize:
        """Room for one line; any width will do."""
        return QSize(0, self.fontMetrics().height() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten for the new width."""
        super().resizeEvent(event)
        self._elide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the shortened text."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shown)
        painter.end()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        if self._elide_mode is Qt.TextElideMode.ElideRight:
            self._shown = whole_facts(self._full_text, metrics, self.width())
        else:
            self._shown = metrics.elidedText(self._full_text, self._elide_mode, self.width())
        hidden = self._full_text if self._shown != self._full_text else ""
        if hidden != self.toolTip():
            self.setToolTip(hidden)
        self.update()
