"""The panel of costs: what is asked to be measured, what it says of the result, and that all of it fits."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from playground.comparing.costs import StageCost, measure_costs
from playground.stages import STAGES
from tests.gui.themes import wear
from ui.panels.costs.paint import Places, Sheet, bar_parts, columns_of, places
from ui.panels.costs.panel import CostsView, StageChoice
from ui.panels.costs.text import (
    COLUMNS,
    EMPTY,
    NONE_CHOSEN,
    details,
    duration,
    figures,
    introduction,
    progress_text,
    ratio_text,
    table,
    unit_for,
)
from ui.style.theme import DARK, LIGHT, Theme

NAMES = tuple(stage.name for stage in STAGES)
LEFT = Qt.MouseButton.LeftButton
WIDE, NARROW = (760, 520), (560, 420)
CONDITIONS = "64 × 1000 × 100 × 10, cpu, 2 threads"


def cost(
    stage: str, parts: tuple[float, float, float], *, total: float = 0.0, peak: int = 3_400_000
) -> StageCost:
    """A cost from milliseconds."""
    forward, backward, update = (1e-3 * part for part in parts)
    return StageCost(stage, forward, backward, update, 1e-3 * (total or sum(parts)), 200, peak)


AUTOGRAD = cost("autograd", (0.21, 0.30, 0.10))
DYNAMIC = cost("dynamic", (0.43, 0.70, 0.27), peak=1_700_000)
EIGHT = tuple(
    cost(name, (0.1 * number, 0.2 * number, 0.05 * number), peak=500_000 * number)
    for number, name in enumerate(NAMES, start=1)
)


@pytest.fixture
def view(qtbot: QtBot) -> CostsView:
    view = CostsView()
    qtbot.addWidget(view)
    view.set_conditions(CONDITIONS)
    view.resize(*WIDE)
    with qtbot.waitActive(view):
        view.show()
    return view


def asked_for(view: CostsView) -> list[tuple[str, ...]]:
    told: list[tuple[str, ...]] = []
    view.measure_asked.connect(told.append)
    return told


def click(qtbot: QtBot, view: CostsView, *names: str) -> None:
    for name in names:
        qtbot.mouseClick(view.choice.buttons[name], LEFT)


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


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


def colors_in(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


# What is asked for


def test_all_stages_are_chosen_to_begin_with(view: CostsView, qtbot: QtBot) -> None:
    told = asked_for(view)
    assert [button.text() for button in view.choice.buttons.values()] == [stage.title for stage in STAGES]
    qtbot.mouseClick(view.measure_button, LEFT)
    assert told == [NAMES]


def test_the_chosen_stages_are_asked_for_in_the_ladders_order(view: CostsView, qtbot: QtBot) -> None:
    told = asked_for(view)
    click(qtbot, view, *NAMES)
    click(qtbot, view, "optim", "numpy")
    qtbot.mouseClick(view.measure_button, LEFT)
    assert told == [("numpy", "optim")]


def test_without_a_stage_nothing_can_be_measured(view: CostsView, qtbot: QtBot) -> None:
    click(qtbot, view, *NAMES)
    assert view.chosen == ()
    assert not view.measure_button.isEnabled()
    assert view.measure_button.toolTip() == NONE_CHOSEN
    assert view.text().endswith(NONE_CHOSEN)
    click(qtbot, view, "nn")
    assert view.measure_button.isEnabled()
    assert view.text().endswith(EMPTY)


def test_stages_are_chosen_and_measured_by_keyboard(view: CostsView, qtbot: QtBot) -> None:
    told = asked_for(view)
    focus(qtbot, view.choice.buttons["numpy"])
    qtbot.keyClick(view.choice.buttons["numpy"], Qt.Key.Key_Space)
    for _ in NAMES:
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view.measure_button
    qtbot.keyClick(view.measure_button, Qt.Key.Key_Space)
    assert told == [NAMES[1:]]


def test_setters_are_silent(view: CostsView) -> None:
    told = asked_for(view)
    changes: list[None] = []
    view.choice.changed.connect(lambda: changes.append(None))
    view.set_chosen(["nn"])
    view.show_progress(1, 2)
    view.show_costs(EIGHT)
    view.show_problem("no")
    wear(DARK)
    view.show_costs(())
    assert view.chosen == ("nn",)
    assert (told, changes) == ([], [])


# States


def test_before_a_measurement_it_says_what_to_do(view: CostsView) -> None:
    first, *rest = view.text().splitlines()
    assert "just now" not in first
    assert rest == [CONDITIONS, EMPTY]
    assert not view.chart.isVisible()
    assert not view.copy_button.isEnabled()


def test_the_default_words_are_those_of_the_measurement() -> None:
    parameters = inspect.signature(measure_costs).parameters
    ours = inspect.signature(CostsView).parameters
    assert [ours[name].default for name in ("turns", "steps")] == [
        parameters[name].default for name in ("turns", "steps")
    ]


def test_the_introduction_counts_turns_and_steps() -> None:
    assert introduction(20, 10, True) == (
        "Time of one step on this machine, measured just now in one go: 20 turns of 10 steps each,"
        " the stages in turn; medians."
    )
    assert "1 turn of 1 step each" in introduction(1, 1, False)


def test_a_measurement_under_way_shows_its_progress(view: CostsView) -> None:
    view.show_costs(EIGHT)
    view.show_progress(6, 20)
    assert view.text().splitlines()[-1] == "measuring: 30\u00a0%"
    assert not view.measure_button.isEnabled()
    assert not view.copy_button.isEnabled()
    assert not view.chart.isVisible()
    view.show_costs(EIGHT)
    assert view.measure_button.isEnabled()
    assert view.chart.isVisible()


def test_choosing_during_a_measurement_leaves_it_alone(view: CostsView, qtbot: QtBot) -> None:
    view.show_progress(6, 20)
    click(qtbot, view, "numpy")
    assert not view.measure_button.isEnabled()
    assert view.text().endswith("measuring: 30\u00a0%")


@pytest.mark.parametrize(("done", "of", "percent"), [(0, 20, 0), (29, 100, 29), (20, 20, 100), (0, 0, 0)])
def test_progress_is_a_whole_percentage(done: int, of: int, percent: int) -> None:
    assert progress_text(done, of) == f"measuring: {percent}\u00a0%"


def test_keys_that_pressed_measure_turn_nothing_off_meanwhile(view: CostsView, qtbot: QtBot) -> None:
    focus(qtbot, view.measure_button)
    view.show_progress(0, 20)
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key.Key_Space)
    assert view.chosen == NAMES
    view.show_costs(EIGHT)
    assert view.measure_button.hasFocus()


def test_focus_that_went_elsewhere_meanwhile_stays_there(view: CostsView, qtbot: QtBot) -> None:
    focus(qtbot, view.measure_button)
    view.show_progress(0, 20)
    focus(qtbot, view.choice.buttons["nn"])
    view.show_costs(EIGHT)
    assert view.choice.buttons["nn"].hasFocus()


def test_a_problem_takes_the_place_of_the_costs(view: CostsView) -> None:
    view.show_costs(EIGHT)
    view.show_progress(6, 20)
    view.show_problem("sizes <b>1 x 2</b> need 3 GB")
    assert view.text().endswith("\nsizes <b>1 x 2</b> need 3 GB")
    assert view.measure_button.isEnabled()
    assert not view.copy_button.isEnabled()
    assert LIGHT.error in colors_in(view)
    view.show_costs(EIGHT)
    assert LIGHT.error not in colors_in(view)


# What it says


def test_a_line_a_stage_with_all_figures(view: CostsView) -> None:
    view.show_costs([AUTOGRAD, DYNAMIC])
    first, conditions, *lines = view.text().splitlines()
    assert "measured just now" in first
    assert conditions == CONDITIONS
    assert lines[:2] == [
        "autograd: 0.61 ms ≈ 0.21 + 0.30 + 0.10, 1.0×, 3.4 MB",
        "DynamicNet: 1.40 ms ≈ 0.43 + 0.70 + 0.27, 2.3×, 1.7 MB",
    ]
    assert lines[2].startswith("Peak memory: ")


def test_the_order_is_the_one_that_was_given(view: CostsView) -> None:
    view.show_costs([DYNAMIC, AUTOGRAD])
    lines = view.text().splitlines()
    assert [each.split(":")[0] for each in lines[2:4]] == ["DynamicNet", "autograd"]


def test_other_costs_take_the_place_of_the_first(view: CostsView) -> None:
    view.show_costs(EIGHT)
    view.show_costs([AUTOGRAD])
    assert view.chart.rows.costs.rowCount() == 1
    assert "DynamicNet" not in view.text()


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0.0123, "12.3 µs ≈ 12.3 + 0.0 + 0.0"),
        (0.23, "0.23 ms ≈ 0.23 + 0.00 + 0.00"),
        (4.567, "4.57 ms ≈ 4.57 + 0.00 + 0.00"),
        (45.67, "45.7 ms ≈ 45.7 + 0.0 + 0.0"),
        (99.96, "100 ms ≈ 100 + 0 + 0"),
        (99.9, "99.9 ms ≈ 99.9 + 0.0 + 0.0"),
        (2345.6, "2.35 s ≈ 2.35 + 0.00 + 0.00"),
    ],
)
def test_times_have_the_unit_and_digits_that_suit_them(milliseconds: float, text: str) -> None:
    one = cost("nn", (milliseconds, 0.0, 0.0))
    assert figures(one, unit_for([one])) == text


def test_all_rows_share_one_unit() -> None:
    fast, slow = cost("tensor", (0.02, 0.02, 0.01)), cost("nn", (40.0, 50.0, 60.0))
    unit = unit_for([fast, slow])
    assert figures(fast, unit) == "0.050 ms ≈ 0.020 + 0.020 + 0.010"
    assert figures(slow, unit) == "150 ms ≈ 40 + 50 + 60"


def test_a_ratio_far_from_one_has_no_decimals() -> None:
    texts = [ratio_text(cost("nn", (times, 0, 0)), 1e-3) for times in (1.0, 2.34, 9.94, 9.96, 1234.0)]
    assert texts == ["1.0×", "2.3×", "9.9×", "10×", "1\u00a0234×"]


def test_a_duration_has_three_digits() -> None:
    assert [duration(each) for each in (0.0, 2.224e-7, 1.556e-5, 0.0006898, 0.25, 123.4)] == [
        "0 µs",
        "0.222 µs",
        "15.6 µs",
        "0.690 ms",
        "250 ms",
        "123 s",
    ]


def test_tooltip_and_screen_reader_tell_every_figure(view: CostsView) -> None:
    view.show_costs([AUTOGRAD, replace(DYNAMIC, total=1.391e-3)])
    rows = view.chart.rows
    index = rows.costs.index(1)
    description = rows.costs.data(index, Qt.ItemDataRole.AccessibleDescriptionRole)
    assert description == (
        "DynamicNet: 1.39 ms a step, 2.3× the fastest\n"
        "forward 0.430 ms, backward 0.700 ms, update 0.270 ms\n"
        "peak memory 1.7 MB (1\u00a0700\u00a0000 bytes)\n"
        "medians of 200 steps; those of the parts add up to the whole only nearly"
    )
    text = rows.costs.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert text == "DynamicNet: 1.39 ms ≈ 0.43 + 0.70 + 0.27, 2.3×, 1.7 MB"
    assert rows.costs.data(index, Qt.ItemDataRole.ToolTipRole) == description


def test_of_a_single_step_no_median_is_told() -> None:
    assert details(replace(AUTOGRAD, steps=1), AUTOGRAD.total).endswith("\nof one step")


def test_every_control_has_an_accessible_name(view: CostsView) -> None:
    controls = [
        *view.choice.buttons.values(),
        view.measure_button,
        view.copy_button,
        view.chart.rows,
        view.chart.heading,
        view.choice,
        view,
    ]
    assert all(control.accessibleName() for control in controls)
    assert all(button.accessibleDescription() for button in view.choice.buttons.values())


# Copying


def test_copy_puts_a_table_on_the_clipboard(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs([AUTOGRAD, DYNAMIC])
    qtbot.mouseClick(view.copy_button, LEFT)
    assert QGuiApplication.clipboard().text() == (
        "\t".join(COLUMNS) + "\n"
        "autograd\t0.6100\t0.2100\t0.3000\t0.1000\t1.000\t200\t3400000\n"
        "DynamicNet\t1.4000\t0.4300\t0.7000\t0.2700\t2.295\t200\t1700000\n"
    )


def test_the_copy_key_does_the_same(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs([AUTOGRAD])
    focus(qtbot, view.chart.rows)
    QGuiApplication.clipboard().setText("before")
    with qtbot.waitSignal(view.copy_button.clicked):
        qtbot.keyClick(view.chart.rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == table([AUTOGRAD])


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
    assert LIGHT.backward not in colors_in(view.chart.heading)
    view.show_costs(EIGHT)
    assert {LIGHT.operation, LIGHT.backward, LIGHT.update, LIGHT.data} <= colors_in(view.chart.heading)


def test_another_theme_repaints_everything(view: CostsView) -> None:
    view.show_costs(EIGHT)
    view.grab()
    wear(DARK)
    found = colors_in(view)
    assert not {LIGHT.surface, LIGHT.operation, LIGHT.backward, LIGHT.update, LIGHT.accent} & found
    assert {DARK.surface, DARK.operation, DARK.backward, DARK.update, DARK.accent} <= found


def test_arrows_move_between_rows_and_the_row_is_marked(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(EIGHT)
    rows = view.chart.rows
    focus(qtbot, view.measure_button)
    assert LIGHT.parameter not in colors_in(rows)
    focus(qtbot, rows)
    assert rows.currentIndex().row() == 0
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert rows.currentIndex().row() == 1
    area = row_area(view, 1)
    assert color_at(view, area.center().x(), area.top()) == LIGHT.parameter
    area = row_area(view, 0)
    assert color_at(view, area.center().x(), area.top()) == LIGHT.surface


# Room


SLOW = tuple(replace(each, total=each.total * 1000, update=each.update * 1000) for each in EIGHT)
UNEVEN = (cost("tensor", (0.02, 0.02, 0.01)), cost("dynamic", (1234.0, 2345.0, 3456.0), peak=123_400_000_000))


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
