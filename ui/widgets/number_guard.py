"""What every number field does alike: refuse on commit, and change by the wheel only when focused."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox

from ui.widgets.number_text import quote

_PAGE_STEPS = 10
"""Steps that Qt asks for on Page Up, Page Down and the wheel with Ctrl."""
_PAGE_PLACES = 3
"""Places that these go in a series of factors: a decade of 1, 2, 5, or eightfold."""


class NumberGuard(QObject):
    """Watches one field's events before Qt would silently mend what was typed.

    Signals:
        refused(str): one line that names the field, the text and what is allowed.
    """

    refused = Signal(str)

    def __init__(
        self, field: QAbstractSpinBox, name: str, allowed: str, value_text: Callable[[], str]
    ) -> None:
        """Watch a field for as long as it lives.

        Args:
            field: the field, whose `validate` says what is acceptable.
            name: what the field is called in messages.
            allowed: what it takes, in words (`"a whole number from 1 to 9"`).
            value_text: gives the text of the last valid value.
        """
        super().__init__(field)
        self._field = field
        self._name = name
        self._allowed = allowed
        self._value_text = value_text
        field.setAccessibleName(name)
        field.setAccessibleDescription(allowed)
        field.setKeyboardTracking(False)
        # Qt's default lets the wheel itself give the focus.
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)

    def settle(self) -> None:
        """Take back a text that is not acceptable, and say so; leave any other as it is."""
        if self._field.hasAcceptableInput():
            return
        typed = self._field.text()
        self._restore()
        self.refused.emit(f"{self._name}: {quote(typed)} is not {self._allowed}")

    def check(self, held: bool, value: float) -> None:
        """Raise ValueError, in the words of a refusal, if a value set by the program is not held."""
        if not held:
            raise ValueError(f"{self._name}: {value} is not {self._allowed}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Settle on Enter and focus out, give up on Escape, keep the wheel from an unfocused field."""
        if event.type() == QEvent.Type.Wheel and not self._field.hasFocus():
            event.ignore()
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus():
            # The context menu takes the focus in order to paste: that is no commit.
            if event.reason() == Qt.FocusReason.PopupFocusReason:
                return True
            self.settle()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event.key())
        return super().eventFilter(watched, event)

    def _press(self, key: int) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.settle()
        elif key == Qt.Key.Key_Escape and self._field.text() != self._value_text():
            self._restore()
            return True
        return False

    def _restore(self) -> None:
        self._field.lineEdit().setText(self._value_text())


def places(steps: int) -> int:
    """How many places in a series of factors Qt's number of steps stands for, with its sign."""
    if abs(steps) < _PAGE_STEPS:
        return steps
    return _PAGE_PLACES if steps > 0 else -_PAGE_PLACES
