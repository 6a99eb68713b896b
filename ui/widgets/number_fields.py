"""Fields for whole numbers and for float64 numbers that refuse a bad text in one clear line.

Anything can be typed or pasted. On Enter, or when the focus leaves, an acceptable text becomes the
value and `valueChanged` fires once; any other text is refused and the last valid value comes back.
"""

from __future__ import annotations

import math
import sys

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from ui.widgets.number_guard import NumberGuard, places
from ui.widgets.number_text import (
    Bounds,
    next_in_series,
    parse_float,
    parse_whole,
    previous_in_series,
    show_float,
    show_whole,
)

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
        self, name: str, minimum: int, maximum: int, *, step_factor: int = 1, parent: QWidget | None = None
    ) -> None:
        """Make a field that holds its minimum.

        Args:
            name: what the field is called in messages and for screen readers.
            minimum, maximum: the range, both ends included; at most 32 bits.
            step_factor: a step multiplies or divides by this; 1: adds or subtracts one.
            parent: the widget that owns it.
        """
        super().__init__(parent)
        self._step_factor = step_factor
        self.setRange(minimum, maximum)
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
        """Let anything be typed, and accept whole numbers in the range."""
        number = parse_whole(text)
        accepted = number is not None and self.minimum() <= number <= self.maximum()
        return _state(accepted), text, position

    def valueFromText(self, text: str) -> int:
        """The number that an acceptable text names."""
        number = parse_whole(text)
        return self.value() if number is None else number

    def textFromValue(self, value: int) -> str:
        """The number's digits, without separators."""
        return str(value)


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
