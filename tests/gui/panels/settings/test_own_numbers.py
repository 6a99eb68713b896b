"""The numbers of a program of the user's own: what is shown of them, and what the user says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, type_over
from tests.gui.panels.settings.controls import Heard
from tests.gui.themes import wear
from ui.panels.settings import LoopChoice, NumberRow, OwnNumbers, SettingsPanel
from ui.style.theme import DARK, LIGHT, Theme

ROWS = (
    NumberRow(0, "hidden", 32, True, False, "line 15 uses it before the loop", 6),
    NumberRow(1, "d_opt lr", 2e-3, False, True, "the optimizer takes it", 19),
    NumberRow(2, "d_opt betas 1", 0.5, False, True, "the optimizer takes it", 19, part=1),
    NumberRow(3, "d_opt betas 2", 0.99, False, True, "the optimizer takes it", 19, part=2),
    NumberRow(4, "limit", 2**40, True, True, "a step reads it", 30),
)
LOOPS = (LoopChoice(24, "for step in range(2000):"), LoopChoice(30, "    while True:"))


@pytest.fixture
def own(panel: SettingsPanel) -> OwnNumbers:
    panel.own.set_program("mine.py", "--lr 1", LOOPS, None)
    panel.own.show_numbers(ROWS)
    panel.show_own()
    return panel.own


@pytest.fixture
def said(own: OwnNumbers) -> Heard:
    found: Heard = []
    own.number_chosen.connect(lambda index, value: found.append((index, value)))
    own.arguments_chosen.connect(lambda text: found.append(("arguments", text)))
    own.loop_chosen.connect(lambda line: found.append(("loop", line)))
    own.refused.connect(lambda text: found.append(("refused", text)))
    return found


def field(own: OwnNumbers, index: int) -> QAbstractSpinBox:
    return find(own, QAbstractSpinBox, f"number_{index}")


def label(own: OwnNumbers, index: int) -> QLabel:
    return next(each for each in own.findChildren(QLabel) if each.buddy() is field(own, index))


def text(own: OwnNumbers, index: int) -> str:
    return field(own, index).lineEdit().text()


def test_each_number_stands_under_its_name_as_the_text_writes_it(own: OwnNumbers) -> None:
    assert [text(own, row.index) for row in ROWS] == ["32", "2e-3", "0.5", "0.99", str(2**40)]
    assert label(own, 1).text() == "d_opt lr"
    assert label(own, 2).text() == "d_opt betas"
    assert label(own, 0).text() == "hidden\u00a0↻"
    assert field(own, 3).accessibleName() == "d_opt betas 2"
    assert "the program again" in field(own, 0).accessibleDescription()
    assert "next step" in field(own, 1).accessibleDescription()


@pytest.mark.parametrize(
    ("index", "typed", "value"),
    [(0, "64", 64), (0, "-3", -3), (1, "1.6e-3", 1.6e-3), (3, "0.9", 0.9), (4, str(2**41), 2**41)],
)
def test_a_typed_number_is_said_once(
    own: OwnNumbers, said: Heard, qtbot: QtBot, index: int, typed: str, value: float
) -> None:
    type_over(qtbot, field(own, index), typed)
    qtbot.keyClick(field(own, index), Qt.Key.Key_Tab)
    assert said == [(index, value)]
    assert type(said[0][1]) is type(value)


@pytest.mark.parametrize(
    ("index", "typed", "before"), [(0, "1.5", "32"), (1, "fast", "2e-3"), (4, "1e3", str(2**40))]
)
def test_a_refused_text_is_named_and_changes_nothing(
    own: OwnNumbers, said: Heard, qtbot: QtBot, index: int, typed: str, before: str
) -> None:
    type_over(qtbot, field(own, index), typed)
    assert [kind for kind, _ in said] == ["refused"]
    assert str(said[0][1]).startswith(f"{ROWS[index].name}: ‘{typed}’ is not ")
    assert text(own, index) == before


def test_arrow_keys_step_a_number(own: OwnNumbers, said: Heard, qtbot: QtBot) -> None:
    qtbot.keyClick(field(own, 0), Qt.Key.Key_Up)
    qtbot.keyClick(field(own, 1), Qt.Key.Key_Down)
    assert said == [(0, 33), (1, 1e-3)]


def test_other_values_are_shown_silently_in_the_same_fields(own: OwnNumbers, said: Heard) -> None:
    before = [field(own, row.index) for row in ROWS]
    own.show_numbers(tuple(replace(row, value=row.value + 1) for row in ROWS))
    assert [field(own, row.index) for row in ROWS] == before
    assert text(own, 0) == "33"
    assert said == []


def test_what_is_being_typed_stays_while_the_same_value_comes(
    own: OwnNumbers, said: Heard, qtbot: QtBot
) -> None:
    type_over(qtbot, field(own, 1), "7e-", end=None)
    own.show_numbers((replace(ROWS[0], value=64), *ROWS[1:]))
    assert (text(own, 0), text(own, 1)) == ("64", "7e-")
    assert said == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_changed_number_is_amber_until_it_is_put_back(own: OwnNumbers, theme: Theme) -> None:
    def ground() -> str:
        return field(own, 1).palette().color(QPalette.ColorRole.Base).name()

    own.show_numbers((ROWS[0], replace(ROWS[1], value=1.6e-3, is_changed=True), *ROWS[2:]))
    wear(theme)
    assert ground() == theme.warning_ground
    own.show_numbers(ROWS)
    assert ground() != theme.warning_ground
    assert ground() == field(own, 0).palette().color(QPalette.ColorRole.Base).name()


def test_other_numbers_are_other_fields(own: OwnNumbers, said: Heard, qtbot: QtBot) -> None:
    type_over(qtbot, field(own, 1), "7", end=None)
    own.show_numbers((replace(ROWS[0], name="width"),))
    assert [each.objectName() for each in own.findChildren(QAbstractSpinBox) if each.isVisible()] == [
        "number_0"
    ]
    assert said == []


def test_a_long_list_is_opened_by_its_user(own: OwnNumbers, qtbot: QtBot) -> None:
    rows = tuple(replace(ROWS[0], index=index, name=f"size {index}") for index in range(29))
    own.show_numbers(rows)

    def shown() -> int:
        return sum(each.isVisible() for each in own.findChildren(QAbstractSpinBox))

    more = find(own, QToolButton, "more_numbers")
    assert (shown(), more.text(), more.accessibleName()) == (12, "17 more…", "17 more numbers")
    qtbot.keyClick(more, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown() == 29)
    own.show_numbers((*rows[:28], replace(rows[28], value=7)))
    assert text(own, 28) == "7"
    own.set_program("other.py", "", LOOPS, None)
    own.show_numbers(rows[:20])
    qtbot.waitUntil(lambda: shown() == 12)
    own.show_numbers(rows[:14])
    qtbot.waitUntil(lambda: shown() == 14)
    assert not more.isVisible()


def test_arguments_are_words_as_in_a_shell(own: OwnNumbers, said: Heard, qtbot: QtBot) -> None:
    line = find(own, QLineEdit, "own_arguments")
    assert line.text() == "--lr 1"
    type_over(qtbot, line, "--name 'a b'")
    assert said == [("arguments", "--name 'a b'")]
    type_over(qtbot, line, "--name 'a b")
    assert said[1:] == [("refused", 'arguments: "--name \'a b" is not allowed (No closing quotation)')]
    assert line.text() == "--name 'a b'"


def test_the_training_loop_can_be_chosen(own: OwnNumbers, said: Heard) -> None:
    box = find(own, QComboBox, "own_loop")
    assert [box.itemText(index) for index in range(box.count())] == [
        "found by itself",
        "line 24: for step in range(2000):",
        "line 30: while True:",
    ]
    box.setCurrentIndex(2)
    box.setCurrentIndex(0)
    assert said == [("loop", 30), ("loop", None)]
    own.set_program("mine.py", "--lr 1", LOOPS, 24)
    assert box.currentText() == "line 24: for step in range(2000):"
    own.set_program("mine.py", "--lr 1", LOOPS, 99)
    assert box.currentText() == "line 99 — no loop begins there"
    assert len(said) == 2


def test_tab_goes_through_everything_from_top_to_bottom(own: OwnNumbers, qtbot: QtBot) -> None:
    field(own, 0).setFocus()
    visited = []
    for _ in range(7):
        at = own.window().focusWidget()
        assert at is not None
        visited.append(at.objectName())
        qtbot.keyClick(at, Qt.Key.Key_Tab)
    assert visited == [*(f"number_{row.index}" for row in ROWS), "own_arguments", "own_loop"]


def test_a_stages_settings_come_back(panel: SettingsPanel, own: OwnNumbers) -> None:
    hidden_size = find(panel, QWidget, "hidden_size")
    assert own.isVisible()
    assert not hidden_size.isVisible()
    panel.show_stage()
    assert hidden_size.isVisible()
    assert not own.isVisible()


def test_everything_fits_into_the_narrow_column(panel: SettingsPanel, own: OwnNumbers, qtbot: QtBot) -> None:
    rows = tuple(replace(row, name=f"CosineAnnealingWarmRestarts {row.name}") for row in ROWS)
    own.show_numbers(rows)
    panel.resize(212, 700)
    qtbot.waitUntil(lambda: own.width() <= 212)
    shown = [each for each in own.findChildren(QWidget) if each.isVisible()]
    for each in shown:
        right = each.mapTo(own, each.rect().bottomRight()).x()
        assert right < own.width(), each


def test_a_refused_text_is_passed_on(
    panel: SettingsPanel, own: OwnNumbers, heard: Heard, qtbot: QtBot
) -> None:
    type_over(qtbot, field(own, 0), "many")
    assert [kind for kind, *_ in heard] == ["refused"]
