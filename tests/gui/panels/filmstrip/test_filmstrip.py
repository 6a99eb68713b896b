"""The filmstrip: its words, its cells with their pictures, and choosing among them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH
from playground.runs.structure_statistics import StructureCount
from tests.gui.driver import colors_of, focus, turn_wheel
from tests.gui.panels.filmstrip.films import DEPTHS, MIXED, chosen_steps, color_of_step, loss_at, many, show
from tests.gui.themes import wear
from ui.panels.filmstrip.panel import EMPTY, SAME, Filmstrip
from ui.panels.filmstrip.steps import cell_tooltip, depth_text, number, percent, short_steps
from ui.style.phases import structure_color
from ui.style.theme import DARK, LIGHT, Theme


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.count = 0
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def chosen_structures(film: Filmstrip) -> list[int]:
    numbers: list[int] = []
    film.structure_chosen.connect(numbers.append)
    return numbers


def cell_area(film: Filmstrip, structure: int) -> QRect:
    area: QRect = film.cells.visualRect(film.cells.cells.index_of(structure))
    return area


def image_of_cell(film: Filmstrip, structure: int) -> QImage:
    return film.cells.viewport().grab(cell_area(film, structure)).toImage()


# What it says


def test_before_a_run_one_line_says_what_will_be_here(film: Filmstrip) -> None:
    assert film.text() == EMPTY
    assert not film.cells.isVisible()
    assert not film.strip.isVisible()
    assert LIGHT.muted in colors_of(film.grab().toImage())


def test_every_structure_has_a_cell_with_its_count(film: Filmstrip) -> None:
    show(film, MIXED)
    counts = [sum(row[2] == structure for row in MIXED) for structure in range(3)]
    lines = film.text().splitlines()
    assert lines[0] == f"depth 2: {counts[0]} steps, {percent(counts[0] / 40)}"
    assert lines[1] == f"depth 0: {counts[1]} steps, {percent(counts[1] / 40)}"
    assert lines[2] == "depth 3: 1 step, 2\u00a0%"
    assert film.cells.isVisible()


def test_cells_say_so_to_a_screen_reader(film: Filmstrip) -> None:
    show(film, MIXED)
    film.show_current(5, 2)
    model = film.cells.cells
    roles = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole
    text, description = (model.data(model.index_of(2), role) for role in roles)
    assert text == "depth 3: 1 step, 2\u00a0%, shown now"
    assert description is not None
    assert "first built in step 5, last in step 5" in description
    assert film.cells.accessibleName()
    assert film.strip.accessibleName()
    assert film.chart.accessibleName()
    assert film.strip.accessibleDescription() == "step 5, depth 3, loss 105"


def test_a_stage_with_one_structure_is_calm(film: Filmstrip) -> None:
    show(film, [(1.0, NO_DEPTH, 0)] * 500)
    film.grab()
    assert film.text() == f"variant 1: 500 steps, 100\u00a0%\n{SAME.format(500)}"
    assert not film.chart.isVisible()
    assert color_of_step(film, 400) == LIGHT.faint
    assert structure_color(LIGHT, 0) not in colors_of(film.grab().toImage())


def test_the_window_may_say_something_else_beside_a_lone_structure(film: Filmstrip) -> None:
    film.set_note("no graph is built")
    show(film, [(1.0, NO_DEPTH, 0)] * 500)
    assert film.text().endswith("\nno graph is built")


def test_of_one_step_nothing_is_said_about_every_step(film: Filmstrip) -> None:
    show(film, [(7.0, 2, 0)])
    assert film.text() == "depth 2: 1 step, 100\u00a0%\ndepth 2: loss 7 in its newest step"
    film.grab()
    show(film, [(7.0, 2, 0)] * 2)
    assert "2 steps so far, the same graph in each" in film.text()


def test_a_lone_depth_keeps_its_color_since_others_may_come(film: Filmstrip) -> None:
    show(film, [(7.0, 2, 0)])
    assert color_of_step(film, 0) == structure_color(LIGHT, 2)


def test_a_second_structure_takes_the_note_away(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, [(7.0, NO_DEPTH, 0)] * 5)
    show(film, [(7.0, NO_DEPTH, 0)] * 5 + [(7.0, NO_DEPTH, 1)])
    assert "the same graph" not in film.text()
    assert color_of_step(film, 5) == structure_color(LIGHT, 1)
    qtbot.waitUntil(lambda: cell_area(film, 1).right() < film.cells.viewport().width())


def test_clear_forgets_the_run(film: Filmstrip) -> None:
    show(film, MIXED)
    film.show_current(3, 0)
    film.set_thumbnail(0, QPixmap(film.thumbnail_size))
    film.clear()
    assert film.text() == EMPTY
    assert film.missing_thumbnails() == []
    assert list(film.strip.steps_in_sight()) == []
    show(film, MIXED)
    assert film.missing_thumbnails() == [0, 1, 2]
    assert LIGHT.accent not in colors_of(image_of_cell(film, 2))


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100"), (0.999, ">99"), (0.264, "26"), (0.001, "<1"), (0.006, "1")]
)
def test_a_share_is_neither_none_nor_all_unless_it_is(share: float, text: str) -> None:
    assert percent(share) == f"{text}\u00a0%"


def test_numbers_are_short() -> None:
    assert [number(each) for each in (0.0, 0.25, 200.0, 1234.5, 50_000.0)] == [
        "0",
        "0.25",
        "200",
        "1234",
        "50000",
    ]
    assert [number(each) for each in (1e5, 2.5e-7, -3e12)] == ["1e5", "2.5e-7", "-3e12"]
    assert [short_steps(each) for each in (1, 2, 131_000, 7_516_192)] == [
        "1 step",
        "2 steps",
        "131\u00a0000 steps",
        "7.52\u00a0M steps",
    ]


def test_a_depth_says_what_was_left_out() -> None:
    assert "mostly 1 to 9, in its newest 40 steps, 3 not finite" in depth_text(
        loss_at(0, 1, 5, 9, not_finite=3)
    )
    nowhere = loss_at(1, math.nan, math.nan, math.nan, not_finite=40)
    assert depth_text(nowhere) == "depth 1: no finite loss in its newest 40 steps"


def test_a_tooltip_has_every_digit_of_a_count() -> None:
    cell = StructureCount(3, None, 7_516_192, 0.75, 12, 9_999_999)
    assert cell_tooltip(cell).startswith("graph variant 4: 7\u00a0516\u00a0192 steps, 75\u00a0% of the run")


# Thumbnails and colors


def test_pictures_come_from_outside(film: Filmstrip) -> None:
    show(film, MIXED)
    assert film.missing_thumbnails() == [0, 1, 2]
    picture = QPixmap(film.thumbnail_size)
    picture.fill(QColor("#123456"))
    film.set_thumbnail(1, picture)
    assert film.missing_thumbnails() == [0, 2]
    assert "#123456" in colors_of(image_of_cell(film, 1))
    assert "#123456" not in colors_of(image_of_cell(film, 0))


def test_a_picture_of_another_size_is_drawn_undistorted_within_its_room(film: Filmstrip) -> None:
    show(film, MIXED)
    picture = QPixmap(400, 400)
    picture.fill(QColor("#123456"))
    film.set_thumbnail(1, picture)
    image = image_of_cell(film, 1)
    places = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name() == "#123456"
    ]
    wide, high = (max(values) - min(values) + 1 for values in zip(*places, strict=True))
    assert wide == pytest.approx(film.thumbnail_size.height(), abs=2)
    assert high == pytest.approx(film.thumbnail_size.height(), abs=2)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_depth_has_one_color_in_all_parts(film: Filmstrip, theme: Theme) -> None:
    show(film, MIXED)
    for each in (LIGHT, DARK, theme):
        wear(each)
        # What is painted once is kept.
        film.grab()
    for structure, depth in enumerate(DEPTHS):
        step = max(step for step, row in enumerate(MIXED) if row[2] == structure)
        color = structure_color(theme, depth)
        assert color_of_step(film, step) == color
        assert color in colors_of(image_of_cell(film, structure))
        assert color in colors_of(film.chart.grab().toImage())


def test_colors_are_used_again_after_the_last(film: Filmstrip) -> None:
    colors = [structure_color(LIGHT, structure) for structure in range(len(LIGHT.plot) + 2)]
    assert tuple(colors[: len(LIGHT.plot)]) == LIGHT.plot
    assert colors[len(LIGHT.plot) :] == list(LIGHT.plot[:2])


def test_pictures_in_the_colors_of_another_theme_are_missing(film: Filmstrip) -> None:
    show(film, MIXED)
    film.set_thumbnail(0, QPixmap(film.thumbnail_size))
    wear(LIGHT)
    assert film.missing_thumbnails() == [1, 2]
    wear(DARK)
    assert film.missing_thumbnails() == [0, 1, 2]
    assert LIGHT.surface not in colors_of(film.grab().toImage())


def test_the_structure_shown_is_framed(film: Filmstrip) -> None:
    show(film, MIXED)
    assert LIGHT.accent not in colors_of(image_of_cell(film, 2))
    film.show_current(4, 1)
    assert LIGHT.accent in colors_of(image_of_cell(film, 1))
    assert LIGHT.accent not in colors_of(image_of_cell(film, 2))
    film.show_current(None, None)
    assert LIGHT.accent not in colors_of(image_of_cell(film, 2))


# Choosing a structure


def test_a_click_on_a_cell_chooses_its_structure(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    chosen = chosen_structures(film)
    for structure in (1, 2):
        place = cell_area(film, structure).center()
        qtbot.mouseClick(film.cells.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [1, 2]


def test_arrows_move_and_enter_chooses(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    film.strip.setFocus()
    film.show_current(39, 1)
    chosen = chosen_structures(film)
    focus(qtbot, film.cells)
    qtbot.keyClick(film.cells, Qt.Key.Key_Right)
    qtbot.keyClick(film.cells, Qt.Key.Key_Right)
    assert chosen == []
    qtbot.keyClick(film.cells, Qt.Key.Key_Return)
    qtbot.keyClick(film.cells, Qt.Key.Key_Home)
    qtbot.keyClick(film.cells, Qt.Key.Key_Enter)
    assert chosen == [2, 0]


def test_the_cell_of_the_keys_is_marked_while_they_go_there(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, MIXED)
    focus(qtbot, film.strip)
    assert LIGHT.parameter not in colors_of(image_of_cell(film, 0))
    focus(qtbot, film.cells)
    assert LIGHT.parameter in colors_of(image_of_cell(film, 0))


def test_setters_are_silent(film: Filmstrip) -> None:
    structures, steps = chosen_structures(film), chosen_steps(film)
    show(film, MIXED)
    film.show_current(3, 0, reveal=True)
    film.show_current(None, None)
    film.clear()
    assert (structures, steps) == ([], [])


def test_many_structures_scroll(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, many(33))
    bar = film.cells.horizontalScrollBar()
    assert bar.isVisible()
    assert not film.cells.verticalScrollBar().isVisible()
    film.show_current(32, 32)
    assert bar.value() == 0, "a step that passes by moves nothing"
    film.show_current(32, 32, reveal=True)
    assert cell_area(film, 32).right() <= film.cells.viewport().width()
    turn_wheel(film.cells.viewport(), place=QPoint(20, 20))
    assert 0 < bar.value() < bar.maximum()
    focus(qtbot, film.cells)
    qtbot.keyClick(film.cells, Qt.Key.Key_Home)
    assert bar.value() == 0


def test_a_structure_that_comes_keeps_scroll_and_key_place(film: Filmstrip, qtbot: QtBot) -> None:
    show(film, many(33))
    film.show_current(20, 20, reveal=True)
    focus(qtbot, film.cells)
    before = film.cells.horizontalScrollBar().value()
    assert before > 0
    show(film, [*many(33), (1.0, 33, 33)])
    assert film.cells.horizontalScrollBar().value() == before
    assert film.cells.currentIndex().row() == 20
    assert len(film.cells.cells.cells) == 34


# Cost


def test_what_is_shown_already_is_not_painted_again(film: Filmstrip) -> None:
    show(film, MIXED)
    film.show_current(3, 0)
    QApplication.processEvents()
    paints = Paints(film, film.cells.viewport(), film.strip, film.chart)
    show(film, MIXED)
    film.show_current(3, 0)
    wear(LIGHT)
    QApplication.processEvents()
    assert paints.count == 0
    show(film, [*MIXED, (1.0, 0, 1)])
    QApplication.processEvents()
    assert paints.count > 0


def test_new_counts_lay_nothing_out_anew(film: Filmstrip) -> None:
    show(film, MIXED)
    resets: list[None] = []
    model = film.cells.cells
    for signal in (model.modelReset, model.rowsInserted, model.dataChanged, model.layoutChanged):
        signal.connect(lambda *_: resets.append(None))
    cells = [replace(cell, count=cell.count + 1) for cell in model.cells]
    film.show_statistics(cells, ())
    assert resets == []
    assert model.cells == tuple(cells)


def test_the_strip_keeps_nothing_of_the_history(film: Filmstrip) -> None:
    structures, depths, losses = np.zeros(3, np.int32), np.zeros(3, np.int8), np.ones(3)
    show(film, MIXED[:3])
    film.show_newest(0, structures, depths, losses)
    structures[:], losses[:] = 5, 9.0
    assert film.strip.reading(0) == "step 0, depth 0, loss 1"
    film.show_newest(0, structures, depths, losses)
    assert film.strip.reading(0) == "step 0, depth 0, loss 9"


@pytest.mark.parametrize("width", [300, 440, 1600])
def test_the_height_is_that_of_a_strip(film: Filmstrip, width: int) -> None:
    show(film, many(33))
    film.resize(width, film.sizeHint().height())
    QApplication.processEvents()
    assert 96 <= film.height() <= 120
    bottom = film.strip.mapTo(film, film.strip.rect().bottomLeft()).y()
    assert bottom < film.height()
    assert film.width() == width
