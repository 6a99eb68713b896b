"""Averages and colored dots in the plot of the loss, and its row of controls at any width."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.history import History
from tests.engine.plain_loops import plain_averages
from tests.gui.themes import wear
from ui.panels.loss import LossPlot
from ui.panels.loss.axes import Curve
from ui.panels.loss.header import WINDOWS
from ui.panels.loss.items import thinned
from ui.style.colors import mixed
from ui.style.theme import DARK, LIGHT, Theme

Show = Callable[[int], tuple[LossPlot, History]]
DEPTHS = LIGHT.plot[1:5]


def extend(history: History, count: int) -> None:
    rng = np.random.default_rng(history.length)
    for loss in 1e5 * np.exp(rng.normal(0, 1, count)):
        history.append(float(loss), history.length % 4, 0)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Shows a noisy run of so many steps, whose depth is the step modulo 4."""

    def place(count: int) -> tuple[LossPlot, History]:
        panel = LossPlot()
        qtbot.addWidget(panel)
        panel.resize(760, 300)
        history = History(0)
        extend(history, count)
        panel.set_steps(max(count, 100))
        panel.set_history(history, 1)
        panel.set_step_colors(lambda steps: history.depths()[steps], DEPTHS)
        with qtbot.waitActive(panel):
            panel.show()
        return panel, history

    return place


def averages_drawn(panel: LossPlot) -> list[float]:
    return [panel.canvas.scale.loss(place) for place in panel.canvas.strong.places.tolist()]


@pytest.mark.parametrize("logarithmic", [True, False])
def test_averages_are_drawn_over_the_faint_losses(show: Show, logarithmic: bool) -> None:
    panel, history = show(300)
    panel.set_logarithmic(logarithmic)
    raw = panel.canvas.curve.places.tolist()
    panel.set_smoothing(30)
    expected = plain_averages(history.losses(), 30, logarithmic)
    np.testing.assert_allclose(averages_drawn(panel), expected, rtol=1e-9)
    assert panel.canvas.curve.places.tolist() == raw
    assert panel.canvas.strong.pen.color().name() == LIGHT.plot[0]
    assert panel.canvas.curve.pen.color().name() == mixed(LIGHT.surface, LIGHT.plot[0], 0.4).name()
    panel.set_smoothing(0)
    assert averages_drawn(panel) == []
    assert panel.canvas.curve.pen.color().name() == LIGHT.plot[0]


def test_averages_follow_the_run_and_the_next_one(show: Show) -> None:
    panel, history = show(100)
    panel.set_smoothing(10)
    extend(history, 100)
    panel.refresh()
    np.testing.assert_allclose(averages_drawn(panel), plain_averages(history.losses(), 10, True), rtol=1e-9)
    other = History(0)
    extend(other, 50)
    panel.set_history(other, 2)
    np.testing.assert_allclose(averages_drawn(panel), plain_averages(other.losses(), 10, True), rtol=1e-9)
    panel.set_history(None, -1)
    assert averages_drawn(panel) == []


def test_a_long_run_is_thinned_after_it_was_averaged(show: Show) -> None:
    panel, history = show(20_000)
    panel.set_smoothing(1000)
    steps = panel.canvas.strong.steps
    assert len(steps) <= 2 * panel.canvas.pixels + 2
    expected = np.array(plain_averages(history.losses(), 1000, True))[steps]
    np.testing.assert_allclose(averages_drawn(panel), expected, rtol=1e-9)


def test_older_runs_are_averaged_too(show: Show) -> None:
    panel, _ = show(100)
    older = History(0)
    extend(older, 80)
    panel.set_overlays([Curve(1, "older", LIGHT.plot[1], older)])
    panel.set_smoothing(30)
    (line,) = panel._overlays.item.lines
    np.testing.assert_allclose(10.0**line.places, plain_averages(older.losses(), 30, True), rtol=1e-9)
    panel.set_smoothing(0)
    (line,) = panel._overlays.item.lines
    np.testing.assert_allclose(10.0**line.places, older.losses(), rtol=1e-9)


def test_the_menu_offers_windows_and_says_which_is_chosen(show: Show) -> None:
    panel, _ = show(10)
    chosen: list[int] = []
    panel.smoothing_chosen.connect(chosen.append)
    assert "Smooth (off)" in actions(panel)
    for window in WINDOWS[1:]:
        actions(panel)[f"{window} steps"].trigger()
    assert chosen == list(WINDOWS[1:])
    assert "Smooth (10k)" in actions(panel)
    assert panel.smoothing == 10_000
    actions(panel)["off"].trigger()
    assert (panel.smoothing, chosen[-1]) == (0, 0)


def test_the_row_says_which_line_is_which_while_averages_are_drawn(show: Show) -> None:
    panel, _ = show(90)
    panel.set_smoothing(30)
    assert panel.header._line.text() == "thin: each step · thick: smoothed"
    panel.set_cursor(3)
    assert panel.header._line.text().startswith("step 3: ")


