"""The event list of a long step: its groups open and close, by themselves and by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.graph.modules import Call
from playground.recording.event_groups import EventGroup
from tests.gui.driver import LEFT, NO_KEY
from tests.gui.recordings import long_recording
from ui.panels.events import EventList
from ui.panels.events.model import EventModel

COUNT, SIZE = 400, 10


@pytest.fixture
def events(qtbot: QtBot) -> EventList:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.resize(420, 400)
    whole = long_recording(COUNT)
    # Each ten events were one layer's.
    made = [replace(each, calls=(Call(f"layer{each.number // SIZE}", 1),)) for each in whole.events]
    panel.show_recording(replace(whole, events=tuple(made)))
    with qtbot.waitActive(panel):
        panel.show()
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    return panel


def model_of(panel: EventList) -> EventModel:
    model = panel.view.model()
    assert isinstance(model, EventModel)
    return model


def group_of(panel: EventList, number: int) -> EventGroup:
    group = model_of(panel).group_around(number)
    assert group is not None
    return group


def opened(panel: EventList) -> list[str]:
    return [group.title for group in model_of(panel).groups if model_of(panel).is_open(group)]


def click_head(panel: EventList, number: int) -> None:
    head: QModelIndex = model_of(panel).index_of_group(group_of(panel, number))
    panel.view.scrollTo(head)
    QTest.mouseClick(panel.view.viewport(), LEFT, NO_KEY, panel.view.visualRect(head).center())


def test_a_long_step_is_a_list_of_groups(events: EventList) -> None:
    lines = events.text().splitlines()
    assert lines[0] == "FORWARD"
    assert lines[1].startswith("layer0 · 10 events · line")
    assert len(lines) < COUNT / 4


def test_the_group_of_the_cursor_is_open(events: EventList) -> None:
    events.show_event(25)
    assert opened(events) == ["layer2"]
    assert model_of(events).number_at(events.view.currentIndex()) == 25
    events.show_event(26)
    assert opened(events) == ["layer2"]
    events.show_event(31)
    assert opened(events) == ["layer3"]
    events.show_event(None)
    assert opened(events) == []


def test_the_row_of_the_cursor_stays_in_the_middle_third(events: EventList) -> None:
    for number in range(95, 200, 7):
        events.show_event(number)
        height = events.view.viewport().height()
        row = events.view.visualRect(model_of(events).index_of(number))
        assert height / 3 - row.height() <= row.center().y() <= 2 * height / 3 + row.height()


def test_a_click_on_a_head_opens_and_closes_and_goes_nowhere(events: EventList) -> None:
    chosen: list[int] = []
    events.event_chosen.connect(chosen.append)
    events.show_event(5)
    click_head(events, 25)
    assert opened(events) == ["layer0", "layer2"]
    click_head(events, 5)
    assert opened(events) == ["layer2"]
    # The walk goes on in the group: it stays closed, and the head stands for the event.
    events.show_event(6)
    assert opened(events) == ["layer2"]
    assert model_of(events).index_of(6) == model_of(events).index_of_group(group_of(events, 6))
    click_head(events, 25)
    assert opened(events) == []
    assert chosen == []
    # What is entered anew opens.
    events.show_event(15)
    events.show_event(5)
    assert opened(events) == ["layer0"]


def test_left_and_right_close_and_open(events: EventList, qtbot: QtBot) -> None:
    events.show_event(5)
    view = events.view
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert opened(events) == []
    assert model_of(events).group_at(view.currentIndex()) is group_of(events, 5)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert model_of(events).group_at(view.currentIndex()) is group_of(events, 15)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert opened(events) == ["layer1"]
    with qtbot.waitSignal(events.event_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert chosen.args == [10]
    with qtbot.waitSignal(events.event_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert chosen.args == [11]


def test_home_and_end_reach_the_ends(events: EventList) -> None:
    view = events.view
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == model_of(events).rowCount() - 1
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert model_of(events).group_at(view.currentIndex()) is group_of(events, 0)


def test_heads_say_whether_they_are_open(events: EventList) -> None:
    model = model_of(events)
    head = model.index_of_group(group_of(events, 0))
    role = Qt.ItemDataRole.AccessibleDescriptionRole
    assert model.data(head, role) == "forward, closed"
    click_head(events, 0)
    assert model.data(model.index_of_group(group_of(events, 0)), role) == "forward, open"


def test_a_closed_group_shows_that_it_holds_a_mark(events: EventList) -> None:
    events.show_event(0)
    head = model_of(events).index_of_group(group_of(events, 15))
    rect = events.view.visualRect(head)
    plain = events.view.viewport().grab(rect).toImage()
    events.mark_events({15})
    assert events.view.viewport().grab(rect).toImage() != plain
