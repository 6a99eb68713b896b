"""Controls of the settings panel that Qt has not ready-made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)
from superqt import QRangeSlider

from playground.settings import LARGEST_DEPTH, LARGEST_SEED, LARGEST_THREADS
from ui.style.theme import current_theme
from ui.widgets.number_fields import IntegerField, NumberGuard
from ui.widgets.number_text import parse_float, parse_whole, quote, show_float, show_whole

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
        self.setRange(0, LARGEST_DEPTH)
        # superqt keeps the ends one step apart; here they may meet.
        self.setSingleStep(0)
        self.setAccessibleName("depth")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_range(0, 0)
        self.valueChanged.connect(lambda ends: self.range_chosen.emit(*ends))
        self._paint_bar()

    def ends(self) -> tuple[int, int]:
        """The lower and the upper end."""
        ends: tuple[int, ...] = self.value()
        return ends[0], ends[1]

    def set_range(self, low: int, high: int) -> None:
        """Show a range without a signal."""
        with QSignalBlocker(self):
            self.setValue((low, high))

    def sizeHint(self) -> QSize:
        """Room for the handles and their focus ring."""
        return QSize(100, 22)

    def minimumSizeHint(self) -> QSize:
        """The same height, and a width that can still be aimed at."""
        return QSize(80, 22)

    def changeEvent(self, event: QEvent) -> None:
        """Fade the bar along with the handles, and take the colors of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.EnabledChange, QEvent.Type.PaletteChange):
            self._paint_bar()

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

    def _paint_bar(self) -> None:
        """superqt paints the bar between the handles itself, and knows no class of a style sheet."""
        theme = current_theme()
        self.setProperty("barColor", QColor(theme.parameter if self.isEnabled() else theme.faint))


_AUTOMATIC = "automatic"
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


class ThreadsField(IntegerField):
    """A number of threads; 0 reads "automatic", and either can be typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A field that shows "automatic"."""
        super().__init__("threads", 0, LARGEST_THREADS, parent=parent)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept the word beside the numbers."""
        if _is(text, _AUTOMATIC):
            return QValidator.State.Acceptable, text, position
        return super().validate(text, position)

    def valueFromText(self, text: str) -> int:
        """The number that an acceptable text names."""
        return 0 if _is(text, _AUTOMATIC) else super().valueFromText(text)

    def textFromValue(self, value: int) -> str:
        """The number's digits, or the word for 0."""
        return super().textFromValue(value) if value else _AUTOMATIC


class SeedField(QDoubleSpinBox):
    """A whole number up to 2³² − 1, which is more than QSpinBox holds.

    Signals:
        valueChanged(float): the user committed another seed, a whole number.
        refused(str): one line on the text that was refused; the value is what it was.
    """

    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """A field that holds 0."""
        super().__init__(parent)
        self.setDecimals(0)
        self.setRange(0, LARGEST_SEED)
        allowed = f"a whole number from 0 to {show_whole(LARGEST_SEED)}"
        self._guard = NumberGuard(self, "seed", allowed, lambda: self.textFromValue(self.value()))
        self._guard.refused.connect(self.refused)

    def set_value(self, value: int) -> None:
        """Show a seed without a signal."""
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
        accepted = number is not None and 0 <= number <= LARGEST_SEED
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
        if number is None and not _is(typed, _NONE):
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


def _is(text: str, word: str) -> bool:
    return text.strip().lower() == word
