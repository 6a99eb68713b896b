"""What was changed in mid-run, in the plot of the loss: lines, chips over it, and what they tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from playground.runs.changes import Change
from tests.gui.driver import colors_of
from tests.gui.themes import wear
from ui.panels.loss import LossPlot
from ui.panels.loss.marks import BAND, Chip, Mark, laid_out
from ui.style.theme import DARK, LIGHT

Show = Callable[[Sequence[Change]], LossPlot]


def change(step: int, words: str = "lr 1e-6 → 1e-5") -> Change:
    return Change(step, words.split()[0], 0, 1, words)


def mark(step: int, *words: str) -> Mark:
    return Mark(step, tuple(change(step, each) for each in words or ("lr 1 → 2",)))


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Shows a run of 400 steps whose loss falls by a decade in 200 steps, then stays; with these changes."""

    def place(changes: Sequence[Change]) -> LossPlot:
        panel = LossPlot()
        qtbot.addWidget(panel)
        panel.resize(600, 260)
        history = History(0)
        for logarithm in (*np.linspace(3, 2, 201), *[2.0] * 199):
            history.append(float(10**logarithm), NO_DEPTH, 0)
        panel.set_steps(500)
        panel.set_history(history, 1)
        panel.set_changes(changes)
        with qtbot.waitExposed(panel):
            panel.show()
        QApplication.processEvents()
        return panel

    return place


def texts(panel: LossPlot) -> list[str]:
    return [chip.text for chip in panel.changes.chips]


def pixel_of(panel: LossPlot, step: float) -> float:
    canvas = panel.canvas
    scene = canvas.box.mapViewToScene(QPointF(step, canvas.view.center().y()))
    return float(canvas.plot.mapFromScene(scene).x())


def test_a_change_has_a_dotted_line_and_its_words_above_the_plot(show: Show) -> None:
    panel = show([change(200)])
    assert panel.changes.lines.places == (200.0,)
    assert texts(panel) == ["lr 1e-6 → 1e-5"]
    (chip,) = panel.changes.chips
    middle = panel.changes.x() + chip.left + chip.width / 2
    assert middle == pytest.approx(pixel_of(panel, 200), abs=2)
    assert panel.changes.geometry().bottom() <= panel.canvas.area.top(), "it covers no curve"
    image = panel.canvas.plot.grab().toImage()
    x = round(pixel_of(panel, 200))
    column = {image.pixelColor(x + dx, y).name() for y in range(60, 160) for dx in (-1, 0, 1)}
    assert LIGHT.warning in column
    assert LIGHT.surface in column, "it is dotted"


def test_without_changes_there_is_no_band(show: Show) -> None:
    panel = show([])
    assert not panel.changes.isVisible()
    top = panel.canvas.area.top()
    panel.set_changes([change(200)])
    QApplication.processEvents()
    assert panel.canvas.area.top() >= max(top, BAND)
    panel.set_changes([])
    QApplication.processEvents()
    assert panel.canvas.area.top() == top
    assert panel.changes.lines.places == ()
    assert texts(panel) == []


def test_chips_wear_the_theme(show: Show) -> None:
    panel = show([change(200)])
    wear(DARK)
    dark = colors_of(panel.changes)
    wear(LIGHT)
    light = colors_of(panel.changes)
    assert "#fff0c7" in light
    assert "#3b3015" in dark


def test_marks_close_together_share_a_chip_that_counts_them(show: Show) -> None:
    panel = show([change(40), change(48, "momentum 0.9 → 0.5"), change(48, "depth 0–3 → 1–5"), change(300)])
    assert texts(panel) == ["3 changes", "lr 1e-6 → 1e-5"]
    told = panel.changes.chip_tip_at(panel.changes.chips[0].left + 3)
    for words in ("step 40: lr 1e-6 → 1e-5", "step 48: momentum 0.9 → 0.5, depth 0–3 → 1–5"):
        assert words in told
    panel.canvas.zoom(0.1)
    panel.canvas.box.setXRange(38, 50, padding=0)
    QApplication.processEvents()
    assert texts(panel) == ["lr 1e-6 → 1e-5", "momentum 0.9 → 0.5, depth 0–3 → 1–5"]


def test_chips_never_touch_and_stand_over_their_lines() -> None:
    generator = np.random.default_rng(0)
    for _ in range(300):
        places = np.sort(generator.uniform(0, 400, generator.integers(1, 12)))
        marks = [(float(x), mark(n, "lr 1e-6 → 1e-5")) for n, x in enumerate(places)]
        chips = laid_out(marks, 0.0, 400.0, lambda text: 6.0 * len(text))
        assert [each.step for chip in chips for each in chip.marks] == list(range(len(places)))
        assert chips[0].left >= 0.0
        assert chips[-1].right <= 400.0
        for left, right in pairwise(chips):
            assert left.right < right.left
        for chip in chips:
            lines = [places[each.step] for each in chip.marks]
            assert chip.left - 1 <= lines[-1]
            assert lines[0] <= chip.right + 1


def test_a_chip_at_the_edge_stays_inside() -> None:
    first, last = laid_out([(1.0, mark(0)), (299.0, mark(1))], 0.0, 300.0, lambda _text: 60.0)
    assert (first.left, last.right) == (0.0, 300.0)
    two = mark(3, "lr 1 → 2", "depth 0 → 1")
    (only,) = laid_out([(150.0, two)], 0.0, 300.0, lambda text: 20.0 * len(text))
    assert only == Chip("2 changes", only.marks, 60.0, 180.0)


def test_a_mark_tells_the_slopes_around_it(show: Show) -> None:
    panel = show([change(200)])
    told = panel.changes.tip_at(pixel_of(panel, 200) + 2)
    assert told == ("step 200: lr 1e-6 → 1e-5\nlog10(loss) per 100 steps: −0.5 before, +0 after"), (
        "the loss fell by a decade in 200 steps"
    )
    assert panel.changes.tip_at(pixel_of(panel, 200) + 20) == ""
    panel.set_changes([change(3)])
    assert "too few steps before" in panel.changes.tip_at(pixel_of(panel, 3))


def test_the_pointer_at_a_line_or_a_chip_is_told(show: Show, qtbot: QtBot) -> None:
    panel = show([change(200)])
    viewport, x = panel.canvas.plot.viewport(), round(pixel_of(panel, 200))
    place = QPoint(x, 120)
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
    qtbot.waitUntil(lambda: "lr 1e-6 → 1e-5" in QToolTip.text())
    QToolTip.hideText()
    place = panel.changes.rect().topLeft() + QPoint(round(panel.changes.chips[0].left) + 5, 8)
    event = QHelpEvent(QEvent.Type.ToolTip, place, panel.changes.mapToGlobal(place))
    QApplication.sendEvent(panel.changes, event)
    qtbot.waitUntil(lambda: "−0.5 before" in QToolTip.text())
    QToolTip.hideText()


def test_marks_follow_the_axis_of_seconds_and_leave_with_their_run(show: Show) -> None:
    panel = show([change(200)])
    panel.set_seconds(lambda steps: np.asarray(steps * 0.5, np.float64))
    panel.set_in_seconds(True)
    assert panel.changes.lines.places == (100.0,)
    assert "step 200: lr 1e-6 → 1e-5" in panel.changes.accessibleName()
    # Out of view there is no chip, and yet a line.
    panel.canvas.box.setXRange(0, 50, padding=0)
    assert texts(panel) == []
    panel.set_history(History(0), 2)
    assert len(panel.changes.marks) == len(panel.changes.lines.places) == 0
