"""Controls of the settings panel that Qt has not ready-made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ui.widgets.number_fields import IntegerField, NumberGuard
from ui.widgets.number_text import parse_float, parse_whole, quote, show_float, show_whole


class DepthRange(QWidget):
    """Two whole numbers, the least and the most; either one takes the other along where they would cross.

    Attributes:
        least, most: their fields.
        parts: both, from left to right.

    Signals:
        valueChanged(object): the user committed another range, as a tuple of two.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    valueChanged = Signal(object)
    refused = Signal(str)

    def __init__(self, name: str, minimum: int, maximum: int, parent: QWidget | None = None) -> None:
        """A range from the minimum to the minimum; the fields are called `<name>_least` and `<name>_most`."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.least = IntegerField(f"least {name}", minimum, maximum)
        self.most = IntegerField(f"most {name}", minimum, maximum)
        self.parts = (self.least, self.most)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.least, 1)
        row.addWidget(QLabel("–"))
        row.addWidget(self.most, 1)
        for field, other, end in ((self.least, self.most, "least"), (self.most, self.least, "most")):
            field.setObjectName(f"{name}_{end}")
            field.setMinimumWidth(36)
            field.valueChanged.connect(partial(self._choose, other))
            field.refused.connect(self.refused)

    def value(self) -> tuple[int, int]:
        """The least and the most."""
        return self.least.value(), self.most.value()

    def set_value(self, value: tuple[int, int]) -> None:
        """Show a range without a signal."""
        for field, end in zip(self.parts, value, strict=True):
            field.set_value(end)

    def _choose(self, other: IntegerField, value: int) -> None:
        if self.least.value() > self.most.value():
            other.set_value(value)
        self.valueChanged.emit(self.value())


_NONE = "none"
_WIDEST_POPUP = 520


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a drop-down list.

    Attributes:
        text: what is read.
        value: what it stands for.
        tip: its tooltip.
        reason: why it cannot be chosen, shown after the text; "" where it can.
    """

    text: str
    value: str | None
    tip: str = ""
    reason: str = ""


class ChoiceBox(QComboBox):
    """A drop-down list that elides what is too long for it and leaves an unfocused wheel to others."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """An empty list, called `name` for screen readers."""
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def show_choices(self, choices: Sequence[Choice], current: str | None) -> None:
        """List these entries and show the one that stands for `current`, without a signal."""
        with QSignalBlocker(self):
            if tuple(choices) != self._choices:
                self._choices = tuple(choices)
                self._fill()
            self.setCurrentIndex([choice.value for choice in choices].index(current))

    def describe_current(self) -> str:
        """The shown entry in full, on one line, with its tip."""
        choice = self._choices[self.currentIndex()]
        return ": ".join(part for part in (choice.text, choice.reason or choice.tip) if part)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint like any drop-down list, the text elided."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        area = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, area.width() - 4
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Opens the list, wide enough for what is longer than the box."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change by the wheel only when focused, so that scrolling the column changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fill(self) -> None:
        model = QStandardItemModel(self)
        for choice in self._choices:
            text = f"{choice.text} — {choice.reason}" if choice.reason else choice.text
            item = QStandardItem(text)
            item.setData(choice.value, Qt.ItemDataRole.UserRole)
            item.setToolTip(choice.reason or choice.tip)
            item.setEnabled(not choice.reason)
            model.appendRow(item)
        self.setModel(model)
        view = self.view()
        view.setMinimumWidth(min(view.sizeHintForColumn(0) + 24, _WIDEST_POPUP))


class SeedField(QDoubleSpinBox):
    """A whole number of more than the 31 bits that QSpinBox holds, up to 2⁵³.

    Signals:
        valueChanged(float): the user committed another seed, a whole number.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    refused = Signal(str)

    def __init__(self, name: str, minimum: int, maximum: int, parent: QWidget | None = None) -> None:
        """A field that holds its minimum; `name` is for messages and screen readers."""
        super().__init__(parent)
        self.setDecimals(0)
        self.setRange(minimum, maximum)
        allowed = f"a whole number from {show_whole(minimum)} to {show_whole(maximum)}"
        self._guard = NumberGuard(self, name, allowed, lambda: self.textFromValue(self.value()))
        self._guard.refused.connect(self.refused)

    def value(self) -> int:
        """The number in force."""
        return int(super().value())

    def set_value(self, value: int) -> None:
        """Show a number without a signal."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def stepBy(self, steps: int) -> None:
        """Step from what is typed, once."""
        self._guard.settle()
        super().stepBy(steps)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed, and accept whole numbers in the range."""
        number = parse_whole(text)
        accepted = number is not None and self.minimum() <= number <= self.maximum()
        return (
            QValidator.State.Acceptable if accepted else QValidator.State.Intermediate,
            text,
            position,
        )

    def valueFromText(self, text: str) -> float:
        """The number that an acceptable text names."""
        number = parse_whole(text)
        return self.value() if number is None else float(number)

    def textFromValue(self, value: float) -> str:
        """The number's digits."""
        return str(int(value))


class OptionalNumberField(QLineEdit):
    """Any finite number, or "none".

    Signals:
        value_changed(): the user committed another value.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    value_changed = Signal()
    refused = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """A field that holds none; `name` is for messages and screen readers."""
        super().__init__(_NONE, parent)
        self._name = name
        self._value: float | None = None
        self.setAccessibleName(name)
        self.editingFinished.connect(self._commit)

    def value(self) -> float | None:
        """The number in force, or None."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show a value without a signal; a value already held leaves what is being typed alone."""
        if value != self._value:
            self._value = value
            self._restore()

    def _commit(self) -> None:
        typed = self.text()
        number = parse_float(typed)
        if number is None and typed.strip().lower() != _NONE:
            self._restore()
            self.refused.emit(f"{self._name}: {quote(typed)} is not a finite number or none")
            return
        changed = number != self._value
        self._value = number
        self._restore()
        if changed:
            self.value_changed.emit()

    def _restore(self) -> None:
        self.setText(_NONE if self._value is None else show_float(self._value))
