"""The health panel: what it shows, how a parameter is chosen, and how advice goes."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from playground.health import Advice, HealthSample, ParameterHealth, UnitHealth
from tests.gui.driver import colors_of, find, heard
from tests.gui.themes import wear
from ui.panels.health import HealthPanel
from ui.panels.health.rows import HEAD, ROW, in_words, norm_text, share_text
from ui.style.theme import DARK, LIGHT, Theme

SAMPLE = HealthSample(
    7,
    (
        ParameterHealth("input_linear.weight", (100, 1000), 78.1, 0.008),
        ParameterHealth("middle_linear.weight", (100, 100), 141.0, 0.03),
        ParameterHealth("w3", (3,), math.nan, None),
    ),
    (UnitHealth("hidden layer", 100, 2, (4, 17)),),
)
ADVICE = Advice("fast", "A step changes 18% of w2.", "middle_linear.weight", 7)


@pytest.fixture
def panel(qtbot: QtBot) -> HealthPanel:
    panel = HealthPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 260)
    panel.show()
    return panel


def test_before_it_is_used_it_says_what_it_is(panel: HealthPanel) -> None:
    texts = [each.text() for each in panel.findChildren(QLabel) if each.isVisible() and each.text()]
    assert texts == ["Does each parameter learn, and how far does one step move it?"]
    panel.show_sample(SAMPLE)
    assert panel.rows.isVisible()
    owned = find(panel, QLabel, "health_owned").text()
    assert owned.startswith("Trained: input_linear.weight 100 × 1000, middle_linear.weight 100 × 100, w3 3; ")
    assert "110\u00a0003 numbers in all." in owned
    dead = find(panel, QLabel, "health_dead")
    assert dead.text() == "dead units: <b>2 of 100</b>"
    assert "4, 17" in dead.toolTip()


def test_a_click_and_enter_choose_a_parameter(qtbot: QtBot, panel: HealthPanel) -> None:
    panel.show_sample(SAMPLE)
    qtbot.waitUntil(lambda: panel.rows.height() == panel.rows.sizeHint().height())
    chosen = heard(panel.parameter_chosen)
    QTest.mouseClick(
        panel.rows, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, HEAD + ROW + 5)
    )
    QTest.keyClick(panel.rows, Qt.Key.Key_Up)
    QTest.keyClick(panel.rows, Qt.Key.Key_Return)
    assert chosen == ["middle_linear.weight", "input_linear.weight"]


def test_advice_is_shown_followed_and_dismissed(panel: HealthPanel) -> None:
    followed, dismissed = heard(panel.advice_followed), heard(panel.advice_dismissed)
    panel.show_advice(ADVICE)
    assert panel.advice_text == ADVICE.text
    find(panel, QToolButton, "health_show").click()
    find(panel, QToolButton, "health_dismiss").click()
    assert (followed, dismissed) == ([ADVICE], ["fast"])
    panel.show_advice(None)
    assert panel.advice_text == ""


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colors_say_how_it_fares(panel: HealthPanel, theme: Theme) -> None:
    wear(theme)
    panel.show_sample(SAMPLE)
    assert {theme.update, theme.warning} <= colors_of(panel.rows)
    panel.show_sample(HealthSample(7, (ParameterHealth("w", (1,), 1.0, math.inf),)))
    assert theme.error in colors_of(panel.rows)


def test_numbers_in_words() -> None:
    assert norm_text(None) == "none"
    assert norm_text(2_700_000.0) == "2.7e+06"
    assert share_text(None) == "–"
    assert share_text(0.008) == "0.8%"
    assert share_text(0.0) == "0.0%"
    assert share_text(2e-6) == "2e-4%"
    assert share_text(math.nan) == "nan"
    assert (share_text(1.0), share_text(179.64), share_text(3e6)) == ("1×", "180×", "3e6×")
    assert in_words(SAMPLE.parameters[0]) == (
        "input_linear.weight (100 × 1000): gradient norm 78.1; this step changed it by 0.8% of its norm."
    )
    assert "no gradient" in in_words(ParameterHealth("w", (), None, None))
