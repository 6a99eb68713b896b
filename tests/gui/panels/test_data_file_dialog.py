"""The dialog of a file of data: its rows as points, and what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from playground.data.columns import MOST_SHOWN
from playground.data.files import preview
from playground.data.reading import EVERY
from tests.gui.driver import find
from ui.panels.data_file import DataFileDialog, ReadingDialog
from ui.panels.data_file.scatter import Scatter
from ui.state.data_file import DataFileLook

FLOWERS = "width,length,kind,height\n1,2,rose,3\n2,4,lily,\n3,6,rose,5\n4,8,lily,7\n"


def shown(qtbot: QtBot, path: Path) -> DataFileDialog:
    dialog = DataFileDialog(preview(str(path)))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> DataFileDialog:
    (tmp_path / "flowers.csv").write_text(FLOWERS, encoding="utf-8")
    return shown(qtbot, tmp_path / "flowers.csv")


def test_two_inputs_are_drawn_colored_by_the_target(dialog: DataFileDialog) -> None:
    dialog.choose(("width", "length"), ("kind",))
    scatter = find(dialog, Scatter)
    assert scatter.text() == "length over width, colored by kind"
    np.testing.assert_array_equal(scatter.points, [(1, 2), (2, 4), (3, 6), (4, 8)])
    assert find(dialog, QLabel, "data_file_shown").text() == "all rows"
    assert not scatter.grab().isNull()


def test_the_picture_has_more_room_than_either_table(qtbot: QtBot, tmp_path: Path) -> None:
    rows = "".join(",".join(str(row + place) for place in range(9)) + "\n" for row in range(30))
    (tmp_path / "wide.csv").write_text(f"a,b,c,d,e,f,g,h,i\n{rows}", encoding="utf-8")
    dialog = shown(qtbot, tmp_path / "wide.csv")
    picture = find(dialog, Scatter).height()
    assert picture > find(dialog, QTableWidget, "data_file_columns").height()
    assert picture > find(dialog, QTableWidget, "data_file_sample").height()


def test_one_input_is_drawn_with_its_target_and_any_two_can_be(dialog: DataFileDialog) -> None:
    dialog.choose(("length",), ("width",))
    scatter = find(dialog, Scatter)
    np.testing.assert_array_equal(scatter.points, [(2, 1), (4, 2), (6, 3), (8, 4)])
    # One in which something is missing cannot be trained on, but looked at.
    find(dialog, QComboBox, "scatter_up").setCurrentText("height")
    np.testing.assert_array_equal(scatter.points, [(2, 3), (6, 5), (8, 7)])
    assert find(dialog, QLabel, "data_file_shown").text() == "all rows; 1 of them lacks a number"
    dialog.choose((), ("width",))
    assert len(scatter.points) == 0


def test_of_many_rows_some_that_lie_evenly_are_drawn(qtbot: QtBot, tmp_path: Path) -> None:
    rows = 2 * MOST_SHOWN + 100
    (tmp_path / "long.csv").write_text("a,b\n" + "".join(f"{row},{-row}\n" for row in range(rows)), "utf-8")
    dialog = shown(qtbot, tmp_path / "long.csv")
    dialog.choose(("a",), ("b",))
    points = find(dialog, Scatter).points
    assert MOST_SHOWN / 2 < len(points) <= MOST_SHOWN
    assert len(set(np.diff(points[:, 0]))) == 1
    np.testing.assert_array_equal(points[:, 1], -points[:, 0])
    assert f"of {rows:,}".replace(",", " ") in find(dialog, QLabel, "data_file_shown").text().replace(
        "\u202f", " "
    ).replace("\u00a0", " ")


def test_a_long_file_tells_its_rows_and_can_be_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * (3 * EVERY), encoding="utf-8")
    look = DataFileLook()
    reading = ReadingDialog("long.csv")
    qtbot.addWidget(reading)
    look.progressed.connect(reading.show_rows)
    with qtbot.waitSignal(look.found):
        look.look(str(path))
    assert "rows …" in find(reading, QLabel, "reading_rows").text()
    with qtbot.assertNotEmitted(look.found, wait=300):
        look.look(str(path))
        look.forget()
