"""A filmstrip."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.panels.filmstrip.panel import Filmstrip


@pytest.fixture
def film(qtbot: QtBot) -> Filmstrip:
    film = Filmstrip()
    qtbot.addWidget(film)
    film.resize(900, film.sizeHint().height())
    with qtbot.waitActive(film):
        film.show()
    return film
