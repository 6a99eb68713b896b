"""An inspector."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.panels.inspector.panel import Inspector


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(330, 430)
    with qtbot.waitActive(inspector):
        inspector.show()
    return inspector
