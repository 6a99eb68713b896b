"""Numbers in the code that are changed by dragging, and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find
from tests.gui.themes import wear
from ui.panels.code import CodeView, NumberSpot
from ui.panels.code.places import selected
from ui.panels.code.scrub_label import ScrubLabel
from ui.panels.code.scrubber import PIXELS_A_STEP
from ui.style.theme import DARK, LIGHT, Theme

CODE = "hidden = 64\nopt = Adam(lr=1e-3, betas=(0.9, 0.999))\nprint(64)\n"
ALT, SHIFT, CONTROL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
LEFT = Qt.MouseButton.LeftButton
HIDDEN = NumberSpot(1, 9, 11, "64", live=False, whole=True, name="hidden")
RATE = NumberSpot(2, 14, 18, "1e-3", live=True, whole=False, name="lr")
BETA = NumberSpot(2, 27, 30, "0.9", live=True, whole=False, name="betas")


@pytest.fixture
def view(panel: CodeView) -> CodeView:
    panel.set_source("mine.py", CODE)
    panel.set_numbers([HIDDEN, RATE, BETA])
    return panel


def middle(view: CodeView, spot: NumberSpot) -> QPoint:
    block = view.editor.document().findBlockByNumber(spot.line - 1)
    return view.editor.area_of(selected(block, spot.start, spot.end)).center()


def put_caret(view: CodeView, spot: NumberSpot) -> None:
    block = view.editor.document().findBlockByNumber(spot.line - 1)
    cursor = view.editor.textCursor()
    cursor.setPosition(block.position() + spot.start + 1)
    view.editor.setTextCursor(cursor)


class Drag:
    """The mouse over a number, with Alt pressed from the start."""

    def __init__(self, view: CodeView, spot: NumberSpot, *keys: Qt.KeyboardModifier) -> None:
        self.viewport, self.place = view.editor.viewport(), middle(view, spot)
        self.keys = ALT
        for key in keys:
            self.keys |= key
        QTest.mousePress(self.viewport, LEFT, ALT, self.place)

    def to(self, steps: int) -> None:
        move(self.viewport, self.place + QPoint(steps * PIXELS_A_STEP, 0), self.keys)

    def drop(self) -> None:
        QTest.mouseRelease(self.viewport, LEFT, ALT, self.place)


def move(viewport: QWidget, there: QPoint, keys: Qt.KeyboardModifier) -> None:
    """With the button pressed; QTest would leave out the keys."""
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(there), QPointF(viewport.mapToGlobal(there)), LEFT, LEFT, keys
    )
    QApplication.sendEvent(viewport, event)


def test_a_drag_changes_the_number_live_and_is_one_step_to_undo(qtbot: QtBot, view: CodeView) -> None:
    values: list[tuple[NumberSpot, object]] = []
    edits: list[str] = []
    view.number_scrubbed.connect(lambda spot, value: values.append((spot, value)))
    view.edited.connect(edits.append)
    drag = Drag(view, RATE)
    label = find(view, ScrubLabel)
    for steps in (1, 2, 4):
        with qtbot.waitSignal(view.number_scrubbed):
            drag.to(steps)
    assert values == [(RATE, 1.1e-3), (RATE, 1.2e-3), (RATE, 1.6e-3)]
    assert view.text == CODE.replace("1e-3", "1.6e-3")
    assert (label.isVisible(), label.value, label.old) == (True, "1.6e-3", "1e-3")
    assert label.geometry().top() > middle(view, RATE).y()
    with qtbot.waitSignal(view.scrub_finished):
        drag.drop()
    assert not label.isVisible()
    assert edits == []
    QTest.keyClick(view.editor, Qt.Key.Key_Z, CONTROL)
    assert view.text == CODE
    assert edits == [CODE]


def test_escape_gives_the_old_value_back(qtbot: QtBot, view: CodeView) -> None:
    values: list[object] = []
    view.number_scrubbed.connect(lambda _, value: values.append(value))
    drag = Drag(view, HIDDEN)
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(-7)
    assert view.text.startswith("hidden = 57")
    with qtbot.waitSignal(view.scrub_finished):
        QTest.keyClick(view.editor, Qt.Key.Key_Escape)
    assert view.text == CODE
    assert values == [57, 64]
    drag.drop()
    # The number can be taken up again where it stands.
    drag = Drag(view, HIDDEN, SHIFT)
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(2)
    drag.drop()
    assert view.text.startswith("hidden = 84\n")


def test_no_number_is_touched_without_alt_or_beside_it(qtbot: QtBot, view: CodeView) -> None:
    with qtbot.assertNotEmitted(view.number_scrubbed):
        viewport = view.editor.viewport()
        QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, middle(view, RATE))
        move(viewport, middle(view, RATE) + QPoint(40, 0), Qt.KeyboardModifier.NoModifier)
        QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, middle(view, RATE) + QPoint(40, 0))
        # A number that nobody has named.
        Drag(view, NumberSpot(3, 6, 8, "64", live=False, whole=True, name="")).drop()
    assert view.text == CODE


def test_alt_and_arrows_step_the_number_at_the_caret(qtbot: QtBot, view: CodeView) -> None:
    values: list[object] = []
    view.number_scrubbed.connect(lambda _, value: values.append(value))
    put_caret(view, BETA)
    with qtbot.waitSignal(view.scrub_finished):
        for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down):
            QTest.keyPress(view.editor, key, ALT)
        assert find(view, ScrubLabel).isVisible()
        QTest.keyRelease(view.editor, Qt.Key.Key_Alt)
    assert values == [1.0, 0.9, 0.8, 0.9, 0.8]
    assert view.text == CODE.replace("0.9,", "0.8,")
    # All while Alt was held is one step to undo.
    QTest.keyClick(view.editor, Qt.Key.Key_Z, CONTROL)
    assert view.text == CODE
    put_caret(view, HIDDEN)
    QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT | SHIFT)
    assert view.text.startswith("hidden = 74\n")
    cursor = view.editor.textCursor()
    cursor.setPosition(0)
    view.editor.setTextCursor(cursor)
    before = view.text
    QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT)
    assert view.text == before


def test_numbers_keep_to_their_places_while_the_text_is_edited(view: CodeView) -> None:
    spots: list[NumberSpot] = []
    view.number_scrubbed.connect(lambda spot, _: spots.append(spot))
    QTest.keyClicks(view.editor, "x")
    QTest.keyClick(view.editor, Qt.Key.Key_Home)
    QTest.keyClick(view.editor, Qt.Key.Key_Return)
    moved = NumberSpot(2, 10, 12, "64", live=False, whole=True, name="hidden")
    put_caret(view, moved)
    QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT)
    assert spots == [moved]
    assert "\nxhidden = 65\n" in view.text
    # Where a number is no more, there is nothing to step.
    QTest.keyClicks(view.editor, "n")
    before = view.text
    QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT)
    assert view.text == before


def test_a_live_number_leaves_the_marks_as_they_are(view: CodeView) -> None:
    view.show_cursor(2, None, "forward")
    put_caret(view, RATE)
    QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT)
    assert view.editor.is_changed(2)
    assert not view.editor.is_stale(2)


def test_what_comes_back_during_a_drag_waits_for_its_end(qtbot: QtBot, view: CodeView) -> None:
    drag = Drag(view, BETA)
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(-1)
    view.change_source(CODE.replace("0.9,", "0.85,"))
    assert "0.8," in view.text
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(-2)
    assert "0.7," in view.text
    drag.drop()
    assert "0.85," in view.text


def test_numbers_that_are_named_anew_during_a_drag_change_nothing(qtbot: QtBot, view: CodeView) -> None:
    drag = Drag(view, RATE)
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(1)
    view.set_numbers([HIDDEN, NumberSpot(2, 14, 20, "1.1e-3", live=True, whole=False, name="lr")])
    with qtbot.waitSignal(view.number_scrubbed):
        drag.to(4)
    drag.drop()
    assert view.text == CODE.replace("1e-3", "1.6e-3")
    QTest.keyClick(view.editor, Qt.Key.Key_Z, CONTROL)
    assert view.text == CODE


def test_a_number_that_stands_elsewhere_is_left_out(qtbot: QtBot, view: CodeView) -> None:
    view.set_numbers([NumberSpot(1, 8, 10, "64", live=True, whole=True, name="hidden")])
    put_caret(view, HIDDEN)
    with qtbot.assertNotEmitted(view.number_scrubbed):
        QTest.keyClick(view.editor, Qt.Key.Key_Up, ALT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_number_is_painted_and_says_what_it_does(view: CodeView, theme: Theme) -> None:
    wear(theme)
    viewport = view.editor.viewport()
    top = middle(view, HIDDEN) - QPoint(0, view.editor.fontMetrics().height() // 2 - 2)
    chip = viewport.grab().toImage().pixelColor(top)
    view.set_numbers([RATE])
    plain = viewport.grab().toImage().pixelColor(top)
    assert chip != plain == QColor(theme.surface)
    for spot, words in ((RATE, "acts at the next step"), (HIDDEN, "starts the run again")):
        view.set_numbers([RATE, HIDDEN])
        place = middle(view, spot)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport, event)
        assert QToolTip.text().startswith(f"{spot.name}: Alt-drag")
        assert words in QToolTip.text()
    QToolTip.hideText()


def test_the_mouse_shows_what_can_be_dragged(view: CodeView) -> None:
    viewport = view.editor.viewport()
    for place, shape in (
        (middle(view, RATE), Qt.CursorShape.SizeHorCursor),
        (middle(view, RATE) + QPoint(0, 60), Qt.CursorShape.IBeamCursor),
    ):
        QTest.mouseMove(viewport, place)
        assert viewport.cursor().shape() is shape
