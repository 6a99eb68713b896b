"""A parameter's pictures: their pixels are the weights' colors, and a click goes to the step."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from playground.data.weight_tiles import GAP, Tile, matrix_tile, unit_tile
from tests.gui.themes import wear
from ui.panels.weights.strip import WeightStrip
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.tensor.heatmap import shades_of

RANDOM = np.random.default_rng(0)


def shown(qtbot: QtBot, tile: Tile, steps: range, mark: int | None = None) -> WeightStrip:
    strip = WeightStrip("w1", tile)
    qtbot.addWidget(strip)
    strip.resize(500, strip.sizeHint().height())
    strip.show_weights({step: RANDOM.normal(size=tile.shape) for step in steps}, mark)
    strip.show()
    return strip


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("by_unit", [True, False])
def test_pixels_are_the_weights_colors(qtbot: QtBot, theme: Theme, by_unit: bool) -> None:
    wear(theme)
    tile = unit_tile((65, 4), columns=True) if by_unit else matrix_tile((3, 5))
    assert tile is not None
    strip = shown(qtbot, tile, range(0, 30, 10))
    largest = max(float(np.abs(each).max()) for each in strip._weights.values())
    assert strip.largest == largest
    image, shades = strip.grab().toImage(), shades_of(theme)
    rows, columns = tile.elements.shape
    for step, weights in strip._weights.items():
        area = strip.place_of(step)
        for row in range(rows):
            for column in range(columns):
                place = QPoint(
                    area.left() + (2 * column + 1) * area.width() // (2 * columns),
                    area.top() + (2 * row + 1) * area.height() // (2 * rows),
                )
                element = tile.elements[row, column]
                value = 0.0 if element == GAP else float(weights.ravel()[element])
                # As on every heatmap: what is small is to be seen beside the largest.
                shade = round(np.copysign((abs(value) / largest) ** 0.65, value) * (len(shades) // 2))
                assert image.pixel(place) == shades[shade + len(shades) // 2]
                index = list(map(int, np.unravel_index(max(element, 0), tile.shape)))
                told = "" if element == GAP else f"w1{index} = {weights.ravel()[element]!s} in step {step}"
                assert strip.reading_at(place) == told


def test_a_click_and_enter_choose_a_step(qtbot: QtBot) -> None:
    strip = shown(qtbot, matrix_tile((20, 30)), range(100), mark=37)
    steps = strip.steps()
    assert steps[0] == 0
    assert steps[-1] == 99
    assert 37 in steps
    chosen: list[int] = []
    strip.step_chosen.connect(chosen.append)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(99).center())
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(strip, key)
    assert chosen == [99, steps[1]]
    before = strip.picture_size()
    strip.enlarge(True)
    assert strip.picture_size().height() > before.height()


def test_a_large_matrix_tells_the_element_that_colors_its_block(qtbot: QtBot) -> None:
    strip = shown(qtbot, matrix_tile((1000, 100)), range(1))
    weights, area = strip._weights[0], strip.place_of(0)
    at = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    x = area.left() + int(at[1]) * area.width() // 100
    y = area.top() + int(at[0]) * area.height() // 1000
    # It may begin at the next pixel.
    told = [strip.reading_at(QPoint(x + right, y + down)) for right in (0, 1) for down in (0, 1)]
    assert any(each.startswith(f"w1[{at[0]}, {at[1]}] = {weights[at]!s}") for each in told)
