"""The plot of the loss, driven by real keys and a real mouse; what is drawn is asked of the history."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from tests.gui.driver import turn_wheel
from tests.gui.themes import wear
from ui.panels.loss.axes import Scale, fitting_scale, loss_ticks, number_text, shown_steps, step_ticks
from ui.panels.loss.header import ZOOMED
from ui.panels.loss.panel import EMPTY, INTRODUCTION, LossPlot
from ui.style.theme import DARK, LIGHT

Show = Callable[[Iterable[float], int], tuple[LossPlot, History]]


class Paints(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def extend(history: History, losses: Iterable[float]) -> None:
    for loss in losses:
        history.append(float(loss), NO_DEPTH, 0)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Shows a panel with a history of these losses, of a run of so many steps."""

    def place(losses: Iterable[float], total: int) -> tuple[LossPlot, History]:
        panel = LossPlot()
        qtbot.addWidget(panel)
        panel.resize(760, 260)
        history = History(0)
        extend(history, losses)
        panel.set_steps(total)
        panel.set_history(history, 1)
        with qtbot.waitActive(panel):
            panel.show()
        panel.setFocus()
        qtbot.waitUntil(panel.canvas.plot.hasFocus)
        return panel, history

    return place


def steps_drawn(panel: LossPlot) -> list[int]:
    return panel.canvas.curve.steps.tolist()


def losses_drawn(panel: LossPlot) -> list[float]:
    scale = panel.canvas.scale
    return [scale.loss(place) for place in panel.canvas.curve.places.tolist()]


def pixel_of(panel: LossPlot, step: float, loss: float | None = None) -> QPoint:
    """Where a step is on the plot's viewport; at half the height unless a loss is given."""
    canvas = panel.canvas
    place = canvas.view.center().y() if loss is None else canvas.scale.place(loss)
    return QPoint(canvas.plot.mapFromScene(canvas.box.mapViewToScene(QPointF(step, place))))


