"""The page of distributions: what is drawn of a step, and how a step is chosen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.health.spread import Spread, Spreads, percentiles_of
from tests.gui.themes import wear
from ui.panels.weights.axis import ValueAxis, fitting_axis, value_text
from ui.panels.weights.bands import BandsPage, elements_text
from ui.style.theme import DARK

VALUES = np.random.default_rng(0).normal(size=(20, 1000))


def spreads() -> Spreads:
    found = Spreads()
    for number, values in enumerate(VALUES):
        # No gradient in the first step.
        gradient = percentiles_of(1e4 * 0.1**number * values if number else None)
        found.put(10 * number, [Spread("w1", 1000, 1000, percentiles_of(values), gradient)])
    return found


@pytest.fixture
def page(qtbot: QtBot) -> BandsPage:
    page = BandsPage()
    qtbot.addWidget(page)
    page.resize(560, 320)
    page.show()
    page.show_spreads(spreads(), 70)
    return page


def test_a_click_and_enter_choose_a_step(page: BandsPage) -> None:
    chosen: list[int] = []
    page.step_chosen.connect(chosen.append)
    own, gradient = page.rows["w1"].plots
    for plot in (own, gradient):
        place = QPoint(plot.x_of(12), plot.height() // 2)
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    # From the step that is shown to the next but one.
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(own, key)
    assert chosen == [120, 120, 90]
    least = value_text(float(VALUES[9].min()))
    assert page.reading.text().startswith(f"w1 in step 90: min {least} · 5 % ")
    gradient.pointed.emit(gradient, 0)
    assert page.reading.text() == "w1.grad in step 0: nothing finite"
    gradient.pointed.emit(gradient, None)
    assert "click" in page.reading.text()


def test_the_median_stands_where_its_color_is(page: BandsPage) -> None:
    plot = page.rows["w1"].plots[0]
    for theme in (None, DARK):
        if theme is not None:
            wear(theme)
            page.show_spreads(page._spreads, 70)
        image = plot.grab().toImage()
        colors = {image.pixelColor(plot.x_of(15), y).name() for y in range(image.height())}
        bands = [each.name() for each in plot._item._colors]
        assert set(bands) <= colors
        # The mark of the step that is shown.
        assert plot._marked.line().x1() == 70


def test_a_symlog_axis_keeps_order_and_sign() -> None:
    rows = np.array([percentiles_of(10.0**-power * VALUES[power]) for power in range(6)])
    axis = fitting_axis(rows, symlog=True)
    assert axis.threshold == pytest.approx(1e-6)
    values = np.array([-100.0, -1.0, -1e-6, 0.0, 1e-6, 1.0])
    places = axis.places(values)
    assert (np.diff(places) > 0).all()
    assert places[3] == 0
    assert places[4] == pytest.approx(np.log10(2))
    ticks = axis.ticks(float(places[0]), float(places[-1]), 6)
    assert 3 <= len(ticks) <= 6
    assert (0.0, "0") in ticks
    assert fitting_axis(rows, symlog=False) == ValueAxis()
    assert [text for _, text in ValueAxis().ticks(-1.1, 1.1, 5)] == ["−1", "−0.5", "0", "0.5", "1"]
    assert fitting_axis(np.full((3, 7), np.nan), symlog=True) == ValueAxis()


@pytest.mark.parametrize("most", [2, 4, 7, 12, 30])
@pytest.mark.parametrize(("least", "largest"), [(1e-6, 1.0), (1e-3, 5e-3), (0.02, 80.0), (1e-9, 1e4)])
def test_numbers_around_zero_have_room(most: int, least: float, largest: float) -> None:
    axis = ValueAxis(least)
    low, high = axis.places(np.array([-largest, largest])).tolist()
    places = [place for place, _ in axis.ticks(low, high, most)]
    assert 0.0 in places
    assert places == sorted(set(places))
    assert all(later - before >= 0.8 * (high - low) / most for before, later in pairwise(places))


def test_a_plot_that_gets_lower_has_fewer_numbers(page: BandsPage) -> None:
    for plot in page.rows["w1"].plots:
        for height in (400, 90, 400):
            plot.setFixedHeight(height)
            QApplication.processEvents()
            ticks = plot.getAxis("left")._tickLevels[0]
            room = plot.box.height() / plot.box.viewRect().height()
            assert all((above - below) * room > 13 for (below, _), (above, _) in pairwise(ticks)), (
                "a text's height"
            )
            assert (len(ticks) > 4) is (height == 400)


def test_what_is_sampled_says_so() -> None:
    assert elements_text(1_000_000, 4_000).replace("\u00a0", " ") == "of 4 000 of its 1 000 000 elements"
    assert elements_text(30, 30) == "of its 30 elements"
