"""The newest steps of the filmstrip, and its chart of losses."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH
from playground.runs.structure_statistics import StructureCount
from tests.gui.driver import colors_of, focus
from tests.gui.panels.filmstrip.films import MIXED, chosen_steps, color_of_step, loss_at, many, show
from ui.panels.filmstrip.chart import loss_range
from ui.panels.filmstrip.panel import Filmstrip
from ui.panels.filmstrip.steps import STEP_WIDTH
from ui.style.phases import structure_color
from ui.style.theme import LIGHT


def point_at(widget: QWidget, place: QPoint) -> None:
    """Asks for the tooltip of a place."""
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))


# The newest steps


def test_the_newest_step_is_at_the_right(film: Filmstrip) -> None:
    show(film, MIXED)
    strip = film.strip
    assert list(strip.steps_in_sight()) == list(range(40))
    assert strip.width() - strip.place_of(39).right() <= STEP_WIDTH
    assert strip.place_of(39).left() - strip.place_of(38).left() == STEP_WIDTH


def test_as_many_steps_as_fit_are_shown(film: Filmstrip) -> None:
    show(film, many(4) * 100)
    fitting = len(film.strip.steps_in_sight())
    assert fitting == (film.strip.width() - 2) // STEP_WIDTH
    assert film.strip.steps_in_sight()[-1] == 1199
    film.resize(500, film.height())
    assert len(film.strip.steps_in_sight()) < fitting
    assert color_of_step(film, 1199) == structure_color(LIGHT, 3)


def test_a_click_chooses_the_step_under_it(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    chosen = chosen_steps(film)
    for step in (39, 0, 17):
        place = film.strip.place_of(step).center()
        qtbot.mouseClick(film.strip, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(film.strip, Qt.MouseButton.LeftButton, pos=QPoint(2, 5))
    assert chosen == [39, 0, 17]


def test_keys_go_from_step_to_step(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    film.step_chosen.connect(lambda step: film.show_current(step, 0))
    chosen = chosen_steps(film)
    focus(qtbot, film.strip)
    keys = (
        Qt.Key.Key_Left,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_Left,
        Qt.Key.Key_End,
    )
    for key in keys:
        qtbot.keyClick(film.strip, key)
    assert chosen == [38, 37, 38, 0, 0, 39]


def test_other_keys_are_left_to_the_window(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    chosen = chosen_steps(film)
    focus(qtbot, film.strip)
    qtbot.keyClick(film.strip, Qt.Key.Key_A)
    assert chosen == []


def test_the_current_step_is_outlined(film: Filmstrip) -> None:
    show(film, MIXED)
    assert LIGHT.text not in colors_of(film.strip.grab().toImage())
    film.show_current(39, 0)
    image = film.strip.grab().toImage()
    column = film.strip.place_of(39)
    assert image.pixelColor(column.left() - 2, 8).name() == LIGHT.text
    assert image.pixelColor(column.right() + 2, 8).name() == LIGHT.text
    assert image.pixelColor(column.center().x(), 8).name() == structure_color(LIGHT, MIXED[39][1])
    film.show_current(900, 0)
    assert LIGHT.text not in colors_of(film.strip.grab().toImage())


def test_a_step_without_a_finite_loss_is_a_stub(film: Filmstrip) -> None:
    show(film, [(3.0, 1, 0), (math.nan, 1, 0), (math.inf, 1, 0)])
    color = structure_color(LIGHT, 1)
    assert [color_of_step(film, step, height=0.2) for step in range(3)] == [
        color,
        LIGHT.raised,
        LIGHT.raised,
    ]
    assert [color_of_step(film, step, height=0.9) for step in range(3)] == [color] * 3


# Without a window manager nothing can be raised, a tooltip included.
@pytest.mark.qt_log_ignore("does not support raise")
def test_tooltips_tell_step_and_depth(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    chart = QPoint(film.chart.width() - 6, 40)
    point_at(film.strip, film.strip.place_of(5).center())
    qtbot.waitUntil(lambda: QToolTip.text() == "step 5, depth 3, loss 105")
    point_at(film.chart, chart)
    qtbot.waitUntil(lambda: QToolTip.text() == "depth 3: loss 105 in its newest step")
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_of_a_stage_without_depth_the_structure_is_told(film: Filmstrip) -> None:
    show(film, [(2.5, NO_DEPTH, 0)] * 3)
    assert film.strip.reading(2) == "step 2, variant 1, loss 2.5"
    assert film.strip.reading(3) == ""


# The chart


def test_the_chart_is_there_only_where_it_has_depths_and_room(film: Filmstrip) -> None:
    show(film, MIXED)
    assert film.chart.isVisible()
    film.resize(film.minimumSizeHint())
    assert film.width() == 300
    assert not film.chart.isVisible()
    film.resize(600, film.height())
    assert film.chart.isVisible()
    show(film, [(1.0, NO_DEPTH, 0)] * 9)
    assert not film.chart.isVisible()


def test_a_bar_stands_where_its_losses_are(film: Filmstrip) -> None:
    film.show_statistics(
        [StructureCount(each, each, 40, 0.5, each, each) for each in (0, 1)],
        [loss_at(0, 0.0, 2.0, 3.0), loss_at(1, 7.0, 8.0, 10.0)],
    )
    image = film.chart.grab().toImage()

    def middle(color: str) -> float:
        rows = [
            y
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).name() == color
        ]
        return sum(rows) / len(rows)

    # Depth 1 has the larger losses, so its dot is higher up.
    assert middle(structure_color(LIGHT, 1)) < middle(structure_color(LIGHT, 0)) - 20


@pytest.mark.parametrize(
    ("low", "high", "bottom", "top", "logarithmic"),
    [
        (3.0, 9.5, 0.0, 10.0, False),
        (104.0, 106.0, 104.0, 106.0, False),
        (0.03, 40_000.0, 0.02, 50_000.0, True),
        (1.0, 20.0, 1.0, 20.0, True),
        (0.0, 20.0, 0.0, 20.0, False),
        (-4.0, 6.0, -5.0, 10.0, False),
    ],
)
def test_the_range_lies_between_round_numbers(
    low: float, high: float, bottom: float, top: float, logarithmic: bool
) -> None:
    losses = loss_range(low, high)
    assert (losses.bottom, losses.top, losses.logarithmic) == (bottom, top, logarithmic)
    assert losses.place(bottom) == 0
    assert losses.place(top) == 1
    assert 0 <= losses.place(low) < losses.place(high) <= 1


@pytest.mark.parametrize("loss", [0.0, 5e-324, 1e-300, 0.1, 3.0, -7.0, 1e16, 1.7e308, -1.7e308])
@pytest.mark.parametrize("factor", [1.0, 1.0 + 1e-15, 30.0])
def test_any_loss_has_a_place(loss: float, factor: float) -> None:
    other = max(min(loss * factor, 1.7e308), -1.7e308)
    low, high = min(loss, other), max(loss, other)
    losses = loss_range(low, high)
    assert losses.bottom < losses.top
    assert len(losses.lines) < 12
    assert 0 <= losses.place(low) <= losses.place(high) <= 1


def test_a_run_that_failed_from_the_start_is_drawn(film: Filmstrip) -> None:
    show(film, [(math.nan, 1, 0), (math.nan, 0, 1)])
    assert film.chart.range_shown is None
    assert "depth 0: no finite loss in its newest step" in film.text()
    film.grab()


def test_depths_without_a_finite_loss_leave_the_others(film: Filmstrip) -> None:
    show(film, [(math.nan, 1, 0), (4.0, 0, 1), (5.0, 0, 1)])
    assert film.chart.range_shown == loss_range(4.1, 4.9)
    assert structure_color(LIGHT, 0) in colors_of(film.chart.grab().toImage())