def clicked_step(qtbot: QtBot, panel: LossPlot, place: QPoint) -> int:
    with qtbot.waitSignal(panel.step_chosen) as chosen:
        qtbot.mouseClick(panel.canvas.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args is not None
    return int(chosen.args[0])


def named(panel: LossPlot, name: str) -> str:
    return next(each.text() for each in panel.findChildren(QLabel) if each.accessibleName() == name)


def reading(panel: LossPlot) -> str:
    return named(panel, "Step and loss under the pointer").replace("\N{NO-BREAK SPACE}", " ")


def shown_texts(panel: LossPlot) -> list[str]:
    return [each.text() for each in panel.findChildren(QLabel) if each.isVisible()]


def test_says_what_to_do_while_there_is_nothing(show: Show) -> None:
    panel, history = show([], 500)
    assert EMPTY in shown_texts(panel)
    extend(history, [5.0])
    panel.refresh()
    assert EMPTY not in shown_texts(panel)
    panel.set_history(None, -1)
    assert EMPTY in shown_texts(panel)
    assert steps_drawn(panel) == []


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("count", [1, 2, 500])
def test_draws_every_loss_of_a_short_run(show: Show, count: int, logarithmic: bool) -> None:
    losses = 3e7 * np.exp(-np.arange(count) / 20)
    panel, _ = show(losses, 500)
    panel.set_logarithmic(logarithmic)
    assert steps_drawn(panel) == list(range(count))
    np.testing.assert_allclose(losses_drawn(panel), losses, rtol=1e-9)


def test_a_single_step_is_seen(show: Show) -> None:
    panel, _ = show([29428664.0], 500)
    image = panel.canvas.plot.grab().toImage()
    dot = pixel_of(panel, 0, 29428664.0)
    assert image.pixelColor(dot).name() == LIGHT.plot[0]


def test_thins_a_long_run_and_keeps_a_spike_of_one_step(show: Show) -> None:
    losses = np.linspace(2.0, 1.0, 1_000_000)
    losses[654_321] = 5e5
    panel, _ = show(losses, 1_000_000)
    assert len(steps_drawn(panel)) <= 2 * panel.canvas.pixels + 2
    assert 654_321 in steps_drawn(panel)
    assert max(losses_drawn(panel)) == pytest.approx(5e5)
    image = panel.canvas.plot.grab().toImage()
    place = pixel_of(panel, 654_321, 1000.0)
    near = [image.pixelColor(place.x() + x, place.y()) for x in (-1, 0, 1)]
    background = QColor(LIGHT.surface)
    # The curve's color has far less blue than the background, wherever the line falls between pixels.
    assert min(color.blue() for color in near) < background.blue() - 60


def test_a_dense_spike_is_what_a_click_on_it_chooses(show: Show, qtbot: QtBot) -> None:
    losses = np.full(200_000, 10.0)
    losses[123_456] = 1e6
    panel, _ = show(losses, 200_000)
    assert clicked_step(qtbot, panel, pixel_of(panel, 123_456, 1e6)) == 123_456


@pytest.mark.parametrize(("place", "chosen"), [(0, 0), (40.3, 40), (57.6, 58), (99, 99), (101, 99), (-1, 0)])
def test_a_click_chooses_the_nearest_step_that_ran(
    show: Show, qtbot: QtBot, place: float, chosen: int
) -> None:
    panel, _ = show(range(1, 101), 202)
    assert clicked_step(qtbot, panel, pixel_of(panel, place)) == chosen
    assert reading(panel) == f"step {chosen}: {chosen + 1}"


def test_setters_are_silent(show: Show, qtbot: QtBot) -> None:
    panel, history = show([3.0, 2.0, 1.0], 500)
    with qtbot.assertNotEmitted(panel.step_chosen):
        panel.set_cursor(1)
        panel.set_logarithmic(False)
        panel.set_steps(100)
        wear(DARK)
        extend(history, [0.5])
        panel.refresh()
        panel.set_cursor(None)
        panel.set_history(History(0), 2)
        panel.set_history(None, -1)


def test_keys_choose_steps(show: Show, qtbot: QtBot) -> None:
    panel, _ = show([5.0, 4.0, 3.0, 2.0, 1.0], 500)
    chosen: list[int] = []
    panel.step_chosen.connect(chosen.append)
    keys = Qt.Key
    for key in (keys.Key_Left, keys.Key_Left, keys.Key_Right, keys.Key_Home, keys.Key_Left, keys.Key_End):
        qtbot.keyClick(panel.canvas.plot, key)
    assert chosen == [3, 2, 3, 0, 0, 4]
    qtbot.keyClick(panel.canvas.plot, keys.Key_Right)
    assert chosen[-1] == 4
    assert reading(panel) == "step 4: 1"


def test_keys_do_nothing_without_a_step(show: Show, qtbot: QtBot) -> None:
    panel, _ = show([], 500)
    with qtbot.assertNotEmitted(panel.step_chosen):
        for key in (Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Plus, Qt.Key.Key_R):
            qtbot.keyClick(panel.canvas.plot, key)
    assert ZOOMED[0] not in shown_texts(panel)


def test_the_reading_follows_the_pointer_and_falls_back_to_the_cursor(show: Show, qtbot: QtBot) -> None:
    panel, _ = show(np.arange(1.0, 401.0), 400)
    panel.set_cursor(7)
    assert reading(panel) == "step 7: 8"
    viewport = panel.canvas.plot.viewport()
    qtbot.mouseMove(viewport, pixel_of(panel, 320))
    qtbot.mouseMove(viewport, pixel_of(panel, 321))
    qtbot.waitUntil(lambda: reading(panel) == "step 321: 322")
    QApplication.sendEvent(panel.canvas.plot, QEvent(QEvent.Type.Leave))
    assert reading(panel) == "step 7: 8"


def zoom_by_key(qtbot: QtBot, panel: LossPlot) -> None:
    qtbot.keyClick(panel.canvas.plot, Qt.Key.Key_Plus)


def zoom_by_wheel(qtbot: QtBot, panel: LossPlot) -> None:
    turn_wheel(panel.canvas.plot.viewport(), 480, pixel_of(panel, 250))


def zoom_by_dragging(qtbot: QtBot, panel: LossPlot) -> None:
    viewport = panel.canvas.plot.viewport()
    start = pixel_of(panel, 250)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for way in (20, 40, 60):
        qtbot.mouseMove(viewport, start + QPoint(way, 0))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))


