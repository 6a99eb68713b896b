"""The settings panel, driven by real keys and clicks: what it says, and what it keeps to itself."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.devices import Device
from playground.optimizers import Optimizer, Option
from playground.setting_specs import SETTINGS
from playground.settings import make_settings
from tests.gui.themes import wear
from ui.panels.settings import SettingsPanel
from ui.panels.settings.fields import DepthRange
from ui.style.theme import DARK, LIGHT
from ui.widgets.number_fields import ScientificField

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
RESTARTING = {spec.name for spec in SETTINGS if spec.restarts}
Heard = list[tuple[object, ...]]


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    panel.show_devices(DEVICES)
    panel.show_optimizers(OPTIMIZERS)
    panel.resize(260, 700)
    with qtbot.waitActive(panel):
        panel.show()
    return panel


@pytest.fixture
def heard(panel: SettingsPanel) -> Heard:
    return listen(panel)


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


def box(panel: SettingsPanel, name: str) -> QComboBox:
    found = control(panel, name)
    assert isinstance(found, QComboBox)
    return found


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


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def write(
    qtbot: QtBot, panel: SettingsPanel, name: str, text: str, end: Qt.Key | None = Qt.Key.Key_Return
) -> None:
    """Types a text over the one in a field."""
    field = control(panel, name)
    focus(qtbot, field)
    assert isinstance(field, QAbstractSpinBox | QLineEdit)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    if end is not None:
        qtbot.keyClick(field, end)


# The user speaks


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("batch_size", "128", 128),
        ("input_size", "65536", 65536),
        ("hidden_size", "1", 1),
        ("output_size", "3", 3),
        ("steps", "10000000", 10_000_000),
        ("seed", "4294967295", 4_294_967_295),
        ("threads", "4", 4),
        ("learning_rate", "3e-5", 3e-5),
    ],
)
def test_a_typed_number_is_said_once(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, name: str, typed: str, value: float
) -> None:
    write(qtbot, panel, name, typed, end=None)
    assert heard == []
    qtbot.keyClick(control(panel, name), Qt.Key.Key_Return)
    qtbot.keyClick(control(panel, name), Qt.Key.Key_Tab)
    assert heard == [(name, value)]
    assert type(heard[0][1]) is type(value)


@pytest.mark.parametrize(
    ("name", "typed", "before"),
    [
        ("batch_size", "0", "64"),
        ("input_size", "65537", "1000"),
        ("learning_rate", "0", "1e-06"),
        ("learning_rate", "nan", "1e-06"),
        ("seed", "4294967296", "0"),
        ("seed", "1.5", "0"),
        ("threads", "many", "automatic"),
    ],
)
def test_a_refused_text_is_named_and_changes_nothing(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, name: str, typed: str, before: str
) -> None:
    write(qtbot, panel, name, typed)
    assert [kind for kind, *_ in heard] == ["refused"]
    assert f"‘{typed}’" in str(heard[0][1])
    assert text_of(panel, name) == before


@pytest.mark.parametrize("word", ["0", "automatic", " Automatic "])
def test_no_number_of_threads_reads_automatic(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, word: str
) -> None:
    panel.show_settings(make_settings(threads=3))
    assert text_of(panel, "threads") == "3"
    write(qtbot, panel, "threads", word)
    assert heard == [("threads", 0)]
    assert text_of(panel, "threads") == "automatic"


def test_the_seed_steps_by_one(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(seed=4_294_967_294))
    focus(qtbot, control(panel, "seed"))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(control(panel, "seed"), key)
    assert heard == [("seed", 4_294_967_295), ("seed", 4_294_967_294)]


def test_the_keys_skip_a_device_that_is_absent(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    device_box = box(panel, "device_box")
    focus(qtbot, device_box)
    qtbot.keyClick(device_box, Qt.Key.Key_Down)
    assert heard == [("device", "cuda:0")]


def test_an_absent_device_says_why(panel: SettingsPanel) -> None:
    model = box(panel, "device_box").model()
    assert isinstance(model, QStandardItemModel)
    item = model.item(1)
    assert not item.isEnabled()
    assert DEVICES[1].reason in item.text()
    assert item.toolTip() == DEVICES[1].reason


def test_a_device_without_number_is_the_first_of_its_kind(panel: SettingsPanel, heard: Heard) -> None:
    panel.show_settings(make_settings(device="cuda"))
    assert box(panel, "device_box").currentText() == DEVICES[2].label
    assert heard == []


def test_an_optimizer_is_chosen_by_its_letter(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim"))
    focus(qtbot, box(panel, "optimizer_box"))
    qtbot.keyClicks(box(panel, "optimizer_box"), "S")
    assert heard == [("optimizer", "SGD")]


def test_the_button_asks_for_the_documents_values(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    qtbot.mouseClick(control(panel, "defaults_button"), Qt.MouseButton.LeftButton)
    assert heard == [("defaults",)]


def test_the_link_asks_what_runs_where(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    link = control(panel, "what_runs_button")
    assert link.mapTo(panel, QPoint()).y() > control(panel, "device_box").mapTo(panel, QPoint()).y()
    focus(qtbot, link)
    qtbot.keyClick(link, Qt.Key.Key_Space)
    assert heard == [("devices",)]


# The optimizer's own numbers


def test_numbers_that_differ_from_their_defaults_are_said_together(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="module"))
    write(qtbot, panel, "option_momentum", "0.9")
    qtbot.keyClick(control(panel, "option_nesterov"), Qt.Key.Key_Space)
    write(qtbot, panel, "option_momentum", "0")
    assert heard == [
        ("options", {"momentum": 0.9}),
        ("options", {"momentum": 0.9, "nesterov": True}),
        ("options", {"nesterov": True}),
    ]


def test_the_numbers_of_the_settings_are_shown(panel: SettingsPanel, heard: Heard) -> None:
    panel.show_settings(
        make_settings(
            stage="optim", optimizer="Adam", optimizer_options={"betas": (0.5, 0.75), "amsgrad": True}
        )
    )
    texts = [text_of(panel, f"option_{name}") for name in ("betas_1", "betas_2", "eps", "weight_decay")]
    assert texts == ["0.5", "0.75", "1e-08", "0"]
    amsgrad = control(panel, "option_amsgrad")
    assert isinstance(amsgrad, QCheckBox)
    assert amsgrad.isChecked()
    assert heard == []


def test_one_of_several_numbers_is_said_with_the_others(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="optim"))
    write(qtbot, panel, "option_betas_2", "0.99")
    assert heard == [("options", {"betas": (0.9, 0.99)})]


def test_none_and_a_number_can_both_be_typed(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim", optimizer="Adafactor"))
    assert text_of(panel, "option_eps_1") == "none"
    write(qtbot, panel, "option_eps_1", "1e-30")
    write(qtbot, panel, "option_eps_1", "None")
    write(qtbot, panel, "option_eps_1", "nothing")
    assert heard[:2] == [("options", {"eps": (1e-30, 1e-3)}), ("options", {})]
    assert heard[2][0] == "refused"
    assert "‘nothing’" in str(heard[2][1])
    assert text_of(panel, "option_eps_1") == "none"


def test_zero_and_negative_numbers_are_left_to_the_class(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="optim"))
    write(qtbot, panel, "option_weight_decay", "-1")
    write(qtbot, panel, "option_weight_decay", "inf")
    assert heard[0] == ("options", {"weight_decay": -1.0})
    assert [kind for kind, *_ in heard] == ["options", "refused"]


def test_a_text_being_typed_dies_with_its_optimizer(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim"))
    write(qtbot, panel, "option_weight_decay", "5", end=None)
    panel.show_settings(make_settings(stage="optim", optimizer="SGD"))
    QApplication.processEvents()
    assert heard == []
    assert text_of(panel, "option_weight_decay") == "0"


class ShownWindows(QObject):
    """Lists the windows that are shown while it watches the application."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(repr(watched))
        return False


