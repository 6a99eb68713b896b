"""The panel of the output: what it shows, follows, links, copies and asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.programs.output import Line, Picture
from playground.programs.rows import Stream
from tests.gui.driver import LEFT, click, colors_of, drag, find, focus, heard, press_keys
from tests.gui.themes import wear
from ui.panels.output import OutputPanel
from ui.panels.output.panel import EMPTY, OF_A_STAGE
from ui.panels.output.picture_window import PictureWindow
from ui.panels.output.view import OutputView
from ui.style.theme import DARK, LIGHT, Theme


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """The panel below a field to type in."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    panel = OutputPanel()
    column.addWidget(QLineEdit())
    column.addWidget(panel, 1)
    window.resize(600, 300)
    with qtbot.waitActive(window):
        window.show()
    panel.begin(True)
    return window


@pytest.fixture
def panel(window: QWidget) -> OutputPanel:
    return find(window, OutputPanel)


@pytest.fixture
def view(panel: OutputPanel) -> OutputView:
    return panel.view


def line(number: int, text: str, step: int = -1, stream: Stream = Stream.OUT) -> Line:
    return Line(number, stream, step, text)


def lines(count: int, first: int = 0) -> list[Line]:
    return [line(number, f"line {number}", number) for number in range(first, first + count)]


def picture(number: int = 0, step: int = 5, color: str = "#ff00ff") -> Picture:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Picture(number, step, bytes(data.data()), 200, 100)


