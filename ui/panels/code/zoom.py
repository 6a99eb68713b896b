"""A text in letters of one width, as large as the panel is wide or as the user wants them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.style.scale import scale, scaled

SMALLEST_POINTS, LARGEST_POINTS = 6.0, 40.0
SHARE_OF_SYSTEM, SHARE_WHERE_WIDE = 11 / 12, 13 / 12
WIDE = 620
"""Pixels from which seventy columns fit in larger letters."""
_TAB_SPACES = 4
_ZOOM_KEYS = {QKeySequence.StandardKey.ZoomIn: 1.0, QKeySequence.StandardKey.ZoomOut: -1.0}
_RESET_KEY = QKeySequence("Ctrl+0")


class ZoomingText(QPlainTextEdit):
    """Zooms with Ctrl and the wheel, Ctrl++, Ctrl+- and, back to the panel's own size, Ctrl+0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without wrapped lines; `fit_letters` gives it its font."""
        super().__init__(parent)
        self._zoomed = False
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def fit_letters(self) -> None:
        """Follows the panel's width, unless the user has chosen a size."""
        if not self._zoomed:
            self._set_points(self._system_points())

    def event(self, event: QEvent) -> bool:
        """Takes the keys for zooming before the window's shortcuts do, while the text has the focus."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return super().event(event)
        if self._zoom_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zooms, else types."""
        points = self._zoom_of(event)
        if points is not None:
            self._zoomed = QKeySequence(event.keyCombination()) != _RESET_KEY
            self._set_points(points)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl, else scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            self._zoomed = True
            self._set_points(self.font().pointSizeF() + (turned > 0) - (turned < 0))
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the letters as large as the width asks for."""
        super().resizeEvent(event)
        self.fit_letters()

    def _system_points(self) -> float:
        """Seventy columns stay in sight in the panel's first width, at the desktop's own scale."""
        system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)).pointSizeF()
        return scale() * system * (SHARE_WHERE_WIDE if self.width() >= scaled(WIDE) else SHARE_OF_SYSTEM)

    def _zoom_of(self, event: QKeyEvent) -> float | None:
        """The font size that a key asks for, in points; None for any other key."""
        for key, change in _ZOOM_KEYS.items():
            if event.matches(key):
                return self.font().pointSizeF() + change
        return self._system_points() if QKeySequence(event.keyCombination()) == _RESET_KEY else None

    def _set_points(self, points: float) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(min(max(points, SMALLEST_POINTS), LARGEST_POINTS))
        if font == self.font():
            return
        self.setFont(font)
        self.setTabStopDistance(_TAB_SPACES * QFontMetricsF(font).horizontalAdvance(" "))