def test_a_quick_change_of_optimizers_opens_no_window(
    panel: SettingsPanel, qtbot: QtBot, qapp: QApplication
) -> None:
    watch = ShownWindows()
    qapp.installEventFilter(watch)
    for name in ("Adam", "SGD", "Adagrad"):
        panel.show_settings(make_settings(stage="optim", optimizer=name))
    arranged(panel, qtbot)
    qapp.removeEventFilter(watch)
    assert watch.windows == []


def test_a_text_being_typed_outlives_a_refresh(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    settings = make_settings(stage="optim")
    panel.show_settings(settings)
    for name in ("option_weight_decay", "hidden_size", "learning_rate", "seed"):
        write(qtbot, panel, name, "5", end=None)
        panel.show_settings(settings)
        assert text_of(panel, name) == "5"
        qtbot.keyClick(control(panel, name), Qt.Key.Key_Escape)
    assert heard == []


# The panel is told


CHANGES: dict[str, dict[str, object]] = {
    "device": {"device": "cuda:0"},
    "batch_size": {"batch_size": 1},
    "input_size": {"input_size": 2},
    "hidden_size": {"hidden_size": 3},
    "output_size": {"output_size": 4},
    "optimizer": {"optimizer": "Adam"},
    "optimizer_options": {"optimizer_options": {"momentum": 0.5, "nesterov": True}},
    "learning_rate": {"learning_rate": 0.25},
    "steps": {"steps": 7},
    "seed": {"seed": 4_294_967_295},
    "depth": {"depth": (2, 32)},
    "threads": {"threads": 2},
    "same_start": {"same_start": True},
    "dtype": {"dtype": "float32"},
    "stage": {"stage": "numpy"},
}


@pytest.mark.parametrize("field", CHANGES)
def test_refreshing_writes_no_settings(panel: SettingsPanel, heard: Heard, field: str) -> None:
    before = make_settings(stage="dynamic")
    after = make_settings(**{"stage": "dynamic", **CHANGES[field]})
    assert getattr(after, field) != getattr(before, field)
    for settings in (before, after, after, before):
        panel.show_settings(settings)
    assert heard == []


def test_refreshing_everything_writes_no_settings(panel: SettingsPanel, heard: Heard) -> None:
    every = {name: value for each in CHANGES.values() for name, value in each.items()}
    every |= {"stage": "dynamic", "optimizer": "SGD"}
    for settings in (make_settings(stage="numpy"), make_settings(**every), make_settings(stage="optim")):
        panel.show_settings(settings)
        for theme in (DARK, LIGHT):
            wear(theme)
        panel.show_devices(())
        panel.show_optimizers(())
        panel.show_devices(DEVICES)
        panel.show_optimizers(OPTIMIZERS)
    assert heard == []


def test_drawing_twice_changes_nothing(panel: SettingsPanel) -> None:
    settings = make_settings(stage="dynamic")
    panel.show_settings(settings)
    before = panel.findChildren(QWidget)
    picture = panel.grab().toImage()
    panel.show_settings(settings)
    panel.show_devices(DEVICES)
    panel.show_optimizers(OPTIMIZERS)
    assert panel.findChildren(QWidget) == before
    assert panel.grab().toImage() == picture


def test_a_refused_choice_is_taken_back_by_a_refresh(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    settings = make_settings(stage="dynamic")
    panel.show_settings(settings)
    box(panel, "device_box").setCurrentIndex(2)
    write(qtbot, panel, "depth_most", "9")
    write(qtbot, panel, "option_momentum", "7")
    heard.clear()
    panel.show_settings(settings)
    assert heard == []
    assert box(panel, "device_box").currentText() == "CPU"
    assert depth(panel).value() == (0, 3)
    assert text_of(panel, "option_momentum") == "0.9"


def test_before_torch_is_loaded_the_boxes_hold_the_settings_own_values(qtbot: QtBot) -> None:
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    heard = listen(panel)
    panel.show_settings(make_settings(stage="module", device="cuda:1"))
    for name, value in (("device_box", "cuda:1"), ("optimizer_box", "SGD")):
        assert [box(panel, name).itemText(row) for row in range(box(panel, name).count())] == [value]
        assert "torch is still loading" in box(panel, name).toolTip()
    panel.show_devices(DEVICES)
    panel.show_optimizers(OPTIMIZERS)
    assert box(panel, "optimizer_box").count() == len(OPTIMIZERS)
    assert box(panel, "optimizer_box").currentText() == "SGD"
    assert "loading" not in box(panel, "device_box").toolTip()
    assert heard == []


# The depth


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("depth_least", "2", (2, 3)),
        ("depth_least", "9", (9, 9)),
        ("depth_most", "32", (0, 32)),
        ("depth_most", "0", (0, 0)),
    ],
)
def test_an_end_of_the_depth_takes_the_other_along(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, name: str, typed: str, expected: tuple[int, int]
) -> None:
    panel.show_settings(make_settings(stage="dynamic", depth=(0, 3)))
    write(qtbot, panel, name, typed)
    assert heard == [("depth", expected)]
    assert (text_of(panel, "depth_least"), text_of(panel, "depth_most")) == tuple(map(str, expected))