def reset_by_key(qtbot: QtBot, panel: LossPlot) -> None:
    qtbot.keyClick(panel.canvas.plot, Qt.Key.Key_R)


def reset_by_button(qtbot: QtBot, panel: LossPlot) -> None:
    qtbot.mouseClick(panel.header.reset, Qt.MouseButton.LeftButton)


def reset_by_double_click(qtbot: QtBot, panel: LossPlot) -> None:
    viewport, place = panel.canvas.plot.viewport(), pixel_of(panel, panel.canvas.view.center().x())
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place)


User = Callable[[QtBot, LossPlot], None]


@pytest.mark.parametrize("zoom", [zoom_by_key, zoom_by_wheel, zoom_by_dragging])
def test_the_users_view_stays_while_the_run_goes_on(show: Show, qtbot: QtBot, zoom: User) -> None:
    panel, history = show(np.linspace(1e3, 1.0, 300), 500)
    whole = panel.canvas.view
    zoom(qtbot, panel)
    own = panel.canvas.view
    assert own != whole
    assert ZOOMED[0] in shown_texts(panel)
    extend(history, [1e9] * 150)
    panel.refresh()
    panel.resize(700, 300)
    assert panel.canvas.view == own
    drawn = steps_drawn(panel)
    inside = [step for step in range(450) if own.left() <= step <= own.right()]
    assert set(inside) <= set(drawn)
    assert len(drawn) <= len(inside) + 4


@pytest.mark.parametrize("reset", [reset_by_key, reset_by_button, reset_by_double_click])
def test_a_reset_shows_the_whole_run_again(show: Show, qtbot: QtBot, reset: User) -> None:
    panel, history = show(np.linspace(1e3, 1.0, 300), 500)
    zoom_by_key(qtbot, panel)
    extend(history, [1e9] * 150)
    panel.refresh()
    reset(qtbot, panel)
    assert ZOOMED[0] not in shown_texts(panel)
    assert panel.canvas.view.contains(QPointF(0, 0))
    assert panel.canvas.view.contains(QPointF(500, 9))
    assert steps_drawn(panel) == list(range(450))


def test_another_run_forgets_view_and_cursor(show: Show, qtbot: QtBot) -> None:
    panel, _ = show([3.0, 2.0, math.nan], 500)
    whole = panel.canvas.view
    zoom_by_key(qtbot, panel)
    panel.set_cursor(1)
    other = History(0)
    extend(other, [3.0, 2.0])
    panel.set_history(other, 2)
    assert panel.canvas.view == whole
    assert reading(panel) == ""


def test_the_scale_can_be_changed_while_zoomed(show: Show, qtbot: QtBot) -> None:
    panel, _ = show(np.linspace(1e3, 1.0, 300), 500)
    zoom_by_key(qtbot, panel)
    own = panel.canvas.view
    log = panel.header.log
    assert log.isChecked()
    log.click()
    assert not panel.logarithmic
    assert (panel.canvas.view.left(), panel.canvas.view.right()) == (own.left(), own.right())
    np.testing.assert_allclose(losses_drawn(panel), np.linspace(1e3, 1.0, 300)[steps_drawn(panel)])
    assert ZOOMED[0] in shown_texts(panel)


def test_losses_that_are_not_finite_break_the_curve_and_are_marked(show: Show) -> None:
    losses = [1e3, 1e5, math.inf, 1e4, 1e3, math.nan, math.nan, -math.inf]
    panel, _ = show(losses, 20)
    assert panel.canvas.marks.above.tolist() == [2, 5, 6, 7]
    assert panel.canvas.marks.below.tolist() == []
    assert reading(panel) == "loss inf at step 2"
    image = panel.canvas.plot.grab().toImage()
    triangle = pixel_of(panel, 2)
    column = {image.pixelColor(triangle.x(), y).name() for y in range(image.height())}
    assert LIGHT.error in column
    assert LIGHT.plot[0] not in column


