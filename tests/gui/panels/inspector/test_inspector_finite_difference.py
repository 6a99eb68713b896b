"""The gradient check of the inspector: what is asked for, and the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from playground.recording.finite_difference import GradientCheck
from tests.gui.driver import find, type_over
from tests.gui.panels.inspector.looks import cards, recorded, show
from tests.gui.recordings import small_recording
from ui.panels.inspector.finite_difference import parse_epsilon
from ui.panels.inspector.panel import Inspector
from ui.panels.inspector.parts import FlowText
from ui.style.theme import LIGHT
from ui.widgets.tensor.heatmap import Heatmap
from ui.widgets.tensor.indices import parse_index


def test_a_check_is_asked_for_with_the_element_and_epsilon(qtbot: QtBot, inspector: Inspector) -> None:
    show(inspector, small_recording(), "w1", None)
    type_over(qtbot, find(inspector, QLineEdit, "gradient_check_element"), "[3, 2]", None)
    type_over(qtbot, find(inspector, QLineEdit, "gradient_check_epsilon"), "1e-3", None)
    button = inspector.findChild(QPushButton, "gradient_check_button")
    assert button is not None
    with qtbot.waitSignal(inspector.check_asked_for) as blocker:
        button.click()
    assert blocker.args == ["w1", (3, 2), 1e-3]
    assert "measuring" in inspector.text()


def test_the_element_is_taken_from_the_gradients_heatmap(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.resize(330, 1200)
    show(inspector, small_recording(), "w1", None)
    _, gradient = cards(find(inspector, QWidget, "inspector_node"))
    header = gradient.findChild(QAbstractButton)
    assert header is not None
    qtbot.keyClick(header, Qt.Key.Key_Return)
    heatmap = next(
        each for each in gradient.findChildren(Heatmap) if each.focusPolicy() is Qt.FocusPolicy.StrongFocus
    )
    qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    qtbot.keyClick(heatmap, Qt.Key.Key_Down)
    assert find(inspector, QLineEdit, "gradient_check_element").text() == "[1, 1]"


def test_the_check_stands_at_a_backward_of_the_programs_own(qtbot: QtBot, inspector: Inspector) -> None:
    recording = recorded("function")
    number = next(each.number for each in recording.events if each.op == "MyReLUBackward")
    show(inspector, recording, recording.events[number].node, number)
    text = inspector.text()
    assert "Is MyReLU.backward right? The gradient of w1 came through it" in text
    with qtbot.waitSignal(inspector.check_asked_for) as blocker:
        find(inspector, QPushButton, "gradient_check_button").click()
    assert blocker.args[0] == "w1"
    check = next(each.number for each in recording.events if each.op == "MmBackward0")
    show(inspector, recording, recording.events[check].node, check)
    assert find(inspector, QWidget, "inspector_gradient_check").isHidden()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "gradient_check_element",
            "[9, 9]",
            "element: ‘[9, 9]’ is not 2 whole numbers from [0 to 5, 0 to 4]",
        ),
        ("gradient_check_element", "one", "element: ‘one’ is not 2 whole numbers"),
        ("gradient_check_epsilon", "0", "ε: ‘0’ is not a finite number above 0"),
        ("gradient_check_epsilon", "much", "ε: ‘much’ is not a finite number above 0"),
    ],
)
def test_a_wrong_entry_is_named_and_nothing_is_asked(
    qtbot: QtBot, inspector: Inspector, name: str, text: str, says: str
) -> None:
    show(inspector, small_recording(), "w1", None)
    type_over(qtbot, find(inspector, QLineEdit, name), text, None)
    with qtbot.assertNotEmitted(inspector.check_asked_for):
        qtbot.keyClick(find(inspector, QLineEdit, name), Qt.Key.Key_Return)
    problem = inspector.findChild(FlowText, "gradient_check_problem")
    assert problem is not None
    assert says in problem.text()
    assert problem.color() == LIGHT.error


@pytest.mark.parametrize(
    ("text", "shape", "index"),
    [("[3, 17]", (4, 20), (3, 17)), ("3 17", (4, 20), (3, 17)), ("(2)", (3,), (2,)), ("[]", (), ())],
)
def test_an_index_is_read_in_several_ways(text: str, shape: tuple[int, ...], index: tuple[int, ...]) -> None:
    assert parse_index(text, shape) == index


@pytest.mark.parametrize("text", ["", "-1e-4", "inf", "nan", "1e-4x"])
def test_an_epsilon_is_a_finite_number_above_zero(text: str) -> None:
    with pytest.raises(ValueError, match="a finite number above 0"):
        parse_epsilon(text)


def test_an_answer_is_shown_beside_the_gradient(inspector: Inspector) -> None:
    recording = small_recording()
    show(inspector, recording, "w1", None)
    answer = GradientCheck(recording.step, "w1", (3, 2), 1e-4, 0.5, 99.9172625, 100.0827375, 827.375061)
    inspector.show_gradient_check(answer)
    text = inspector.text()
    assert f"numerical gradient  {answer.slope:.9g}" in text
    assert "autograd gradient   827.375061" in text
    assert answer.difference is not None
    assert f"difference          {answer.difference:.2g} (relative)" in text
    assert "99.9172625" in text
    assert "100.0827375" in text


def test_an_answer_to_what_is_no_longer_shown_is_dropped(inspector: Inspector) -> None:
    recording = small_recording()
    show(inspector, recording, "w1", None)
    answer = GradientCheck(recording.step, "w2", (0, 0), 1e-4, 0.5, 1, 2, 3)
    inspector.show_gradient_check(answer)
    inspector.show_gradient_check(replace(answer, parameter="w1", step=recording.step + 1))
    assert "slope" not in inspector.text()
    inspector.show_gradient_check(None, "the run has ended with an error: there is nothing left to nudge")
    assert "there is nothing left to nudge" in inspector.text()
    show(inspector, recording, "w2", None)
    assert "nothing left" not in inspector.text()
