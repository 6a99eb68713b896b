"""A panel with runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from playground.runs.archive import RunArchive
from tests.gui.panels.runs.listed import begin, show
from ui.panels.runs.panel import RunsPanel


@pytest.fixture
def archive() -> RunArchive:
    """Runs 0, 2, 3 and, at work now, 5."""
    archive = RunArchive()
    begin(archive, 0)
    begin(archive, 2, learning_rate=1e-5)
    begin(archive, 3, stage="module", steps=1000)
    begin(archive, 5, stage="dynamic")
    archive.set_state(5, "running")
    return archive


@pytest.fixture
def panel(qtbot: QtBot, archive: RunArchive) -> RunsPanel:
    """A panel that does with the archive what the user wants."""
    panel = RunsPanel()
    qtbot.addWidget(panel)

    def connect(signal: SignalInstance, change: Callable[..., None]) -> None:
        signal.connect(change)
        signal.connect(lambda *_: show(panel, archive))

    connect(panel.visibility_chosen, archive.set_visible)
    connect(panel.renamed, archive.rename)
    connect(panel.pinned, archive.set_pinned)
    connect(panel.removed, archive.remove)
    panel.resize(300, 260)
    show(panel, archive)
    with qtbot.waitActive(panel):
        panel.show()
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    return panel
