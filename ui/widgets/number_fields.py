"""Fields for whole numbers and for float64 numbers that refuse a bad text in one clear line.

Anything can be typed or pasted. On Enter, or when the focus leaves, an acceptable text becomes the
value and `valueChanged` fires once; any other text is refused and the last valid value comes back.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget
from shiboken6 import isValid

from ui.widgets.number_text import (
    Bounds,
    next_in_series,
    parse_float,
    parse_whole,
    previous_in_series,
    quote,
    show_float,
    show_whole,
)

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
        if not isValid(self._field):
            # Qt deletes a window's parts one by one, and takes the focus from them on the way.
            return False
        if event.type() == QEvent.Type.Wheel and not self._field.hasFocus():
            event.ignore()
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus():
            # The context menu takes the focus in order to paste: that is no commit.
            if event.reason() == Qt.FocusReason.PopupFocusReason:
                return True
            self.settle()
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and _is_bracket(event)
        ):
            # No part of a number: they mean to the window what they always mean.
            event.ignore()
            return True
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


def _is_bracket(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight)


def places(steps: int) -> int:
    """How many places in a series of factors Qt's number of steps stands for, with its sign."""
    if abs(steps) < _PAGE_STEPS:
        return steps
    return _PAGE_PLACES if steps > 0 else -_PAGE_PLACES


_MOST_DECIMALS = 323
"""Qt rounds the ends of a range to this many decimals, the most that it takes."""
_TYPICAL_TEXT = "1.2345e-06"
_QT_WIDTH_LETTERS = 18
"""Qt makes a field as wide as so many letters of its longest bound."""


class IntegerField(QSpinBox):
    """A whole number in a range; spaces and underscores may stand between its digits.

    Signals:
        valueChanged(int): the user committed another value, or stepped to it.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    refused = Signal(str)

    def __init__(
        self,
        name: str,
        minimum: int,
        maximum: int,
        *,
        step_factor: int = 1,
        zero: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make a field that holds its minimum.

        Args:
            name: what the field is called in messages and for screen readers.
            minimum, maximum: the range, both ends included; at most 32 bits.
            step_factor: a step multiplies or divides by this; 1: adds or subtracts one.
            zero: the word that a minimum of 0 reads, and that can be typed for it.
            parent: the widget that owns it.
        """
        super().__init__(parent)
        self._step_factor = step_factor
        self._zero = zero
        self.setRange(minimum, maximum)
        self.setSpecialValueText(zero)
        allowed = f"a whole number from {show_whole(minimum)} to {show_whole(maximum)}"
        self._guard = NumberGuard(self, name, allowed, lambda: self.textFromValue(self.value()))
        self._guard.refused.connect(self.refused)

    def set_value(self, value: int) -> None:
        """Show a value without a signal; a value already held leaves what is being typed alone.

        Raises:
            ValueError: the value is not in the range.
        """
        self._guard.check(self.minimum() <= value <= self.maximum(), value)
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def stepBy(self, steps: int) -> None:
        """Step from what is typed, once, and stay in the range."""
        self._guard.settle()
        value = self.valueFromText(self.text())
        stepped = value + steps if self._step_factor == 1 else self._scaled(value, places(steps))
        self.setValue(min(max(stepped, self.minimum()), self.maximum()))
        self.selectAll()

    def _scaled(self, value: int, count: int) -> int:
        factor: int = self._step_factor ** abs(count)
        if count < 0:
            return int(value / factor)
        return value * factor if value else 1

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed, and accept whole numbers in the range, and the word for 0."""
        number = self._parsed(text)
        accepted = number is not None and self.minimum() <= number <= self.maximum()
        return _state(accepted), text, position

    def valueFromText(self, text: str) -> int:
        """The number that an acceptable text names."""
        number = self._parsed(text)
        return self.value() if number is None else number

    def textFromValue(self, value: int) -> str:
        """The number's digits, without separators, or the word for 0."""
        return str(value or self._zero or 0)

    def _parsed(self, text: str) -> int | None:
        return 0 if self._zero and text.strip().lower() == self._zero else parse_whole(text)