def test_the_keys_step_an_end_past_the_other(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="dynamic", depth=(1, 1)))
    focus(qtbot, control(panel, "depth_least"))
    qtbot.keyClick(control(panel, "depth_least"), Qt.Key.Key_Up)
    qtbot.keyClick(control(panel, "depth_least"), Qt.Key.Key_Tab)
    for _ in range(2):
        qtbot.keyClick(control(panel, "depth_most"), Qt.Key.Key_Down)
    assert heard == [("depth", (2, 2)), ("depth", (1, 1)), ("depth", (0, 0))]


@pytest.mark.parametrize("name", ["depth_least", "depth_most"])
def test_a_refused_end_changes_neither(panel: SettingsPanel, heard: Heard, qtbot: QtBot, name: str) -> None:
    panel.show_settings(make_settings(stage="dynamic", depth=(1, 3)))
    write(qtbot, panel, name, "33")
    end = name.removeprefix("depth_")
    assert heard == [("refused", f"{end} depth: ‘33’ is not a whole number from 0 to 32")]
    assert depth(panel).value() == (1, 3)


# What a stage has no use for


@pytest.mark.parametrize(
    ("name", "stages", "reason"),
    [
        ("device_box", {"numpy"}, "NumPy runs on the CPU only"),
        (
            "optimizer_box",
            {"numpy", "tensor", "autograd", "function", "nn"},
            "stages 1 to 5 write the update by hand: plain gradient descent",
        ),
        (
            "depth_range",
            {"numpy", "tensor", "autograd", "function", "nn", "optim", "module"},
            "only DynamicNet uses its middle layer a varying number of times",
        ),
    ],
)
def test_an_unused_control_stays_in_sight_and_says_why(
    panel: SettingsPanel, name: str, stages: set[str], reason: str
) -> None:
    for stage in ["numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic"]:
        panel.show_settings(make_settings(stage=stage))
        found = control(panel, name)
        assert found.isVisible()
        assert found.isEnabled() == (stage not in stages)
        assert (found.toolTip() == reason) == (stage in stages)
        assert found.accessibleDescription() == found.toolTip()


