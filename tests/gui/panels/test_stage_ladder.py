"""The ladder of stages: chosen by mouse and keyboard, shown without a signal, and readable."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from playground.stages import STAGES
from tests.gui.driver import heard
from tests.gui.themes import wear
from ui.panels.ladder.panel import FileRung, StageLadder, broken, rung_height, small
from ui.style.theme import DARK, LIGHT, Theme

NAMES = ["numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic"]


@pytest.fixture
def ladder(qtbot: QtBot) -> StageLadder:
    ladder = StageLadder()
    qtbot.addWidget(ladder)
    ladder.resize(260, 600)
    with qtbot.waitActive(ladder):
        ladder.show()
    ladder.list.setFocus()
    qtbot.waitUntil(ladder.list.hasFocus)
    return ladder


def middle_of(ladder: StageLadder, row: int) -> QPoint:
    return ladder.list.visualItemRect(ladder.list.item(row)).center()


def test_a_click_chooses_the_stage(ladder: StageLadder, qtbot: QtBot) -> None:
    for row in (7, 0, 3):
        with qtbot.waitSignal(ladder.stage_chosen) as chosen:
            qtbot.mouseClick(ladder.list.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(ladder, row))
        assert chosen.args == [NAMES[row]]


def test_arrow_keys_choose_at_once(ladder: StageLadder, qtbot: QtBot) -> None:
    names = heard(ladder.stage_chosen)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(ladder.list, key)
    assert names == ["tensor", "autograd", "tensor", "dynamic", "numpy"]


def test_a_second_click_on_the_same_stage_says_nothing(ladder: StageLadder, qtbot: QtBot) -> None:
    ladder.show_programs("nn")
    names = heard(ladder.stage_chosen)
    qtbot.mouseDClick(ladder.list.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(ladder, 4))
    assert names == []


@pytest.mark.parametrize("name", NAMES)
def test_showing_a_stage_is_silent(ladder: StageLadder, name: str) -> None:
    names = heard(ladder.stage_chosen)
    ladder.show_programs(name)
    ladder.show_programs(name)
    assert names == []
    assert ladder.list.currentRow() == NAMES.index(name)


def test_an_unknown_stage_is_an_error(ladder: StageLadder) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        ladder.show_programs("nowhere")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_only_the_current_stage_has_a_bar(ladder: StageLadder, theme: Theme) -> None:
    wear(theme)
    ladder.show_programs("optim")
    picture = ladder.list.viewport().grab().toImage()
    colors = [picture.pixelColor(1, middle_of(ladder, row).y()) for row in range(len(NAMES))]
    assert [color == QColor(theme.accent) for color in colors] == [name == "optim" for name in NAMES]


@pytest.mark.parametrize("height", [300, 400, 700])
def test_every_rung_is_in_sight(ladder: StageLadder, qtbot: QtBot, height: int) -> None:
    ladder.resize(260, max(height, ladder.minimumSizeHint().height()))
    area = ladder.list.viewport().rect()
    rows = range(len(NAMES))
    qtbot.waitUntil(
        lambda: all(area.contains(ladder.list.visualItemRect(ladder.list.item(row))) for row in rows)
    )


def test_each_rung_tells_assistive_programs_what_it_adds(ladder: StageLadder) -> None:
    for row, stage in enumerate(STAGES):
        item = ladder.list.item(row)
        assert item.data(Qt.ItemDataRole.AccessibleTextRole) == f"{row + 1} {stage.title}"
        assert item.data(Qt.ItemDataRole.AccessibleDescriptionRole) == stage.adds
        assert item.toolTip() == stage.adds


def test_the_heading_leads_to_the_list(ladder: StageLadder) -> None:
    labels = ladder.findChildren(QLabel)
    assert [label.buddy() for label in labels] == [ladder.list]


@pytest.mark.parametrize("width", [60, 120, 214, 400])
@pytest.mark.parametrize("lines", [1, 2])
def test_a_broken_text_fits_and_loses_nothing_unsaid(qtbot: QtBot, width: int, lines: int) -> None:
    font = small(QGuiApplication.font())
    for stage in STAGES:
        parts = broken(stage.adds, font, width, lines)
        assert len(parts) <= lines
        assert all(QFontMetrics(font).horizontalAdvance(part) <= width for part in parts)
        whole = " ".join(parts)
        assert whole == stage.adds or whole.endswith("…") or "…" in parts[0]


@pytest.mark.parametrize("height", [900, 420])
def test_files_stand_below_the_stages_and_no_rung_lies_over_another(
    qtbot: QtBot, ladder: StageLadder, height: int
) -> None:
    ladder.resize(212, height)
    ladder.show_programs("nn")
    QApplication.processEvents()
    files = [FileRung("/a/mine.py", "mine.py"), FileRung("/b.py", "b.py", edited=True)]
    ladder.show_programs("/a/mine.py", files, ["nn"])
    ladder.resize(212, height + 40)
    QApplication.processEvents()
    rungs = ladder.list
    assert [rungs.item(row).text() for row in range(rungs.count())][-2:] == ["mine.py", "b.py"]
    assert rungs.item(4).text() == "nn · edited"
    assert rungs.currentRow() == 8
    index = [rungs.indexFromItem(rungs.item(row)) for row in range(rungs.count())]
    for row in range(rungs.count()):
        area = rungs.visualRect(index[row])
        assert area.height() == rung_height(rungs.font(), lines=rungs.lines_of(index[row]))
        assert row == 0 or area.top() > rungs.visualRect(index[row - 1]).bottom()


def test_a_file_is_closed_and_opened_from_the_ladder(qtbot: QtBot, ladder: StageLadder) -> None:
    ladder.show_programs("/a/mine.py", [FileRung("/a/mine.py", "mine.py")])
    with qtbot.waitSignal(ladder.open_asked):
        link = ladder.findChild(QToolButton, "open_link")
        assert isinstance(link, QToolButton)
        link.click()
    with qtbot.waitSignal(ladder.stage_chosen) as chosen:
        ladder.list.setCurrentRow(2)
    assert chosen.args == ["autograd"]
    with pytest.raises(ValueError, match="not in list"):
        ladder.show_programs("/gone.py", [])


def test_files_of_one_name_are_told_apart_by_their_folders(ladder: StageLadder) -> None:
    paths = ["/a/gat/main.py", "/a/gcn/main.py", "/b/gcn/main.py", "/a/gat/other.py"]
    ladder.show_programs("autograd", [FileRung(path, PurePath(path).name) for path in paths])
    says = [
        ladder.list.item(len(STAGES) + row).data(Qt.ItemDataRole.AccessibleDescriptionRole)
        for row in range(4)
    ]
    assert says == ["yours, in gat", "yours, in a/gcn", "yours, in b/gcn", "yours"]
