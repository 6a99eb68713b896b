"""The panel of the break-it lab, with real runs of a few faults shown in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from playground.faults import Fault, fault_named, faulty_text, healthy_text, list_faults, look_line
from playground.faults.lab import LabRun, run_lab
from playground.faults.lab_settings import lab_settings
from tests.gui.driver import find
from tests.gui.themes import wear
from ui.panels.faults import FaultsView
from ui.panels.faults.panel import BEFORE, LOOK_FIRST, RUNNING
from ui.panels.faults.shown import ShownFault
from ui.style.theme import DARK, LIGHT

STEPS = 3


def fault_called(name: str) -> Fault:
    fault = fault_named(name)
    assert fault is not None
    return fault


@cache
def run_of(name: str) -> LabRun:
    fault = fault_called(name)
    return run_lab(fault, lab_settings(fault, STEPS))


def shown(name: str) -> ShownFault:
    fault = fault_called(name)
    settings = lab_settings(fault, STEPS)
    return ShownFault(fault, healthy_text(fault, settings), faulty_text(fault, settings))


@pytest.fixture
def view(qtbot: QtBot) -> FaultsView:
    panel = FaultsView()
    qtbot.addWidget(panel)
    panel.resize(1200, 780)
    panel.set_faults(list_faults())
    panel.show_fault(shown("no-zero-grad"))
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def show_run(view: FaultsView, name: str) -> None:
    view.show_fault(replace(shown(name), run=run_of(name)))


def test_before_the_look_there_is_a_question_and_no_answer(view: FaultsView) -> None:
    fault = fault_called("no-zero-grad")
    said = view.text()
    assert fault.question in said
    assert BEFORE in said
    for hidden in (fault.answer, fault.watch, fault.url):
        assert hidden not in said
    assert not view.answer_button.isEnabled()
    assert view.answer_button.toolTip() == LOOK_FIRST
    assert "optimizer.zero_grad()" in view.code.text()
    assert "▶" not in view.code.text()


@pytest.mark.parametrize(
    "name", ["no-zero-grad", "target-shape", "in-place-on-saved", "dead-relu", "item-too-early"]
)
def test_after_the_look(view: FaultsView, name: str) -> None:
    show_run(view, name)
    fault, said = fault_called(name), view.text()
    line = look_line(fault, lab_settings(fault, STEPS))
    assert view.code.marked[1] == line
    assert f"Step {fault.look.step}, " in said
    assert f"Watch: {fault.watch}" in said
    assert fault.look.error in said
    assert fault.look.warning in said
    assert fault.answer not in said
    assert view.answer_button.isEnabled()
    view.grab()


def test_the_tensors_of_both_are_there(view: FaultsView) -> None:
    show_run(view, "target-shape")
    first, second = (card.text() for card in view.outcome.parting.cards)
    assert "y · healthy" in first
    assert "64 × 1" in first
    assert "y · faulty" in second
    assert "64 × 1" not in second


def test_the_answer_is_shown_and_hidden_for_each_fault(qtbot: QtBot, view: FaultsView) -> None:
    show_run(view, "diverges")
    qtbot.mouseClick(view.answer_button, Qt.MouseButton.LeftButton)
    fault = fault_called("diverges")
    assert fault.url in view.text()
    assert "The right page" not in view.text()
    show_run(view, "no-zero-grad")
    assert fault_called("no-zero-grad").url not in view.text()
    show_run(view, "diverges")
    assert fault.url in view.text()
    qtbot.mouseClick(view.answer_button, Qt.MouseButton.LeftButton)
    assert fault.url not in view.text()


def test_while_it_runs(qtbot: QtBot, view: FaultsView) -> None:
    view.show_fault(replace(shown("diverges"), running=True))
    view.show_progress(1, 4)
    assert RUNNING in view.text()
    assert not view.run_button.isEnabled()
    with qtbot.waitSignal(view.cancel_asked):
        view.cancel_button.click()
    view.show_fault(replace(shown("diverges"), problem="MemoryError: no room"))
    assert "MemoryError: no room" in view.text()
    assert view.cancel_button.isHidden()
    # What cannot be run has been looked at.
    assert view.answer_button.isEnabled()


def test_what_can_be_pressed(qtbot: QtBot, view: FaultsView) -> None:
    view.steps.setValue(7)
    with qtbot.waitSignal(view.run_asked) as run:
        qtbot.mouseClick(view.run_button, Qt.MouseButton.LeftButton)
    assert run.args == [7]
    with qtbot.waitSignal(view.open_asked):
        view.open_button.click()
    view.copy_button.click()
    assert QGuiApplication.clipboard().text() == shown("no-zero-grad").faulty


def test_the_keys(qtbot: QtBot, view: FaultsView) -> None:
    with qtbot.waitActive(view):
        view.activateWindow()
    moved: list[int] = []
    view.moved.connect(moved.append)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert moved == [1, -1]
    with qtbot.waitSignal(view.run_asked):
        qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_the_search_leaves_what_has_the_words(qtbot: QtBot, view: FaultsView) -> None:
    field = find(view, QLineEdit, "faults_search")
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "RELU autograd")
    assert view.list.shown() == [
        each.name
        for each in list_faults()
        if all(
            word in f"{each.name} {each.stage} {each.title} {each.question}".lower()
            for word in ("relu", "autograd")
        )
    ]
    field.clear()
    assert len(view.list.shown()) == 20


def test_a_row_chooses_its_fault(qtbot: QtBot, view: FaultsView) -> None:
    with qtbot.waitSignal(view.fault_chosen) as chosen:
        view.list.rows.setCurrentRow(0)
    assert chosen.args == [list_faults()[0].name]
    with qtbot.assertNotEmitted(view.fault_chosen):
        view.show_fault(shown("diverges"))


def test_both_themes(view: FaultsView) -> None:
    show_run(view, "dead-relu")
    grounds = []
    for theme in (LIGHT, DARK):
        wear(theme)
        grounds.append(view.grab().toImage().pixelColor(view.width() - 4, view.height() - 4).name())
    assert grounds == [LIGHT.surface, DARK.surface]
