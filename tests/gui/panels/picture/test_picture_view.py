"""The picture's panel: lines of zero, what is read from the targets, and what is painted and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.data.picture import Picture
from playground.data.plane import plane_of
from tests.gui.driver import click, colors_of, find, heard
from ui.panels.picture import PictureView
from ui.panels.picture.coloring import class_color, image_of_values, scale_of
from ui.panels.picture.contour import fold_lines, margins, zero_lines
from ui.panels.picture.reading import Reading, reading_of
from ui.panels.picture.words import Names
from ui.style.theme import DARK, LIGHT, current_theme

SIZE = 24


def made(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    outputs: int = 1,
    axes: tuple[int, ...] = (),
    step: int = 3,
    dead: bool = False,
) -> Picture:
    """A picture of a net whose outputs are sums of the inputs, with two hidden units."""
    plane = plane_of(x, axes)
    grid = plane.grid(SIZE)
    values = plane.shaped(np.stack([grid.sum(1) * (n + 1) for n in range(outputs)], 1), SIZE)
    unit = plane.shaped(np.maximum(grid[:, :1], 0), SIZE)
    hidden = np.concatenate([unit, unit * (not dead)])
    return Picture(plane, step, values, (hidden,), plane.places(x), y)


def on_a_square() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.random.RandomState(0).uniform(-1, 1, (30, 2))
    return x, np.where(x[:, :1] > 0, 1.0, -1.0)


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(300, 320)
    view.show()
    return view


def test_the_zero_line_of_a_plane_lies_on_it() -> None:
    rows, columns = np.mgrid[0:20, 0:30]
    pieces = zero_lines(2.0 * columns - 3.0 * rows + 4.5)
    assert len(pieces)
    np.testing.assert_allclose(2 * pieces[..., 0] - 3 * pieces[..., 1] + 4.5, 0, atol=1e-9)


def test_the_zero_line_of_a_circle_is_as_long_as_the_circle() -> None:
    rows, columns = np.mgrid[0:200, 0:200]
    pieces = zero_lines(np.hypot(rows - 99.5, columns - 99.5) - 60)
    assert np.hypot(*(pieces[:, 0] - pieces[:, 1]).T).sum() == pytest.approx(2 * np.pi * 60, rel=2e-3)


@pytest.mark.parametrize("values", [np.ones((5, 5)), np.full((5, 5), np.nan), -np.ones((5, 5))])
def test_what_does_not_change_its_sign_has_no_zero_line(values: NDArray[np.float64]) -> None:
    assert not len(zero_lines(values))


def test_a_class_wins_where_its_margin_is_above_zero() -> None:
    outputs = np.random.RandomState(1).randn(4, 9, 9)
    won = np.stack(margins(outputs)) > 0
    np.testing.assert_array_equal(won.argmax(0), outputs.argmax(0))
    assert (won.sum(0) == 1).all()


def test_what_the_targets_are_is_read_from_them() -> None:
    x, sides = on_a_square()
    assert reading_of(made(x, sides)) is Reading.SIDES
    assert reading_of(made(x, 0.5 * sides)) is Reading.VALUES
    assert reading_of(made(x, np.eye(3)[np.arange(30) % 3], outputs=3)) is Reading.CLASSES
    assert reading_of(made(x, np.random.RandomState(2).randn(30, 3), outputs=3)) is Reading.VALUES


def test_zero_has_the_grounds_color_and_both_signs_have_their_own() -> None:
    theme = current_theme()
    image = image_of_values(np.array([[-1.0, 0.0, 1.0, np.inf, np.nan]]), 1.0, theme)
    colors = [image.pixelColor(column, 0).name() for column in range(5)]
    assert colors == [theme.parameter, theme.surface, theme.loss, theme.loss, theme.surface]
    assert scale_of(np.zeros((3, 3))) == 1.0
    assert scale_of(np.array([np.nan, 2.0])) == 2.0


def test_the_plane_and_the_examples_are_painted(view: PictureView) -> None:
    view.show_picture(made(*on_a_square()))
    theme = current_theme()
    seen = colors_of(view.canvas)
    assert {theme.parameter, theme.loss, theme.text} <= seen


def test_a_curve_is_painted_for_one_input(view: PictureView) -> None:
    x = np.linspace(-1, 1, 12)[:, None]
    view.show_picture(made(x, 0.3 * x))
    assert {current_theme().loss, current_theme().parameter} <= colors_of(view.canvas)


def test_examples_whose_targets_are_not_known_have_no_sign(view: PictureView, qtbot: QtBot) -> None:
    x, sides = on_a_square()
    view.show_picture(made(x, sides[:0]))
    assert reading_of(made(x, sides[:0])) is Reading.VALUES
    qtbot.waitUntil(lambda: view.canvas.height() > 90)
    assert current_theme().muted in colors_of(view.canvas)
    line = np.linspace(-1, 1, 12)[:, None]
    view.show_picture(made(line, line[:0]))
    assert current_theme().loss in colors_of(view.canvas)


def test_it_says_what_it_is_for_and_why_there_is_nothing(view: PictureView) -> None:
    note = find(view, QLabel, "picture_note")
    assert "net gives" in note.text()
    view.show_picture(None, problem="no net can be called")
    assert note.text() == "No net can be called"
    assert not view.canvas.isVisible()


def test_it_says_what_of_many_inputs_is_seen(view: PictureView) -> None:
    x = np.random.RandomState(3).randn(30, 5)
    y = x[:, :1]
    view.show_picture(made(x, y))
    note = find(view, QLabel, "picture_note")
    assert note.text().startswith("Two principal components of 5 inputs: ")
    view.show_picture(made(x, y, axes=(1, 4)))
    assert note.text() == "The other inputs at their mean"
    square, sides = on_a_square()
    view.show_picture(made(np.c_[square, np.ones(30)], sides))
    assert note.text() == "The column of ones stays 1"
    view.show_picture(made(square, sides))
    assert not note.isVisible()


def test_the_lists_choose_the_inputs(view: PictureView) -> None:
    x = np.random.RandomState(3).randn(30, 5)
    view.show_picture(made(x, x[:, :1], axes=(1, 4)))
    across, up = find(view, QComboBox, "picture_across"), find(view, QComboBox, "picture_up")
    assert (across.currentText(), up.currentText()) == ("x1", "x4")
    told = heard(view.axes_chosen)
    across.setCurrentIndex(across.findText("x0"))
    across.activated.emit(across.currentIndex())
    up.setCurrentIndex(0)
    up.activated.emit(0)
    across.setCurrentIndex(0)
    across.activated.emit(0)
    assert told == [(0, 4), (0,), ()]


def test_of_several_numbers_one_is_shown(view: PictureView) -> None:
    x = np.random.RandomState(3).randn(30, 2)
    view.show_picture(made(x, np.random.RandomState(4).randn(30, 3), outputs=3))
    box = find(view, QComboBox, "picture_output")
    assert box.isVisible()
    box.setCurrentIndex(2)
    view.show_picture(made(x, np.random.RandomState(4).randn(30, 3), outputs=3))
    assert box.currentText() == "y2"
    view.show_picture(made(*on_a_square()))
    assert not box.isVisible()


def test_a_dead_unit_says_so_and_a_chosen_one_shows_its_fold(view: PictureView, qtbot: QtBot) -> None:
    view.show_picture(made(*on_a_square(), dead=True))
    about = find(view, QWidget, "picture_about_units")
    assert about.accessibleName() == "2 hidden units · 1 gives 0 on the whole picture"
    qtbot.waitUntil(lambda: view.units.height() > 0)
    assert current_theme().error in colors_of(view.units)
    view.units.choose((0, 1))
    assert about.accessibleName() == "Hidden unit 1 gives 0 on the whole picture."
    view.units.choose((0, 0))
    assert "gives more than 0 on 50%" in about.accessibleName()
    # Another picture of the run keeps the choice; of a net without such a unit nothing is chosen.
    view.show_picture(made(*on_a_square(), step=4))
    assert view.units.chosen == (0, 0)
    view.show_picture(None)
    assert view.units.chosen is None


def test_a_fold_is_the_line_where_the_unit_begins() -> None:
    across, down = np.meshgrid(np.linspace(-1, 1, 40), np.linspace(1, -1, 40))
    unit = np.maximum(0.3 * across - 0.7 * down + 0.11, 0)
    ends = fold_lines(unit).reshape(-1, 2)
    assert len(ends) > 20
    x, y = 2 * ends[:, 0] / 39 - 1, 1 - 2 * ends[:, 1] / 39
    np.testing.assert_allclose(0.3 * x - 0.7 * y + 0.11, 0, atol=1e-12)
    # One that bends: a cone's foot is a circle.
    ends = fold_lines(np.maximum(0.5 - np.hypot(across, down), 0)).reshape(-1, 2)
    np.testing.assert_allclose(np.hypot(2 * ends[:, 0] / 39 - 1, 1 - 2 * ends[:, 1] / 39), 0.5, atol=0.01)
    for whole in (np.zeros((9, 9)), np.ones((9, 9))):
        assert not len(fold_lines(whole))


def test_all_units_are_reached_by_pages_keys_and_wheel(view: PictureView, qtbot: QtBot) -> None:
    x, y = on_a_square()
    picture = made(x, y)
    view.show_picture(replace(picture, hidden=(np.repeat(picture.hidden[0], 20, 0),)))
    units, on = view.units, find(view, QToolButton, "picture_units_on")
    qtbot.waitUntil(lambda: units.height() > 0)
    page = units.seen()
    assert page < 40
    about = find(view, QWidget, "picture_about_units")
    assert about.accessibleName() == f"40 hidden units · 0 to {page - 1} shown"
    click(on)
    assert about.accessibleName().endswith(f"{page} to {2 * page - 1} shown")
    qtbot.mouseClick(units, Qt.MouseButton.LeftButton, pos=units.place_of(0).center())
    assert units.chosen == (0, page)
    units.setFocus()
    # From the first of a page back to the one before it.
    qtbot.keyClick(units, Qt.Key.Key_Left)
    assert units.chosen == (0, page - 1)
    units.choose(None)
    for _ in range(40):
        qtbot.keyClick(units, Qt.Key.Key_PageDown)
    assert about.accessibleName().endswith("to 39 shown")
    view.resize(900, 700)
    qtbot.waitUntil(lambda: units.hidden_count() == 0 or units.seen() > page)
    assert units.chosen is None


def test_ten_classes_have_ten_colors() -> None:
    for theme in (LIGHT, DARK):
        assert len({class_color(number, theme).name() for number in range(10)}) == 10


def test_a_picture_without_a_number_says_why(view: PictureView) -> None:
    picture = made(*on_a_square())
    view.show_picture(replace(picture, output=np.full_like(picture.output, np.nan), step=123))
    note = find(view, QLabel, "picture_note")
    assert note.text().startswith("After 123 steps every output is NaN or infinite")
    assert not view.canvas.isVisible()


def test_inputs_have_the_names_of_the_file(view: PictureView) -> None:
    view.set_names(Names(("age", "height", "weight"), ("grade",)))
    x = np.random.RandomState(3).randn(30, 3)
    view.show_picture(made(x, x[:, :2], outputs=2, axes=(1, 2)))
    across, output = find(view, QComboBox, "picture_across"), find(view, QComboBox, "picture_output")
    assert [across.itemText(each) for each in range(across.count())] == ["auto", "age", "height", "weight"]
    assert [output.itemText(each) for each in range(output.count())] == ["grade", "y1"]


def test_the_weights_of_a_chosen_unit_are_told(view: PictureView) -> None:
    weights = {"w1": np.array([[1.0, 2.0], [3.0, 4.5]]), "w2": np.array([[0.5], [-7.0]])}
    view.show_picture(replace(made(*on_a_square()), weights=weights))
    row = find(view, QWidget, "picture_unit_weights")
    assert not row.isVisible()
    view.units.choose((0, 1))
    assert row.isVisible()
    assert row.toolTip() == "w1[:, 1] = 2, 4.5\nw2[1] = −7"


def test_a_chosen_unit_can_be_switched_off(view: PictureView) -> None:
    view.show_picture(made(*on_a_square()))
    off = find(view, QToolButton, "picture_unit_off")
    assert not off.isVisible()
    view.units.choose((0, 1))
    assert off.isVisible()
    asked: list[tuple[int, int]] = []
    view.unit_off_asked.connect(lambda layer, unit: asked.append((layer, unit)))
    click(off)
    assert asked == [(0, 1)]
