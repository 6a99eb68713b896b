"""Older runs behind the present one: their lines, names, readings, and the axis of seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from tests.gui.themes import wear
from ui.panels.loss import LossPlot
from ui.panels.loss.axes import Curve, Seconds, XAxis, second_ticks, shown_seconds
from ui.panels.loss.drawing import EMPTY
from ui.panels.loss.legend import Entry, cut
from ui.style.theme import DARK, LIGHT

Show = Callable[[Sequence[Curve], int], LossPlot]


def history_of(losses: Iterable[float]) -> History:
    history = History(0)
    for loss in losses:
        history.append(float(loss), NO_DEPTH, 0)
    return history


def curve(number: int, losses: Iterable[float], seconds: Seconds | None = None) -> Curve:
    return Curve(number, f"run {number}", LIGHT.plot[number], history_of(losses), seconds)


def every(interval: float) -> Seconds:
    """The times of steps that all take as long."""

    def seconds(steps: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray((steps + 1) * interval, np.float64)

    return seconds


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Shows a run of so many steps with older runs; its loss is a thousand."""

    def place(curves: Sequence[Curve], made: int) -> LossPlot:
        panel = LossPlot()
        qtbot.addWidget(panel)
        panel.resize(760, 300)
        panel.set_steps(100)
        panel.set_present("now", LIGHT.plot[0])
        panel.set_history(history_of([1000.0] * made), 9)
        panel.set_overlays(curves)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    return place


def lines(panel: LossPlot) -> dict[str, list[int]]:
    return {line.curve.name: line.steps.tolist() for line in panel._overlays.lines}


def pixel_of(panel: LossPlot, x: float, loss: float) -> QPoint:
    canvas = panel.canvas
    place = QPointF(x, canvas.scale.place(loss))
    return QPoint(canvas.plot.mapFromScene(canvas.box.mapViewToScene(place)))


def point_at(qtbot: QtBot, panel: LossPlot, x: float, loss: float) -> None:
    # What has been shown or hidden above the plot moves it.
    QApplication.processEvents()
    place = pixel_of(panel, x, loss)
    with qtbot.waitSignal(panel.canvas.pointed):
        qtbot.mouseMove(panel.canvas.plot.viewport(), place - QPoint(1, 0))
    with qtbot.waitSignal(panel.canvas.pointed):
        qtbot.mouseMove(panel.canvas.plot.viewport(), place)


def reading(panel: LossPlot) -> str:
    label = next(
        each
        for each in panel.findChildren(QLabel)
        if each.accessibleName() == "Step and loss under the pointer"
    )
    return label.text().replace("\N{NO-BREAK SPACE}", " ")


def colors_at(panel: LossPlot, place: QPoint) -> set[str]:
    image = panel.canvas.plot.grab().toImage()
    return {image.pixelColor(place.x(), place.y() + y).name() for y in range(-3, 4)}


def near(color: str, found: set[str]) -> bool:
    """Whether a line of this color is there, somewhere between two rows of pixels."""
    wanted = np.array(QColor(color).getRgb())
    return any(np.abs(wanted - np.array(QColor(each).getRgb())).max() < 24 for each in found)


def test_older_runs_are_drawn_as_far_as_the_present_one_has_come(show: Show) -> None:
    panel = show([], 20)
    alone = panel.canvas.view
    panel.set_overlays([curve(1, [3000.0] * 40), curve(2, [2e-3, 1e30, math.inf] * 90)])
    assert panel.canvas.view == alone, "an older run does not change what is in view"
    seen = set(range(math.floor(alone.right()) + 1))
    assert all(seen <= set(steps) for steps in lines(panel).values())
    plain = {LIGHT.surface, LIGHT.border}
    assert colors_at(panel, pixel_of(panel, 10.5, 3000.0)) - plain
    panel.set_overlays([])
    assert lines(panel) == {}
    assert not colors_at(panel, pixel_of(panel, 10.5, 3000.0)) - plain


def test_a_diverged_run_is_fitted_where_it_is_the_only_one(show: Show) -> None:
    panel = show([curve(1, [1.0, 1e30, math.nan])], 0)
    assert (panel.canvas.view.top(), panel.canvas.view.bottom()) == (0.0, 30.0)
    panel.set_history(history_of([1000.0, 900.0]), 10)
    assert panel.canvas.view.bottom() == 3.0


