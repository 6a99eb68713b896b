"""The panel of two programs: what is said, marked, chosen and clicked."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTabWidget
from pytestqt.qtbot import QtBot

from playground.comparing.programs import ProgramsComparison, compare_programs
from playground.programs.program import Program
from tests.gui.driver import find
from tests.gui.themes import wear
from ui.panels.two_programs import TwoProgramsView
from ui.panels.two_programs.events import ALONE, MARK, OTHER, SAME
from ui.panels.two_programs.panel import EMPTY, RUNNING, STALE
from ui.panels.two_programs.shown import ShownPrograms
from ui.style.theme import DARK, LIGHT

FIRST = """\
import torch
w = torch.randn(3, requires_grad=True)
for step in range(9):
    x = torch.randn(4, 3)
    loss = (x @ w).pow(2).sum()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
"""
SECOND = FIRST.replace(".sum()", ".mean()").replace(
    "    w.grad = None\n", "    twice = loss * 2\n    w.grad = None\n"
)
NAMES = ("a.py", "b.py")
CHOICES = [("one", "a.py"), ("two", "b.py"), ("three", "c.py")]


@cache
def compared(second: str = SECOND) -> ProgramsComparison:
    folder = Path(__file__).parent
    programs = Program(FIRST, str(folder / "a.py")), Program(second, str(folder / "b.py"))
    return compare_programs(*programs, most_steps=4)


@pytest.fixture
def view(qtbot: QtBot) -> TwoProgramsView:
    panel = TwoProgramsView()
    qtbot.addWidget(panel)
    panel.resize(1200, 780)
    panel.set_choices(CHOICES, "one", "two")
    panel.show_programs(ShownPrograms(NAMES, (FIRST, SECOND)))
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_before_a_comparison_the_texts_are_there(view: TwoProgramsView) -> None:
    assert EMPTY in view.text()
    assert "5     loss = (x @ w).pow(2).sum() | 5     loss = (x @ w).pow(2).mean()" in view.text()


def test_where_they_part_is_said_and_marked(view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared()))
    said = view.text()
    assert "Step 0, line 5: loss has other numbers" in said
    assert "The losses part in step 0." in said
    assert view.texts.marked == (5, 5)
    rows = [view.events.model_.words(number) for number in range(view.events.model_.rowCount())]
    (parted,) = [row for row in rows if row[0] == MARK]
    assert (parted[1], parted[2], parted[5], parted[7]) == ("5", "sum", OTHER, "mean")
    assert {row[5] for row in rows} == {SAME, OTHER, ALONE}
    view.grab()


def test_equal_texts(view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, FIRST), compared(FIRST)))
    assert "Nothing parts in 4 steps." in view.text()
    assert view.texts.marked == (None, None)
    assert MARK not in [view.events.model_.words(row)[0] for row in range(view.events.model_.rowCount())]
    assert view.parting.isHidden()


def test_one_that_fails(view: TwoProgramsView) -> None:
    broken = FIRST.replace("loss.backward()", "x @ x")
    view.show_programs(ShownPrograms(NAMES, (FIRST, broken), compared(broken)))
    assert "b.py, line 7: RuntimeError: mat1 and mat2 shapes cannot be multiplied" in view.text()
    assert view.texts.marked[1] == 7


def test_a_row_marks_its_lines_and_shows_its_tensors(qtbot: QtBot, view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared()))
    words = [view.events.model_.words(number) for number in range(view.events.model_.rowCount())]
    row = next(number for number, each in enumerate(words) if each[8] == "twice")
    view.events.row_chosen.emit(view.events.model_.rows[row])
    assert view.texts.marked == (None, 6)
    assert "twice · b.py" in view.parting.text()
    assert "not defined" in view.parting.cards[0].text()


def test_the_events_are_reached_by_mouse_and_keys(qtbot: QtBot, view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared()))
    table = view.events
    find(view, QTabWidget, "two_programs_tabs").setCurrentWidget(table)
    with qtbot.waitSignal(table.row_chosen):
        place = table.visualRect(table.model_.index(0, 2)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(1, 0))
    with qtbot.waitSignal(table.row_chosen) as chosen:
        qtbot.keyClick(table, Qt.Key.Key_Down)
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert chosen.args == [table.model_.rows[1]]


def test_a_line_of_the_text_leads_to_its_event(view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared()))
    view.texts.line_clicked.emit(True, 6)
    assert view.texts.marked == (None, 6)
    before = view.texts.marked
    # Nothing was recorded of an import.
    view.texts.line_clicked.emit(True, 1)
    assert view.texts.marked == before


def test_while_they_run_and_when_it_is_stale(qtbot: QtBot, view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared(), running=True))
    view.show_progress(1, 2)
    assert RUNNING in view.text()
    assert not view.compare_button.isEnabled()
    with qtbot.waitSignal(view.cancel_asked):
        view.cancel_button.click()
    view.show_programs(ShownPrograms(NAMES, (FIRST, FIRST), compared(), stale=True))
    assert STALE in view.text()
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), problem="b.py: no loop"))
    assert "b.py: no loop" in view.text()


def test_what_can_be_chosen_and_asked(qtbot: QtBot, view: TwoProgramsView) -> None:
    view.seed.setValue(5)
    view.steps.setValue(7)
    with qtbot.waitSignal(view.compare_asked) as asked:
        qtbot.mouseClick(view.compare_button, Qt.MouseButton.LeftButton)
    assert asked.args == [5, 7]
    box = view.boxes[1]
    with qtbot.waitSignal(view.program_chosen) as chosen:
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert chosen.args == [True, "three"]
    with qtbot.assertNotEmitted(view.program_chosen):
        view.set_choices(CHOICES[:2], "two", "one")
    assert [each.currentText() for each in view.boxes] == ["b.py", "a.py"]


def test_both_themes(view: TwoProgramsView) -> None:
    view.show_programs(ShownPrograms(NAMES, (FIRST, SECOND), compared()))
    grounds = []
    for theme in (DARK, LIGHT):
        wear(theme)
        grounds.append(view.grab().toImage().pixelColor(2, 2).name())
    assert grounds == [DARK.surface, LIGHT.surface]
