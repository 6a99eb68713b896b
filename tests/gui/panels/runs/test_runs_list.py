"""The rows of the list of runs under mouse and keys: visibility, names, selection."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from playground.runs.archive import RunArchive
from playground.runs.changes import changes_between
from playground.settings import make_settings
from tests.gui.panels.runs.listed import (
    LEFT,
    area_of,
    begin,
    begin_in_passing,
    button,
    editor_of,
    entry_of,
    heard,
    model_of,
    name_place,
    open_editor,
    select,
    show,
    wait_until_closed,
)
from tests.gui.themes import wear
from ui.panels.runs.panel import RunsPanel
from ui.style.theme import DARK

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def swatch_place(panel: RunsPanel, number: int) -> QPoint:
    area = area_of(panel, number)
    return QPoint(area.x() + 17, area.center().y())


def click_name(
    qtbot: QtBot,
    panel: RunsPanel,
    number: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, name_place(panel, number))


def selection(panel: RunsPanel) -> tuple[tuple[int, ...], set[int]]:
    """What the panel says is selected, and what is."""
    return panel.selected, set(panel.view.chosen())


# Visibility


def test_a_click_on_the_swatch_ticks_and_selects_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel)
    for number in (2, 2, 0):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, number))
    assert told == [
        ("visibility_chosen", 2, False),
        ("visibility_chosen", 2, True),
        ("visibility_chosen", 0, False),
    ]
    assert panel.selected == ()


def test_a_double_click_on_the_swatch_ticks_twice_and_renames_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "visibility_chosen")
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, 2))
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, 2))
    assert [values[2] for values in told][:2] == [False, True]
    assert editor_of(panel) is None


def test_space_ticks_the_row_that_keys_go_to(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "visibility_chosen")
    select(panel, 3)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert told == [("visibility_chosen", 3, False), ("visibility_chosen", 2, False)]


def test_space_ticks_all_that_are_selected_alike(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_visible(2, False)
    show(panel, archive)
    select(panel, 0, 2, 3)
    told = heard(panel, "visibility_chosen")
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert told == [
        ("visibility_chosen", 2, True),
        ("visibility_chosen", 0, False),
        ("visibility_chosen", 2, False),
        ("visibility_chosen", 3, False),
    ]


def test_a_screen_reader_ticks_a_row(panel: RunsPanel) -> None:
    told = heard(panel)
    index = model_of(panel).index_of(2)
    role = Qt.ItemDataRole.CheckStateRole
    assert index.data(role) == Qt.CheckState.Checked
    model_of(panel).setData(index, Qt.CheckState.Unchecked, role)
    assert told == [("visibility_chosen", 2, False)]
    assert index.data(role) == Qt.CheckState.Unchecked


# Names


def test_f2_renames_in_place_and_enter_commits(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    assert (editor.text(), editor.selectedText()) == ("autograd 2", "autograd 2")
    qtbot.keyClicks(editor, " small  steps ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    wait_until_closed(qtbot, panel)
    assert told == [("renamed", 2, "small steps")]
    assert entry_of(archive, 2).name == "small steps"
    assert "small steps  autograd" in panel.text()


def test_a_double_click_on_the_name_renames(qtbot: QtBot, panel: RunsPanel) -> None:
    click_name(qtbot, panel, 3)
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=name_place(panel, 3))
    editor = editor_of(panel)
    assert editor is not None
    assert editor.text() == "module 3"


def test_escape_and_the_same_name_change_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    qtbot.keyClicks(editor, "other")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    wait_until_closed(qtbot, panel)
    qtbot.keyClick(open_editor(qtbot, panel, 2), Qt.Key.Key_Return)
    wait_until_closed(qtbot, panel)
    assert told == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_bad_name_is_refused_and_can_be_mended(qtbot: QtBot, panel: RunsPanel, name: str) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    editor.setText(name)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert [values[0] for values in told] == ["refused"]
    assert str(told[0][1]).startswith("name: ")
    assert editor_of(panel) is editor
    editor.setText("mended")
    qtbot.keyClick(editor, Qt.Key.Key_Enter)
    wait_until_closed(qtbot, panel)
    assert told[1:] == [("renamed", 2, "mended")]


def test_a_bad_name_that_is_left_is_refused_and_the_old_one_stays(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    editor.setText(" ")
    panel.view.setFocus()
    wait_until_closed(qtbot, panel)
    assert [values[0] for values in told] == ["refused"]
    assert "autograd 2" in panel.text()


def test_keys_of_the_list_belong_to_the_name_while_it_is_typed(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "removed", "visibility_chosen")
    editor = open_editor(qtbot, panel, 2)
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClicks(editor, "a b")
    assert editor.text() == "a b"
    assert told == []


# Selection


def test_clicks_and_keys_select_any_number_of_runs(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "selection_changed")
    click_name(qtbot, panel, 3)
    click_name(qtbot, panel, 0, CTRL)
    click_name(qtbot, panel, 5, SHIFT)
    qtbot.keyClick(panel.view, Qt.Key.Key_End)
    qtbot.keyClick(panel.view, Qt.Key.Key_Up, SHIFT)
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    selections = [values[1] for values in told]
    assert selections == [(3,), (0, 3), (0, 2, 3, 5), (0,), (0, 2), ()]


def test_setters_say_nothing(panel: RunsPanel, archive: RunArchive) -> None:
    select(panel, 0, 2, 5)
    told = heard(panel)
    archive.remove(2)
    archive.set_visible(0, False)
    archive.rename(0, "renamed")
    show(panel, archive)
    begin(archive, 6)
    show(panel, archive)
    panel.set_memory("5 runs")
    wear(DARK)
    panel.set_compares(True)
    panel.show_runs((), None)
    show(panel, archive)
    assert told == []


def test_the_selection_stays_while_runs_come_and_go(panel: RunsPanel, archive: RunArchive) -> None:
    select(panel, 0, 3)
    begin(archive, 6)
    show(panel, archive)
    assert selection(panel) == ((0, 3), {0, 3})
    archive.remove(3)
    show(panel, archive)
    assert selection(panel) == ((0,), {0})
    panel.show_runs(tuple(reversed(archive.entries)), 6)
    assert selection(panel) == ((0,), {0})
    archive.remove(0)
    show(panel, archive)
    assert selection(panel) == ((), set())


def test_short_runs_that_nobody_touched_are_folded(
    qtbot: QtBot, panel: RunsPanel, archive: RunArchive
) -> None:
    for number in (6, 7, 8, 9):
        begin_in_passing(archive, number)
    archive.rename(7, "mine")
    show(panel, archive)
    fold = button(panel, "short")
    assert fold.text() == "▸ 2 short runs"
    listed = panel.text()
    assert "mine" in listed
    assert "autograd 9" in listed, "it is the present one"
    assert "autograd 6" not in listed
    assert "autograd 8" not in listed
    qtbot.mouseClick(fold, LEFT)
    assert fold.text() == "▾ 2 short runs"
    assert "autograd 6" in panel.text()
    archive.set_pinned(6, True)
    show(panel, archive)
    select(panel, 8)
    qtbot.mouseClick(fold, LEFT)
    assert "autograd 6" in panel.text(), "what is pinned is not folded"
    assert "autograd 8" in panel.text(), "what is selected stays"


def test_a_row_tells_what_was_changed_in_mid_run(panel: RunsPanel, archive: RunArchive) -> None:
    rates = [make_settings(learning_rate=rate) for rate in (1e-6, 1e-5, 1e-4)]
    archive.set_changes(
        3, (*changes_between(1, rates[0], rates[1], {}), *changes_between(2, rates[1], rates[2], {}))
    )
    show(panel, archive)
    index = model_of(panel).index_of(3)
    assert "step 1: lr 1e-6 → 1e-5" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "step 1: lr 1e-6 → 1e-5" in index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "1e-4" not in index.data(Qt.ItemDataRole.ToolTipRole), "the run never came to that step"
