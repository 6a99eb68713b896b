"""Shows in a corner of the window which keys were pressed, and what they do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QWidget

from ui.style.sheet import set_class
from ui.widgets.actions import ACTIONS

SHOWN_FOR = 1000
"""Milliseconds."""
MARGIN = 16
PURPOSES = {QKeySequence(spec.keys).toString(): spec.purpose for spec in ACTIONS if spec.keys}


class PressedKeys(QLabel):
    """Lies over the window for a second after a key that does something; what is typed is nobody's affair."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hears nothing yet."""
        super().__init__(parent)
        self.setObjectName("pressed_keys")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_class(self, "keys")
        # Not the window itself: a child that refers to it keeps it alive.
        self._listens = False
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_FOR)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def listen(self, listens: bool) -> None:
        """Looks at the keys that reach the window, or no longer does: then they cost nothing."""
        if listens == self._listens:
            return
        self._listens = listens
        if listens:
            self.window().installEventFilter(self)
        else:
            self.window().removeEventFilter(self)
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt asks the window about each key that nothing in it takes for text."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence(event.keyCombination())
            purpose = PURPOSES.get(keys.toString())
            if purpose is not None:
                self._show(f"{keys.toString(QKeySequence.SequenceFormat.NativeText)}  {purpose}")
        return False

    def _show(self, text: str) -> None:
        self.setText(text)
        self.adjustSize()
        parent = self.parentWidget()
        if parent is not None:
            # At the right: the corner at its left is that of the notices.
            corner = parent.rect().bottomRight() - QPoint(MARGIN, MARGIN)
            self.move(corner - self.rect().bottomRight())
        self.show()
        self.raise_()
        self._timer.start()
