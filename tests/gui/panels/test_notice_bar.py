"""The notice bar: what it shows, how it goes away, and what it leaves to the layout."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import colors_of, find
from tests.gui.themes import wear
from ui.panels.notices.panel import NoticeIcon, Toast
from ui.style.theme import DARK, LIGHT, Theme, other

LONG = "The run has started again with new weights, since the hidden size and the seed changed. " * 2
LEVELS = ("info", "warning", "error")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A bar above an editor that has the focus, with the mouse elsewhere."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(700, 400)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    rest = QPlainTextEdit()
    column.addWidget(Toast())
    column.addWidget(rest, 1)
    with qtbot.waitActive(window):
        window.show()
    rest.setFocus()
    QTest.mouseMove(rest, QPoint(100, 300))
    return window


@pytest.fixture
def bar(window: QWidget) -> Toast:
    found = window.findChild(Toast)
    assert isinstance(found, Toast)
    return found


def message(bar: Toast) -> QTextEdit:
    found = bar.findChild(QTextEdit, "notice_text")
    assert found is not None
    return found


def timer(bar: Toast) -> QTimer:
    found = bar.findChild(QTimer)
    assert found is not None
    return found


def test_it_is_hidden_until_there_is_something_to_say(bar: Toast) -> None:
    assert bar.isHidden()
    assert (bar.text(), bar.level()) == ("", "")


@pytest.mark.parametrize("level", LEVELS)
def test_a_notice_shows_its_text_and_hint(bar: Toast, level: str) -> None:
    bar.show_notice(level, "x < y & <b>z</b>\nnext line", hint="Press Reset.")
    assert bar.isVisible()
    assert (bar.text(), bar.level()) == ("x < y & <b>z</b>\nnext line", level)
    shown = message(bar).toPlainText().splitlines()
    assert shown == ["x < y & <b>z</b>", "next line", "Press Reset."]


def test_the_next_notice_replaces_the_one_before(bar: Toast) -> None:
    bar.show_notice("error", "first", details="a report", hint="a hint")
    bar.show_notice("warning", "second")
    assert message(bar).toPlainText() == "second"
    assert find(bar, QToolButton, "notice_copy").isHidden()
    assert bar.accessibleName() == "Warning: second"


def test_each_level_has_a_shape_of_its_own(bar: Toast) -> None:
    icon = bar.findChild(NoticeIcon)
    assert isinstance(icon, NoticeIcon)
    outlines = []
    for level in LEVELS:
        icon.set_level(level)
        image = icon.grab().toImage()
        outlines.append(bytes(image.constBits()))
    assert len(set(outlines)) == len(LEVELS)


def test_details_are_copied_on_demand(qtbot: QtBot, bar: Toast) -> None:
    bar.show_notice("error", "It broke.", details="Traceback …\n  line 1")
    copy = find(bar, QToolButton, "notice_copy")
    assert copy.isVisible()
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Traceback …\n  line 1"
    said = copy.text()
    bar.show_notice("error", "It broke again.", details="other")
    assert copy.text() != said


@pytest.mark.parametrize("level", LEVELS)
def test_the_user_closes_it(qtbot: QtBot, bar: Toast, level: str) -> None:
    bar.show_notice(level, "text")
    with qtbot.waitSignal(bar.closed):
        qtbot.mouseClick(find(bar, QToolButton, "notice_close"), Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    assert bar.text() == ""
    assert not timer(bar).isActive()


@pytest.mark.parametrize("name", ["notice_text", "notice_copy", "notice_close"])
def test_escape_closes_it_from_each_of_its_parts(qtbot: QtBot, bar: Toast, name: str) -> None:
    bar.show_notice("error", "text", details="details")
    focused = bar.findChild(QWidget, name)
    assert focused is not None
    focused.setFocus()
    assert focused.hasFocus()
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(focused, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_only_an_information_goes_away_by_itself(qtbot: QtBot, bar: Toast) -> None:
    clock = timer(bar)
    assert clock.interval() == 6000
    bar.show_notice("info", "text")
    assert clock.isActive()
    for level in ("warning", "error"):
        bar.show_notice(level, "text")
        assert not clock.isActive()
    bar.show_notice("info", "text")
    with qtbot.waitSignal(bar.closed):
        clock.setInterval(0)
    assert bar.isHidden()


def test_an_information_stays_while_it_has_the_focus(qtbot: QtBot, bar: Toast) -> None:
    bar.show_notice("info", "text")
    message(bar).setFocus()
    clock = timer(bar)
    with qtbot.waitSignal(clock.timeout):
        clock.setInterval(0)
    assert bar.isVisible()
    assert clock.isActive()
    other = bar.window().findChild(QPlainTextEdit)
    assert other is not None
    with qtbot.waitSignal(bar.closed):
        other.setFocus()


def test_setters_say_nothing(qtbot: QtBot, bar: Toast) -> None:
    with qtbot.assertNotEmitted(bar.closed):
        for level in LEVELS:
            bar.show_notice(level, "text", "details", "hint")
        wear(DARK)
        bar.clear()
        bar.clear()
    assert bar.isHidden()
    assert not timer(bar).isActive()


@pytest.mark.parametrize("text", [LONG, "/a/" + "directory_without_any_blank_" * 5, "short"])
@pytest.mark.parametrize("width", [450, 700, 1200])
def test_the_text_is_never_cut_off(qtbot: QtBot, bar: Toast, text: str, width: int) -> None:
    bar.window().resize(width, 500)
    bar.show_notice("warning", text, "details", "A hint.")
    qtbot.waitUntil(lambda: bar.width() == width)
    shown = message(bar)
    qtbot.waitUntil(lambda: shown.viewport().height() >= shown.document().size().height() > 0)
    assert shown.document().idealWidth() <= shown.viewport().width()
    assert bar.window().width() == width


def test_a_report_in_place_of_a_text_leaves_room_for_the_window(qtbot: QtBot, bar: Toast) -> None:
    bar.show_notice("error", "line\n" * 200)
    qtbot.waitUntil(lambda: bar.geometry().top() == 0 and bar.height() > 40)
    assert bar.height() < 150
    assert message(bar).verticalScrollBar().maximum() > 0


def test_short_notices_are_all_equally_high(qtbot: QtBot, bar: Toast) -> None:
    heights = set()
    for level in LEVELS:
        bar.show_notice(level, "text", "details" if level == "error" else "")
        qtbot.waitUntil(lambda: bar.height() == bar.heightForWidth(bar.width()))
        heights.add(bar.height())
    assert len(heights) == 1


def test_the_same_notice_again_keeps_the_selection(bar: Toast) -> None:
    bar.show_notice("error", "text to copy")
    message(bar).selectAll()
    bar.show_notice("error", "text to copy")
    assert message(bar).textCursor().selectedText() == "text to copy"


def test_screen_readers_hear_level_text_and_hint(bar: Toast) -> None:
    bar.show_notice("error", "It broke.", hint="Press Reset.")
    interface = QAccessible.queryAccessibleInterface(bar)
    assert interface.text(QAccessible.Text.Name) == "Error: It broke. Press Reset."
    for name in ("notice_copy", "notice_close"):
        assert find(bar, QToolButton, name).accessibleName()


def test_the_theme_reaches_every_color(bar: Toast) -> None:
    bar.show_notice("warning", "text", hint="hint")
    light = bar.grab().toImage()
    wear(DARK)
    dark = bar.grab().toImage()
    # It lies over the window, and is told from it by the colors of the other theme.
    assert DARK.warning in colors_of(light)
    assert LIGHT.warning in colors_of(dark)
    middle = QPoint(light.width() // 2, 3)
    assert dark.pixelColor(middle).lightness() > 200 > 100 > light.pixelColor(middle).lightness()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_theme_reaches_a_bar_that_was_hidden(bar: Toast, theme: Theme) -> None:
    for each in (DARK, LIGHT, theme):
        wear(each)
    bar.show_notice("error", "text", "details", "hint")
    assert other(theme).text in message(bar).toHtml()
    assert other(theme).muted in message(bar).toHtml()
