"""The code panel as most tests of it want it: shown, active, with the focus in the text."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.panels.code import CodeView


@pytest.fixture
def panel(qtbot: QtBot) -> CodeView:
    """As wide as it is at first, without a text."""
    panel = CodeView()
    qtbot.addWidget(panel)
    panel.resize(496, 300)
    with qtbot.waitActive(panel):
        panel.show()
    panel.editor.setFocus()
    return panel
