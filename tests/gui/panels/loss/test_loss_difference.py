"""The plot of how far stages differ: its curves, its zeros and its counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.gui.themes import wear
from ui.panels.loss.difference import ALL_EQUAL, EMPTY, DifferencePlot
from ui.style.theme import DARK, LIGHT, Theme

Differences = Sequence[tuple[str, str, NDArray[np.float64]]]
Show = Callable[[Differences, str], DifferencePlot]
NOTE = "The last steps differ more only because the loss has fallen by twelve decades."
FALLING = np.geomspace(1e-8, 1e-3, 500)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def place(curves: Differences, note: str) -> DifferencePlot:
        panel = DifferencePlot()
        qtbot.addWidget(panel)
        panel.resize(680, 300)
        panel.show_differences(curves, note)
        with qtbot.waitActive(panel):
            panel.show()
        panel.setFocus()
        return panel

    return place


def texts(panel: DifferencePlot) -> list[str]:
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in panel.legend.texts()]


def visible(panel: DifferencePlot) -> list[str]:
    return [each.text() for each in panel.findChildren(QLabel) if each.isVisible() and each.text()]


def colors_in_row(panel: DifferencePlot, y: int) -> list[str]:
    image = panel.canvas.plot.grab().toImage()
    area = panel.canvas.plot.mapFromScene(panel.canvas.box.sceneBoundingRect()).boundingRect()
    return [image.pixelColor(x, y).name() for x in range(area.left() + 20, area.right() - 20)]


def test_says_what_it_is_for_while_there_is_nothing(show: Show) -> None:
    panel = show([], "")
    assert EMPTY in visible(panel)
    assert not panel.legend.isVisible()
    panel.show_differences([("nn", LIGHT.plot[1], FALLING)], NOTE)
    assert EMPTY not in visible(panel)
    assert NOTE in visible(panel)
    panel.show_differences([], "")
    assert EMPTY in visible(panel)
    assert NOTE not in visible(panel)


def test_every_difference_of_a_short_run_is_drawn(show: Show) -> None:
    panel = show([("nn", LIGHT.plot[1], FALLING)], "")
    (drawn,) = panel.item.curves
    assert drawn.steps.tolist() == list(range(500))
    np.testing.assert_allclose(10.0**drawn.places, FALLING, rtol=1e-9)
    assert [panel.canvas.view.top(), panel.canvas.view.bottom()] == [-8.0, -3.0]


def test_zeros_are_counted_and_drawn_at_the_lower_edge(show: Show) -> None:
    half = np.where(np.arange(500) < 250, 0.0, 1e-7)
    curves = [("tensor", LIGHT.plot[1], np.zeros(500)), ("nn", LIGHT.plot[2], half)]
    panel = show(curves, NOTE)
    assert texts(panel) == [
        "tensor: equal bits in 500 of 500 steps",
        "nn: equal bits in 250 of 500 steps  ≤ 1e-07",
    ]
    tensor, nn = panel.item.curves
    assert tensor.strokes() == [(-0.5, 499.5)]
    assert nn.strokes() == [(-0.5, 249.5)]
    assert panel.canvas.view.top() < -7
    area = panel.canvas.plot.mapFromScene(panel.canvas.box.sceneBoundingRect()).boundingRect()
    rows = [colors_in_row(panel, y) for y in range(area.bottom() - 12, area.bottom())]
    assert max(row.count(LIGHT.plot[1]) / len(row) for row in rows) > 0.9
    assert 0.4 < max(row.count(LIGHT.plot[2]) / len(row) for row in rows) < 0.6


def test_where_all_bits_are_equal_the_axis_shows_what_could_differ(show: Show) -> None:
    panel = show([("tensor", LIGHT.plot[1], np.zeros(500))], "")
    assert (panel.canvas.view.top(), panel.canvas.view.bottom()) == ALL_EQUAL


def test_what_is_not_finite_breaks_the_curve_and_is_not_equal(show: Show) -> None:
    values = np.array([1e-7, math.nan, 1e-6, math.inf, 0.0])
    panel = show([("nn", LIGHT.plot[1], values)], "")
    assert texts(panel) == ["nn: equal bits in 1 of 5 steps  ≤ 1e-06"]
    assert panel.item.curves[0].strokes() == [(3.5, 4.5)]
    panel.canvas.plot.grab()


def test_a_long_run_is_thinned_and_keeps_its_largest_difference(show: Show) -> None:
    values = np.full(200_000, 1e-9)
    values[123_456] = 1e-2
    panel = show([("nn", LIGHT.plot[1], values)], "")
    (drawn,) = panel.item.curves
    assert len(drawn.steps) <= 2 * panel.canvas.pixels + 2
    assert 123_456 in drawn.steps


def test_curves_of_different_lengths_and_none_at_all(show: Show) -> None:
    panel = show([("nn", LIGHT.plot[1], FALLING), ("optim", LIGHT.plot[2], np.empty(0))], "")
    assert texts(panel)[1] == "optim: equal bits in 0 of 0 steps"
    assert panel.canvas.view.right() >= 500


def test_pointing_reads_one_step_of_every_stage(show: Show, qtbot: QtBot) -> None:
    curves = [("tensor", LIGHT.plot[1], np.zeros(400)), ("nn", LIGHT.plot[2], np.full(500, 2e-7))]
    panel = show(curves, "")
    viewport = panel.canvas.plot.viewport()

    def move(step: int) -> None:
        place = panel.canvas.box.mapViewToScene(QPointF(step, panel.canvas.view.center().y()))
        with qtbot.waitSignal(panel.canvas.pointed):
            qtbot.mouseMove(viewport, QPoint(panel.canvas.plot.mapFromScene(place)))

    move(200)
    move(201)
    assert texts(panel) == ["tensor  equal bits", "nn  2e-07"]
    assert "step" in " ".join(visible(panel))
    move(450)
    assert texts(panel) == ["tensor  –", "nn  2e-07"]


def test_the_legend_hides_no_point_where_it_can_do_otherwise(show: Show) -> None:
    panel = show([("nn", LIGHT.plot[1], FALLING), ("tensor", LIGHT.plot[2], np.zeros(500))], "")
    x, y = panel._points_in_pixels()
    place = panel.legend.geometry()
    inside = (x > place.left()) & (x < place.right()) & (y > place.top()) & (y < place.bottom())
    assert np.count_nonzero(inside) == 0


def test_keys_zoom_and_show_everything_again(show: Show, qtbot: QtBot) -> None:
    panel = show([("nn", LIGHT.plot[1], FALLING)], "")
    whole = panel.canvas.view
    qtbot.keyClick(panel.canvas.plot, Qt.Key.Key_Plus)
    assert panel.canvas.view.width() < whole.width()
    assert len(panel.item.curves[0].steps) < 500
    qtbot.keyClick(panel.canvas.plot, Qt.Key.Key_R)
    assert panel.canvas.view == whole


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_takes_its_colors_from_the_theme(show: Show, theme: Theme) -> None:
    panel = show([("nn", theme.plot[1], FALLING)], NOTE)
    wear(theme)
    assert panel.grab().toImage().pixelColor(2, panel.height() - 2).name() == theme.surface
    assert panel.canvas.plot.accessibleName()
