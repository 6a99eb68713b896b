"""The small widgets of the toolbar, and the pace at which the window looks."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.gui.driver import colors_of
from tests.gui.themes import wear
from ui.panels.toolbar import RunBar
from ui.session.pace import FrameInterval, Pace
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.figure import Figure
from ui.widgets.number_text import clock_text
from ui.widgets.progress_line import ProgressLine


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_figures_stand_on_the_toolbars_own_color(qtbot: QtBot, theme: Theme) -> None:
    bar = RunBar()
    qtbot.addWidget(bar)
    for each in (LIGHT, DARK, theme):
        wear(each)
    bar.set_figures("1 of 2 steps · 1 s left", 0.5, "1")
    bar.show()
    for figure in bar.findChildren(Figure):
        assert QColor(theme.surface).name() in colors_of(figure)
        other = DARK if theme is LIGHT else LIGHT
        assert QColor(other.surface).name() not in colors_of(figure)


def test_two_losses_with_long_names_push_nothing_out_of_the_toolbar(qtbot: QtBot) -> None:
    bar = RunBar()
    qtbot.addWidget(bar)
    bar.set_more_losses([("discriminator_loss", "-8.888"), ("generator_loss", "-8.888")])
    bar.resize(1280, bar.height())
    bar.show()
    assert bar.sizeHint().width() <= 1280


def test_a_figure_keeps_its_room(qtbot: QtBot) -> None:
    figure = Figure("Step", "step 8 888 / 8 888")
    qtbot.addWidget(figure)
    room = figure.sizeHint()
    figure.set_text("step 1 / 500")
    assert figure.sizeHint() == room
    assert figure.text() == "step 1 / 500"
    assert figure.accessibleDescription() == "step 1 / 500"
    figure.set_text("step 10 000 000 / 10 000 000")
    assert figure.sizeHint().width() > room.width()


def test_a_long_text_is_elided_and_whole_in_the_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    label.set_full_text("a text that is much too long for sixty pixels")
    assert "…" in label.text()
    assert label.toolTip() == label.accessibleName() == "a text that is much too long for sixty pixels"
    label.set_full_text("short")
    assert (label.text(), label.toolTip()) == ("short", "")


@pytest.mark.parametrize(("share", "shown"), [(0.0, 0.0), (0.25, 0.25), (7.0, 1.0), (-1.0, 0.0)])
def test_the_progress_line_is_as_long_as_what_is_done(qtbot: QtBot, share: float, shown: float) -> None:
    line = ProgressLine("Progress")
    qtbot.addWidget(line)
    line.resize(line.sizeHint())
    line.set_share(share)
    assert line.share == shown
    image = line.grab().toImage()
    middle = image.height() // 2
    filled = sum(
        image.pixelColor(x, middle).name() == QColor(LIGHT.parameter).name() for x in range(image.width())
    )
    assert filled == pytest.approx(shown * image.width(), abs=5)


def test_the_pace_is_steps_by_seconds() -> None:
    pace = Pace()
    assert pace.seconds_left(10) is None
    for second in range(20):
        pace.read(float(second), 100 * second)
    assert pace.steps_per_second == pytest.approx(100)
    assert pace.seconds_left(50) == pytest.approx(0.5)
    pace.forget()
    assert pace.seconds_left(50) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (4, "0:04"), (61, "1:01"), (3723, "1:02:03"), (400_000, "4 days")]
)
def test_times_are_written_for_people(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_looking_takes_its_share_and_no_more() -> None:
    interval = FrameInterval(share=0.05, fastest=0.05, slowest=0.2)
    assert interval.seconds == 0.05
    for _ in range(100):
        interval.spent(0.005)
    assert interval.seconds == pytest.approx(0.1)
    for _ in range(100):
        interval.spent(1.0)
    assert interval.seconds == 0.2
