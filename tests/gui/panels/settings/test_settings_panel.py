"""The settings panel: what the user says, what it is told, and what a stage has no use for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from tests.gui.driver import focus, type_over
from tests.gui.panels.settings.controls import DEVICES, OPTIMIZERS, Heard, control, depth, listen, text_of
from tests.gui.themes import wear
from ui.panels.settings import SettingsPanel
from ui.style.theme import DARK, LIGHT


def box(panel: SettingsPanel, name: str) -> QComboBox:
    found = control(panel, name)
    assert isinstance(found, QComboBox)
    return found


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
    type_over(qtbot, control(panel, name), typed, end=None)
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
        ("learning_rate", "0", "1e-6"),
        ("learning_rate", "nan", "1e-6"),
        ("seed", "4294967296", "0"),
        ("seed", "1.5", "0"),
        ("threads", "many", "automatic"),
    ],
)
def test_a_refused_text_is_named_and_changes_nothing(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, name: str, typed: str, before: str
) -> None:
    type_over(qtbot, control(panel, name), typed)
    assert [kind for kind, *_ in heard] == ["refused"]
    assert f"‘{typed}’" in str(heard[0][1])
    assert text_of(panel, name) == before


@pytest.mark.parametrize("word", ["0", "automatic", " Automatic "])
def test_no_number_of_threads_reads_automatic(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot, word: str
) -> None:
    panel.show_settings(make_settings(threads=3))
    assert text_of(panel, "threads") == "3"
    type_over(qtbot, control(panel, "threads"), word)
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


# The panel is told


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
    type_over(qtbot, control(panel, "depth_most"), "9")
    type_over(qtbot, control(panel, "option_momentum"), "7")
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
    type_over(qtbot, control(panel, name), typed)
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
    type_over(qtbot, control(panel, name), "33")
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
            "stages 1 to 5 write the update by hand: SGD",
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
