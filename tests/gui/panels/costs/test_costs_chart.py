"""The bars of the costs, and how they fit into little room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from playground.comparing.costs import StageCost
from tests.gui.driver import colors_of, focus
from tests.gui.panels.costs.costs import AUTOGRAD, DYNAMIC, EIGHT, NARROW, WIDE, cost
from tests.gui.themes import wear
from ui.panels.costs.paint import Places, Sheet, bar_parts, columns_of, places
from ui.panels.costs.panel import CostsView, StageChoice
from ui.panels.costs.text import (
    figures,
    ratio_text,
    unit_for,
)
from ui.style.theme import DARK, LIGHT, Theme


def resize(qtbot: QtBot, view: CostsView, size: tuple[int, int]) -> None:
    view.resize(*size)
    qtbot.waitUntil(lambda: view.size().toTuple() == size)
    view.grab()


def row_area(view: CostsView, row: int) -> QRect:
    area: QRect = view.chart.rows.visualRect(view.chart.rows.costs.index(row))
    return area


def places_of(view: CostsView, row: int) -> Places:
    return places(QRectF(row_area(view, row)), view.chart.rows.columns)


def color_at(view: CostsView, x: float, y: float) -> str:
    image: QImage = view.chart.rows.viewport().grab().toImage()
    return image.pixelColor(round(x), round(y)).name()


# The bars


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_bar_shows_its_three_parts(
    view: CostsView, qtbot: QtBot, theme: Theme, size: tuple[int, int]
) -> None:
    wear(theme)
    view.show_costs([AUTOGRAD, DYNAMIC])
    resize(qtbot, view, size)
    for row, each in enumerate((AUTOGRAD, DYNAMIC)):
        bar = places_of(view, row).bar
        # What the whole bar's room stands for is the slowest step.
        pixels = bar.width() / DYNAMIC.total
        ends = [0.0, each.forward, each.forward + each.backward, each.total]
        middles = [(a + b) / 2 for a, b in pairwise(ends)]
        found = [color_at(view, bar.left() + pixels * middle, bar.center().y()) for middle in middles]
        assert found == [theme.operation, theme.backward, theme.update]
    bar = places_of(view, 0).bar
    assert color_at(view, bar.left() + pixels * AUTOGRAD.total + 3, bar.center().y()) == theme.surface


def test_a_bar_is_as_long_as_the_median_of_the_whole_step() -> None:
    uneven = cost("nn", (0.2, 0.2, 0.2), total=0.66)
    parts = bar_parts(QRectF(10, 0, 100, 8), uneven, slowest=1.32e-3)
    assert parts[0].left() == 10
    assert parts[-1].right() == pytest.approx(60)
    assert [part.width() for part in parts] == pytest.approx([50 / 3] * 3)
    assert all(a.right() == pytest.approx(b.left()) for a, b in pairwise(parts))


def test_a_step_of_no_time_has_no_bar() -> None:
    nothing = cost("nn", (0.0, 0.0, 0.0))
    assert bar_parts(QRectF(0, 0, 100, 8), nothing, 0.0) == []
    assert ratio_text(nothing, 0.0) == "1.0×"
    assert figures(nothing, unit_for([nothing])).startswith("0.000 µs")


def test_costs_of_nothing_are_drawn_all_the_same(view: CostsView) -> None:
    view.show_costs([cost("nn", (0.0, 0.0, 0.0), peak=0)])
    view.grab()
    assert "nn: 0.000 µs" in view.text()


def test_memory_bars_have_a_scale_of_their_own(view: CostsView) -> None:
    view.show_costs([AUTOGRAD, DYNAMIC])
    full, half = (places_of(view, row).memory_bar for row in (0, 1))
    assert color_at(view, full.right() - 2, full.center().y()) == LIGHT.data
    assert color_at(view, half.left() + 0.45 * half.width(), half.center().y()) == LIGHT.data
    assert color_at(view, half.left() + 0.55 * half.width(), half.center().y()) == LIGHT.surface


def test_the_legend_has_the_colors_of_the_bars(view: CostsView) -> None:
    assert LIGHT.backward not in colors_of(view.chart.heading)
    view.show_costs(EIGHT)
    assert {LIGHT.operation, LIGHT.backward, LIGHT.update, LIGHT.data} <= colors_of(view.chart.heading)


def test_another_theme_repaints_everything(view: CostsView) -> None:
    view.show_costs(EIGHT)
    view.grab()
    wear(DARK)
    found = colors_of(view)
    assert not {LIGHT.surface, LIGHT.operation, LIGHT.backward, LIGHT.update, LIGHT.accent} & found
    assert {DARK.surface, DARK.operation, DARK.backward, DARK.update, DARK.accent} <= found


def test_arrows_move_between_rows_and_the_row_is_marked(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(EIGHT)
    rows = view.chart.rows
    focus(qtbot, view.measure_button)
    assert LIGHT.parameter not in colors_of(rows)
    focus(qtbot, rows)
    assert rows.currentIndex().row() == 0
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert rows.currentIndex().row() == 1
    area = row_area(view, 1)
    assert color_at(view, area.center().x(), area.top()) == LIGHT.parameter
    area = row_area(view, 0)
    assert color_at(view, area.center().x(), area.top()) == LIGHT.surface


SLOW = tuple(replace(each, total=each.total * 1000, update=each.update * 1000) for each in EIGHT)
UNEVEN = (cost("tensor", (0.02, 0.02, 0.01)), cost("dynamic", (1234.0, 2345.0, 3456.0), peak=123_400_000_000))


# Room


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("costs", [EIGHT[:1], EIGHT, SLOW, UNEVEN], ids=["one", "eight", "slow", "uneven"])
def test_no_text_of_a_row_is_cut_off(
    view: CostsView, qtbot: QtBot, size: tuple[int, int], costs: Sequence[StageCost]
) -> None:
    view.show_costs(costs)
    resize(qtbot, view, size)
    rows = view.chart.rows
    assert not rows.verticalScrollBar().isVisible()
    columns = columns_of(Sheet(tuple(costs), rows.sheet.font))
    for row in range(len(costs)):
        area, where = QRectF(row_area(view, row)), places_of(view, row)
        parts = (where.title, where.figures, where.ratio, where.memory, where.bar, where.memory_bar)
        assert all(area.contains(part) for part in parts)
        assert rows.viewport().rect().contains(area.toRect())
        widths = [part.width() for part in parts[:3]]
        assert widths == pytest.approx([columns.title, columns.figures, columns.ratio])
        assert where.memory.width() >= columns.memory
        overlaps = [a.intersects(b) for number, a in enumerate(parts) for b in parts[number + 1 :]]
        assert not any(overlaps)
        assert where.bar.width() > 100


def test_the_panel_becomes_no_narrower_than_its_texts(view: CostsView, qtbot: QtBot) -> None:
    assert view.minimumSizeHint().width() <= NARROW[0]
    view.show_costs([cost("a stage that has a title of some length", (0.2, 0.3, 0.4))])
    view.resize(100, 100)
    rows = view.chart.rows
    qtbot.waitUntil(lambda: rows.viewport().width() >= rows.columns.narrowest)
    where = places_of(view, 0)
    assert where.figures.right() <= where.ratio.left()
    assert where.memory.right() <= rows.viewport().width()


def test_figures_stand_beside_their_bar_only_where_there_is_room(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(EIGHT)
    view.grab()
    where = places_of(view, 0)
    assert where.figures.left() > where.bar.right()
    resize(qtbot, view, NARROW)
    where = places_of(view, 0)
    assert where.figures.top() > where.bar.bottom()
    assert where.figures.left() == where.bar.left()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_words_and_buttons_fit(view: CostsView, qtbot: QtBot, size: tuple[int, int]) -> None:
    view.show_costs(EIGHT)
    resize(qtbot, view, size)
    for label in view.findChildren(QLabel):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    for button in view.choice.buttons.values():
        assert view.choice.rect().contains(button.geometry())
        assert button.width() >= button.sizeHint().width()
        assert button.height() >= button.sizeHint().height()


def test_in_little_room_the_stages_stand_in_two_lines(qtbot: QtBot) -> None:
    choice = StageChoice()
    qtbot.addWidget(choice)
    line = choice.sizeHint()
    choice.resize(line)
    choice.show()
    assert len({button.y() for button in choice.buttons.values()}) == 1
    narrow = choice.minimumSizeHint().width()
    choice.resize(narrow, choice.heightForWidth(narrow))
    assert len({button.y() for button in choice.buttons.values()}) == 2
    assert choice.heightForWidth(narrow) > 2 * line.height()


def test_in_too_little_height_the_rows_scroll(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(EIGHT)
    resize(qtbot, view, (560, view.minimumSizeHint().height() + 20))
    rows = view.chart.rows
    assert rows.verticalScrollBar().maximum() > 0
    focus(qtbot, rows)
    qtbot.keyClick(rows, Qt.Key.Key_End)
    assert rows.viewport().rect().contains(row_area(view, 7).center())


def test_a_long_problem_is_shown_whole(view: CostsView, qtbot: QtBot) -> None:
    resize(qtbot, view, NARROW)
    view.show_problem("cannot read /" + "a" * 300)
    view.grab()
    assert view.size().toTuple() == NARROW
    problem = view.findChild(QWidget, "costs_problem")
    assert problem is not None
    assert problem.height() >= math.ceil(problem.heightForWidth(problem.width()))
    assert problem.mapTo(view, QPoint(problem.width(), 0)).x() <= view.width()