def test_the_ninth_run_is_dashed(show: Show) -> None:
    dashed = Curve(9, "run 9", LIGHT.plot[1], history_of([3000.0] * 90), None, True)
    panel = show([curve(1, [3000.0] * 90)], 90)

    def share() -> float:
        panel.canvas.plot.viewport().repaint()
        image = panel.canvas.plot.grab().toImage()
        left, right = pixel_of(panel, 20.0, 3000.0), pixel_of(panel, 70.0, 3000.0)
        row = range(left.x(), right.x())
        found = [
            any(image.pixelColor(x, left.y() + y).name() != LIGHT.surface for y in (-1, 0, 1)) for x in row
        ]
        return sum(found) / len(found)

    assert share() == 1.0
    panel.set_overlays([dashed])
    assert 0.3 < share() < 0.9
    assert panel.names.texts()[-1] == "run 9  3000"


def test_the_present_run_is_drawn_in_its_own_color_above_the_others(show: Show) -> None:
    panel = show([curve(1, [3000.0] * 100)], 0)
    panel.set_history(history_of([3000.0] * 100), 10)
    panel.set_present("now", "#123456")
    assert near("#123456", colors_at(panel, pixel_of(panel, 50.0, 3000.0)))
    panel.set_present("now", "")
    wear(DARK)
    assert near(DARK.plot[0], colors_at(panel, pixel_of(panel, 50.0, 3000.0)))


def test_the_picture_is_made_once_for_each_view(show: Show) -> None:
    panel = show([curve(1, np.linspace(1e6, 1, 5000))], 55)
    item, viewport = panel._overlays.item, panel.canvas.plot.viewport()
    viewport.repaint()
    before = item.drawn
    history = panel._drawing.history
    assert history is not None
    for _ in range(20):
        history.append(500.0, NO_DEPTH, 0)
        panel.refresh()
        viewport.repaint()
    assert item.drawn == before + 2, "once for 60 steps, once for 80"
    panel.canvas.zoom(0.5)
    viewport.repaint()
    assert item.drawn == before + 3


def test_a_long_run_is_thinned(show: Show) -> None:
    panel = show([curve(1, np.linspace(1e6, 1, 100_000))], 3)
    assert len(lines(panel)["run 1"]) <= 2 * panel.canvas.pixels + 2
    panel.canvas.zoom(0.001)
    view = panel.canvas.view
    inside = range(math.ceil(view.left()), math.floor(view.right()) + 1)
    assert set(inside) <= set(lines(panel)["run 1"])


def test_the_present_run_is_named_first_then_the_newest(show: Show) -> None:
    panel = show([curve(1, [1.0]), curve(2, [5.0, 2.0])], 5)
    assert panel.names.isVisible()
    assert panel.names.texts() == ["now  1000", "run 2  2", "run 1  1"]
    assert panel.names.accessibleName() == "now 1000; run 2 2; run 1 1"
    assert not panel.names.geometry().intersects(panel.canvas.plot.geometry()), "names cover no curve"
    panel.set_overlays([])
    assert not panel.names.isVisible()


def test_many_names_take_two_lines_and_count_the_others(show: Show) -> None:
    curves = [Curve(n, f"run {n}", LIGHT.plot[1], history_of([1.0])) for n in range(11)]
    panel = show(curves, 5)
    for width in (280, 460, 760):
        panel.resize(width, 300)
        *names, rest = panel.names.texts()
        assert names[0] == "now  1000"
        assert rest == f"and {12 - len(names)} more"
        assert 2 <= len(names) < 12
        row = panel.names.fontMetrics().height()
        assert panel.names.height() < 3 * row
        assert "run 0" in panel.names.toolTip()
    panel.set_overlays(curves[:1])
    assert panel.names.texts() == ["now  1000", "run 0  1"]


def test_what_is_pointed_at_stays_in_a_cut_legend() -> None:
    entries = [Entry(str(n), strong=n == 9) for n in range(12)]
    assert [entry.name for entry in cut(entries, 3)] == ["0", "1", "9", "… 9 more"]


def test_pointing_reads_every_run_and_names_the_curve(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [1e6] * 40), curve(2, [10.0] * 90)], 0)
    panel.set_history(history_of([1.0, *[1000.0] * 99]), 10)
    point_at(qtbot, panel, 70, 10.0)
    assert panel.names.texts() == ["now  1000", "run 2  10", "run 1  –"]
    assert reading(panel) == "run 2 · step 70: 10"
    point_at(qtbot, panel, 30, 1000.0)
    assert panel.names.texts() == ["now  1000", "run 2  10", "run 1  1e+06"]
    assert reading(panel) == "step 30: 1000"
    QApplication.sendEvent(panel.canvas.plot, QEvent(QEvent.Type.Leave))
    assert panel.names.texts() == ["now  1000", "run 2  10", "run 1  1e+06"]
    assert reading(panel) == ""


