"""An equation of tensors as pictures: what is said of each, and how they find room."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.recording.equations import Equation, Term
from tests.gui.recordings import snapshot
from tests.gui.themes import wear
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.tensor.equation import EquationView
from ui.widgets.tensor.heatmap import Heatmap

X, W = snapshot(np.arange(12).reshape(3, 4)), snapshot(np.ones((4, 2)))
H = snapshot(np.arange(6).reshape(3, 2) - 2.0)
PRODUCT = Equation(Term("h", H), (Term("x", X), "@", Term("w1", W, "saved")))


@pytest.fixture
def view(qtbot: QtBot) -> EquationView:
    view = EquationView()
    qtbot.addWidget(view)
    view.resize(480, 140)
    view.show_equation(PRODUCT)
    QApplication.processEvents()
    return view


def show_at(view: EquationView, width: int) -> None:
    view.resize(width, view.heightForWidth(width))
    QApplication.processEvents()


def test_every_tensor_has_its_name_shape_and_range(view: EquationView) -> None:
    assert view.text().splitlines() == [
        "[h] = [x] @ [w1]",
        *("h", "3 × 2", "std 1.708", "min -2", "max 3"),
        *("x", "3 × 4", "std 3.452", "min 0", "max 11"),
        *("w1 saved", "4 × 2 · saved", "std 0", "min 1", "max 1"),
    ]


@pytest.mark.parametrize("width", [466, 300])
def test_three_pictures_stand_in_one_row(view: EquationView, width: int) -> None:
    show_at(view, width)
    tiles = view.tiles()
    assert len({tile.y() for tile in tiles}) == 1
    assert [tile.x() for tile in tiles] == sorted(tile.x() for tile in tiles)
    assert tiles[-1].geometry().right() <= width
    assert min(tile.width() for tile in tiles) >= 70


def test_where_there_is_no_room_they_wrap_and_none_is_cut_off(view: EquationView) -> None:
    show_at(view, 180)
    tiles = view.tiles()
    assert len({tile.y() for tile in tiles}) > 1
    for tile in tiles:
        assert tile.geometry().right() <= 180
        assert tile.geometry().bottom() <= view.height()


def test_one_number_is_written_and_what_is_not_there_is_said(view: EquationView) -> None:
    view.show_equation(Equation(Term("loss", snapshot(3.5)), ("Σ", Term("w.grad", None))))
    loss, gradient = view.tiles()
    assert loss.lines() == ["scalar"]
    assert gradient.lines() == ["not defined"]
    assert not any(each.isVisibleTo(view) for each in loss.findChildren(Heatmap))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_nan_and_infinity_are_counted_in_red(view: EquationView, theme: Theme) -> None:
    wear(theme)
    flawed = snapshot([[1, np.nan], [np.inf, 2]])
    view.show_equation(Equation(Term("h", flawed), (Term("x", X),)))
    show_at(view, 300)
    tile = view.tiles()[0]
    assert tile.lines() == ["2 × 2", "1 NaN, 1 inf", "min 1", "max 2"]
    image = tile.grab().toImage()
    colors = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert theme.error in colors


def test_a_click_opens_one_and_another_closes_it(qtbot: QtBot, view: EquationView) -> None:
    told: list[Term | None] = []
    view.term_chosen.connect(told.append)
    _, x, w = view.tiles()
    qtbot.mouseClick(x, Qt.MouseButton.LeftButton)
    qtbot.keyClick(w, Qt.Key.Key_Space)
    assert (x.isChecked(), w.isChecked()) == (False, True)
    w.click()
    assert [None if each is None else each.label for each in told] == ["x", "w1", None]


def test_no_equation_takes_no_room(view: EquationView) -> None:
    view.show_equation(None)
    assert view.isHidden()
    assert view.tiles() == []
