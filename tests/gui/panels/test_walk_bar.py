"""The walk bar: every way to move, the phases above the slider, and the choices about recordings."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.graph.model import Phase
from tests.gui.driver import find, heard
from tests.gui.recordings import LOSS, long_recording, small_recording
from tests.gui.themes import wear
from ui.panels.replay.panel import WalkBar
from ui.style.phases import phase_color
from ui.style.theme import DARK, LIGHT, Theme

RECORDING = small_recording()
LAST = len(RECORDING.events) - 1
BUTTONS = ["walk_first", "walk_previous", "walk_play", "walk_next", "walk_last", "walk_phase"]
NO_SHIFT, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
# What a platform without a display says when something pops up.
POPUP_MESSAGES = "^This plugin does not support (raise|grabbing the keyboard)"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(640, 80)
    return window


@pytest.fixture
def bar(qtbot: QtBot, window: QWidget) -> WalkBar:
    bar = WalkBar(window)
    bar.resize(640, bar.sizeHint().height())
    bar.show_recording(RECORDING)
    with qtbot.waitActive(window):
        window.show()
    return bar


def test_without_a_recording_nothing_can_be_pressed(bar: WalkBar) -> None:
    bar.show_event(4)
    assert all(find(bar, QToolButton, name).isEnabled() for name in BUTTONS)
    assert bar.slider.isEnabled()
    for nothing in (None, replace(RECORDING, events=())):
        bar.show_recording(nothing)
        assert not any(find(bar, QToolButton, name).isEnabled() for name in BUTTONS)
        assert not bar.slider.isEnabled()
        assert bar.slider.value() == 0
        assert bar.text() == ("" if nothing is None else "0 events")
        assert find(bar, QToolButton, "record_this_step").isVisible() == (nothing is None)
    # Recordings can be asked for before there is one.
    assert find(bar, QToolButton, "record_button").isEnabled()


def test_every_button_goes_where_it_says(qtbot: QtBot, bar: WalkBar) -> None:
    numbers = heard(bar.event_chosen)
    for name in ("walk_next", "walk_next", "walk_phase", "walk_previous", "walk_last", "walk_first"):
        qtbot.mouseClick(find(bar, QToolButton, name), Qt.MouseButton.LeftButton)
    assert numbers == [0, 1, 3, 2, LAST, 0]
    assert bar.slider.value() == 0


def test_the_ends_hold(qtbot: QtBot, bar: WalkBar) -> None:
    numbers = heard(bar.event_chosen)
    bar.show_event(LAST)
    for name in ("walk_next", "walk_last", "walk_phase"):
        qtbot.mouseClick(find(bar, QToolButton, name), Qt.MouseButton.LeftButton)
    bar.show_event(0)
    for name in ("walk_previous", "walk_first"):
        qtbot.mouseClick(find(bar, QToolButton, name), Qt.MouseButton.LeftButton)
    assert numbers == []


def test_shortcuts_work_from_a_text_field_beside(qtbot: QtBot, window: QWidget, bar: WalkBar) -> None:
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    bar.show_event(LOSS)
    numbers = heard(bar.event_chosen)
    keys = Qt.Key
    for key, modifier in (
        (keys.Key_F8, NO_SHIFT),
        (keys.Key_F7, NO_SHIFT),
        (keys.Key_F8, SHIFT),
        (keys.Key_F7, SHIFT),
        (keys.Key_F9, NO_SHIFT),
    ):
        qtbot.keyClick(field, key, modifier)
    assert numbers == [LOSS + 1, LOSS, LAST, 0, 3]
    with qtbot.waitSignal(bar.play_toggled) as toggled:
        qtbot.keyClick(field, keys.Key_F9, SHIFT)
    assert toggled.args == [True]


def test_the_tooltips_name_the_keys(bar: WalkBar) -> None:
    keys = [find(bar, QToolButton, name).toolTip().rpartition("(")[2] for name in BUTTONS]
    assert keys == ["Shift+F7)", "F7)", "Shift+F9)", "F8)", "Shift+F8)", "F9)"]
    tip = find(bar, QToolButton, "walk_phase").toolTip()
    assert tip.startswith("Next phase: forward, loss, backward, update")


def test_the_slider_says_each_event_and_obeys_the_keys(qtbot: QtBot, bar: WalkBar) -> None:
    numbers = heard(bar.event_chosen)
    bar.slider.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(bar.slider, key)
    assert numbers == [1, 2, 1, LAST, 0]


def test_play_is_pressed_and_released(qtbot: QtBot, bar: WalkBar) -> None:
    play = find(bar, QToolButton, "walk_play")
    said: list[bool] = []
    bar.play_toggled.connect(said.append)
    for _ in range(2):
        qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert said == [True, False]
    bar.set_playing(True)
    assert play.isChecked()
    assert play.toolTip() == "Pause (Shift+F9)"
    bar.set_playing(False)
    assert play.toolTip() == "Play (Shift+F9)"
    assert said == [True, False]


def test_a_speed_is_chosen(qtbot: QtBot, bar: WalkBar) -> None:
    box = bar.findChild(QComboBox, "walk_speed")
    assert box is not None
    assert [box.itemText(row) for row in range(box.count())] == ["1/s", "2/s", "5/s", "10/s", "20/s"]
    assert box.currentText() == "5/s"
    box.setFocus()
    with qtbot.waitSignal(bar.speed_chosen) as chosen:
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert chosen.args == [10.0]


def test_the_text_tells_phase_and_place(bar: WalkBar) -> None:
    assert bar.text() == "20 events"
    bar.show_event(LOSS)
    assert bar.text() == "loss  6 / 20"
    bar.show_event(LOSS + 1)
    assert bar.text() == "backward  7 / 20"


def test_setters_say_nothing(qtbot: QtBot, bar: WalkBar) -> None:
    signals = [bar.event_chosen, bar.play_toggled, bar.speed_chosen]
    signals += [bar.record_every_chosen, bar.recording_chosen]
    said: list[object] = []
    for signal in signals:
        signal.connect(said.append)
    bar.show_event(7)
    bar.show_event(None)
    bar.set_playing(True)
    bar.set_playing(False)
    bar.set_speed(20.0)
    bar.set_record_every(100)
    bar.show_steps([0, 120], 120)
    bar.set_memory("2 recordings")
    wear(DARK)
    bar.show_recording(long_recording(40))
    bar.show_recording(None)
    assert said == []


@pytest.mark.parametrize("number", [-1, LAST + 1])
def test_an_event_that_is_not_there_is_refused(bar: WalkBar, number: int) -> None:
    with pytest.raises(ValueError, match=f"number: {number} "):
        bar.show_event(number)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_band_for_each_phase_stands_above_its_events(bar: WalkBar, theme: Theme) -> None:
    wear(theme)
    bands = list(bar.slider.bands())
    assert [phase for phase, _, _ in bands] == list(Phase)
    image = bar.slider.grab().toImage()
    for phase, left, right in bands:
        assert image.pixelColor(int(left + right) // 2, 1) == QColor(phase_color(theme, phase))
    ends = [(round(left), round(right)) for _, left, right in bands]
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    # Backward has 8 of 20 events.
    assert ends[2][1] - ends[2][0] == pytest.approx(0.42 * (ends[-1][1] - ends[0][0]), rel=0.1)


def test_nothing_is_clipped_in_640_pixels(bar: WalkBar) -> None:
    bar.show_recording(long_recording(5000))
    bar.show_event(4999)
    QApplication.processEvents()
    assert bar.minimumSizeHint().width() <= 640
    assert bar.sizeHint().height() <= 34
    parts = [each for each in bar.findChildren(QWidget) if each.parent() is bar and each.isVisible()]
    whole = QRect(0, 0, 640, bar.height())
    for part in parts:
        assert whole.contains(part.geometry())
        assert part.width() >= part.minimumSizeHint().width()


def test_every_control_can_be_reached_and_heard(bar: WalkBar) -> None:
    controls = [
        *(find(bar, QToolButton, name) for name in BUTTONS),
        bar.slider,
        find(bar, QToolButton, "record_button"),
    ]
    controls += [*bar.findChildren(QComboBox), *bar.findChildren(QSpinBox)]
    for control in controls:
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.qt_log_ignore(POPUP_MESSAGES)
def test_the_choices_about_recordings_open_and_close(qtbot: QtBot, bar: WalkBar) -> None:
    assert not bar.records.isVisible()
    find(bar, QToolButton, "record_button").click()
    assert bar.records.isVisible()
    every = bar.findChild(QSpinBox, "record_every")
    assert every is not None
    qtbot.keyClick(every, Qt.Key.Key_Escape)
    assert not bar.records.isVisible()


def test_the_interval_is_off_or_a_number(qtbot: QtBot, bar: WalkBar) -> None:
    every = bar.records.every
    assert (every.minimum(), every.maximum(), every.text()) == (0, 1_000_000, "off")
    intervals: list[int] = []
    bar.record_every_chosen.connect(intervals.append)
    for typed in ("250", "off", "1 000", "0"):
        every.selectAll()
        qtbot.keyClicks(every, typed)
        qtbot.keyClick(every, Qt.Key.Key_Return)
    assert intervals == [250, 0, 1000, 0]
    assert every.text() == "off"
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(every, key)
    assert intervals[4:] == [1, 10, 1, 0]


def test_a_bad_interval_is_refused_in_one_line(qtbot: QtBot, bar: WalkBar) -> None:
    every = bar.records.every
    every.selectAll()
    qtbot.keyClicks(every, "often")
    with qtbot.waitSignal(bar.refused) as refused:
        qtbot.keyClick(every, Qt.Key.Key_Return)
    assert "often" in str(refused.args)
    assert every.text() == "off"


def test_the_button_shows_whether_steps_are_recorded(bar: WalkBar) -> None:
    record = find(bar, QToolButton, "record_button")
    assert record.toolTip() == "Recordings: all that were made, and how many more to make (off)"
    before = record.grab().toImage()
    bar.set_record_every(100)
    assert record.toolTip() == "Recordings: all that were made, and how many more to make (every 100 steps)"
    assert record.grab().toImage() != before


def test_a_recorded_step_is_chosen(qtbot: QtBot, bar: WalkBar) -> None:
    steps = bar.findChild(QComboBox, "recorded_steps")
    assert steps is not None
    assert not steps.isEnabled()
    bar.show_steps([0, 100, 120], 120)
    assert [steps.itemText(row) for row in range(steps.count())] == ["step 0", "step 100", "step 120"]
    assert steps.currentText() == "step 120"
    with qtbot.waitSignal(bar.recording_chosen) as chosen:
        qtbot.keyClick(steps, Qt.Key.Key_Up)
    assert chosen.args == [100]
    bar.show_steps([0, 100, 120], None)
    assert steps.currentIndex() == -1
    bar.show_steps([], None)
    assert (steps.count(), steps.isEnabled()) == (0, False)


def test_memory_is_told(bar: WalkBar) -> None:
    memory = bar.findChild(QLabel, "record_memory")
    assert memory is not None
    assert memory.isHidden()
    bar.set_memory("12 recordings, 48 of 256 MB")
    assert memory.text() == "12 recordings, 48 of 256 MB"
    assert not memory.isHidden()
    assert find(bar, QToolButton, "record_button").accessibleDescription() == "12 recordings, 48 of 256 MB"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_theme_reaches_signs_and_text(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    bar = WalkBar()
    qtbot.addWidget(bar)
    bar.show_recording(RECORDING)
    for each in (LIGHT, DARK, theme):
        wear(each)
    for name in BUTTONS:
        image = find(bar, QToolButton, name).icon().pixmap(40, 40).toImage()
        found = {image.pixelColor(x, y).name() for x in range(40) for y in range(40)}
        assert QColor(theme.text).name() in found
    assert bar.palette().color(bar.backgroundRole()) == QColor(theme.window)