def test_a_step_that_only_older_runs_have_reached_can_be_read(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [1e6] * 90)], 21)
    point_at(qtbot, panel, 24, 2000.0)
    assert panel.names.texts() == ["now  –", "run 1  1e+06"]
    assert reading(panel) == "step 24: –"


def test_older_runs_are_seen_before_the_present_one_has_begun(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [5.0] * 50)], 0)
    texts = [each.text() for each in panel.findChildren(QLabel) if each.isVisible()]
    assert EMPTY not in texts
    point_at(qtbot, panel, 20, 5.0)
    assert reading(panel) == "run 1 · step 20: 5"
    with qtbot.assertNotEmitted(panel.step_chosen):
        panel._click(panel.canvas.box.mapViewToScene(QPointF(20, 1)))
    panel.set_overlays([])
    assert EMPTY in [each.text() for each in panel.findChildren(QLabel) if each.isVisible()]


def test_seconds_can_be_chosen_once_they_are_known(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [10.0] * 100, every(0.05)), curve(2, [20.0] * 100)], 100)
    seconds = panel.header.against_seconds
    assert not seconds.isEnabled()
    panel.set_seconds(every(0.1))
    with qtbot.waitSignal(panel.seconds_toggled) as toggled:
        seconds.trigger()
    assert toggled.args == [True]
    assert panel.in_seconds
    np.testing.assert_allclose(panel.canvas.curve.along, np.arange(1, 101) * 0.1)
    # A run whose times are not known has no place, and its name says so.
    assert list(lines(panel)) == ["run 1"]
    assert panel.names.texts() == ["now  1000", "run 2  no times", "run 1  10"]
    assert panel.canvas.view.right() >= 10.0
    assert panel.canvas.plot.getAxis("bottom").labelText == "seconds"
    panel.set_seconds(None)
    assert not seconds.isEnabled()
    assert panel.canvas.curve.along.tolist() == list(range(100))
    assert panel.in_seconds


def test_clicks_and_cursor_mean_steps_while_the_axis_counts_seconds(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [10.0] * 100, every(0.05))], 0)
    panel.set_history(history_of([1.0, *[1000.0] * 99]), 10)
    panel.set_seconds(every(0.1))
    panel.set_in_seconds(True)
    with qtbot.waitSignal(panel.step_chosen) as chosen:
        panel._click(panel.canvas.box.mapViewToScene(QPointF(4.12, 1)))
    assert chosen.args == [40]
    assert panel.canvas._cursor.line().x1() == pytest.approx(4.1)
    panel.set_in_seconds(False)
    assert panel.canvas._cursor.line().x1() == 40
    panel.set_in_seconds(True)
    point_at(qtbot, panel, 4.1, 1000.0)
    assert reading(panel) == "4.1 s · step 40: 1000"
    point_at(qtbot, panel, 4.1, 10.0)
    assert reading(panel) == "run 1 · 4.1 s · step 81: 10"
    point_at(qtbot, panel, 7.0, 100.0)
    assert panel.names.texts() == ["now  1000", "run 1  –"]