def row(view: OutputView, index: int, x: int = 30) -> QPoint:
    """A point in the middle of an entry's first row."""
    return QPoint(x, view.sheet.top(index) - view.verticalScrollBar().value() + view.sheet.room.row // 2)


def step_at(view: OutputView, index: int) -> QPoint:
    return row(view, index, view.viewport().width() - 14)


def test_it_says_what_will_stand_there(panel: OutputPanel) -> None:
    assert find(panel, QLabel, "output_empty").isVisible()
    assert panel.text() == EMPTY
    panel.begin(False)
    assert panel.text() == OF_A_STAGE
    assert not find(panel, QToolButton, "output_copy").isEnabled()


def test_a_line_may_change_after_it_was_shown(panel: OutputPanel) -> None:
    panel.take([line(0, "10%"), line(1, "next")], 0, 0)
    assert panel.text() == "10%\nnext\n"
    panel.take([line(0, "20%")], 0, 0)
    assert panel.text() == "20%\nnext\n"
    # What is heard of it is the newest line.
    assert panel.view.accessibleDescription() == "next"
    panel.begin(True)
    assert panel.text() == EMPTY


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_stderr_is_told_by_a_bar_and_not_by_its_color_alone(
    panel: OutputPanel, view: OutputView, theme: Theme
) -> None:
    wear(theme)
    panel.take([line(0, "printed"), line(1, "careful", stream=Stream.ERR)], 0, 0)
    rows = [QRectF(0, view.sheet.top(index), 10, view.sheet.room.row) for index in range(2)]
    assert colors_of(view.viewport(), rows[0]) == {theme.surface}
    assert theme.warning in colors_of(view.viewport(), rows[1])


def test_it_follows_the_end_unless_the_user_has_scrolled_up(panel: OutputPanel, view: OutputView) -> None:
    bar = view.verticalScrollBar()
    panel.take(lines(100), 0, 0)
    assert bar.value() == bar.maximum() > 0
    panel.take(lines(5, 100), 0, 0)
    assert bar.value() == bar.maximum()
    bar.setValue(200)
    top = view.sheet.index_at(200)
    panel.take(lines(50, 105), 0, 0)
    assert bar.value() == 200
    # The oldest ones go: what is read stays where it is.
    panel.take([], 7, 7)
    assert view.sheet.entries[view.sheet.index_at(bar.value())].number == top
    bar.setValue(bar.maximum())
    panel.take(lines(5, 155), 7, 7)
    assert bar.value() == bar.maximum()


def test_a_click_on_a_step_goes_there(panel: OutputPanel, view: OutputView) -> None:
    panel.take([line(0, "before"), line(1, "first", 0), line(2, "seventh", 7)], 0, 0)
    chosen = heard(panel.step_chosen)
    for index in (0, 2, 1):
        click(view.viewport(), step_at(view, index))
    assert chosen == [7, 0]
    click(view.viewport(), row(view, 2))
    assert chosen == [7, 0]


def test_the_keys_go_from_line_to_line_and_to_a_step(
    qtbot: QtBot, panel: OutputPanel, view: OutputView
) -> None:
    panel.take(lines(40), 0, 0)
    chosen = heard(panel.step_chosen)
    press_keys(qtbot, view, Qt.Key.Key_Return)
    assert chosen == []
    press_keys(qtbot, view, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Return)
    press_keys(qtbot, view, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert chosen == [39, 38, 1]
    assert view.verticalScrollBar().value() == 0
    press_keys(qtbot, view, Qt.Key.Key_End, Qt.Key.Key_Return)
    assert chosen[-1] == 39
    assert view.follows


def test_text_is_selected_with_the_mouse_and_copied(
    qtbot: QtBot, panel: OutputPanel, view: OutputView
) -> None:
    panel.take([line(0, "first line"), line(1, "second line"), line(2, "third")], 0, 0)
    drag(view.viewport(), row(view, 0, 0), row(view, 2, 0))
    assert view.selected_text() == "first line\nsecond line\n"
    focus(qtbot, view)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "first line\nsecond line\n"
    QTest.mouseDClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, row(view, 1, 20))
    assert view.selected_text() == "second"
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selected_text() == "first line\nsecond line\nthird"
    click(view.viewport(), row(view, 1))
    assert view.selected_text() == ""


def test_a_selection_stays_when_lines_come(panel: OutputPanel, view: OutputView) -> None:
    panel.take([line(0, "first"), line(1, "second")], 0, 0)
    drag(view.viewport(), row(view, 0, 0), row(view, 0, 300))
    panel.take(lines(3, 2), 0, 0)
    assert view.selected_text() == "first"


def test_all_is_copied(panel: OutputPanel) -> None:
    panel.take([line(0, "first"), Line(1, Stream.ERR, 3, "odd", 4)], 0, 0)
    click(find(panel, QToolButton, "output_copy"))
    assert QGuiApplication.clipboard().text() == "first\nodd (4 times)\n"


def test_clear_is_asked_of_whoever_reads_the_tape(panel: OutputPanel) -> None:
    panel.take([line(0, "first")], 0, 0)
    cleared: list[bool] = []
    panel.cleared.connect(lambda: cleared.append(True))
    click(find(panel, QToolButton, "output_clear"))
    assert cleared == [True]
    panel.clear()
    assert panel.text() == EMPTY


def test_a_picture_is_shown_and_opens_in_its_full_size(
    panel: OutputPanel, view: OutputView, tmp_path: Path
) -> None:
    panel.take([picture()], 0, 0)
    assert "#ff00ff" in colors_of(view.viewport())
    panel.take([picture(color="#00ff00")], 0, 0)
    assert "#ff00ff" not in colors_of(view.viewport())
    click(view.viewport(), row(view, 0))
    window = find(panel.window(), PictureWindow)
    assert "step 5" in window.windowTitle()
    assert "#00ff00" in colors_of(window)
    click(find(window, QToolButton, "picture_save"))
    dialog = find(window, QFileDialog, "save_dialog")
    assert dialog.defaultSuffix() == "png"
    dialog.fileSelected.emit(str(tmp_path / "saved.png"))
    dialog.close()
    assert (tmp_path / "saved.png").read_bytes() == picture(color="#00ff00").data
    click(find(window, QToolButton, "picture_copy"))
    assert QGuiApplication.clipboard().image().pixelColor(3, 3) == QColor("#00ff00")
    window.close()


def test_a_picture_that_cannot_be_written_is_said_so(panel: OutputPanel, tmp_path: Path) -> None:
    window = PictureWindow(picture(), panel.window())
    window.save(str(tmp_path / "nowhere" / "saved.png"))
    said = find(window, QWidget, "picture_said").accessibleName()
    assert said.endswith("saved.png could not be written: No such file or directory")
    window.close()


def test_what_is_no_picture_is_said_so(panel: OutputPanel, view: OutputView) -> None:
    panel.take([Picture(0, 1, b"no picture", 100, 50)], 0, 0)
    assert LIGHT.error in colors_of(view.viewport())


def test_a_question_takes_the_focus_and_gets_its_answer(qtbot: QtBot, panel: OutputPanel) -> None:
    field, answers = find(panel, QLineEdit, "output_answer"), heard(panel.answered)
    assert not field.isVisible()
    panel.take([line(0, "Your name? ")], 0, 0)
    find(panel.window(), QLineEdit).clearFocus()
    panel.ask("Your name? ")
    qtbot.waitUntil(field.hasFocus)
    assert (field.placeholderText(), field.accessibleDescription()) == ("Your name?", "Your name?")
    QTest.keyClicks(field, "Ada")
    QTest.keyClick(field, Qt.Key.Key_Return)
    click(find(panel, QToolButton, "output_end"))
    assert answers == ["Ada", None]
    panel.ask(None)
    assert not field.isVisible()
    assert panel.view.hasFocus()


@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit])
def test_a_question_does_not_interrupt_who_is_typing(
    qtbot: QtBot, panel: OutputPanel, kind: Callable[[], QWidget]
) -> None:
    other = kind()
    layout = panel.window().layout()
    assert layout is not None
    layout.addWidget(other)
    focus(qtbot, other)
    panel.ask("")
    assert other.hasFocus()
    assert find(panel, QLineEdit, "output_answer").placeholderText() == "the program waits for a line"


def test_setters_say_nothing(qtbot: QtBot, panel: OutputPanel) -> None:
    signals = (panel.step_chosen, panel.answered, panel.cleared)
    told = [heard(signal) for signal in signals[:2]]
    with qtbot.assertNotEmitted(panel.cleared):
        panel.take([*lines(30), picture(40)], 3, 3)
        panel.ask("?")
        panel.ask(None)
        panel.clear()
        panel.begin(False)
    assert told == [[], []]