def test_on_a_logarithmic_axis_zero_and_less_are_marked_below(show: Show) -> None:
    panel, _ = show([10.0, 0.0, -5.0, 100.0], 20)
    assert panel.canvas.marks.below.tolist() == [1, 2]
    panel.set_logarithmic(False)
    assert panel.canvas.marks.below.tolist() == []
    np.testing.assert_allclose(losses_drawn(panel), [10.0, 0.0, -5.0, 100.0])


def test_one_nan_among_many_steps_does_not_tear_the_curve(show: Show) -> None:
    losses = np.full(100_000, 5.0)
    losses[::1000] = np.nan
    panel, _ = show(losses, 100_000)
    image = panel.canvas.plot.grab().toImage()
    left, right = pixel_of(panel, 1000, 5.0), pixel_of(panel, 99_000, 5.0)
    rows = range(left.y() - 2, left.y() + 3)
    empty = [
        x
        for x in range(left.x(), right.x())
        if all(image.pixelColor(x, y).blue() > image.pixelColor(x, y).red() - 60 for y in rows)
    ]
    assert empty == []


@pytest.mark.parametrize("logarithmic", [True, False])
def test_losses_of_any_size_are_drawn(show: Show, logarithmic: bool) -> None:
    panel, _ = show([1e-300, 5e-324, 1.0, 1.7e308, math.inf, -1e308], 10)
    panel.set_logarithmic(logarithmic)
    panel.canvas.plot.grab()
    drawn = losses_drawn(panel)
    assert drawn[3] == pytest.approx(1.7e308) or (logarithmic and drawn[3] == math.inf)


def test_ranges_stay_while_the_loss_falls_within_a_decade(show: Show) -> None:
    panel, history = show([900.0] * 402, 500)
    ranges: list[object] = []
    panel.canvas.box.sigRangeChanged.connect(lambda *_: ranges.append(panel.canvas.view))
    for loss in np.linspace(499, 101, 98):
        extend(history, [loss])
        panel.refresh()
    assert ranges == []
    extend(history, [99.0])
    panel.refresh()
    assert [panel.canvas.view.top(), panel.canvas.view.bottom()] == [1.0, 3.0]
    assert len(ranges) == 1


def test_nothing_is_painted_when_nothing_has_come(show: Show, qtbot: QtBot) -> None:
    panel, history = show([3.0, 2.0], 500)
    paints = Paints()
    viewport = panel.canvas.plot.viewport()
    viewport.repaint()
    QApplication.processEvents()
    viewport.installEventFilter(paints)
    for _ in range(5):
        panel.refresh()
        panel.set_cursor(None)
        QApplication.processEvents()
    assert paints.count == 0
    extend(history, [1.0])
    panel.refresh()
    qtbot.waitUntil(lambda: paints.count > 0)


def test_drawing_twice_changes_nothing(show: Show) -> None:
    panel, history = show([3.0, math.nan, 2.0, 1.0], 500)
    once = panel.grab().toImage()
    panel.set_history(history, 1)
    panel.reset_view()
    panel.set_logarithmic(False)
    panel.set_logarithmic(True)
    assert panel.grab().toImage() == once


def test_parts_have_names_for_a_screen_reader(show: Show) -> None:
    panel, _ = show([1.0], 500)
    plot = panel.canvas.plot
    assert plot.accessibleName()
    assert plot.accessibleDescription()
    for part in (panel.header.log, panel.header.reset, panel.header.more):
        assert part.accessibleName()
        assert part.toolTip()


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0.0, 5.0, "0"),
        (0.25, 0.05, "0.25"),
        (500.0, 100.0, "500"),
        (1000.0, 200.0, "1000"),
        (10_000.0, 5000.0, "10k"),
        (1_500_000.0, 500_000.0, "1.5M"),
        (1_234_567.0, 1.0, "1 234 567"),
        (-2e9, 1e9, "−2G"),
        (4e20, 2e20, "4e20"),
        (2.5e-7, 5e-8, "2.5e−7"),
    ],
)
def test_numbers_are_short_and_tell_neighbours_apart(value: float, spacing: float, text: str) -> None:
    assert number_text(value, spacing).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(("low", "high"), [(-5, 8), (0, 1), (2.2, 2.3), (-300, 300), (300.5, 309.5)])
