"""The window before an audience: full screen, panels hidden by keys, pictures of panels."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QSplitter, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, focus, press
from tests.gui.whole_window import opened
from ui.shell.preferences import Preferences
from ui.shell.view_tabs import ViewTabs
from ui.shell.window import MainWindow
from ui.state.view_options import HIDEABLE

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window of its usual size, with every panel made."""
    return opened(qtbot)


def part(window: MainWindow, name: str) -> QWidget:
    tabs = {"details": QTabWidget, "graph": ViewTabs}.get(name)
    return window.panel(name) if tabs is None else find(window, tabs, {"graph": "views"}.get(name, name))


def arrangement(window: MainWindow) -> list[list[int]]:
    """Pixels of everything in every splitter."""
    return [each.sizes() for each in window.findChildren(QSplitter)]


def is_about(sizes: list[list[int]], others: list[list[int]]) -> bool:
    pairs = zip(chain(*sizes), chain(*others), strict=True)
    return all(abs(one - other) <= 1 for one, other in pairs)


def test_a_key_fills_the_screen_and_gives_the_place_back(qtbot: QtBot, window: MainWindow) -> None:
    place = window.geometry()
    press(window, "full_screen_action")
    assert window.isFullScreen()
    press(window, "full_screen_action")
    assert not window.isFullScreen()
    qtbot.waitUntil(lambda: window.geometry() == place)


def test_escape_leaves_the_full_screen(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "full_screen_action")
    QTest.keyClick(window.panel("graph"), Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    QTest.keyClick(window.panel("graph"), Qt.Key.Key_Escape)
    assert not window.isFullScreen()


def test_a_maximized_window_is_maximized_again(window: MainWindow) -> None:
    window.showMaximized()
    press(window, "full_screen_action")
    press(window, "full_screen_action")
    assert window.isMaximized()


@pytest.mark.parametrize(("number", "name"), [*enumerate(HIDEABLE, 1)])
def test_a_key_hides_a_panel_and_brings_it_back(
    qtbot: QtBot, window: MainWindow, number: int, name: str
) -> None:
    before = arrangement(window)
    panel = part(window, name)
    size = panel.size()
    key = Qt.Key(Qt.Key.Key_0.value + number)
    focus(qtbot, find(window, QPlainTextEdit, "code_view"))
    text = window.programs.text
    entry = find(window, QAction, f"show_{name}_action")
    assert entry.isChecked()
    QTest.keyClick(window, key, ALT)
    assert panel.isHidden()
    assert not entry.isChecked()
    assert not find(window, QAction, f"copy_{name}_action").isEnabled()
    QTest.keyClick(window, key, ALT)
    assert panel.isVisible()
    assert entry.isChecked()
    qtbot.waitUntil(lambda: arrangement(window) == before)
    qtbot.waitUntil(lambda: panel.size() == size)
    assert window.programs.text == text


def test_the_room_goes_to_the_neighbors(qtbot: QtBot, window: MainWindow) -> None:
    central = find(window, QSplitter, "columns")
    graph, code = window.panel("graph"), window.panel("code")
    wide = graph.width()
    for name in ("ladder", "settings"):
        press(window, f"show_{name}_action")
    qtbot.waitUntil(lambda: graph.width() > wide)
    for name in ("graph", "loss", "details", "inspector"):
        press(window, f"show_{name}_action")
    qtbot.waitUntil(lambda: code.width() == central.width())
    assert code.height() == central.height()


def test_without_the_graph_its_bars_stay_and_the_loss_has_the_rest(qtbot: QtBot, window: MainWindow) -> None:
    bar, loss, central = window.panel("step"), window.panel("loss"), find(window, QSplitter, "columns")
    press(window, "show_graph_action")
    assert bar.isVisible()
    bars = [window.panel(name) for name in ("step", "replay", "filmstrip")]
    qtbot.waitUntil(
        lambda: (
            loss.height() >= central.height() - sum(each.height() for each in bars if each.isVisible()) - 2
        )
    )


def test_the_last_panel_stays(window: MainWindow) -> None:
    for name in HIDEABLE:
        press(window, f"show_{name}_action")
    assert window.panel("settings").isVisible()
    assert "the only panel" in window.notice


def test_what_is_asked_for_comes_back(window: MainWindow) -> None:
    press(window, "show_details_action")
    window.bring_forward("events")
    assert window.panel("events").isVisible()
    press(window, "show_code_action")
    press(window, "edit_action")
    assert window.panel("code").isVisible()


def test_hidden_panels_stay_hidden_and_keep_their_size(qtbot: QtBot, window: MainWindow) -> None:
    before = arrangement(window)
    for name in ("inspector", "graph", "ladder"):
        press(window, f"show_{name}_action")
    window.close()
    assert json.loads(Preferences().path.read_text())["view"]["hidden"] == ["graph", "inspector", "ladder"]
    again = opened(qtbot)
    # The screen of the tests is smaller than the window, which it may have cut when it came back.
    again.resize(window.size())
    assert all(part(again, name).isHidden() for name in ("inspector", "graph", "ladder"))
    for name in ("inspector", "graph", "ladder"):
        press(again, f"show_{name}_action")
    # Parts are shares of a whole: a pixel may go to either neighbor.
    qtbot.waitUntil(lambda: is_about(arrangement(again), before))


@pytest.mark.parametrize("name", [*HIDEABLE, "window"])
def test_a_picture_shows_the_panel_as_it_is(window: MainWindow, name: str) -> None:
    panel = window if name == "window" else part(window, name)
    seen = panel.grab()
    press(window, f"copy_{name}_action")
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == seen.size() == panel.size() * window.devicePixelRatioF()
    if name != "window":  # on which the notice lies by now
        assert copied == seen.toImage().convertToFormat(copied.format())
    assert f"{copied.width()} × {copied.height()} pixels" in window.notice


def test_the_menu_of_every_panel_offers_its_picture(window: MainWindow) -> None:
    """Also of tabs beside the first, and where the panel has a menu of its own."""
    window.bring_forward("costs")
    panels = ("graph", "step", "loss", "health", "picture", "events", "output", "runs", "code", "inspector")
    for name in (*panels, "ladder", "settings", "costs"):
        if name in ("health", "picture", "events", "output", "runs"):
            window.bring_forward(name)
        panel = window.panel(name)
        QGuiApplication.clipboard().clear()
        place = panel.rect().center()
        child = panel.childAt(place) or panel
        at = child.mapFrom(panel, place)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, child.mapToGlobal(at))
        QApplication.sendEvent(child, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), name
        entry = next(each for each in menu.actions() if each.objectName() == "copy_picture_entry")
        entry.trigger()
        menu.close()
        assert QGuiApplication.clipboard().pixmap().size() == panel.size(), name
