"""Two curves in one plot: the scale, what is not finite, and that something is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.gui.themes import wear
from ui.style.theme import DARK, LIGHT, Theme, error_tone, update_tone
from ui.widgets.two_curves import Curve, TwoCurves, first_not_finite, scale_of

NAN, INFINITE = float("nan"), float("inf")


def test_a_scale_holds_every_finite_number() -> None:
    scale = scale_of([[1.0, 2.0, None], [NAN, INFINITE, 4.0]])
    assert scale is not None
    assert (scale.low, scale.high, scale.logarithmic) == (1.0, 4.0, False)
    assert [scale.share(each) for each in scale.ticks()] == [0.0, 0.5, 1.0]
    assert scale_of([[], [NAN, None]]) is None


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [([1e-3, 10.0], True), ([0.0, 1e9], False), ([-1.0, 1e9], False), ([5.0, 6.0], False)],
)
def test_it_is_logarithmic_where_that_is_sensible(values: list[float], logarithmic: bool) -> None:
    scale = scale_of([values])
    assert scale is not None
    assert scale.logarithmic is logarithmic


def test_the_middle_of_a_logarithmic_scale() -> None:
    scale = scale_of([[1e-3, 1e3]])
    assert scale is not None
    assert [scale.share(each) for each in scale.ticks()] == pytest.approx([0.0, 0.5, 1.0])
    flat = scale_of([[3.0, 3.0]])
    assert flat is not None
    assert (flat.share(3.0), flat.ticks()) == (0.5, (3.0,))


def test_the_first_that_is_not_finite() -> None:
    assert first_not_finite([1.0, None, INFINITE, NAN]) == 2
    assert first_not_finite([1.0, None]) is None


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_both_curves_are_drawn_and_said(qtbot: QtBot, theme: Theme) -> None:
    wear(theme)
    plot = TwoCurves()
    qtbot.addWidget(plot)
    plot.resize(400, 168)
    curves = (
        Curve("faulty", [1.0, 8.0, NAN], error_tone),
        Curve("healthy", [1.0, 0.5, 0.25], update_tone, True),
    )
    plot.set_curves("loss", curves, mark=1)
    assert plot.text() == (
        "loss; faulty NaN at 2 after 3 steps, 1 in the first; "
        "healthy 0.25 after 3 steps, 1 in the first; they part in step 1"
    )
    image = plot.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    for color in (theme.error, theme.update):
        assert QColor(color).name() in seen


def test_without_a_number_nothing_is_drawn_but_the_title(qtbot: QtBot) -> None:
    plot = TwoCurves()
    qtbot.addWidget(plot)
    plot.set_curves("loss", [Curve("faulty", [], error_tone)])
    plot.grab()
    assert plot.text() == "loss; faulty: none"
