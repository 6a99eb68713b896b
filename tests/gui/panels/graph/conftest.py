"""A view of graphs."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.panels.graph import GraphView


@pytest.fixture
def view(qtbot: QtBot) -> GraphView:
    panel = GraphView()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def selections(view: GraphView) -> list[str]:
    heard: list[str] = []
    view.node_selected.connect(heard.append)
    return heard
