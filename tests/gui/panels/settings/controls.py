"""Controls of the settings panel, and what they offer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.devices import Device
from playground.optimizers import Optimizer, Option
from ui.panels.settings import SettingsPanel
from ui.panels.settings.fields import DepthRange

ADAM = Optimizer(
    "Adam",
    "Implements Adam algorithm.",
    (
        Option("betas", (0.9, 0.999)),
        Option("eps", 1e-8),
        Option("weight_decay", 0),
        Option("amsgrad", False),
    ),
)
ADAFACTOR = Optimizer("Adafactor", "Adafactor.", (Option("beta2_decay", -0.8), Option("eps", (None, 1e-3))))
ADAGRAD = Optimizer("Adagrad", "Adagrad.", (Option("initial_accumulator_value", 0), Option("limit", None)))
SGD = Optimizer(
    "SGD",
    "Implements stochastic gradient descent.",
    (Option("momentum", 0), Option("weight_decay", 0), Option("nesterov", False)),
)
OPTIMIZERS = (ADAFACTOR, ADAGRAD, ADAM, SGD)
DEVICES = (
    Device("cpu", "CPU"),
    Device("mps", "mps", "this build of torch has no Metal (macOS only)"),
    Device("cuda:0", "cuda:0  A graphics card with quite a long name"),
)
CONTROLS = (
    "device_box",
    *("batch_size", "input_size", "hidden_size", "output_size"),
    *("optimizer_box", "learning_rate", "depth_range", "steps", "seed", "threads"),
    *("dtype_box", "same_start"),
)
Heard = list[tuple[object, ...]]


def listen(panel: SettingsPanel) -> Heard:
    """Everything that the panel says from now on."""
    heard: Heard = []
    panel.value_chosen.connect(lambda name, value: heard.append((name, value)))
    panel.options_chosen.connect(lambda values: heard.append(("options", values)))
    panel.start_chosen.connect(lambda same, dtype: heard.append(("start", same, dtype)))
    panel.refused.connect(lambda text: heard.append(("refused", text)))
    panel.defaults_chosen.connect(lambda: heard.append(("defaults",)))
    panel.devices_asked.connect(lambda: heard.append(("devices",)))
    return heard


def control(panel: SettingsPanel, name: str) -> QWidget:
    found = panel.findChildren(QWidget, name)
    assert len(found) == 1, name
    return found[0]


def depth(panel: SettingsPanel) -> DepthRange:
    found = control(panel, "depth_range")
    assert isinstance(found, DepthRange)
    return found


def text_of(panel: SettingsPanel, name: str) -> str:
    found = control(panel, name)
    assert isinstance(found, QAbstractSpinBox | QLineEdit)
    return found.text()


def arranged(panel: SettingsPanel, qtbot: QtBot) -> QWidget:
    """What the panel scrolls, once the fields that were made last stand in their places."""
    area = panel.findChildren(QScrollArea)[0]
    content = area.widget()
    assert content is not None
    controls = shown_controls(panel)
    qtbot.waitUntil(lambda: all(widget.isVisible() for widget in controls))
    qtbot.waitUntil(lambda: content.width() == area.viewport().width())
    return content


def shown_controls(panel: SettingsPanel) -> list[QWidget]:
    options = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.objectName().startswith("option_") and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    names = (*CONTROLS, "depth_least", "depth_most", "defaults_button")
    return [*(control(panel, name) for name in names), *options]
