"""A view of costs."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.panels.costs.costs import CONDITIONS, WIDE
from ui.panels.costs.panel import CostsView


@pytest.fixture
def view(qtbot: QtBot) -> CostsView:
    view = CostsView()
    qtbot.addWidget(view)
    view.set_conditions(CONDITIONS)
    view.resize(*WIDE)
    with qtbot.waitActive(view):
        view.show()
    return view
