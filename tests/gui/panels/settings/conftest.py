"""A settings panel."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.panels.settings.controls import DEVICES, OPTIMIZERS, Heard, listen
from ui.panels.settings import SettingsPanel


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
