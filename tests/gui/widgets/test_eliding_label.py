"""What a label says for which there is not enough room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.widgets.eliding_label import ElidedLabel

FACTS = "8 nodes · 7 edges · 2 parameters"


@pytest.mark.parametrize("missing", [0, 1, 5])
def test_of_several_facts_only_whole_ones_are_said(qtbot: QtBot, missing: int) -> None:
    label = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
    qtbot.addWidget(label)
    label.show()
    label.resize(label.fontMetrics().horizontalAdvance(FACTS) - missing, 20)
    label.set_full_text(FACTS)
    assert label.text() == (FACTS if not missing else "8 nodes · 7 edges")
    assert label.toolTip() == (FACTS if missing else "")
    assert label.accessibleName() == FACTS
    label.resize(label.fontMetrics().horizontalAdvance("8 nodes") - 1, 20)
    assert label.text().endswith("…")
