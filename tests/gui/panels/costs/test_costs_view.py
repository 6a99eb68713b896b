"""The window of costs: what is asked for, its states, what it says and copies."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.comparing.costs import measure_costs
from playground.stages import STAGES
from tests.gui.driver import click, colors_of, focus
from tests.gui.panels.costs.costs import AUTOGRAD, CONDITIONS, DYNAMIC, EIGHT, NAMES, cost
from tests.gui.themes import wear
from ui.panels.costs.panel import CostsView
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
from ui.style.theme import DARK, LIGHT

LEFT = Qt.MouseButton.LeftButton


def asked_for(view: CostsView) -> list[tuple[str, ...]]:
    told: list[tuple[str, ...]] = []
    view.measure_asked.connect(told.append)
    return told


def tick(view: CostsView, *names: str) -> None:
    for name in names:
        click(view.choice.buttons[name])


# What is asked for


def test_all_stages_are_chosen_to_begin_with(view: CostsView, qtbot: QtBot) -> None:
    told = asked_for(view)
    assert [button.text() for button in view.choice.buttons.values()] == [stage.title for stage in STAGES]
    qtbot.mouseClick(view.measure_button, LEFT)
    assert told == [NAMES]


def test_the_chosen_stages_are_asked_for_in_the_ladders_order(view: CostsView, qtbot: QtBot) -> None:
    told = asked_for(view)
    tick(view, *NAMES)
    tick(view, "optim", "numpy")
    qtbot.mouseClick(view.measure_button, LEFT)
    assert told == [("numpy", "optim")]


def test_without_a_stage_nothing_can_be_measured(view: CostsView, qtbot: QtBot) -> None:
    tick(view, *NAMES)
    assert view.chosen == ()
    assert not view.measure_button.isEnabled()
    assert view.measure_button.toolTip() == NONE_CHOSEN
    assert view.text().endswith(NONE_CHOSEN)
    tick(view, "nn")
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
    tick(view, "numpy")
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
    assert LIGHT.error in colors_of(view)
    view.show_costs(EIGHT)
    assert LIGHT.error not in colors_of(view)


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
