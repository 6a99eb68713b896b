"""The list of events: what a row says, how one moves in it, and that showing an event stays cheap."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from playground.graph.model import Phase
from playground.recording.events import Change, Event, EventKind
from playground.recording.model import RecordedFailure, Recording
from tests.gui.driver import colors_of, heard
from tests.gui.recordings import UPDATE_W1, W1_ARRIVES, long_recording, small_recording, snapshot
from tests.gui.themes import wear
from ui.panels.events.delegate import fair_shares
from ui.panels.events.model import EventModel, row_words, tooltip
from ui.panels.events.panel import EMPTY, NOTHING, EventList
from ui.style.colors import mixed
from ui.style.phases import phase_color, position_text
from ui.style.theme import DARK, LIGHT, Theme

RECORDING = small_recording()
LAST = len(RECORDING.events) - 1
FIRST_BACKWARD = next(each for each in RECORDING.phases() if each.phase is Phase.BACKWARD).events.start


@pytest.fixture
def events(qtbot: QtBot) -> EventList:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.resize(420, 300)
    panel.show_recording(RECORDING)
    with qtbot.waitActive(panel):
        panel.show()
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    return panel


def model_of(panel: EventList) -> EventModel:
    model = panel.view.model()
    assert isinstance(model, EventModel)
    return model


def index_of(panel: EventList, number: int) -> QModelIndex:
    return model_of(panel).index_of(number)


def caption_of(panel: EventList, number: int) -> QModelIndex:
    """The row above an event."""
    return model_of(panel).index(index_of(panel, number).row() - 1)


def image_of_row(panel: EventList, number: int) -> QImage:
    return panel.view.viewport().grab(panel.view.visualRect(index_of(panel, number))).toImage()


def contrast(image: QImage) -> int:
    """How far the lightness of the text at the left of a row reaches; the bar of the phase is left of it."""
    lightness = [
        image.pixelColor(x, y).lightness() for x in range(45, 90) for y in range(2, image.height() - 2)
    ]
    return max(lightness) - min(lightness)


def with_event(number: int, **changes: Any) -> Recording:
    """The recording with one event changed."""
    events = list(RECORDING.events)
    events[number] = replace(events[number], **changes)
    return replace(RECORDING, events=tuple(events))


def test_it_says_what_to_do_without_a_recording(events: EventList) -> None:
    events.show_recording(None)
    assert events.text() == EMPTY
    events.show_recording(replace(RECORDING, events=()))
    assert events.text() == NOTHING
    failure = RecordedFailure("RuntimeError: no memory", 23, None)
    events.show_recording(replace(RECORDING, events=(), failure=failure))
    assert events.text() == "RuntimeError: no memory"
    events.show_recording(RECORDING)
    assert events.text().startswith("FORWARD\n1  x.mm(w1)")


def test_every_row_in_the_programs_own_words(events: EventList) -> None:
    assert events.text().splitlines() == [
        "FORWARD",
        "1  x.mm(w1)  4 × 5",
        "2  x.mm(w1).clamp(min=0)  4 × 5",
        "3  y_pred  x.mm(w1).clamp(min=0) @ w2  4 × 3",
        "LOSS",
        "4  y_pred - y  4 × 3",
        "5  (y_pred - y).pow(2)  4 × 3",
        "6  loss  sum((y_pred - y).pow(2))  scalar",
        "BACKWARD",
        "7  SumBackward0  loss  scalar",
        "8  PowBackward0  (y_pred - y).pow(2)  4 × 3",
        "9  SubBackward0  y_pred - y  4 × 3",
        "10  MmBackward0  y_pred  4 × 3",
        "11  AccumulateGrad  w2  5 × 3",
        "12  ClampBackward1  x.mm(w1).clamp(min=0)  4 × 5",
        "13  MmBackward0  x.mm(w1)  4 × 5",
        "14  AccumulateGrad  w1  6 × 5",
        "UPDATE",
        "15  learning_rate * w1.grad  6 × 5",
        "16  w1  −= learning_rate * w1.grad  updated  6 × 5",
        "17  learning_rate * w2.grad  5 × 3",
        "18  w2  −= learning_rate * w2.grad  updated  5 × 3",
        "19  w1.grad  ← 0  6 × 5",
        "20  w2.grad  ← 0  5 × 3",
    ]


def test_a_row_names_the_parameters_that_it_updates() -> None:
    value = snapshot([1.0])
    changes = tuple(Change(name, value, value, None) for name in ("0.weight", "0.bias", "2.weight"))
    step = Event(0, Phase.UPDATE, EventKind.OPERATION, "step", "optimizer.step()", changes=changes)
    assert row_words([step], 0).text() == "1  optimizer.step()  3 parameters updated"
    two = replace(step, changes=changes[:2])
    assert row_words([two], 0).hint == "0.weight, 0.bias updated"
    one = replace(step, changes=changes[:1])
    assert row_words([one], 0).hint == "0.weight updated"
    assert row_words([replace(one, label="0.weight")], 0).hint == "updated"


def test_what_ran_inside_another_event_is_indented() -> None:
    outer = RECORDING.events[FIRST_BACKWARD]
    inner = replace(outer, number=1, kind=EventKind.OPERATION, parent=0, inside="MyReLU.backward")
    innermost = replace(inner, number=2, parent=1)
    alone = replace(inner, number=3, parent=None)
    rows = [replace(outer, number=0), inner, innermost, alone]
    assert [row_words(rows, number).depth for number in range(4)] == [0, 1, 2, 1]


def test_an_error_stands_in_its_row(events: EventList) -> None:
    events.show_recording(with_event(FIRST_BACKWARD, error="RuntimeError: <b>shapes</b>"))
    assert "7  SumBackward0  loss  RuntimeError: <b>shapes</b>" in events.text()
    assert QColor(LIGHT.error).name() in colors_of(image_of_row(events, FIRST_BACKWARD))
    assert QColor(LIGHT.error).name() not in colors_of(image_of_row(events, FIRST_BACKWARD - 1))


def test_the_tooltip_tells_the_rest(events: EventList) -> None:
    recording = with_event(
        W1_ARRIVES - 1,
        inside="f.<locals>.backward",
        module="input_linear",
        documentation="Multiplies <two> matrices.",
        error="RuntimeError: a < b",
    )
    event = recording.events[W1_ARRIVES - 1]
    told = tooltip(event, recording)
    for part in (
        "MmBackward0",
        "x.mm(w1)",
        f"line {event.line}, made on line {event.origin}",
        "How much each number of w1 changes the loss",
        "in module input_linear",
        "inside f.&lt;locals&gt;.backward",
        "Multiplies &lt;two&gt; matrices.",
        "RuntimeError: a &lt; b",
        "4 × 5",
    ):
        assert part in told
    events.show_recording(recording)
    assert index_of(events, W1_ARRIVES - 1).data(Qt.ItemDataRole.ToolTipRole) == told
    assert caption_of(events, 0).data(Qt.ItemDataRole.ToolTipRole) is None


def test_a_click_chooses_an_event_and_a_caption_is_none(qtbot: QtBot, events: EventList) -> None:
    numbers = heard(events.event_chosen)
    for index in (index_of(events, 4), caption_of(events, 3), index_of(events, 0), index_of(events, 0)):
        place = events.view.visualRect(index).center()
        qtbot.mouseClick(events.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert numbers == [4, 0]


def test_keys_go_from_event_to_event_over_the_captions(qtbot: QtBot, events: EventList) -> None:
    events.show_event(2)
    numbers = heard(events.event_chosen)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Home):
        qtbot.keyClick(events.view, key)
    assert numbers == [3, 2, LAST, 0]
    assert events.view.visualRect(caption_of(events, 0)).top() == 0


def test_a_page_is_what_is_in_sight(qtbot: QtBot, events: EventList) -> None:
    events.show_recording(long_recording(400))
    events.show_event(100)
    numbers = heard(events.event_chosen)
    qtbot.keyClick(events.view, Qt.Key.Key_PageDown)
    qtbot.keyClick(events.view, Qt.Key.Key_PageUp)
    rows = events.view.viewport().height() // events.view.sizeHintForRow(0)
    assert numbers == [100 + rows - 1, 100]


def test_the_focus_alone_chooses_nothing(qtbot: QtBot) -> None:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.show_recording(RECORDING)
    numbers = heard(panel.event_chosen)
    with qtbot.waitActive(panel):
        panel.show()
    panel.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    assert numbers == []
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert numbers == [0]


def test_setters_say_nothing(qtbot: QtBot, events: EventList) -> None:
    with qtbot.assertNotEmitted(events.event_chosen):
        for number in (3, LAST, None, 0):
            events.show_event(number)
        events.mark_events([1, 2])
        events.set_caption("step 120")
        wear(DARK)
        events.show_recording(long_recording(40))
        events.show_event(39)
        events.show_recording(None)
        events.show_event(None)


@pytest.mark.parametrize("number", [-1, LAST + 1])
def test_an_event_that_is_not_there_is_refused(events: EventList, number: int) -> None:
    with pytest.raises(ValueError, match=f"number: {number} "):
        events.show_event(number)


def test_the_event_shown_is_in_sight(events: EventList) -> None:
    events.show_recording(long_recording(5000))
    sight = events.view.viewport().rect()
    for number in (4999, 2500, 0, 1250):
        events.show_event(number)
        assert sight.contains(events.view.visualRect(index_of(events, number)))
    # 1250 begins a phase: its caption is in sight, too.
    assert sight.contains(events.view.visualRect(caption_of(events, 1250)))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_is_not_reached_is_faint_and_the_cursor_tinted(events: EventList, theme: Theme) -> None:
    tint = mixed(theme.surface, phase_color(theme, RECORDING.events[1].phase), 0.16).name()
    wear(theme)
    events.show_event(1)
    reached, cursor, ahead = (colors_of(image_of_row(events, number)) for number in (0, 1, 2))
    assert tint in cursor
    assert tint not in reached | ahead
    # Letters are so thin that hardly a pixel has their full color; the strongest is the nearest to it.
    contrasts = [contrast(image_of_row(events, number)) for number in (0, 1, 2)]
    assert contrasts[2] < 0.8 * min(contrasts[:2])
    events.show_event(None)
    assert contrast(image_of_row(events, 2)) > 0.9 * contrasts[0]


def test_marks_are_bars_at_the_left(events: EventList) -> None:
    def marked() -> list[int]:
        info = QColor(LIGHT.info)
        return [n for n in range(6) if image_of_row(events, n).pixelColor(0, 5) == info]

    events.mark_events({1, 2, 999})
    assert marked() == [1, 2]
    events.show_event(3)
    assert marked() == [1, 2]
    events.mark_events(())
    assert marked() == []


def test_only_the_rows_that_change_are_painted(
    qtbot: QtBot, events: EventList, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = long_recording(5000)
    events.show_recording(recording)
    events.show_event(2)
    resets: list[int] = []
    events.view.model().modelReset.connect(lambda: resets.append(1))
    painted: set[int] = set()
    words = EventModel.words

    def spy(model: EventModel, number: int) -> object:
        painted.add(number)
        return words(model, number)

    events.view.viewport().repaint()
    qtbot.waitUntil(lambda: not events.view.viewport().testAttribute(Qt.WidgetAttribute.WA_PendingUpdate))
    monkeypatch.setattr(EventModel, "words", spy)
    events.show_event(4)
    qtbot.waitUntil(lambda: painted >= {2, 3, 4})
    assert painted <= set(range(1, 6))
    assert resets == []


@pytest.mark.parametrize(
    ("needs", "room", "shares"),
    [
        ([50, 30], 100, [50, 30]),
        ([50, 90], 100, [50, 50]),
        ([90, 20], 100, [80, 20]),
        ([90, 90, 10], 100, [45, 45, 10]),
        ([50], -5, [0]),
        ([], 100, []),
    ],
)
def test_texts_share_a_row(needs: Collection[int], room: int, shares: Collection[int]) -> None:
    assert fair_shares(list(needs), room) == shares


def test_place_and_phase_in_words() -> None:
    assert position_text(RECORDING.events, UPDATE_W1) == "update  16 / 20"
    assert position_text(RECORDING.events, None) == "20 events"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_phase_has_a_color_of_its_own(theme: Theme) -> None:
    assert len({phase_color(theme, phase) for phase in Phase}) == 4


def test_rows_can_be_heard(events: EventList) -> None:
    events.show_event(FIRST_BACKWARD - 1)
    index = index_of(events, FIRST_BACKWARD)
    assert events.view.accessibleName()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "7  SumBackward0  loss  scalar"
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "backward, not reached yet"
    events.show_event(FIRST_BACKWARD)
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "backward"


def test_a_row_with_nan_is_red_and_says_how_many(events: EventList) -> None:
    port = replace(RECORDING.events[3].outputs[0], value=snapshot([[1, float("nan")], [float("inf"), 2]]))
    events.show_recording(with_event(3, outputs=(port,)))
    assert "4  y_pred - y  1 NaN, 1 inf  2 × 2" in events.text()
    events.show_event(0)
    # Also where the walk has not come yet.
    assert QColor(LIGHT.error).name() in colors_of(image_of_row(events, 3))
    assert QColor(LIGHT.error).name() not in colors_of(image_of_row(events, 2))
