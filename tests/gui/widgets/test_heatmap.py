"""The heatmap: its colors, that nothing is lost in it, and how an element is chosen and read."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from playground.recording.snapshot import Snapshot
from playground.recording.statistics import Histogram, matrix_shape, summarize
from tests.gui.driver import colors_of
from tests.gui.themes import wear
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.tensor.heatmap import Cells, Heatmap, cells_for, image_of
from ui.widgets.tensor.histogram import HistogramView, share_text

Array = npt.NDArray[Any]


def kept(values: Array) -> Snapshot:
    return Snapshot(values.shape, str(values.dtype), "cpu", False, values.nbytes, values.copy())


def summed_up(values: Array) -> Snapshot:
    matrix = values.reshape(matrix_shape(values.shape))
    summary = summarize(lambda start, stop: matrix[start:stop], (matrix.shape[0], matrix.shape[1]))
    return Snapshot(values.shape, str(values.dtype), "cpu", False, values.nbytes, None, summary)


def numbered(rows: int, columns: int) -> Array:
    return np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)


@pytest.fixture
def heatmap(qtbot: QtBot) -> Heatmap:
    heatmap = Heatmap()
    qtbot.addWidget(heatmap)
    heatmap.resize(302, 152)
    with qtbot.waitActive(heatmap):
        heatmap.show()
    heatmap.setFocus()
    qtbot.waitUntil(heatmap.hasFocus)
    return heatmap


def chosen_by(heatmap: Heatmap) -> list[tuple[int, int]]:
    elements: list[tuple[int, int]] = []
    heatmap.element_chosen.connect(lambda row, column: elements.append((row, column)))
    return elements


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colors_run_from_blue_through_nothing_to_orange(heatmap: Heatmap, theme: Theme) -> None:
    wear(theme)
    heatmap.resize(5 * 20 + 2, 22)
    heatmap.set_snapshot(kept(np.array([[-4.0, -1.0, 0.0, 1.0, 4.0]])))
    picture = heatmap.grab().toImage()
    low, below, zero, above, high = (picture.pixelColor(11 + 20 * cell, 11) for cell in range(5))
    assert [low, zero, high] == [QColor(each) for each in (theme.parameter, theme.surface, theme.loss)]
    assert below.blue() - below.red() > zero.blue() - zero.red()
    assert above.red() - above.blue() > zero.red() - zero.blue()


def test_the_scale_is_the_same_on_both_sides_of_zero(heatmap: Heatmap) -> None:
    heatmap.resize(42, 22)
    heatmap.set_snapshot(kept(np.array([[0.5, -8.0]])))
    weak, strong = (heatmap.grab().toImage().pixelColor(x, 11) for x in (11, 31))
    assert strong == QColor(LIGHT.parameter)
    assert weak != QColor(LIGHT.loss)
    assert weak.green() > strong.green()


def test_true_and_false_are_told_apart(heatmap: Heatmap) -> None:
    heatmap.resize(42, 22)
    heatmap.set_snapshot(kept(np.array([[True, False]])))
    picture = heatmap.grab().toImage()
    assert picture.pixelColor(11, 11) == QColor(LIGHT.loss)
    assert picture.pixelColor(31, 11) == QColor(LIGHT.surface)


@pytest.mark.parametrize("make", [kept, summed_up])
@pytest.mark.parametrize("shape", [(64, 100), (64, 1000), (3000, 7), (1, 5000), (2000, 2000)])
@pytest.mark.parametrize("size", [QSize(84, 52), QSize(30, 20), QSize(300, 150)], ids=str)
def test_no_outlier_is_lost_however_small_the_picture(make: Any, shape: tuple[int, int], size: QSize) -> None:
    values = np.zeros(shape, dtype=np.float32)
    values[shape[0] // 3, shape[1] // 7] = -50
    cells = cells_for(make(values), size.height(), size.width())
    assert QColor(LIGHT.parameter).name() in colors_of(image_of(cells, size, LIGHT))


@pytest.mark.parametrize("flaw", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("make", [kept, summed_up])
def test_what_is_not_finite_is_striped(heatmap: Heatmap, flaw: float, theme: Theme, make: Any) -> None:
    values = np.zeros((4, 6))
    values[2, 3] = flaw
    heatmap.resize(242, 162)
    wear(theme)
    heatmap.set_snapshot(kept(np.zeros((4, 6))))
    assert QColor(theme.error).name() not in colors_of(heatmap.grab().toImage())
    heatmap.set_snapshot(make(values))
    cell = heatmap.grab().toImage().copy(1 + 3 * 40, 1 + 2 * 40, 40, 40)
    assert QColor(theme.error).name() in colors_of(cell)
    assert len(colors_of(cell)) == 2


def test_all_not_finite_and_no_elements_are_painted_too(heatmap: Heatmap) -> None:
    for values in (np.full((3, 200), np.nan), np.zeros((0, 5)), np.zeros((5, 0)), np.array(3.0)):
        heatmap.set_snapshot(kept(values))
        heatmap.grab()
        heatmap.set_snapshot(summed_up(values))
        heatmap.grab()
    heatmap.set_snapshot(None)
    assert heatmap.grab().toImage().pixelColor(150, 75) == QColor(LIGHT.surface)


@pytest.mark.parametrize(("shape", "height"), [((100,), 40), ((), 40), ((64, 100), 150), ((3, 9), 120)])
def test_thin_tensors_are_bands(heatmap: Heatmap, shape: tuple[int, ...], height: int) -> None:
    heatmap.set_snapshot(kept(np.ones(shape)))
    picture = heatmap.grab().toImage()
    painted = sum(picture.pixelColor(3, y) == QColor(LIGHT.loss) for y in range(picture.height()))
    assert painted == height
    assert heatmap.height_for(150) == min(height + 2, 150)


def test_a_click_chooses_the_element_under_it(heatmap: Heatmap, qtbot: QtBot) -> None:
    heatmap.resize(402, 202)
    heatmap.set_snapshot(kept(numbered(5, 10)))
    for row, column in ((0, 0), (4, 9), (2, 7)):
        with qtbot.waitSignal(heatmap.element_chosen) as chosen:
            place = QPoint(1 + 40 * column + 20, 1 + 40 * row + 20)
            qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=place)
        assert chosen.args == [row, column]
        assert heatmap.chosen == (row, column)
        assert heatmap.reading() == f"[{row}, {column}] = {10.0 * row + column}"


def test_a_click_on_a_block_chooses_the_element_that_colors_it(heatmap: Heatmap, qtbot: QtBot) -> None:
    values = np.ones((64, 6400), dtype=np.float32)
    values[0, 42] = -9
    values[0, 6399] = np.nan
    heatmap.set_snapshot(kept(values))
    qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert heatmap.reading() == "[0, 42] = -9.0"
    qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=QPoint(300, 2))
    assert heatmap.reading() == "[0, 6399] = nan"


def test_arrow_keys_move_the_choice_and_stop_at_the_border(heatmap: Heatmap, qtbot: QtBot) -> None:
    heatmap.set_snapshot(kept(numbered(3, 4)))
    elements = chosen_by(heatmap)
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_End)
    for key in (*keys, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home):
        qtbot.keyClick(heatmap, key)
    assert elements == [(0, 0), (1, 0), (1, 1), (0, 1), (0, 3), (0, 2), (0, 0)]


def test_control_moves_from_block_to_block(heatmap: Heatmap, qtbot: QtBot) -> None:
    heatmap.set_snapshot(kept(numbered(64, 6400)))
    heatmap.set_chosen((0, 50))
    qtbot.keyClick(heatmap, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert heatmap.chosen == (0, 100)
    qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    assert heatmap.chosen == (0, 101)


def test_other_keys_are_left_to_the_window(heatmap: Heatmap, qtbot: QtBot) -> None:
    heatmap.set_snapshot(kept(numbered(3, 4)))
    qtbot.keyClick(heatmap, Qt.Key.Key_A)
    assert heatmap.chosen is None


def test_choosing_by_name_is_silent_and_outlined(heatmap: Heatmap) -> None:
    heatmap.set_snapshot(kept(np.zeros((3, 4))))
    elements = chosen_by(heatmap)
    assert QColor(LIGHT.accent).name() not in colors_of(heatmap.grab().toImage())
    heatmap.set_chosen((2, 3))
    assert elements == []
    assert QColor(LIGHT.accent).name() in colors_of(heatmap.grab().toImage())
    with pytest.raises(IndexError, match="3 rows and 4 columns"):
        heatmap.set_chosen((3, 0))


def test_the_choice_stays_while_the_shape_does(heatmap: Heatmap) -> None:
    heatmap.set_snapshot(kept(numbered(3, 4)))
    heatmap.set_chosen((1, 2))
    heatmap.set_snapshot(kept(-numbered(3, 4)))
    assert heatmap.reading() == "[1, 2] = -6.0"
    heatmap.set_snapshot(kept(numbered(4, 3)))
    assert (heatmap.chosen, heatmap.reading()) == (None, "")


@pytest.mark.parametrize(
    ("values", "element", "reading"),
    [
        (np.full((4, 20), 0.1, dtype=np.float32), (3, 17), "[3, 17] = 0.1"),
        (np.full((4, 20), 1 / 3), (3, 17), "[3, 17] = 0.3333333333333333"),
        (np.array([True, False]), (0, 1), "[1] = False"),
        (np.arange(24).reshape(2, 3, 4), (4, 2), "[1, 1, 2] = 18"),
        (np.array(2.5), (0, 0), "2.5"),
    ],
)
def test_a_reading_has_the_tensors_own_index_and_all_digits(
    heatmap: Heatmap, values: Array, element: tuple[int, int], reading: str
) -> None:
    heatmap.set_snapshot(kept(values))
    heatmap.set_chosen(element)
    assert heatmap.reading() == reading
    assert heatmap.accessibleDescription().endswith(reading)


def test_of_what_was_not_kept_a_block_is_read(heatmap: Heatmap, qtbot: QtBot) -> None:
    values = numbered(128, 640)
    values[0, 639] = np.inf
    values[126:, :10] = np.nan
    heatmap.set_snapshot(summed_up(values))
    elements = chosen_by(heatmap)
    qtbot.keyClick(heatmap, Qt.Key.Key_Home)
    qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    assert elements == [(0, 0), (0, 10)]
    assert heatmap.reading() == "rows 0–1, columns 10–19: from 10 to 659"
    qtbot.keyClick(heatmap, Qt.Key.Key_End)
    assert heatmap.reading() == "rows 0–1, columns 630–639: from 630 to 1279, and NaN or infinity"
    heatmap.set_chosen((127, 0))
    assert heatmap.reading() == "rows 126–127, columns 0–9: NaN or infinity"


def test_a_vector_that_was_not_kept_has_no_rows(heatmap: Heatmap) -> None:
    heatmap.set_snapshot(summed_up(np.arange(6400.0)))
    heatmap.set_chosen((0, 150))
    assert heatmap.reading() == "elements 100–199: from 100 to 199"


# Without a window manager nothing can be raised, a tooltip included.
@pytest.mark.qt_log_ignore("does not support raise")
def test_the_tooltip_reads_what_is_under_the_pointer(heatmap: Heatmap, qtbot: QtBot) -> None:
    heatmap.resize(402, 202)
    heatmap.set_snapshot(kept(numbered(5, 10)))
    place = QPoint(1 + 40 * 3 + 20, 1 + 40 * 2 + 20)
    help_event = QHelpEvent(QHelpEvent.Type.ToolTip, place, heatmap.mapToGlobal(place))
    QApplication.sendEvent(heatmap, help_event)
    qtbot.waitUntil(QToolTip.isVisible)
    assert QToolTip.text() == heatmap.reading_at(place) == "[2, 3] = 23.0"
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    assert heatmap.reading_at(QPoint(0, 0)) == ""


def test_a_picture_takes_less_than_two_milliseconds() -> None:
    snapshot = kept(np.random.default_rng(0).normal(size=(64, 64)))
    size = QSize(300, 150)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        image_of(cells_for(snapshot, size.height(), size.width()), size, LIGHT)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.002


def test_it_is_painted_anew_only_when_something_changed(
    heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[QSize] = []

    def counted(cells: Cells, pixels: QSize, theme: Theme, largest: float | None) -> QImage:
        calls.append(pixels)
        return image_of(cells, pixels, theme, largest)

    monkeypatch.setattr("ui.widgets.tensor.heatmap.image_of", counted)
    snapshot = kept(numbered(3, 4))
    heatmap.set_snapshot(snapshot)
    heatmap.grab()
    heatmap.set_chosen((0, 1))
    heatmap.set_snapshot(snapshot)
    heatmap.grab()
    assert len(calls) == 1
    wear(DARK)
    heatmap.grab()
    heatmap.resize(100, 50)
    heatmap.grab()
    assert len(calls) == 3


@pytest.fixture
def histogram(qtbot: QtBot) -> HistogramView:
    view = HistogramView()
    qtbot.addWidget(view)
    view.resize(200, 60)
    view.show()
    return view


def test_bars_have_the_colors_of_the_heatmap(histogram: HistogramView) -> None:
    histogram.set_histogram(Histogram(-2.0, 2.0, (0, 5, 0, 10)))
    picture = histogram.grab().toImage()
    assert picture.pixelColor(75, 35) == QColor(LIGHT.parameter)
    assert picture.pixelColor(75, 8) != QColor(LIGHT.parameter), "half as high"
    assert picture.pixelColor(175, 8) == QColor(LIGHT.loss)
    assert QColor(LIGHT.loss).name() not in colors_of(picture.copy(105, 0, 40, 40))


def test_a_bar_of_one_element_among_millions_is_seen(histogram: HistogramView) -> None:
    histogram.set_histogram(Histogram(1.0, 2.0, (10_000_000, 0, 0, 1)))
    assert QColor(LIGHT.loss).name() in colors_of(histogram.grab().toImage().copy(150, 0, 50, 60))


def test_it_says_what_it_shows(histogram: HistogramView) -> None:
    assert histogram.text() == "no finite elements"
    histogram.set_histogram(Histogram(-1.5, 3e7, (1, 2)), zeros=0.25)
    assert histogram.text() == histogram.accessibleDescription() == "2 bins from -1.5 to 3e+07, 25 % are 0"
    histogram.set_histogram(None)
    assert histogram.accessibleDescription() == "no finite elements"
    histogram.grab()


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (1e-7, "under 0.1 %"),
        (0.9999, "over 99.9 %"),
        (0.123456, "12.3 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, text: str) -> None:
    assert share_text(share) == text


def test_what_would_have_been_has_the_colors_of_what_was() -> None:
    size = QSize(2, 1)

    def colors(values: list[float], largest: float | None) -> list[int]:
        cells = cells_for(kept(np.array([values], dtype=np.float32)), 1, 2)
        image = image_of(cells, size, LIGHT, largest)
        return [image.pixel(0, 0), image.pixel(1, 0)]

    real = colors([1.0, 2.0], None)
    assert colors([1.0, 9.0], 2.0) == real, "what is beyond has the strongest color"
    assert colors([1.0, 9.0], None)[0] != real[0]


def test_the_reading_tells_both_values(heatmap: Heatmap) -> None:
    values = numbered(3, 4)
    changed = values.copy()
    changed[1, 2] += 0.5
    heatmap.set_snapshot(kept(values).beside(kept(changed)))
    heatmap.set_chosen((1, 2))
    assert heatmap.reading() == f"[1, 2] = {values[1, 2]}, what if: {changed[1, 2]}, Δ +0.5"
    heatmap.set_chosen((0, 0))
    assert heatmap.reading() == f"[0, 0] = {values[0, 0]}, what if: the same"