class ScientificField(QDoubleSpinBox):
    """Any finite float64 in a range, held exactly, and stepped along 1, 2, 5, 10.

    Signals:
        valueChanged(float): the user committed another value, or stepped to it.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    refused = Signal(str)

    def __init__(
        self,
        name: str,
        minimum: float = 0.0,
        maximum: float = math.inf,
        *,
        above_minimum: bool = False,
        below_maximum: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make a field that holds zero, or the lowest number of its series where zero is not allowed.

        Args:
            name: what the field is called in messages and for screen readers.
            minimum, maximum: the range; an infinite end is no bound.
            above_minimum, below_maximum: whether that end itself is not allowed.
            parent: the widget that owns it.
        """
        super().__init__(parent)
        self._bounds = Bounds(minimum, maximum, above_minimum, below_maximum)
        self.setDecimals(_MOST_DECIMALS)
        largest = sys.float_info.max
        self.setRange(max(minimum, -largest), min(maximum, largest))
        self._guard = NumberGuard(
            self, name, self._bounds.describe(), lambda: self.textFromValue(self.value())
        )
        self._guard.refused.connect(self.refused)
        self.set_value(self._bounds.first())

    def setValue(self, value: float) -> None:
        """Hold this very float64; `valueChanged` fires if it is another.

        Raises:
            ValueError: the value is not finite or not in the range.
        """
        self._guard.check(self._bounds.hold(value), value)
        # Qt's own setter rounds to the decimals; a text that is read back is not rounded.
        self.lineEdit().setText(show_float(value))
        self.interpretText()

    def set_value(self, value: float) -> None:
        """Show a value without a signal; a value already held leaves what is being typed alone.

        Raises:
            ValueError: the value is not finite or not in the range.
        """
        self._guard.check(self._bounds.hold(value), value)
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def stepBy(self, steps: int) -> None:
        """Step from what is typed, once, and stay in the range."""
        self._guard.settle()
        value = self.valueFromText(self.text())
        for _ in range(abs(places(steps))):
            value = self._neighbour(value, steps > 0)
        self.setValue(value)
        self.selectAll()

    def _neighbour(self, value: float, upwards: bool) -> float:
        reaches_zero = self._bounds.hold(0.0)
        stepped = next_in_series(value) if upwards else previous_in_series(value, reaches_zero=reaches_zero)
        stepped = min(max(stepped, self._bounds.minimum), self._bounds.maximum)
        return stepped if self._bounds.hold(stepped) else value

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed, and accept finite numbers in the range."""
        number = parse_float(text)
        return _state(number is not None and self._bounds.hold(number)), text, position

    def valueFromText(self, text: str) -> float:
        """The number that an acceptable text names."""
        number = parse_float(text)
        return self.value() if number is None else number

    def textFromValue(self, value: float) -> str:
        """The shortest text that gives the same float64 back."""
        return show_float(value)

    def sizeHint(self) -> QSize:
        """As wide as a typical number needs; Qt would make room for the largest float64."""
        return self._narrowed(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        """The same room: the bounds say nothing about the numbers that are used."""
        return self._narrowed(super().minimumSizeHint())

    def _narrowed(self, hint: QSize) -> QSize:
        metrics = self.fontMetrics()
        bounds = (show_float(self.minimum()), show_float(self.maximum()))
        widest = max(metrics.horizontalAdvance(text[:_QT_WIDTH_LETTERS]) for text in bounds)
        hint.setWidth(hint.width() - widest + metrics.horizontalAdvance(_TYPICAL_TEXT))
        return hint


def _state(accepted: bool) -> QValidator.State:
    return QValidator.State.Acceptable if accepted else QValidator.State.Intermediate