# Without a window manager nothing can be raised, a tooltip included.
@pytest.mark.qt_log_ignore("does not support raise")
@pytest.mark.parametrize("name", ["device_box", "optimizer_box", "depth_range"])
def test_a_disabled_control_shows_its_tooltip(panel: SettingsPanel, qtbot: QtBot, name: str) -> None:
    panel.show_settings(make_settings(stage="numpy"))
    found = control(panel, name)
    qtbot.mouseMove(panel, pos=QPoint(1, 1))
    qtbot.mouseMove(found, pos=found.rect().center() - QPoint(2, 0))
    qtbot.mouseMove(found, pos=found.rect().center())
    qtbot.waitUntil(lambda: QToolTip.isVisible() and QToolTip.text() == found.toolTip())
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


# What everybody can use


def shown_controls(panel: SettingsPanel) -> list[QWidget]:
    options = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.objectName().startswith("option_") and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    names = (*CONTROLS, "depth_least", "depth_most", "defaults_button")
    return [*(control(panel, name) for name in names), *options]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each.name)
def test_every_control_has_a_name_and_says_when_it_acts(panel: SettingsPanel, optimizer: Optimizer) -> None:
    panel.show_settings(make_settings(stage="dynamic", optimizer=optimizer.name))
    for found in shown_controls(panel):
        name = found.accessibleName() or (found.text() if isinstance(found, QCheckBox | QToolButton) else "")
        assert name, found.objectName()
        assert "next step" in found.toolTip() or "the run starts again" in found.toolTip()
        assert found.accessibleDescription() == found.toolTip()


