"""A compact form of two columns: labels on the left, fields of equal width on the right."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from playground.optimizers import Optimizer, Option
from playground.setting_specs import DTYPES, SPECS
from playground.settings import OptionValue
from ui.panels.settings.fields import Choice, ChoiceBox, OptionalNumberField
from ui.panels.settings.text import describe_option
from ui.style.sheet import set_class
from ui.widgets.number_fields import ScientificField

_GIVEN = tuple(Choice(dtype, dtype) for dtype in DTYPES)
_DEFAULT = Choice(SPECS["dtype"].blank, None, "float64 in NumPy, float32 in torch")


class StartControls(QObject):
    """The two controls that choose the start together.

    Attributes:
        switch: whether all stages share their start.
        numbers: the type of data and weights; a shared start has one for all stages, and offers no other.

    Signals:
        start_chosen(bool, object): whether it is shared, and the dtype's name; None for the start's own.
    """

    start_chosen = Signal(bool, object)

    def __init__(self, parent: QWidget) -> None:
        """The start of the tutorial."""
        super().__init__(parent)
        text = SPECS["same_start"].row
        self.switch = QCheckBox(text, parent)
        self.switch.setAccessibleName(" ".join(text.replace("&", "").lower().split()))
        self.numbers = ChoiceBox(SPECS["dtype"].called, parent)
        self.show_start(False, None)
        self.switch.toggled.connect(self._choose_start)
        self.numbers.currentIndexChanged.connect(self._choose_numbers)

    def show_start(self, same_start: bool, dtype: str | None) -> None:
        """Show this start, without a signal."""
        with QSignalBlocker(self.switch):
            self.switch.setChecked(same_start)
        self.numbers.show_choices(_GIVEN if same_start else (_DEFAULT, *_GIVEN), dtype)

    def _choose_start(self, same_start: bool) -> None:
        # A type that the shared start had filled in is no choice of the user's: off, the default returns.
        self.start_chosen.emit(same_start, self.numbers.currentData() if same_start else None)

    def _choose_numbers(self, index: int) -> None:
        self.start_chosen.emit(self.switch.isChecked(), self.numbers.itemData(index))


_LABEL_SHARE, _FIELD_SHARE = 5, 8
_AROUND_A_LINE = 9
_WIDEST_OF_PAIR = "Hidden "
_SHARE_IN_PAIR = 0.92


class Form(QWidget):
    """Rows from top to bottom, parted by lines."""

    def __init__(self, parent: QWidget | None = None, label_share: int = _LABEL_SHARE) -> None:
        """A form without rows; of its width the labels have `label_share` where the fields have 8."""
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, label_share)
        self._grid.setColumnStretch(1, _FIELD_SHARE)

    def add_line(self) -> None:
        """A thin line that parts what is above it from what is below."""
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        set_class(line, "line")
        line.setFixedHeight(_AROUND_A_LINE)
        self._grid.addWidget(line, self._grid.rowCount(), 0, 1, 2)

    def add_pair(self, fields: Sequence[tuple[str, QWidget]]) -> None:
        """Two short fields side by side, each with its label, whose mnemonic leads to it."""
        pair = QWidget(self)
        cells = QGridLayout(pair)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setHorizontalSpacing(3)
        for place, (text, field) in enumerate(fields):
            label = QLabel(text, pair)
            label.setBuddy(field)
            if isinstance(field, QAbstractSpinBox):
                # The arrow keys step it all the same.
                field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            font = label.font()
            font.setPointSizeF(font.pointSizeF() * _SHARE_IN_PAIR)
            label.setFont(font)
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(_WIDEST_OF_PAIR))
            cells.addWidget(label, 0, 2 * place)
            cells.addWidget(field, 0, 2 * place + 1)
            cells.setColumnStretch(2 * place + 1, 1)
        self._grid.addWidget(pair, self._grid.rowCount(), 0, 1, 2)

    def add_row(self, text: str, field: QWidget, buddy: QWidget | None = None) -> QLabel:
        """A field with its label, whose mnemonic leads to `buddy` or else to the field."""
        label = QLabel(text, self)
        label.setWordWrap(True)
        # Hints ignored, the shares alone decide: every form of one width has the same columns.
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setBuddy(buddy or field)
        field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        return label

    def add_wide(self, widget: QWidget) -> None:
        """A widget across both columns."""
        policy = widget.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        widget.setSizePolicy(policy)
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2)

    def add_small(self, widget: QWidget) -> None:
        """A widget that keeps its width, at the left below the one before."""
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2, Qt.AlignmentFlag.AlignLeft)


@dataclass(frozen=True, slots=True)
class _Editor:
    """A control for one option.

    Attributes:
        widget: what is seen.
        parts: what takes the focus, from left to right.
        read: gives the value in force.
        show: shows a value, silently.
        changed, refused: signals of the parts.
    """

    widget: QWidget
    parts: tuple[QWidget, ...]
    read: Callable[[], OptionValue]
    show: Callable[[OptionValue], None]
    changed: tuple[SignalInstance, ...]
    refused: tuple[SignalInstance, ...] = ()


class OptionFields(Form):
    """One control for each of an optimizer's own numbers, called `option_<name>`.

    Attributes:
        optimizer: whose numbers they are.

    Signals:
        options_chosen(object): dict of all numbers that differ from their defaults.
        refused(str): the one line of a field that refused a typed text.
    """

    options_chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, optimizer: Optimizer, parent: QWidget | None = None) -> None:
        """Controls that show the defaults."""
        super().__init__(parent)
        self.optimizer = optimizer
        self._editors = {option.name: _make_editor(option) for option in optimizer.options}
        for option in optimizer.options:
            self._add(option)
        self.show_values({})

    def show_values(self, values: Mapping[str, OptionValue]) -> None:
        """Show these numbers, and the default of every other, without a signal."""
        for option in self.optimizer.options:
            self._editors[option.name].show(values.get(option.name, option.default))

    def tab_chain(self) -> list[QWidget]:
        """What takes the focus, from top to bottom."""
        return [part for editor in self._editors.values() for part in editor.parts]

    def _add(self, option: Option) -> None:
        editor = self._editors[option.name]
        tip = describe_option(option, self.optimizer.name)
        editor.widget.setObjectName(f"option_{option.name}")
        for widget in {editor.widget, *editor.parts}:
            widget.setToolTip(tip)
            widget.setAccessibleDescription(tip)
        if isinstance(editor.widget, QCheckBox):
            self.add_wide(editor.widget)
        else:
            # A break is allowed after each underscore, for names that are longer than the column.
            self.add_row(option.name.replace("_", "_\u200b"), editor.widget, buddy=editor.parts[0])
        for changed in editor.changed:
            changed.connect(self._choose)
        for refused in editor.refused:
            refused.connect(self.refused)

    def _choose(self) -> None:
        values = {option.name: self._editors[option.name].read() for option in self.optimizer.options}
        defaults = {option.name: option.default for option in self.optimizer.options}
        self.options_chosen.emit({name: value for name, value in values.items() if value != defaults[name]})


def _make_editor(option: Option) -> _Editor:
    if isinstance(option.default, bool):
        return _make_switch(option.name)
    if isinstance(option.default, tuple):
        return _make_several(option.name, option.default)
    return _make_number(option.name, option.default)


def _make_switch(name: str) -> _Editor:
    box = QCheckBox(name)

    def show(value: OptionValue) -> None:
        with QSignalBlocker(box):
            box.setChecked(bool(value))

    return _Editor(box, (box,), box.isChecked, show, (box.toggled,))


def _make_number(name: str, default: float | None) -> _Editor:
    if default is None:
        text = OptionalNumberField(name)
        show = partial(_show_number, text.set_value)
        return _Editor(text, (text,), text.value, show, (text.value_changed,), (text.refused,))
    field = ScientificField(name, -math.inf, math.inf)
    show = partial(_show_number, lambda value: field.set_value(default if value is None else value))
    return _Editor(field, (field,), field.value, show, (field.valueChanged,), (field.refused,))


def _make_several(name: str, defaults: tuple[float | None, ...]) -> _Editor:
    """Fields side by side, too narrow for buttons; the arrow keys step them all the same."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    members = [_make_number(f"{name} {index}", default) for index, default in enumerate(defaults, start=1)]
    for index, member in enumerate(members, start=1):
        member.widget.setObjectName(f"option_{name}_{index}")
        member.widget.setMinimumWidth(36)
        if isinstance(member.widget, QAbstractSpinBox):
            member.widget.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        row.addWidget(member.widget, 1)
    height = min(member.widget.sizeHint().height() for member in members)
    for member in members:
        member.widget.setFixedHeight(height)
    return _Editor(
        group,
        tuple(member.widget for member in members),
        partial(_read_several, members),
        partial(_show_several, members),
        tuple(signal for member in members for signal in member.changed),
        tuple(signal for member in members for signal in member.refused),
    )


def _show_number(show: Callable[[float | None], None], value: OptionValue) -> None:
    # A value of another kind than the default's is none that an optimizer's class takes.
    if not isinstance(value, tuple):
        show(None if value is None else float(value))


def _read_several(members: list[_Editor]) -> OptionValue:
    values = (member.read() for member in members)
    return tuple(value for value in values if not isinstance(value, tuple))


def _show_several(members: list[_Editor], value: OptionValue) -> None:
    if isinstance(value, tuple) and len(value) == len(members):
        for member, number in zip(members, value, strict=True):
            member.show(number)