def test_seconds_thin_and_zoom_as_steps_do(show: Show) -> None:
    panel = show([], 3)
    panel.set_history(history_of(np.linspace(1e6, 1, 50_000)), 10)
    panel.set_seconds(lambda steps: np.sqrt(steps + 1.0))
    panel.set_in_seconds(True)
    assert len(panel.canvas.curve.steps) <= 2 * panel.canvas.pixels + 2
    panel.canvas.zoom(1e-4)
    view = panel.canvas.view
    drawn = panel.canvas.curve.steps
    assert view.width() < 0.1
    places = np.sqrt(np.arange(50_000) + 1.0)
    inside = np.flatnonzero((places >= view.left()) & (places <= view.right()))
    assert set(inside.tolist()) <= set(drawn.tolist())
    assert len(drawn) <= len(inside) + 4


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 10_000])
def test_the_step_at_a_time_is_the_nearest_one(length: int) -> None:
    times = np.cumsum(np.random.default_rng(0).exponential(1.0, length))
    x_axis = XAxis(lambda steps: times[steps])
    for place in (-1.0, 0.0, *times[:: max(1, length // 7)].tolist(), times[-1] / 3, times[-1] + 5):
        assert x_axis.nearest(place, length) == int(np.abs(times - place).argmin())
        first = int(np.searchsorted(times, place))
        assert x_axis.between(place, place, length) == (max(0, first - 1), min(length, first + 1))


def test_another_run_is_not_asked_for_the_times_of_the_one_before(show: Show) -> None:
    panel = show([], 100)

    def seconds(steps: NDArray[np.int64]) -> NDArray[np.float64]:
        assert steps.max() < 100
        return steps * np.float64(0.1)

    panel.set_seconds(seconds)
    panel.set_in_seconds(True)
    assert panel.canvas.curve.along[-1] == pytest.approx(9.9)
    panel.set_history(history_of([5.0] * 300), 10)
    assert panel.canvas.curve.along[-1] == 299
    panel.set_seconds(every(0.5))
    assert panel.canvas.curve.along[-1] == 150


def test_the_axis_of_seconds_is_round() -> None:
    assert [shown_seconds(longest) for longest in (0.03, 0.051, 1.0, 7.0, 61.0)] == pytest.approx(
        [0.03, 0.06, 1, 8, 80]
    )
    assert [tick.text for tick in second_ticks(-0.01, 0.21, 500)] == ["0", "0.05", "0.10", "0.15", "0.20"]


def test_setters_are_silent(show: Show, qtbot: QtBot) -> None:
    panel = show([curve(1, [10.0] * 100, every(0.05))], 100)
    signals = (panel.step_chosen, panel.seconds_toggled, panel.smoothing_chosen, panel.by_depth_toggled)
    seen: list[object] = []
    for signal in signals:
        signal.connect(lambda *arguments: seen.append(arguments))
    panel.set_seconds(every(1.0))
    panel.set_in_seconds(True)
    panel.set_overlays([curve(2, [1.0])])
    panel.set_present("other", LIGHT.plot[3])
    panel.set_smoothing(100)
    panel.set_depth_available(True)
    panel.set_step_colors(lambda steps: steps % 2, LIGHT.plot[:2])
    panel.set_by_depth(True)
    panel.set_seconds(None)
    assert seen == []


def test_drawing_twice_changes_nothing(show: Show) -> None:
    curves = [curve(1, [10.0, math.nan, 3.0, 0.0, 5.0])]
    panel = show(curves, 30)
    once = panel.grab().toImage()
    panel.set_seconds(every(1.0))
    panel.set_in_seconds(True)
    panel.set_overlays([])
    panel.set_overlays(curves)
    panel.set_in_seconds(False)
    panel.set_seconds(None)
    assert panel.grab().toImage() == once


def test_depths_are_said_once_and_beside_the_names(show: Show) -> None:
    panel = show([], 30)
    panel.set_depth_available(True)
    panel.set_step_colors(lambda steps: steps % 4, LIGHT.plot[:4])
    panel.set_by_depth(True)
    assert panel.names.texts() == ["depth 0 1 2 3"]
    panel.set_overlays([curve(1, [10.0])])
    assert panel.names.texts() == ["now  1000", "run 1  10", "depth 0 1 2 3"]
    panel.set_step_colors(lambda steps: steps % 8, LIGHT.plot)
    assert panel.names.texts()[-1] == "depth 0 1 2 3 … 7"
    panel.set_by_depth(False)
    panel.set_overlays([])
    assert not panel.names.isVisible()


def sparse(losses: Iterable[float], note: str = "") -> Curve:
    return Curve(-2, "test loss", LIGHT.plot[1], history_of(losses), grows=True, sparse=True, note=note)


def test_a_loss_that_is_measured_now_and_then_is_read_where_it_was_measured_last(
    qtbot: QtBot, show: Show
) -> None:
    measured = {0: 900.0, 10: 800.0, 30: 700.0}
    panel = show([sparse([measured.get(step, math.nan) for step in range(31)])], 40)
    for step, said in (
        (10, "800"),
        (20, "800 (step 10)"),
        (29, "800 (step 10)"),
        (30, "700"),
        (35, "700 (step 30)"),
    ):
        point_at(qtbot, panel, step, 1000.0)
        assert panel.names.texts() == ["now  1000", f"test loss  {said}"]
    point_at(qtbot, panel, 15, 774.0)
    assert reading(panel) == "test loss · step 10: 800"


def test_before_it_was_measured_there_is_no_number(qtbot: QtBot, show: Show) -> None:
    panel = show([sparse([math.nan] * 20 + [5.0])], 40)
    point_at(qtbot, panel, 10, 1000.0)
    assert panel.names.texts() == ["now  1000", "test loss  –"]


def test_it_is_drawn_before_a_noisy_curve_and_wider(show: Show) -> None:
    panel = show([], 0)
    panel.set_history(history_of([500.0] * 40), 10)
    panel.set_overlays([sparse([500.0] + [math.nan] * 38 + [500.0], "A note.")])
    QApplication.processEvents()
    place = pixel_of(panel, 20, 500.0)
    assert near(LIGHT.plot[1], colors_at(panel, place)), "the present run has the very same place"
    assert "test loss: A note." in panel.names.toolTip()
    assert panel._overlays.before.zValue() > panel.canvas.curve.zValue()
