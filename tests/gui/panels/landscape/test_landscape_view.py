"""The landscape's panel: what is painted, read and said of losses that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from playground.data.landscape import Landscape, WeightPlane
from playground.data.step_size import StepSizes
from tests.gui.driver import colors_of, find, focus
from ui.panels.landscape import LandscapeView
from ui.panels.landscape.coloring import flaw_color, heights_of, scale_of_losses
from ui.panels.landscape.step_canvas import shown_range
from ui.panels.landscape.words import short_number
from ui.style.theme import current_theme

SIZE = 11


def bowl(is_random: bool = False, flawed: bool = False) -> Landscape:
    """(a − 1)² + 2 b² + 0.5, seen from −2 to 2 in both directions."""
    origin = {"w": np.array([1.0, 0.0])}
    directions = {"w": np.array([1.0, 0.0])}, {"w": np.array([0.0, 1.0])}
    path = np.array([[-1.5, 1.0], [-1.0, 0.4], [0.0, 0.0]])
    ranges = ((-2.0, 2.0), (-2.0, 2.0))
    plane = WeightPlane(origin, directions, path, ranges, 0.97, (0, 7, 20), is_random)
    across = np.linspace(-2, 2, SIZE)
    losses = across[None, :] ** 2 + 2 * across[::-1, None] ** 2 + 0.5
    if flawed:
        losses[0, 0] = np.inf
    return Landscape(plane, across, across[::-1], losses, 4.75, 0.5, "all 9 examples")


def parabola(update: bool = False) -> StepSizes:
    """A loss that is lowest at a rate of 0.1 and as high as before at 0.2; the update leads half as far."""
    rates = np.concatenate([[0.0], np.geomspace(1e-3, 10, 41)])
    along = 1 + 100 * ((rates - 0.1) ** 2 - 0.01)
    other = 1 + 100 * ((rates / 2 - 0.1) ** 2 - 0.01) if update else None
    return StepSizes(12, rates, along, other, 1.0, 0.1, 0.0, False, "all 9 examples", None)


@pytest.fixture
def view(qtbot: QtBot) -> LandscapeView:
    view = LandscapeView()
    qtbot.addWidget(view)
    view.resize(300, 280)
    view.show()
    return view


def texts(view: LandscapeView) -> tuple[str, str]:
    title = find(view, QWidget, "landscape_title").accessibleName()
    return title, find(view, QLabel, "landscape_reading").text()


def test_the_plane_its_path_and_its_scale_are_shown(view: LandscapeView, qtbot: QtBot) -> None:
    note = find(view, QLabel, "landscape_note")
    assert "plane of weights" in note.text()
    view.set_made(20)
    view.show_landscape(bowl(flawed=True))
    assert texts(view) == (
        "97% of the variance of 3 points",
        "Loss 4.75 at the start, 0.5 after 20 steps (all 9 examples; 11 × 11 places).",
    )
    theme = current_theme()
    qtbot.waitUntil(lambda: view.plane.height() > 90)
    assert {theme.accent, theme.text, flaw_color(theme).name()} <= colors_of(view.plane)
    stale = find(view, QLabel, "landscape_stale")
    assert not stale.isVisible()
    view.set_made(21)
    assert stale.isVisible()
    # Of another kind nothing is there yet.
    view.choose("random")
    assert note.isVisible()
    view.choose("path")
    view.clear()
    assert note.isVisible()


def test_a_start_off_the_plane_is_said_and_the_dots_tell_their_own_loss(view: LandscapeView) -> None:
    found = replace(bowl(), of_path=np.array([7.25, 1.25, 0.5]), beside=np.array([1.2, 0.1, 0.0]))
    view.show_landscape(found)
    assert texts(view)[1].endswith(
        "places). The start lies off this plane by 1.2: the colors are of the plane below it."
    )
    canvas = view.plane
    for number, said in enumerate(
        (
            "Start: loss 7.25, 1.2 off this plane",
            "After 7 steps: loss 1.25, 0.1 off this plane",
            "After 20 steps: loss 0.5",
        )
    ):
        QTest.mouseMove(canvas, canvas.point_place(number).toPoint())
        assert texts(view)[1] == said
    view.show_landscape(replace(found, beside=np.array([1e-9, 0.0, 0.0])))
    assert "lies off" not in texts(view)[1]


def test_the_step_that_was_chosen_is_marked_on_the_path(view: LandscapeView) -> None:
    view.show_landscape(bowl())
    canvas, blue = view.plane, current_theme().parameter
    assert blue not in colors_of(canvas)
    for step, number in ((7, 1.0), (0, 0.0), (10, 1 + 3 / 13)):
        view.set_chosen(step)
        place = canvas.point_place(number).toPoint()
        assert canvas.grab().toImage().pixelColor(place).name() == blue
    # A later one than the landscape knows of, and none.
    for nowhere in (20, None):
        view.set_chosen(nowhere)
        assert blue not in colors_of(canvas)


def test_mouse_and_keys_read_the_loss_of_a_place(view: LandscapeView, qtbot: QtBot) -> None:
    view.show_landscape(bowl())
    canvas = view.plane
    QTest.mouseMove(canvas, canvas.place(0, SIZE - 1).toPoint())
    assert texts(view)[1] == "(2, 2): loss 12.5"
    focus(qtbot, canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert texts(view)[1] == "(0, 0): loss 0.5"
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert texts(view)[1] == "(−0.4, 0): loss 0.66"
    assert canvas.accessibleDescription() == "(−0.4, 0): loss 0.66"


def test_the_step_size_marks_the_learning_rate_and_what_is_best(view: LandscapeView) -> None:
    view.choose("step")
    found = parabola()
    view.show_step_sizes(found, "")
    assert texts(view) == (
        "Step 12, along its gradient",
        "Loss 1 → 0 at lr 0.1; lowest 0 near 0.1; above 0.2 it rises (all 9 examples).",
    )
    canvas, theme = view.sizes, current_theme()
    assert {theme.backward, theme.accent} <= colors_of(canvas)
    assert theme.update not in colors_of(canvas)
    at = QPointF(canvas.x_of(0.1), canvas.area().center().y())
    QTest.mouseMove(canvas, at.toPoint())
    assert texts(view)[1] == "lr 0.1: loss gradient 0"
    # The loss before the step lies in the picture, the explosion at its right does not.
    low, high = shown_range(found)
    assert low < 0 < 1 < high < 10
    view.show_step_sizes(parabola(update=True), "Adam")
    assert texts(view)[0] == "Step 12, update of Adam and gradient"
    assert {theme.backward, theme.update} <= colors_of(canvas)


def test_problems_and_progress_have_their_place(view: LandscapeView) -> None:
    asked: list[tuple[str, int]] = []
    view.asked.connect(lambda *told: asked.append(told))
    view.choose("random")
    view.compute_button.click()
    assert view.cancel_button.isVisible()
    assert not view.compute_button.isVisible()
    view.show_progress(5, 10)
    view.set_made(20)
    view.show_landscape(bowl(is_random=True))
    assert view.compute_button.isVisible()
    view.compute_button.click()
    # For the same weights another pair of directions.
    assert asked == [("random", 0), ("random", 1)]
    view.show_problem("the weights are not finite")
    assert find(view, QLabel, "landscape_note").text() == "The weights are not finite"
    assert view.compute_button.isVisible()


def test_the_scale_is_logarithmic_where_it_can_be() -> None:
    losses = np.array([[1.0, 10.0], [100.0, np.nan]])
    scale = scale_of_losses(losses)
    assert scale is not None
    assert scale.logarithmic
    np.testing.assert_allclose(heights_of(losses, scale), [[0, 0.5], [1, np.nan]])
    below = scale_of_losses(losses - 2)
    assert below is not None
    assert not below.logarithmic
    assert scale_of_losses(losses * np.nan) is None
    assert [short_number(each) for each in (12800.0, -0.5, 1.5e-7)] == ["1.28e4", "−0.5", "1.5e−7"]