def test_ticks_of_the_loss_stand_where_they_say(low: float, high: float) -> None:
    ticks = loss_ticks(Scale(True), low, high, 180)
    numbered = [tick for tick in ticks if tick.text]
    assert 1 <= len(numbered) <= 10
    for tick in numbered:
        text = tick.text.replace("\N{NO-BREAK SPACE}", "").replace("−", "-")
        number = float(text.replace("k", "e3").replace("M", "e6"))
        assert low - 1e-9 <= tick.place <= high + 1e-9
        assert math.log10(number) == pytest.approx(tick.place, abs=1e-3)


def test_ticks_of_the_steps_are_whole_steps() -> None:
    assert [tick.text for tick in step_ticks(-0.1, 3.1, 700)] == ["0", "1", "2", "3"]
    assert [tick.text for tick in step_ticks(-150, 10_150, 700)][:3] == ["0", "2k", "4k"]


@pytest.mark.parametrize(
    ("losses", "logarithmic", "expected"),
    [
        ([3e7, 0.02], True, (-2.0, 8.0)),
        ([100.0], True, (2.0, 3.0)),
        ([0.0, math.nan], True, (0.0, 1.0)),
        ([100.0, 3.0], False, (0.0, 128.0)),
        ([-3.0, 100.0], False, (-4.0, 128.0)),
        ([-3.0], False, (-4.0, 0.0)),
        ([0.0], False, (0.0, 1.0)),
    ],
)
def test_ranges_are_decades_or_doublings(
    losses: list[float], logarithmic: bool, expected: tuple[float, float]
) -> None:
    scale, low, high = fitting_scale(np.array(losses), logarithmic)
    found = (low, high) if logarithmic else (scale.loss(low), scale.loss(high))
    assert found == expected


def test_the_axis_fits_the_steps_made_and_not_those_planned() -> None:
    found = [shown_steps(10_000_000, made) for made in (0, 1, 10, 11, 300, 301, 999, 1001)]
    assert found == [10, 10, 10, 15, 300, 400, 1000, 1500]
    assert [shown_steps(450, made) for made in (401, 450, 451)] == [450, 450, 600]
    assert [shown_steps(0, made) for made in (0, 100, 101)] == [10, 100, 150]
    assert shown_steps(3, 2) == 10


def test_the_axis_moves_seven_times_while_a_run_grows_tenfold() -> None:
    assert len({shown_steps(1_000_000, made) for made in range(1001, 10_001)}) == 7


def test_the_first_step_is_named_and_the_plot_says_what_it_is(show: Show) -> None:
    panel, history = show([29428664.0], 500)
    end = panel._drawing.end
    assert end.words == ("2.943e+07", "in step 0")
    assert INTRODUCTION in shown_texts(panel)
    view = panel.canvas.view
    assert (view.top(), view.bottom()) == (6.0, 8.0)
    assert view.right() < 11
    extend(history, [2e7])
    panel.refresh()
    assert end.words == ("", "")
    assert (end.place.x(), panel.canvas.scale.loss(end.place.y())) == pytest.approx((1.0, 2e7))
    assert INTRODUCTION not in shown_texts(panel)
    panel.set_history(History(0), 2)
    assert INTRODUCTION not in shown_texts(panel), "it has been used"


@pytest.mark.parametrize("loss", [2.943e7, 1e-300, math.nan, math.inf])
def test_everything_fits_in_a_narrow_panel(show: Show, loss: float) -> None:
    panel, _ = show([loss] * 3, 500)
    panel.resize(280, 220)
    panel.set_smoothing(30)
    for zoomed in (False, True):
        for step in (None, 2):
            panel.set_cursor(step)
            for label in panel.findChildren(QLabel):
                if label.isVisible() and not label.wordWrap():
                    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
            for button in (panel.header.log, panel.header.more):
                assert button.fontMetrics().horizontalAdvance(button.text()) < button.width()
        if not zoomed:
            panel.canvas.zoom(0.5)
            assert panel.header.reset.isVisible()
