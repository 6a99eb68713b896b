"""Everything of a run that can be chosen beside its stage, in one column of small groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.devices import Device
from playground.optimizers import Optimizer
from playground.settings import LARGEST_SIZE, LARGEST_STEPS, Settings
from playground.unused import why_unused
from ui.panels.settings.fields import Choice, ChoiceBox, SeedField, ThreadsField
from ui.panels.settings.form import Form, OptionFields, StartControls
from ui.panels.settings.text import BY_HAND, DEFAULTS, TORCH_LOADS, WHAT_RUNS, describe, show_depth
from ui.style.sheet import set_class
from ui.widgets.number_fields import IntegerField, ScientificField

if TYPE_CHECKING:
    from ui.panels.settings.fields import DepthRange

_MARGIN = 10
_SLIDER_HEIGHT = 22
_NARROWEST = 240


class SettingsPanel(QWidget):
    """The column of settings. A control that the stage has no use for is disabled and says why.

    Signals:
        value_chosen(str, object): name of a field of Settings and the value that the user chose
            (depth: a tuple of two; device and optimizer: a name).
        options_chosen(object): dict of all the optimizer's numbers that differ from their defaults.
        start_chosen(bool, object): whether all stages share their start, and the dtype that was chosen
            for it; None for the start's own.
        defaults_chosen(): the user wants the values of the document's program.
        devices_asked(): the user wants to know what runs on which device.
        refused(str): the one line of a field that refused a typed text.
    """

    value_chosen = Signal(str, object)
    options_chosen = Signal(object)
    start_chosen = Signal(bool, object)
    defaults_chosen = Signal()
    devices_asked = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, at_once: bool = True) -> None:
        """A panel that shows the settings of the document, before devices and optimizers are known.

        Args:
            parent: the widget that owns it.
            at_once: False leaves out the depth's slider until `complete` is called.
        """
        super().__init__(parent)
        self._settings = Settings()
        self._devices: tuple[Device, ...] = ()
        self._optimizers: tuple[Optimizer, ...] = ()
        self._options: OptionFields | None = None
        self._depth: DepthRange | None = None
        self._make_controls()
        self._form = self._make_form()
        self._fixed_height = self._form.sizeHint().height() + 2 * _MARGIN
        self._make_column()
        self._connect()
        self._order_tabs()
        if at_once:
            self.complete()
        self._refresh()

    def complete(self) -> None:
        """Adds the depth's slider, whose library takes as long to load as a good part of the window."""
        from ui.panels.settings.fields import DepthRange

        self._depth = self._controls["depth"] = DepthRange()
        self._depth.setObjectName("depth_range")
        self._depth.range_chosen.connect(lambda low, high: self.value_chosen.emit("depth", (low, high)))
        self._depth.valueChanged.connect(lambda ends: self._show_depth(*ends))
        self._place_of_depth.addWidget(self._depth)
        self._depth_label.setBuddy(self._depth)
        self._order_tabs()
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

    def sizeHint(self) -> QSize:
        """Room for everything but the optimizer's numbers, so that they do not move other panels."""
        return QSize(_NARROWEST + 40, self._fixed_height)

    def minimumSizeHint(self) -> QSize:
        """Room for a few rows; the others can be scrolled to."""
        return QSize(_NARROWEST, self._fixed_height // 4)

    def _make_controls(self) -> None:
        self._defaults = self._link("document’s values", DEFAULTS, "defaults_button")
        self._what_runs = self._link("What runs where?", WHAT_RUNS, "what_runs_button")
        self._device = ChoiceBox("device")
        self._optimizer = ChoiceBox("optimizer")
        self._learning_rate = ScientificField("learning rate", 0.0, above_minimum=True)
        self._integers = {
            name: IntegerField(name.replace("_", " "), 1, LARGEST_SIZE, step_factor=2)
            for name in ("batch_size", "input_size", "hidden_size", "output_size")
        }
        self._integers["steps"] = IntegerField("steps", 1, LARGEST_STEPS)
        self._integers["threads"] = ThreadsField()
        self._seed = SeedField()
        self._start = StartControls(self)
        self._controls: dict[str, QWidget] = {
            "device": self._device,
            "optimizer": self._optimizer,
            "learning_rate": self._learning_rate,
            "seed": self._seed,
            "same_start": self._start.switch,
            "dtype": self._start.numbers,
            **self._integers,
        }
        names = {"device": "device_box", "optimizer": "optimizer_box", "dtype": "dtype_box"}
        for field, control in self._controls.items():
            control.setObjectName(names.get(field, field))

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
        form.add_heading("DEVI&CE", self._device, beside=self._defaults)
        form.add_wide(self._device)
        form.add_small(self._what_runs)
        form.add_heading("LAYER SIZES")
        form.add_row("&Batch", self._integers["batch_size"])
        form.add_row("&Input", self._integers["input_size"])
        form.add_row("Hidde&n", self._integers["hidden_size"])
        form.add_row("&Output", self._integers["output_size"])
        form.add_heading("START")
        form.add_wide(self._start.switch)
        form.add_row("N&umbers", self._start.numbers)
        form.add_heading("O&PTIMIZER", self._optimizer)
        form.add_wide(self._optimizer)
        form.add_row("&Learning rate", self._learning_rate)
        self._place_of_options = QWidget()
        self._options_column = QVBoxLayout(self._place_of_options)
        self._options_column.setContentsMargins(0, 0, 0, 0)
        form.add_wide(self._place_of_options)
        form.add_heading("DEPTH")
        place = QWidget()
        place.setFixedHeight(_SLIDER_HEIGHT)
        self._place_of_depth = QVBoxLayout(place)
        self._place_of_depth.setContentsMargins(0, 0, 0, 0)
        self._depth_label = form.add_row("", place)
        form.add_heading("RUN")
        form.add_row("&Steps", self._integers["steps"])
        form.add_row("See&d", self._seed)
        form.add_row("&Threads", self._integers["threads"])
        return form

    def _make_column(self) -> None:
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._form)
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

    def _connect(self) -> None:
        for field, integer in self._integers.items():
            integer.valueChanged.connect(partial(self.value_chosen.emit, field))
            integer.refused.connect(self.refused)
        self._seed.valueChanged.connect(lambda value: self.value_chosen.emit("seed", int(value)))
        self._seed.refused.connect(self.refused)
        self._learning_rate.valueChanged.connect(partial(self.value_chosen.emit, "learning_rate"))
        self._learning_rate.refused.connect(self.refused)
        self._start.start_chosen.connect(self.start_chosen)
        for field, box in (("device", self._device), ("optimizer", self._optimizer)):
            box.currentIndexChanged.connect(partial(self._choose_entry, field, box))
        self._defaults.clicked.connect(self.defaults_chosen)
        self._what_runs.clicked.connect(self.devices_asked)

    def _choose_entry(self, field: str, box: ChoiceBox, index: int) -> None:
        self.value_chosen.emit(field, box.itemData(index))

    def _refresh(self) -> None:
        settings = self._settings
        for field, integer in self._integers.items():
            integer.set_value(getattr(settings, field))
        self._seed.set_value(settings.seed)
        self._learning_rate.set_value(settings.learning_rate)
        self._start.show_start(settings.same_start, settings.dtype)
        if self._depth is not None:
            self._depth.set_range(*settings.depth)
        self._show_depth(*settings.depth)
        self._refresh_devices()
        self._refresh_optimizers()
        self._refresh_options()
        for field, control in self._controls.items():
            self._refresh_state(field, control)

    def _show_depth(self, low: int, high: int) -> None:
        self._depth_label.setText(show_depth(low, high))

    def _refresh_devices(self) -> None:
        wanted = self._settings.device
        choices = [Choice(device.label, device.name, reason=device.reason) for device in self._devices]
        # "cuda" is the first of its kind, which torch lists as "cuda:0".
        current = next((name for name in (wanted, f"{wanted}:0") if name in _values(choices)), None)
        if current is None:
            current = wanted
            choices.append(Choice("CPU" if wanted == "cpu" else wanted, wanted))
        self._device.show_choices(choices, current)

    def _refresh_optimizers(self) -> None:
        wanted = self._settings.optimizer
        choices = [
            Choice(optimizer.name, optimizer.name, optimizer.summary) for optimizer in self._optimizers
        ]
        if wanted is None:
            choices = [Choice(BY_HAND, None)]
        elif wanted not in _values(choices):
            choices.append(Choice(wanted, wanted))
        self._optimizer.show_choices(choices, wanted)

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

    def _refresh_state(self, field: str, control: QWidget) -> None:
        """Enable a control if the stage has a use for it, and let it say what it does or why not."""
        reason = why_unused(field, self._settings.program)
        text = reason or describe(field, self._settings.optimizer)
        if control in (self._device, self._optimizer) and not reason:
            known = self._devices if control is self._device else self._optimizers
            text += f"\n{control.describe_current() if known else TORCH_LOADS}"
        control.setEnabled(not reason)
        control.setToolTip(text)
        control.setAccessibleDescription(text)

    def _order_tabs(self) -> None:
        sizes = [self._integers[f"{name}_size"] for name in ("batch", "input", "hidden", "output")]
        options = self._options.tab_chain() if self._options else []
        depth = [self._depth] if self._depth is not None else []
        run = [self._integers["steps"], self._seed, self._integers["threads"]]
        chain = [
            self._defaults,
            self._device,
            self._what_runs,
            *sizes,
            self._start.switch,
            self._start.numbers,
        ]
        chain += [self._optimizer, self._learning_rate, *options, *depth, *run]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)


def _values(choices: Sequence[Choice]) -> list[str | None]:
    return [choice.value for choice in choices]