def test_what_needs_new_weights_says_so(panel: SettingsPanel) -> None:
    panel.show_settings(make_settings(stage="dynamic"))
    names = {
        "device_box": "device",
        "optimizer_box": "optimizer",
        "depth_range": "depth",
        "dtype_box": "dtype",
    }
    for name in CONTROLS:
        anew = names.get(name, name) in RESTARTING
        assert ("needs new weights" in control(panel, name).toolTip()) == anew, name


def test_a_number_that_is_read_only_at_the_start_says_so(panel: SettingsPanel) -> None:
    panel.show_settings(make_settings(stage="optim", optimizer="Adagrad"))
    assert "the run starts again" in control(panel, "option_initial_accumulator_value").toolTip()


def test_mnemonics_are_unique_and_lead_to_a_control(panel: SettingsPanel) -> None:
    panel.show_settings(make_settings(stage="dynamic"))
    labels = [label for label in panel.findChildren(QLabel) if "&" in label.text()]
    letters = [re.sub(r".*&(.).*", r"\1", label.text()).lower() for label in labels]
    # The depth has none, and the switch carries its own.
    assert len(letters) >= len(CONTROLS) - 2
    assert len(set(letters)) == len(letters)
    assert all(label.buddy() is not None for label in labels)


def test_tab_goes_from_top_to_bottom(panel: SettingsPanel, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim"))
    panel.show_settings(make_settings(stage="dynamic"))
    content = arranged(panel, qtbot)
    focus(qtbot, control(panel, "defaults_button"))
    visited: list[QWidget] = []
    while (current := panel.focusWidget()) is not None and current not in visited:
        visited.append(current)
        qtbot.keyClick(current, Qt.Key.Key_Tab)
    expected = {*shown_controls(panel), control(panel, "what_runs_button")} - {depth(panel)}
    assert set(visited) == expected
    heights = [widget.mapTo(content, QPoint()).y() for widget in visited]
    assert all(before <= after for before, after in pairwise(heights))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each.name)
def test_a_narrow_column_clips_nothing(panel: SettingsPanel, qtbot: QtBot, optimizer: Optimizer) -> None:
    widest = {"seed": 4_294_967_295, "steps": 10_000_000, "input_size": 65_536, "depth": (30, 32)}
    panel.show_settings(make_settings(stage="dynamic", optimizer=optimizer.name, **widest))
    arranged(panel, qtbot)
    for label in panel.findChildren(QLabel):
        assert label.heightForWidth(label.width()) <= label.height()
        words = re.split(r"[ \u200b]", label.text().replace("&", ""))
        assert max(map(label.fontMetrics().horizontalAdvance, words)) <= label.width(), label.text()
    for found in panel.findChildren(QAbstractSpinBox):
        line = found.findChildren(QLineEdit)[0]
        assert line.fontMetrics().horizontalAdvance(found.text()) <= line.width(), found.objectName()


@pytest.mark.parametrize("width", [240, 260, 300])
def test_fields_of_the_right_column_are_equally_wide(panel: SettingsPanel, qtbot: QtBot, width: int) -> None:
    panel.resize(width, 300)
    panel.show_settings(make_settings(stage="optim"))
    arranged(panel, qtbot)
    names = [*CONTROLS[1:5], *CONTROLS[6:-1], "option_betas", "option_eps", "option_weight_decay"]
    fields = [control(panel, name) for name in names]
    places = {(field.width(), field.mapTo(panel, QPoint()).x()) for field in fields}
    assert len(places) == 1


def turn_the_wheel(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_changes_nothing_that_has_not_the_focus(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="dynamic"))
    focus(qtbot, control(panel, "defaults_button"))
    for found in shown_controls(panel):
        turn_the_wheel(found)
    assert heard == []


def test_the_optimizers_numbers_move_no_other_panel(panel: SettingsPanel) -> None:
    hints = set()
    for stage in ("autograd", "optim", "dynamic"):
        panel.show_settings(make_settings(stage=stage))
        hints.add(panel.sizeHint().height())
    assert len(hints) == 1


def test_option_fields_are_number_fields(panel: SettingsPanel) -> None:
    panel.show_settings(make_settings(stage="optim"))
    assert isinstance(control(panel, "option_eps"), ScientificField)
