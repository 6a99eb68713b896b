"""The window for those who look from afar: larger, and afterwards exactly as it was."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPlainTextEdit, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, focus, press
from tests.gui.whole_window import opened
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance
from ui.style.theme import current_theme

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window of its usual size, in light, whose letters and colors a sheet has already put on once."""
    window = opened(qtbot)
    window.resize(1280, 800)
    window.choose_appearance(Appearance.LIGHT)
    QApplication.processEvents()
    return window


def letters(window: MainWindow) -> dict[str, float]:
    """Heights of the letters of some panels, in pixels."""
    names = ("code_view", "step_label", "loss_label", "stage_list", "steps", "graph_view", "health_panel")
    return {name: find(window, QWidget, name).fontMetrics().height() for name in names}


def everything(window: MainWindow) -> list[tuple[str, str, QRect]]:
    """Name, letters and place of each widget that can be seen."""
    return [
        (each.objectName(), each.font().toString(), each.geometry())
        for each in window.findChildren(QWidget)
        if each.isVisible() and not each.objectName().startswith("qt_scrollarea")
    ]


@pytest.mark.parametrize(("width", "factor"), [(1280, 1.25), (1920, 1.5)])
def test_letters_grow_with_the_window(window: MainWindow, width: int, factor: float) -> None:
    before = letters(window)
    press(window, "projector_action")
    window.resize(width, 800)
    QApplication.processEvents()
    for name, height in letters(window).items():
        assert height >= (factor - 0.08) * before[name], name


def test_leaving_brings_everything_back(qtbot: QtBot, window: MainWindow) -> None:
    for _ in range(2):
        # The window has grown since it was shown, after which the ladder is fitted once more.
        press(window, "projector_action")
        QApplication.processEvents()
    before, theme = everything(window), current_theme()
    focus(qtbot, find(window, QPlainTextEdit, "code_view"))
    QTest.keyClick(window, Qt.Key.Key_P, KEYS)
    assert find(window, QAction, "projector_action").isChecked()
    QApplication.processEvents()
    assert everything(window) != before
    window.resize(1920, 1080)
    window.choose_appearance(Appearance.DARK)
    press(window, "show_settings_action")
    find(window, QSplitter, "columns").moveSplitter(900, 2)
    window.resize(1280, 800)
    window.choose_appearance(Appearance.LIGHT)
    QTest.keyClick(window, Qt.Key.Key_P, KEYS)
    assert not find(window, QAction, "projector_action").isChecked()
    qtbot.waitUntil(lambda: everything(window) == before)
    assert current_theme() is theme


def test_the_ladder_is_a_rail_in_which_stages_can_be_chosen(window: MainWindow) -> None:
    press(window, "projector_action")
    QApplication.processEvents()
    stages = find(window, QListWidget, "stage_list")
    assert stages.width() == 48
    assert "optim" in stages.item(5).toolTip()
    place = stages.visualItemRect(stages.item(5)).center()
    QTest.mouseClick(stages.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.session.settings.stage == "optim"
    assert all(label.isHidden() for label in window.panel("ladder").findChildren(QLabel))


def test_the_settings_are_a_drawer_over_the_graph(window: MainWindow) -> None:
    press(window, "projector_action")
    QApplication.processEvents()
    settings, graph, entry = (
        window.panel("settings"),
        window.panel("graph"),
        find(window, QAction, "show_settings_action"),
    )
    place = graph.geometry()
    assert settings.isHidden()
    assert not entry.isChecked()
    press(window, "show_settings_action")
    assert settings.isVisible()
    assert entry.isChecked()
    assert settings.mapTo(window, QPoint(0, 0)).x() == 48
    assert graph.geometry() == place
    press(window, "show_settings_action")
    assert settings.isHidden()
    press(window, "projector_action")
    assert settings.isVisible()


def test_what_is_read_is_no_weaker_than_a_caption(window: MainWindow) -> None:
    press(window, "projector_action")
    theme = current_theme()
    assert theme.disabled == theme.syntax["comment"] == theme.muted


def test_it_is_remembered_with_the_way_back(qtbot: QtBot, window: MainWindow) -> None:
    window.choose_appearance(Appearance.LIGHT)
    before = [each.sizes() for each in window.findChildren(QSplitter)]
    press(window, "projector_action")
    window.close()
    again = opened(qtbot)
    again.resize(window.size())
    QApplication.processEvents()
    assert find(again, QListWidget, "stage_list").width() == 48
    press(again, "projector_action")
    # To some pixels: what a column has beyond its least width is shared anew in a window that has grown.
    qtbot.waitUntil(
        lambda: all(
            each.sizes() == pytest.approx(sizes, abs=16)
            for each, sizes in zip(again.findChildren(QSplitter), before, strict=True)
        )
    )


def test_keys_that_do_something_are_seen_for_a_moment(qtbot: QtBot, window: MainWindow) -> None:
    keys = find(window, QLabel, "pressed_keys")
    editor = find(window, QPlainTextEdit, "code_view")
    focus(qtbot, editor)
    QTest.keyClick(editor, Qt.Key.Key_F9)
    assert keys.isHidden()
    press(window, "projector_action")
    QTest.keyClick(editor, Qt.Key.Key_F9)
    assert keys.isVisible()
    assert keys.text() == "F9  Next phase: forward, loss, backward, update"
    qtbot.waitUntil(keys.isHidden)
    text = window.programs.text
    QTest.keyClick(editor, Qt.Key.Key_A)
    assert window.programs.text != text
    QTest.keyClick(editor, Qt.Key.Key_F4)
    assert keys.isHidden()
    QTest.keyClick(editor, Qt.Key.Key_F9)
    press(window, "projector_action")
    assert keys.isHidden()
