"""Number fields, driven by real keys: what they take, what they refuse and in which words."""

from __future__ import annotations

import math
import random
import struct
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import turn_wheel
from ui.widgets.number_fields import IntegerField, ScientificField

Field = IntegerField | ScientificField


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[Field], list[str]]:
    """Shows a field beside another one, focused, and gives the list that its refusals go to."""
    windows: list[QWidget] = []

    def place(field: Field) -> list[str]:
        window = QWidget()
        layout = QVBoxLayout(window)
        layout.addWidget(field)
        layout.addWidget(IntegerField("other", 0, 9))
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
        field.setFocus()
        qtbot.waitUntil(field.hasFocus)
        refusals: list[str] = []
        field.refused.connect(refusals.append)
        return refusals

    return place


def retype(qtbot: QtBot, field: Field, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, end)


def paste(qtbot: QtBot, field: Field, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def hidden_size(value: int = 100) -> IntegerField:
    field = IntegerField("hidden size", 1, 65536, step_factor=2)
    field.set_value(value)
    return field


def learning_rate(value: float = 1e-6) -> ScientificField:
    field = ScientificField("learning rate", 0.0, above_minimum=True)
    field.set_value(value)
    return field


@pytest.mark.parametrize(
    ("typed", "value"),
    [("7", 7), (" 65536 ", 65536), ("65 536", 65536), ("65_536", 65536), ("+12", 12), ("007", 7)],
)
def test_whole_numbers_are_taken_once(
    qtbot: QtBot, show: Callable[[Field], list[str]], typed: str, value: int
) -> None:
    field = hidden_size()
    refusals = show(field)
    values: list[int] = []
    field.valueChanged.connect(values.append)
    retype(qtbot, field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert values == [value]
    assert field.text() == str(value)
    assert refusals == []


@pytest.mark.parametrize(
    "typed",
    ["1e3", "0", "-5", "65537", "3.5", "abc", "1,000", "0x10", "_", "1__", "nan", "9" * 30],
)
@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_other_texts_are_refused_in_one_line(
    qtbot: QtBot, show: Callable[[Field], list[str]], typed: str, end: Qt.Key
) -> None:
    field = hidden_size()
    refusals = show(field)
    with qtbot.assertNotEmitted(field.valueChanged):
        retype(qtbot, field, typed, end)
    assert refusals == [f"hidden size: ‘{typed}’ is not a whole number from 1 to 65\u00a0536"]
    assert (field.value(), field.text()) == (100, "100")


def test_an_empty_field_is_refused_too(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = hidden_size()
    refusals = show(field)
    retype(qtbot, field, "", Qt.Key.Key_Tab)
    assert refusals == ["hidden size: an empty text is not a whole number from 1 to 65\u00a0536"]
    assert field.text() == "100"


def test_a_novel_pasted_by_mistake_stays_one_short_line(
    qtbot: QtBot, show: Callable[[Field], list[str]]
) -> None:
    field = hidden_size()
    refusals = show(field)
    paste(qtbot, field, "9" * 5000)
    paste(qtbot, field, "first\nsecond\tthird\x00")
    paste(qtbot, field, "٣")
    assert len(refusals) == 3
    assert all(
        len(line) < 120 and line.isprintable() for line in (r.replace("\u00a0", " ") for r in refusals)
    )
    assert "first second third" in refusals[1]
    assert field.value() == 100


def test_escape_gives_up_what_was_typed(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = hidden_size()
    refusals = show(field)
    retype(qtbot, field, "abc", Qt.Key.Key_Escape)
    assert field.text() == "100"
    assert refusals == []


def test_the_context_menu_commits_nothing(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = hidden_size()
    refusals = show(field)
    retype(qtbot, field, "1e", Qt.Key.Key_End)
    field.clearFocus()
    assert len(refusals) == 1
    field.setFocus()
    retype(qtbot, field, "1e", Qt.Key.Key_End)
    other = next(each for each in field.window().findChildren(IntegerField) if each is not field)
    other.setFocus(Qt.FocusReason.PopupFocusReason)
    assert field.text() == "1e"
    assert len(refusals) == 1


def test_layer_sizes_double_and_halve(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = hidden_size()
    show(field)
    values: list[int] = []
    field.valueChanged.connect(values.append)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, *[Qt.Key.Key_Down] * 4):
        qtbot.keyClick(field, key)
    assert values == [200, 400, 200, 100, 50, 25]
    field.set_value(65000)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 65536
    field.set_value(1)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 1


def test_other_whole_numbers_step_by_one_and_leave_zero(
    qtbot: QtBot, show: Callable[[Field], list[str]]
) -> None:
    field = IntegerField("seed", 0, 2**31 - 1)
    show(field)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 1
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert field.value() == 11
    doubled = IntegerField("batch size", 0, 8, step_factor=2)
    qtbot.addWidget(doubled)
    doubled.stepUp()
    assert doubled.value() == 1


def test_a_step_starts_from_what_is_typed(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = hidden_size()
    refusals = show(field)
    values: list[int] = []
    field.valueChanged.connect(values.append)
    retype(qtbot, field, "30", Qt.Key.Key_Up)
    assert values == [60]
    retype(qtbot, field, "x", Qt.Key.Key_Up)
    assert values == [60, 120]
    assert len(refusals) == 1


@pytest.mark.parametrize("make", [hidden_size, learning_rate])
def test_the_wheel_turns_only_a_focused_field(qtbot: QtBot, make: Callable[[], Field]) -> None:
    area = QScrollArea()
    inside = QWidget()
    layout = QVBoxLayout(inside)
    field, other = make(), IntegerField("other", 0, 9)
    layout.addWidget(other)
    layout.addWidget(field)
    area.setWidget(inside)
    qtbot.addWidget(area)
    with qtbot.waitActive(area):
        area.show()
    other.setFocus()
    before = field.value()
    turn_wheel(field)
    assert field.value() == before
    assert not field.hasFocus()
    field.setFocus()
    turn_wheel(field)
    assert field.value() == 2 * before


@pytest.mark.parametrize("make", [hidden_size, learning_rate])
def test_setting_is_silent_and_leaves_typing_alone(
    qtbot: QtBot, show: Callable[[Field], list[str]], make: Callable[[], Field]
) -> None:
    field = make()
    show(field)
    with qtbot.assertNotEmitted(field.valueChanged):
        field.set_value(16)
    assert field.text() == "16"
    retype(qtbot, field, "3", Qt.Key.Key_End)
    field.set_value(16)
    assert field.text() == "3"
    with qtbot.waitSignal(field.valueChanged) as blocker:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert blocker.args == [3]


def test_the_program_may_not_set_what_the_user_may_not_type(qtbot: QtBot) -> None:
    size, rate = hidden_size(), learning_rate()
    qtbot.addWidget(size)
    qtbot.addWidget(rate)
    with pytest.raises(ValueError, match="hidden size: 0 is not"):
        size.set_value(0)
    for value in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"learning rate: {value} is not"):
            rate.set_value(value)


def any_floats(count: int) -> list[float]:
    generator = random.Random(0)
    drawn = (struct.unpack("<d", generator.randbytes(8))[0] for _ in range(count))
    return [abs(value) for value in drawn if math.isfinite(value)]


def test_every_float_survives_exactly(qtbot: QtBot) -> None:
    field = ScientificField("number")
    qtbot.addWidget(field)
    special = [5e-324, 1e-310, sys.float_info.min, 1e-300, 0.1 + 0.2, 0.3, 1e-6, sys.float_info.max]
    values: list[float] = []
    field.valueChanged.connect(values.append)
    for value in special + any_floats(500):
        field.setValue(value)
        assert field.value() == value == values[-1]
        assert float(field.text()) == value
    silent = ScientificField("number")
    qtbot.addWidget(silent)
    silent.set_value(1e-300)
    assert silent.value() == 1e-300


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("1e-6", 1e-6, "1e-6"),
        ("0.001", 0.001, "1e-3"),
        (".5", 0.5, "0.5"),
        ("1E-300", 1e-300, "1e-300"),
        ("0.30000000000000004", 0.1 + 0.2, "0.30000000000000004"),
        (" 2. ", 2.0, "2"),
    ],
)
def test_numbers_are_taken_once_and_shown_short(
    qtbot: QtBot, show: Callable[[Field], list[str]], typed: str, value: float, shown: str
) -> None:
    field = learning_rate(0.9)
    refusals = show(field)
    values: list[float] = []
    field.valueChanged.connect(values.append)
    retype(qtbot, field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert values == [value]
    assert field.text() == shown
    assert refusals == []


@pytest.mark.parametrize("typed", ["nan", "inf", "-inf", "1e999", "0", "-0", "-1e-6", "abc", "0,001", "1e"])
def test_other_numbers_are_refused_in_one_line(
    qtbot: QtBot, show: Callable[[Field], list[str]], typed: str
) -> None:
    field = learning_rate()
    refusals = show(field)
    with qtbot.assertNotEmitted(field.valueChanged):
        retype(qtbot, field, typed)
        retype(qtbot, field, "", Qt.Key.Key_Tab)
    assert refusals == [
        f"learning rate: ‘{typed}’ is not a finite number above 0",
        "learning rate: an empty text is not a finite number above 0",
    ]
    assert (field.value(), field.text()) == (1e-6, "1e-6")


@pytest.mark.parametrize(
    ("field", "typed", "line"),
    [
        (("momentum", 0.0), "-1", "momentum: ‘-1’ is not a finite number of at least 0"),
        (("mix", 0.0, 1.0), "1.5", "mix: ‘1.5’ is not a number from 0 to 1"),
        (("shift", -math.inf, math.inf), "inf", "shift: ‘inf’ is not a finite number"),
        (("shift", -math.inf, 2.0), "3", "shift: ‘3’ is not a finite number, at most 2"),
    ],
)
def test_a_refusal_names_the_range(
    qtbot: QtBot, show: Callable[[Field], list[str]], field: tuple[str, float], typed: str, line: str
) -> None:
    shown = ScientificField(*field)
    refusals = show(shown)
    retype(qtbot, shown, typed)
    assert refusals == [line]


def test_excluded_ends_are_refused(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = ScientificField("beta 2", 0.0, 1.0, below_maximum=True)
    refusals = show(field)
    retype(qtbot, field, "1")
    assert refusals == ["beta 2: ‘1’ is not a number of at least 0 and below 1"]
    field.set_value(0.5)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 0.5


def test_arrows_walk_one_two_five(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = learning_rate(1e-6)
    show(field)
    values: list[float] = []
    field.valueChanged.connect(values.append)
    for _ in range(4):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    for _ in range(7):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    up = [2e-6, 5e-6, 1e-5, 2e-5, 2e-4]
    assert values == [*up, 1e-4, 5e-5, 2e-5, 1e-5, 5e-6, 2e-6, 1e-6, 5e-7]


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        (0.0, Qt.Key.Key_Up, 1e-6),
        (1e-6, Qt.Key.Key_Down, 0.0),
        (-0.2, Qt.Key.Key_Up, -0.1),
        (-0.2, Qt.Key.Key_Down, -0.5),
        (0.9, Qt.Key.Key_Up, 1.0),
        (0.9, Qt.Key.Key_Down, 0.5),
        (0.003, Qt.Key.Key_Up, 0.005),
        (9.999999999999999e-4, Qt.Key.Key_Up, 1e-3),
        (1.7e308, Qt.Key.Key_Up, 1.7e308),
    ],
)
def test_steps_from_any_number(
    qtbot: QtBot, show: Callable[[Field], list[str]], start: float, key: Qt.Key, end: float
) -> None:
    field = ScientificField("shift", -math.inf, math.inf)
    show(field)
    field.set_value(start)
    qtbot.keyClick(field, key)
    assert field.value() == end


def test_a_step_stays_in_the_range(qtbot: QtBot, show: Callable[[Field], list[str]]) -> None:
    field = ScientificField("weight decay", 0.0, 3.0)
    show(field)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 0.0
    field.set_value(2.5)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 3.0


def test_fields_tell_screen_readers_their_name_and_range(qtbot: QtBot) -> None:
    field = learning_rate()
    qtbot.addWidget(field)
    assert field.accessibleName() == "learning rate"
    assert field.accessibleDescription() == "a finite number above 0"
    assert field.sizeHint().width() < 140
