"""Names, keys, widths and the wheel: what everybody can use in the settings panel."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.optimizers import Optimizer
from playground.setting_specs import SETTINGS
from playground.settings import make_settings
from tests.gui.driver import focus, turn_wheel
from tests.gui.panels.settings.controls import (
    CONTROLS,
    OPTIMIZERS,
    Heard,
    arranged,
    control,
    depth,
    shown_controls,
)
from ui.panels.settings import SettingsPanel
from ui.widgets.number_fields import ScientificField

RESTARTING = {spec.name for spec in SETTINGS if spec.restarts}


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
    # The switch carries its own.
    assert len(letters) >= len(CONTROLS) - 2
    assert len(set(letters)) == len(letters)
    assert all(label.buddy() is not None for label in labels)


def test_tab_goes_from_top_to_bottom(panel: SettingsPanel, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim"))
    panel.show_settings(make_settings(stage="dynamic"))
    content = arranged(panel, qtbot)
    focus(qtbot, control(panel, "device_box"))
    visited: list[QWidget] = []
    while (current := panel.focusWidget()) is not None and current not in visited:
        visited.append(current)
        qtbot.keyClick(current, Qt.Key.Key_Tab)
    links = ("what_runs_button", "data_box", "examples_button", "more_of_data_button")
    expected = {*shown_controls(panel), *(control(panel, name) for name in links)} - {depth(panel)}
    assert set(visited) == expected
    # Fields of one row may differ by a pixel or two.
    heights = [widget.mapTo(content, QPoint()).y() // 4 for widget in visited]
    assert all(before <= after for before, after in pairwise(heights))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda each: each.name)
def test_a_narrow_column_clips_nothing(panel: SettingsPanel, qtbot: QtBot, optimizer: Optimizer) -> None:
    panel.show_settings(
        make_settings(
            stage="dynamic", optimizer=optimizer.name, seed=4_294_967_295, steps=10_000_000, input_size=65_536
        )
    )
    arranged(panel, qtbot)
    for label in panel.findChildren(QLabel):
        assert label.heightForWidth(label.width()) <= label.height()
        words = re.split(r"[ \u200b]", label.text().replace("&", ""))
        assert max(map(label.fontMetrics().horizontalAdvance, words)) <= label.width(), label.text()
    for found in panel.findChildren(QAbstractSpinBox):
        line = found.findChildren(QLineEdit)[0]
        assert line.fontMetrics().horizontalAdvance(found.text()) <= line.width(), found.objectName()


@pytest.mark.parametrize("width", [216, 240, 300])
def test_fields_of_a_column_are_equally_wide(panel: SettingsPanel, qtbot: QtBot, width: int) -> None:
    panel.resize(width, 300)
    panel.show_settings(make_settings(stage="optim"))
    arranged(panel, qtbot)
    columns = (
        ("batch_size", "hidden_size"),
        ("input_size", "output_size"),
        (
            "device_box",
            "optimizer_box",
            "learning_rate",
            "depth_range",
            "steps",
            "seed",
            "threads",
            "dtype_box",
        ),
        ("option_betas", "option_eps", "option_weight_decay"),
    )
    for names in columns:
        fields = [control(panel, name) for name in names]
        places = {(field.width(), field.mapTo(panel, QPoint()).x()) for field in fields}
        assert len(places) == 1, names


def test_the_wheel_changes_nothing_that_has_not_the_focus(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="dynamic"))
    focus(qtbot, control(panel, "defaults_button"))
    for found in shown_controls(panel):
        turn_wheel(found)
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
