"""Each control of the settings panel comes from the table of settings, and behaves as that says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from playground.restarts import restarting
from playground.setting_specs import SETTINGS, Kind, SettingSpec
from playground.settings import changed, make_settings
from playground.stages import STAGES
from tests.engine.test_setting_specs import another, named
from ui.panels.settings.panel import SettingsPanel
from ui.widgets.number_text import show_whole

SHOWN = [spec for spec in SETTINGS if spec.group and spec.kind is not Kind.OPTIONS]
WHOLE = [spec for spec in SHOWN if spec.kind is Kind.WHOLE]


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    panel = SettingsPanel()
    qtbot.addWidget(panel)
    panel.show_settings(make_settings(stage="dynamic"))
    return panel


def control(panel: SettingsPanel, spec: SettingSpec) -> QWidget:
    suffix = {Kind.CHOICE: "_box", Kind.RANGE: "_range"}.get(spec.kind, "")
    found = panel.findChildren(QWidget, spec.name + suffix)
    assert len(found) == 1
    return found[0]


def write(qtbot: QtBot, panel: SettingsPanel, field: QWidget, text: str) -> list[tuple[str, object]]:
    """Types a text over the one in a field and presses Return; returns what the panel said."""
    heard: list[tuple[str, object]] = []
    said = panel.value_chosen.connect(lambda name, value: heard.append((name, value)))
    refused = panel.refused.connect(lambda line: heard.append(("refused", line)))
    assert isinstance(field, QAbstractSpinBox)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    panel.value_chosen.disconnect(said)
    panel.refused.disconnect(refused)
    return heard


@pytest.mark.parametrize("spec", SHOWN, ids=named)
def test_a_control_has_name_label_and_the_words_of_the_table(panel: SettingsPanel, spec: SettingSpec) -> None:
    found = control(panel, spec)
    parts = [part for part in found.findChildren(QWidget) if part.objectName().startswith(spec.name)] or [
        found
    ]
    for part in parts:
        assert part.accessibleName()
        lines = part.toolTip().splitlines()
        assert lines[:2] == [spec.purpose, f"Allowed: {spec.offered or spec.allowed}."]
        assert part.accessibleDescription() == part.toolTip()
    label = spec.row or spec.group
    if isinstance(found, QCheckBox):
        assert found.text() == label
    else:
        assert label in {each.text() for each in panel.findChildren(QLabel) if each.buddy() is parts[0]}


@pytest.mark.parametrize("spec", SHOWN, ids=named)
def test_a_control_says_when_a_change_acts(panel: SettingsPanel, spec: SettingSpec) -> None:
    old = make_settings(stage="dynamic")
    new = changed(old, **another(spec))
    anew = spec.name in restarting(old, new)
    assert ("the run starts again" in control(panel, spec).toolTip()) == anew
    assert ("on the next step" in control(panel, spec).toolTip()) == (not anew)


@pytest.mark.parametrize("spec", SHOWN, ids=named)
def test_a_control_is_disabled_where_a_stage_has_no_use_for_it(
    panel: SettingsPanel, spec: SettingSpec
) -> None:
    for stage in STAGES:
        panel.show_settings(make_settings(stage=stage.name))
        reason = spec.why_unused(stage)
        assert control(panel, spec).isEnabled() == (not reason)
        assert not reason or control(panel, spec).toolTip() == reason


@pytest.mark.parametrize("spec", WHOLE, ids=named)
def test_a_field_takes_the_ends_of_the_range_and_nothing_beyond(
    panel: SettingsPanel, spec: SettingSpec, qtbot: QtBot
) -> None:
    found = control(panel, spec)
    least, most = spec.ends
    panel.show_settings(changed(make_settings(stage="dynamic"), **{spec.name: least + 2}))
    for value in (least, most):
        assert write(qtbot, panel, found, str(value)) == [(spec.name, value)]
    for value in (least - 1, most + 1):
        ends = f"{show_whole(least)} to {show_whole(most)}"
        line = f"{spec.called}: ‘{value}’ is not a whole number from {ends}"
        assert write(qtbot, panel, found, str(value)) == [("refused", line)]
