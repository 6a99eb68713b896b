"""A figure keeps its room: it is as wide as its widest text, grown or cut."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.widgets.figure import Figure

LONG = "a text that is much longer than any that was thought of"


@pytest.mark.parametrize("grows", [True, False])
def test_a_longer_text_gets_room_or_is_whole_in_the_tooltip(qtbot: QtBot, grows: bool) -> None:
    figure = Figure("Steps made", "8 of 500 steps", grows=grows)
    qtbot.addWidget(figure)
    figure.resize(figure.sizeHint())
    before = figure.sizeHint()
    figure.set_text(LONG)
    assert (figure.sizeHint().width() > before.width()) is grows
    assert figure.toolTip() == ("" if grows else LONG)
    assert figure.text() == figure.accessibleDescription() == LONG
    figure.grab()
    figure.set_text("8 steps")
    assert figure.toolTip() == ""
