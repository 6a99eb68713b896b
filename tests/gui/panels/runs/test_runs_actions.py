"""What can be done with runs, and the table of what differs between them."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from playground.runs.archive import RunArchive
from playground.runs.changes import changes_between
from playground.settings import make_settings
from tests.gui.driver import colors_of
from tests.gui.panels.runs.listed import LEFT, begin, button, heard, name_place, select, show
from ui.panels.runs.panel import RunsPanel
from ui.panels.runs.table import NOTHING, TOO_FEW
from ui.style.theme import LIGHT
from ui.widgets.picture_menu import COPY

# Actions


def test_runs_are_copied_with_what_was_changed_in_them(
    qtbot: QtBot, panel: RunsPanel, archive: RunArchive
) -> None:
    old = make_settings(learning_rate=1e-5)
    new = make_settings(learning_rate=1e-4)
    archive.set_changes(2, changes_between(1, old, new, {}))
    show(panel, archive)
    select(panel, 2, 3)
    qtbot.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    first, second = json.loads(QApplication.clipboard().text())
    assert (first["name"], first["steps"], first["loss"]) == ("autograd 2", 2, 1.0)
    assert make_settings(**first["settings"]) == old
    assert first["changes"] == [
        {"step": 1, "name": "learning_rate", "old": 1e-5, "new": 1e-4, "words": "lr 1e-5 → 1e-4"}
    ]
    assert (second["stage"], second["changes"]) == ("module", [])


def test_the_settings_of_one_run_are_loaded(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "load_chosen")
    load = button(panel, "load")
    assert not load.isEnabled()
    select(panel, 2)
    assert load.isEnabled()
    qtbot.mouseClick(load, LEFT)
    select(panel, 2, 3)
    assert not load.isEnabled()
    assert "Select one run" in load.toolTip()
    assert told == [("load_chosen", 2)]


def test_runs_are_pinned_and_let_go(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_pinned(2, True)
    show(panel, archive)
    told = heard(panel, "pinned")
    pin = button(panel, "pin")
    select(panel, 2, 3)
    assert pin.text() == "Pin"
    qtbot.mouseClick(pin, LEFT)
    assert pin.text() == "Unpin"
    qtbot.mouseClick(pin, LEFT)
    assert told == [("pinned", 3, True), ("pinned", 2, False), ("pinned", 3, False)]


def test_del_removes_and_goes_on_to_the_next(qtbot: QtBot, panel: RunsPanel) -> None:
    select(panel, 3)
    told = heard(panel, "removed", "selection_changed")
    for _ in range(3):
        qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert told == [
        ("removed", 3),
        ("selection_changed", (2,)),
        ("removed", 2),
        ("selection_changed", (0,)),
        ("removed", 0),
        ("selection_changed", (5,)),
    ]
    assert panel.text().startswith("dynamic 5")


def test_the_present_run_stays(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "removed", "selection_changed")
    remove = button(panel, "remove")
    select(panel, 5)
    assert not remove.isEnabled()
    assert "present run" in remove.toolTip()
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    select(panel, 5, 0, 2)
    told.clear()
    qtbot.mouseClick(remove, LEFT)
    assert told == [("removed", 0), ("removed", 2), ("selection_changed", (5,))]


@pytest.fixture
def menus(panel: RunsPanel, monkeypatch: pytest.MonkeyPatch) -> list[QPoint]:
    """Where the menu was opened; it is not, since it would take the keyboard."""
    places: list[QPoint] = []
    monkeypatch.setattr(panel.actions_row.menu, "popup", places.append)
    return places


def test_the_menu_offers_the_same(panel: RunsPanel, menus: list[QPoint]) -> None:
    menu = panel.actions_row.menu
    select(panel, 2)
    panel.view.customContextMenuRequested.emit(name_place(panel, 2))
    assert menus == [panel.view.viewport().mapToGlobal(name_place(panel, 2))]
    actions = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    assert {text: keys_of(action) for text, action in actions.items()} == {
        "Show or hide": "Space",
        "Rename": "F2",
        "Load settings": "",
        "Pin": "",
        "Copy": "Ctrl+C",
        "Remove": "Del",
        COPY: "",
    }
    told = heard(panel)
    for text in ("Load settings", "Pin", "Show or hide"):
        actions[text].trigger()
    assert told == [("load_chosen", 2), ("pinned", 2, True), ("visibility_chosen", 2, False)]


def keys_of(action: QAction) -> str:
    return action.shortcut().toString()


def test_there_is_no_menu_without_a_run(panel: RunsPanel, menus: list[QPoint]) -> None:
    panel.show_runs((), None)
    panel.view.customContextMenuRequested.emit(QPoint(5, 5))
    assert menus == []


# What differs


def test_the_table_is_closed_until_it_is_wanted(qtbot: QtBot, panel: RunsPanel) -> None:
    assert not panel.table.isVisible()
    differ = button(panel, "differ")
    differ.setFocus()
    qtbot.keyClick(differ, Qt.Key.Key_Space)
    assert panel.compares
    assert panel.table.isVisible()
    panel.set_compares(False)
    assert not panel.table.isVisible()


def test_the_table_compares_the_selected_runs(panel: RunsPanel) -> None:
    panel.set_compares(True)
    select(panel, 0, 2)
    assert panel.table.text().splitlines() == ["autograd 0  autograd 2", "learning rate  1e-6  1e-5"]
    select(panel, 2, 3)
    assert panel.table.text().splitlines() == [
        "autograd 2  module 3",
        "stage  autograd  module",
        "optimizer  by hand  SGD",
        "learning rate  1e-5  1e-4",
        "steps  500  1000",
    ]


def test_without_a_selection_it_compares_the_visible_runs(panel: RunsPanel, archive: RunArchive) -> None:
    panel.set_compares(True)
    assert panel.table.text().splitlines()[0] == "autograd 0  autograd 2  module 3  dynamic 5"
    for number in (3, 5):
        archive.set_visible(number, False)
    show(panel, archive)
    assert panel.table.text().splitlines()[0] == "autograd 0  autograd 2"
    archive.set_settings(2, make_settings())
    show(panel, archive)
    assert panel.table.text() == NOTHING
    archive.set_visible(2, False)
    show(panel, archive)
    assert panel.table.text() == TOO_FEW


def test_the_table_follows_settings_names_and_colors(panel: RunsPanel, archive: RunArchive) -> None:
    panel.set_compares(True)
    select(panel, 0, 2)
    archive.set_settings(2, make_settings(learning_rate=0.5))
    archive.rename(2, "fast")
    show(panel, archive)
    assert panel.table.text().splitlines() == ["autograd 0  fast", "learning rate  1e-6  0.5"]
    header = panel.table.view.horizontalHeader()
    assert {QColor(LIGHT.plot[color]).name() for color in (0, 1)} <= colors_of(header.grab().toImage())


def test_many_runs_are_compared_by_scrolling(panel: RunsPanel, archive: RunArchive) -> None:
    for number in range(6, 20):
        begin(archive, number, seed=number)
    panel.set_compares(True)
    show(panel, archive)
    bar = panel.table.view.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(120)
    archive.set_settings(19, make_settings(seed=77))
    show(panel, archive)
    assert bar.value() == 120