def test_a_remembered_window_that_is_not_offered_becomes_the_nearest(show: Show) -> None:
    panel, _ = show(10)
    panel.set_smoothing(40)
    assert panel.smoothing == 30


def test_dots_have_the_color_of_their_depth(show: Show, qtbot: QtBot) -> None:
    panel, history = show(90)
    assert "Color by depth" not in actions(panel)
    panel.set_depth_available(True)
    assert "Color by depth" in actions(panel)
    assert panel.canvas.dots.groups == []
    with qtbot.waitSignal(panel.by_depth_toggled) as toggled:
        panel.header.by_depth.trigger()
    assert toggled.args == [True]
    groups = {number: along.tolist() for number, along, _ in panel.canvas.dots.groups}
    assert groups == {depth: list(range(depth, 90, 4)) for depth in range(4)}
    assert panel.names.texts() == ["depth 0 1 2 3"]
    image = panel.canvas.plot.grab().toImage()
    for step in (41, 42, 43):
        canvas = panel.canvas
        scene = canvas.box.mapViewToScene(QPointF(step, canvas.scale.place(history.loss(step))))
        place = QPoint(canvas.plot.mapFromScene(scene))
        near = {image.pixelColor(place.x() + x, place.y() + y).name() for x in (-1, 0, 1) for y in (-1, 0, 1)}
        assert DEPTHS[step % 4] in near
    panel.set_depth_available(False)
    assert panel.canvas.dots.groups == []
    assert not panel.names.isVisible()
    assert panel.canvas.curve.pen.color().name() == LIGHT.plot[0]


def test_dots_of_a_long_run_are_thinned_and_follow_it(show: Show) -> None:
    panel, history = show(10_000)
    panel.set_depth_available(True)
    panel.set_by_depth(True)
    count = sum(len(along) for _, along, _ in panel.canvas.dots.groups)
    assert 0.4 * panel.canvas.pixels <= count <= panel.canvas.pixels
    extend(history, 10_000)
    panel.refresh()
    assert max(along.max() for _, along, _ in panel.canvas.dots.groups) > 19_000


def test_thinned_steps_stay_where_they_were() -> None:
    assert thinned(3, 9, 10).tolist() == [3, 4, 5, 6, 7, 8]
    few, many = thinned(0, 4000, 500), thinned(0, 9000, 500)
    assert len(few) <= 500
    assert set(many[many < 4000].tolist()) <= set(few.tolist())


def actions(panel: LossPlot) -> dict[str, QAction]:
    """What the menu offers, submenus included."""
    found: dict[str, QAction] = {}
    for action in panel.header.more.menu().actions():
        inner = action.menu()
        for each in [action, *(inner.actions() if isinstance(inner, QMenu) else [])]:
            if each.isVisible():
                found[each.text()] = each
    return found


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("zoomed", [False, True])
@pytest.mark.parametrize("width", [280, 340, 520, 1000])
def test_nothing_is_clipped_at_any_width(show: Show, width: int, zoomed: bool, theme: Theme) -> None:
    panel, _ = show(90)
    wear(theme)
    panel.set_depth_available(True)
    panel.set_cursor(50)
    panel.resize(width, 280)
    if zoomed:
        panel.canvas.zoom(0.5)
    QApplication.processEvents()
    assert panel.width() == width
    header = panel.header
    parts = [each for each in header.findChildren(QWidget) if each.parent() is header and each.isVisible()]
    parts.sort(key=lambda each: each.x())
    for left, right in pairwise(parts):
        assert left.geometry().right() < right.geometry().left()
    assert parts[-1].geometry().right() <= header.width()
    assert header._line.sizeHint().width() <= header._line.width() + 1
    assert header._line.text()
    assert header.reset.isVisible() is zoomed
    assert header.log.isVisible()
    assert header.more.isVisible()


def test_the_menu_holds_the_other_ways_to_look_at_it(show: Show, qtbot: QtBot) -> None:
    panel, _ = show(90)
    panel.set_depth_available(True)
    panel.set_seconds(lambda steps: np.asarray(steps * 0.5, np.float64))
    with qtbot.waitSignal(panel.smoothing_chosen) as smoothing:
        actions(panel)["30 steps"].trigger()
    assert smoothing.args == [30]
    assert actions(panel)["30 steps"].isChecked()
    with qtbot.waitSignal(panel.seconds_toggled) as seconds:
        actions(panel)["Against seconds"].trigger()
    assert seconds.args == [True]
    assert panel.canvas.curve.along[-1] == 44.5
    with qtbot.waitSignal(panel.by_depth_toggled) as depth:
        actions(panel)["Color by depth"].trigger()
    assert depth.args == [True]
    assert panel.canvas.dots.groups
    assert not actions(panel)["Reset view"].isEnabled()
    panel.canvas.zoom(0.5)
    actions(panel)["Reset view"].trigger()
    assert not panel.canvas.own_view
    panel.set_seconds(None)
    assert not actions(panel)["Against seconds"].isEnabled()


def test_controls_can_be_named_and_reached(show: Show) -> None:
    panel, _ = show(10)
    for control in panel.findChildren(QToolButton):
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
