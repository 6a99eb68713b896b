"""Everything of a run that can be chosen beside its stage, in one column of small groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.devices import Device
from playground.optimizers import Optimizer
from playground.setting_specs import GROUPS, SETTINGS, Kind, SettingSpec
from playground.settings import Settings
from ui.panels.settings.data_rows import DataRows, why_fixed
from ui.panels.settings.fields import Choice, ChoiceBox, DepthRange, SeedField
from ui.panels.settings.form import Form, OptionFields, StartControls
from ui.panels.settings.own_numbers import OwnNumbers
from ui.panels.settings.text import BY_HAND, DEFAULTS, TORCH_LOADS, WHAT_RUNS, describe
from ui.style.sheet import set_class
from ui.widgets.number_fields import IntegerField, ScientificField

_MARGIN = 10
_NARROWEST = 196
_IN_PAIRS = ("batch_size", "input_size", "hidden_size", "output_size")
_MOST_OF_QT = 2**31 - 1
"""The largest whole number that QSpinBox holds."""

NumberControl = IntegerField | SeedField | ScientificField | DepthRange
_SHOWN = {group: [spec for spec in SETTINGS if spec.group == group] for group in GROUPS}
"""The settings under each heading, in the order of the column."""


class SettingsPanel(QWidget):
    """The column of settings. A control that the stage has no use for is disabled and says why.

    Attributes:
        data: what the net is trained on.
        own: what can be set of a program of the user's own, in place of a stage's settings while it is shown.

    Signals:
        value_chosen(str, object): name of a field of Settings and the value that the user chose
            (depth: a tuple of two; device and optimizer: a name).
        options_chosen(object): dict of all the optimizer's numbers that differ from their defaults.
        start_chosen(bool, object): whether all stages share their start, and the dtype that was chosen
            for it; None for the start's own.
        defaults_chosen(): the user wants the values of the tutorial's program.
        devices_asked(): the user wants to know what runs on which device.
        refused(str): the one line of a field that refused a typed text.
    """

    value_chosen = Signal(str, object)
    options_chosen = Signal(object)
    start_chosen = Signal(bool, object)
    defaults_chosen = Signal()
    devices_asked = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """A panel that shows the settings of the tutorial, before devices and optimizers are known."""
        super().__init__(parent)
        self._settings = Settings()
        self._devices: tuple[Device, ...] = ()
        self._optimizers: tuple[Optimizer, ...] = ()
        self._options: OptionFields | None = None
        self._make_controls()
        self._form = self._make_form()
        self._place_of_own = QWidget()
        around = QVBoxLayout(self._place_of_own)
        around.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        around.addWidget(self.own)
        self._place_of_own.hide()
        self._fixed_height = self._form.sizeHint().height() + 2 * _MARGIN
        self._make_column()
        self._connect()
        self._order_tabs()
        self._refresh()
        self._refresh()

    def show_settings(self, settings: Settings) -> None:
        """Show these settings, without a signal."""
        self._settings = settings
        self._refresh()

    def show_devices(self, devices: Sequence[Device]) -> None:
        """List these devices; the absent ones cannot be chosen and say why."""
        self._devices = tuple(devices)
        self._refresh()

    def show_optimizers(self, optimizers: Sequence[Optimizer]) -> None:
        """List these optimizers, and show the numbers of the one in use."""
        self._optimizers = tuple(optimizers)
        self._refresh()

    def show_own(self) -> None:
        """Show what can be set of a program of the user's own."""
        self._show_one(self._place_of_own)

    def show_stage(self) -> None:
        """Show a stage's settings again."""
        self._show_one(self._form)

    def sizeHint(self) -> QSize:
        """Room for everything but the optimizer's numbers, so that they do not move other panels."""
        return QSize(_NARROWEST + 40, self._fixed_height)

    def minimumSizeHint(self) -> QSize:
        """Room for a few rows; the others can be scrolled to."""
        return QSize(_NARROWEST, self._fixed_height // 4)

    def _make_controls(self) -> None:
        self._defaults = self._link("Tutorial defaults", DEFAULTS, "defaults_button")
        self._what_runs = self._link("What runs where?", WHAT_RUNS, "what_runs_button")
        self._start = StartControls(self)
        self.own = OwnNumbers()
        self.data = DataRows()
        self._place_of_options = QWidget()
        self._options_column = QVBoxLayout(self._place_of_options)
        self._options_column.setContentsMargins(0, 0, 0, 0)
        self._numbers: dict[str, NumberControl] = {}
        self._boxes: dict[str, ChoiceBox] = {}
        self._controls = {spec.name: self._make_control(spec) for specs in _SHOWN.values() for spec in specs}

    def _make_control(self, spec: SettingSpec) -> QWidget:
        control: QWidget
        if spec.kind in (Kind.WHOLE, Kind.REAL, Kind.RANGE):
            control = self._numbers[spec.name] = _number_control(spec)
        elif spec.name == "dtype":
            control = self._start.numbers
        elif spec.kind is Kind.CHOICE:
            control = self._boxes[spec.name] = ChoiceBox(spec.called)
        else:
            control = self._start.switch if spec.kind is Kind.SWITCH else self._place_of_options
        suffix = {Kind.CHOICE: "_box", Kind.RANGE: "_range"}.get(spec.kind, "")
        control.setObjectName(spec.name + suffix)
        return control

    def _link(self, text: str, tip: str, name: str) -> QToolButton:
        link = QToolButton(self)
        link.setText(text)
        link.setToolTip(tip)
        link.setAccessibleDescription(tip)
        link.setObjectName(name)
        set_class(link, "flat link")
        link.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return link

    def _make_form(self) -> Form:
        form = Form()
        form.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        for group, specs in _SHOWN.items():
            if group != GROUPS[0]:
                form.add_line()
            for row in rows_of(specs):
                if len(row) > 1:
                    form.add_pair([(spec.row, self._controls[spec.name]) for spec in row])
                    continue
                (spec,) = row
                control = self._controls[spec.name]
                if spec.row and spec.kind is not Kind.SWITCH:
                    form.add_row(spec.row, control, buddy=_parts(control)[0])
                else:
                    form.add_wide(control)
                if spec.name == "device":
                    form.add_small(self._what_runs)
                    form.add_line()
                    form.add_wide(self.data)
        form.add_line()
        form.add_small(self._defaults)
        return form

    def _make_column(self) -> None:
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._form)
        rows.addWidget(self._place_of_own)
        rows.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def _show_one(self, shown: QWidget) -> None:
        for each in (self._form, self._place_of_own):
            each.setVisible(each is shown)

    def _connect(self) -> None:
        self.own.refused.connect(self.refused)
        self.data.refused.connect(self.refused)
        self.data.value_chosen.connect(self.value_chosen)
        for field, number in self._numbers.items():
            number.valueChanged.connect(partial(self._choose_number, field))
            number.refused.connect(self.refused)
        self._start.start_chosen.connect(self.start_chosen)
        for field, box in self._boxes.items():
            box.currentIndexChanged.connect(partial(self._choose_entry, field, box))
        self._defaults.clicked.connect(self.defaults_chosen)
        self._what_runs.clicked.connect(self.devices_asked)

    def _choose_number(self, field: str, _value: object) -> None:
        self.value_chosen.emit(field, self._numbers[field].value())

    def _choose_entry(self, field: str, box: ChoiceBox, index: int) -> None:
        self.value_chosen.emit(field, box.itemData(index))

    def _refresh(self) -> None:
        settings = self._settings
        self.data.show_settings(settings)
        for field, number in self._numbers.items():
            number.set_value(getattr(settings, field))
        self._start.show_start(settings.same_start, settings.dtype)
        self._refresh_devices()
        self._refresh_optimizers()
        self._refresh_options()
        for spec in SETTINGS:
            if spec.group and spec.kind is not Kind.OPTIONS:
                self._refresh_state(spec)

    def _refresh_devices(self) -> None:
        wanted = self._settings.device
        choices = [Choice(device.label, device.name, reason=device.reason) for device in self._devices]
        # "cuda" is the first of its kind, which torch lists as "cuda:0".
        current = next((name for name in (wanted, f"{wanted}:0") if name in _values(choices)), None)
        if current is None:
            current = wanted
            choices.append(Choice("CPU" if wanted == "cpu" else wanted, wanted))
        self._boxes["device"].show_choices(choices, current)

    def _refresh_optimizers(self) -> None:
        wanted = self._settings.optimizer
        choices = [
            Choice(optimizer.name, optimizer.name, optimizer.summary) for optimizer in self._optimizers
        ]
        if wanted is None:
            choices = [Choice(BY_HAND, None)]
        elif wanted not in _values(choices):
            choices.append(Choice(wanted, wanted))
        self._boxes["optimizer"].show_choices(choices, wanted)

    def _refresh_options(self) -> None:
        wanted = next((each for each in self._optimizers if each.name == self._settings.optimizer), None)
        if wanted != (self._options.optimizer if self._options else None):
            self._replace_options(wanted)
        if self._options:
            self._options.show_values(dict(self._settings.optimizer_options))

    def _replace_options(self, optimizer: Optimizer | None) -> None:
        if self._options:
            # A text that is still being typed belonged to the other optimizer.
            self._options.blockSignals(True)
            self._options_column.removeWidget(self._options)
            # A layout shows what it was given later; without a parent that would be a window.
            self._options.hide()
            self._options.setParent(None)
            self._options.deleteLater()
        self._options = None
        if optimizer is not None:
            self._options = OptionFields(optimizer)
            self._options.options_chosen.connect(self.options_chosen)
            self._options.refused.connect(self.refused)
            self._options_column.addWidget(self._options)
        self._place_of_options.setVisible(self._options is not None)
        self._order_tabs()

    def _refresh_state(self, spec: SettingSpec) -> None:
        """Enable a control if the stage has a use for it, and let it say what it does or why not."""
        control = self._controls[spec.name]
        reason = spec.why_unused(self._settings.program) or why_fixed(spec.name, self._settings)
        text = reason or describe(spec, self._settings.optimizer)
        box = self._boxes.get(spec.name)
        if box is not None and not reason:
            known = self._devices if spec.name == "device" else self._optimizers
            text += f"\n{box.describe_current() if known else TORCH_LOADS}"
        control.setEnabled(not reason)
        for widget in {control, *_parts(control)}:
            widget.setToolTip(text)
            widget.setAccessibleDescription(text)

    def _order_tabs(self) -> None:
        chain: list[QWidget] = []
        for field, control in self._controls.items():
            if field == "optimizer_options":
                chain += self._options.tab_chain() if self._options else []
            else:
                chain += _parts(control)
            if field == "device":
                chain += [self._what_runs, *self.data.tab_chain()]
        chain.append(self._defaults)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)


def rows_of(specs: Sequence[SettingSpec]) -> Iterator[tuple[SettingSpec, ...]]:
    """The settings of a group row by row: two short numbers share one."""
    waiting: SettingSpec | None = None
    for spec in specs:
        if spec.name not in _IN_PAIRS:
            yield (spec,)
        elif waiting is None:
            waiting = spec
        else:
            yield waiting, spec
            waiting = None


def _number_control(spec: SettingSpec) -> NumberControl:
    """The field that holds the range of a setting."""
    if spec.kind is Kind.REAL:
        return ScientificField(spec.called, spec.above or 0.0, above_minimum=spec.above is not None)
    least, most = spec.ends
    if spec.kind is Kind.RANGE:
        return DepthRange(spec.called, least, most)
    if most > _MOST_OF_QT:
        return SeedField(spec.called, least, most)
    return IntegerField(spec.called, least, most, step_factor=spec.factor, zero=spec.blank)


def _parts(control: QWidget) -> tuple[QWidget, ...]:
    """What of a control takes the focus, from left to right."""
    return control.parts if isinstance(control, DepthRange) else (control,)


def _values(choices: Sequence[Choice]) -> list[str | None]:
    return [choice.value for choice in choices]
