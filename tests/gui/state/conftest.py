"""A desk for every test that wants one; its thread has ended when the test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.state.desk import PATIENCE, SIZES, Desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    """With torch loaded, and a small network of thirty steps."""
    desk = Desk()
    with qtbot.waitSignal(desk.session.worker.optimizers_found, timeout=PATIENCE):
        desk.session.start()
    desk.choose(**SIZES, steps=30)
    yield desk
    desk.timeline.close()
    assert desk.session.close(PATIENCE)
