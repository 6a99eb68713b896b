"""The range of depths: a slider with two ends that may meet, usable by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget
from superqt import QRangeSlider

from playground.settings import LARGEST_DEPTH
from ui.style.theme import LIGHT, Theme

_PAGE = 4
_STEPS: Mapping[int, int] = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: _PAGE,
    Qt.Key.Key_PageDown: -_PAGE,
    Qt.Key.Key_End: LARGEST_DEPTH,
    Qt.Key.Key_Home: -LARGEST_DEPTH,
}


class DepthRange(QRangeSlider):
    """Smallest and largest depth. Keys move the upper end, with Shift the lower one.

    Signals:
        range_chosen(int, int): the user moved an end: the lower and the upper one.
    """

    range_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """A range from 0 to 0."""
        # superqt's own constructor carries no types.
        super().__init__(Qt.Orientation.Horizontal, parent)  # type: ignore[no-untyped-call]
        self._theme = LIGHT
        self.setRange(0, LARGEST_DEPTH)
        # superqt keeps the ends one step apart; here they may meet.
        self.setSingleStep(0)
        self.setAccessibleName("depth")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_range(0, 0)
        self.valueChanged.connect(lambda ends: self.range_chosen.emit(*ends))
        self.set_theme(LIGHT)

    def ends(self) -> tuple[int, int]:
        """The lower and the upper end."""
        ends: tuple[int, ...] = self.value()
        return ends[0], ends[1]

    def set_range(self, low: int, high: int) -> None:
        """Show a range without a signal."""
        with QSignalBlocker(self):
            self.setValue((low, high))

    def set_theme(self, theme: Theme) -> None:
        """Paint in these colours."""
        self._theme = theme
        self._restyle()

    def sizeHint(self) -> QSize:
        """Room for the handles and their focus ring."""
        return QSize(100, 22)

    def minimumSizeHint(self) -> QSize:
        """The same height, and a width that can still be aimed at."""
        return QSize(80, 22)

    def changeEvent(self, event: QEvent) -> None:
        """Fade the bar along with the handles."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move an end; superqt leaves the keys to QSlider, which knows of no second end."""
        step = _STEPS.get(event.key())
        if step is None:
            event.ignore()
            return
        low, high = self.ends()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            low = min(max(low + step, 0), high)
        else:
            high = max(min(high + step, LARGEST_DEPTH), low)
        self.setValue((low, high))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag an end; where both meet, the one on the side that the pointer goes to."""
        low, high = self.ends()
        if self.isSliderDown() and low == high:
            here = self.width() * low / LARGEST_DEPTH
            self._pressedIndex = int(event.position().x() > here)
        super().mouseMoveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the column: it could not tell which end is meant."""
        event.ignore()

    def _restyle(self) -> None:
        theme = self._theme
        bar = theme.parameter if self.isEnabled() else theme.faint
        self.setStyleSheet(f"""
            QSlider::groove:horizontal {{ height: 4px; background: {theme.border}; border-radius: 2px; }}
            QSlider::handle:horizontal {{ width: 10px; margin: -5px 0; border-radius: 6px;
                background: {theme.surface}; border: 2px solid {bar}; }}
            QSlider::handle:horizontal:hover {{ background: {theme.raised}; }}
            QSlider::handle:horizontal:focus {{ background: {theme.parameter}; }}
        """)
        self.setProperty("barColor", QColor(bar))
