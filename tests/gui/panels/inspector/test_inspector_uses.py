"""What each use of a shared parameter adds to its gradient, in the inspector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find
from tests.gui.panels.inspector.looks import SHARED, recorded, show
from tests.gui.recordings import small_recording, snapshot
from ui.panels.inspector.panel import Inspector
from ui.panels.inspector.uses import UsesSection, sum_of


def test_every_use_of_a_shared_parameter_has_a_bar(qtbot: QtBot, inspector: Inspector) -> None:
    recording = recorded("dynamic")
    show(inspector, recording, SHARED, None)
    section = inspector.findChild(UsesSection)
    assert section is not None
    assert section.isVisible()
    parameter = recording.parameter(SHARED)
    assert parameter is not None
    rows = section.rows()
    assert len(rows) == len(parameter.contributions) + 1
    norms = [each.value.statistics.norm for each in parameter.contributions]
    assert parameter.gradient is not None
    largest = max(*norms, parameter.gradient.statistics.norm)
    for row, norm in zip(rows, norms, strict=False):
        assert row.bar.share() == pytest.approx(norm / largest)
    assert rows[-1].text().startswith("sum norm ")
    with qtbot.waitSignal(inspector.event_chosen) as blocker:
        qtbot.mouseClick(rows[0].bar, Qt.MouseButton.LeftButton)
    assert blocker.args == [parameter.contributions[0].event]
    with qtbot.assertNotEmitted(inspector.event_chosen):
        qtbot.mouseClick(rows[-1].bar, Qt.MouseButton.LeftButton)


def test_a_use_can_be_opened_as_a_heatmap(qtbot: QtBot, inspector: Inspector) -> None:
    show(inspector, recorded("dynamic"), SHARED, None)
    section = inspector.findChild(UsesSection)
    assert section is not None
    row = section.rows()[0]
    assert row.card() is None
    qtbot.keyClick(row.opener, Qt.Key.Key_Space)
    card = row.card()
    assert card is not None
    assert card.isVisible()
    assert card.expanded
    assert card.text().startswith("middle_linear, call 2, line ")


def test_the_sum_of_the_parts_is_computed_not_claimed() -> None:
    parameter = recorded("dynamic").parameter(SHARED)
    assert parameter is not None
    total = sum_of(parameter)
    assert total.difference is not None
    assert total.difference < 1e-5
    assert parameter.gradient is not None
    assert parameter.gradient.values is not None
    other = parameter.gradient.values.copy()
    other[3, 4] += 2
    wrong = sum_of(replace(parameter, gradient=snapshot(other)))
    assert wrong.difference == pytest.approx(2)
    assert "largest difference 2" in wrong.text()
    value = parameter.contributions[0].value
    lost = type(value)(value.shape, value.dtype, "cpu", False, 0, None, (value.statistics, value.picture))
    parts = (replace(parameter.contributions[0], value=lost), *parameter.contributions[1:])
    assert "not kept" in sum_of(replace(parameter, contributions=parts)).text()


def test_the_sum_of_infinite_parts_warns_of_nothing() -> None:
    parameter = small_recording().parameters[0]
    use = replace(parameter.contributions[0], value=snapshot([np.inf, np.nan, 1]))
    endless = replace(parameter, gradient=snapshot([np.inf, np.nan, 2]), contributions=(use, use))
    assert sum_of(endless).difference == 0


def test_a_parameter_that_is_used_once_has_no_bars(inspector: Inspector) -> None:
    show(inspector, recorded("dynamic"), "input_linear.weight", None)
    assert find(inspector, QWidget, "inspector_uses").isHidden()
