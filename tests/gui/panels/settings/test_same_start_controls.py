"""The switch for a shared start and the list of numbers beside it, driven by real keys and clicks."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.settings import Settings, make_settings
from playground.stages import STAGES, Stage
from tests.gui.driver import press_keys
from ui.panels.settings import SettingsPanel

Heard = list[tuple[object, ...]]
DEFAULT = "default"


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    panel.resize(270, 430)
    with qtbot.waitActive(panel):
        panel.show()
    return panel


@pytest.fixture
def heard(panel: SettingsPanel) -> Heard:
    """Everything that the panel says."""
    heard: Heard = []
    panel.start_chosen.connect(lambda same_start, dtype: heard.append((same_start, dtype)))
    panel.value_chosen.connect(lambda name, value: heard.append(("value", name, value)))
    panel.options_chosen.connect(lambda values: heard.append(("options", values)))
    return heard


def switch(panel: SettingsPanel) -> QCheckBox:
    found = panel.findChild(QCheckBox, "same_start")
    assert found is not None
    return found


def numbers(panel: SettingsPanel) -> QComboBox:
    found = panel.findChild(QComboBox, "dtype_box")
    assert found is not None
    return found


def entries(panel: SettingsPanel) -> list[str]:
    return [numbers(panel).itemText(row) for row in range(numbers(panel).count())]


def tick(qtbot: QtBot, button: QAbstractButton) -> None:
    option = QStyleOptionButton()
    option.initFrom(button)
    square = button.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=square.center())


# The user speaks


def test_the_switch_is_said_once(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    tick(qtbot, switch(panel))
    assert heard == [(True, None)]


def test_the_space_bar_switches_it_off_and_asks_for_the_documents_numbers(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(same_start=True))
    press_keys(qtbot, switch(panel), Qt.Key.Key_Space)
    assert heard == [(False, None)]


def test_numbers_that_the_user_had_chosen_go_with_the_switch(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(dtype="float32"))
    press_keys(qtbot, switch(panel), Qt.Key.Key_Space)
    assert heard == [(True, "float32")]


def test_the_keys_go_through_the_numbers(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    press_keys(qtbot, numbers(panel), Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home)
    assert heard == [(False, "float32"), (False, "float64"), (False, None)]


def test_the_numbers_are_said_with_the_shared_start(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(same_start=True))
    press_keys(qtbot, numbers(panel), Qt.Key.Key_Up)
    assert heard == [(True, "float32")]


def test_a_mnemonic_reaches_each(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.start_chosen):
        qtbot.keyClick(panel, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    assert heard == [(True, None)]
    qtbot.keyClick(panel, Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(numbers(panel).hasFocus)


# The panel is told


@pytest.mark.parametrize(
    ("settings", "offered", "shown"),
    [
        (make_settings(), [DEFAULT, "float32", "float64"], DEFAULT),
        (make_settings(dtype="float32"), [DEFAULT, "float32", "float64"], "float32"),
        (make_settings(same_start=True), ["float32", "float64"], "float64"),
        (make_settings(same_start=True, dtype="float32"), ["float32", "float64"], "float32"),
    ],
)
def test_the_settings_are_shown_without_a_word(
    panel: SettingsPanel, heard: Heard, settings: Settings, offered: list[str], shown: str
) -> None:
    for each in (settings, make_settings(same_start=not settings.same_start), settings, settings):
        panel.show_settings(each)
    assert switch(panel).isChecked() == settings.same_start
    assert entries(panel) == offered
    assert numbers(panel).currentText() == shown
    assert heard == []


def test_a_refused_choice_is_taken_back_by_a_refresh(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    tick(qtbot, switch(panel))
    press_keys(qtbot, numbers(panel), Qt.Key.Key_End)
    heard.clear()
    panel.show_settings(make_settings())
    assert not switch(panel).isChecked()
    assert numbers(panel).currentText() == DEFAULT
    assert heard == []


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
@pytest.mark.parametrize("same_start", [False, True])
def test_every_stage_can_use_them_and_keeps_its_other_controls(
    panel: SettingsPanel, stage: Stage, same_start: bool
) -> None:
    panel.show_settings(make_settings(stage=stage.name, same_start=same_start))
    expected = {
        "same_start": True,
        "dtype_box": True,
        "learning_rate": True,
        "optimizer_box": stage.has_optimizer,
        "depth_range": stage.has_depth,
    }
    found = {name: panel.findChild(QWidget, name) for name in expected}
    assert {name: each is not None and each.isEnabled() for name, each in found.items()} == expected


# What they say of themselves


def test_the_switch_says_what_it_does(panel: SettingsPanel) -> None:
    tip = switch(panel).toolTip()
    assert tip.startswith(
        "Gives every stage the same x, y, w1 and w2, so that their curves can be compared. "
        "Off: each draws its own, as in the tutorial."
    )
    assert "the run starts again" in tip
    assert switch(panel).accessibleDescription() == tip
    assert switch(panel).accessibleName() == "same data and initial weights for all stages"
    assert numbers(panel).accessibleName() == "dtype"


def test_the_numbers_say_which_the_documents_are(panel: SettingsPanel) -> None:
    assert "float64 in NumPy, float32 in torch" in numbers(panel).toolTip()
    # Nothing of them waits for torch.
    assert "loading" not in numbers(panel).toolTip()


def test_nothing_of_them_is_clipped(panel: SettingsPanel, qtbot: QtBot) -> None:
    box = numbers(panel)
    qtbot.waitUntil(lambda: box.mapTo(panel, box.rect().bottomRight()).x() < panel.width())
    assert switch(panel).sizeHint().width() <= switch(panel).width()
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    place = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    )
    # The list elides what is wider than this.
    assert box.fontMetrics().horizontalAdvance(box.currentText()) <= place.width() - 4


def test_they_stand_at_the_end_with_a_label(panel: SettingsPanel) -> None:
    def top(widget: QWidget) -> int:
        return widget.mapTo(panel, QPoint()).y()

    labels = {re.sub("&", "", label.text()): label for label in panel.findChildren(QLabel)}
    threads = panel.findChild(QWidget, "threads")
    assert threads is not None
    column = [threads, switch(panel), numbers(panel)]
    heights = [top(widget) for widget in column]
    assert heights == sorted(set(heights))
    assert labels["dtype"].buddy() is numbers(panel)
