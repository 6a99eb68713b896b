"""Losses as colors: the ground where they are low, ever stronger where they are high."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ui.style.colors import mixed
from ui.style.theme import Theme
from ui.widgets.two_curves import Scale

_SHADES = 256
_CONTOURS = 9
"""Lines of equal loss between the lowest and the highest."""


def scale_of_losses(losses: NDArray[np.float64]) -> Scale | None:
    """From the lowest finite loss to the highest, logarithmic where all are above 0; None without any."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    return Scale(low, high, low > 0 and high > low)


def contour_levels(scale: Scale) -> list[float]:
    """Losses at which lines are drawn, evenly apart on the scale."""
    shares = [number / (_CONTOURS + 1) for number in range(1, _CONTOURS + 1)]
    if scale.logarithmic:
        low, high = math.log(scale.low), math.log(scale.high)
        return [math.exp(low + share * (high - low)) for share in shares]
    return [scale.low + share * (scale.high - scale.low) for share in shares]


def heights_of(losses: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """From 0 at the lowest loss to 1 at the highest, as the scale has it; NaN where a loss is not finite."""
    values = np.where(np.isfinite(losses), losses, np.nan)
    low, high = scale.low, scale.high
    if scale.logarithmic:
        values, low, high = np.log(values), math.log(low), math.log(high)
    return np.asarray((values - low) / ((high - low) or 1.0))


def image_of_losses(losses: NDArray[np.float64], scale: Scale, theme: Theme, pixels: int) -> QImage:
    """The losses of a grid, shape (rows, columns), between whose points is interpolated.

    Args:
        losses: where one is not finite the image is of the color for that.
        scale: of the losses.
        theme: for the colors.
        pixels: a side of the image; its outermost pixels lie on the grid's outermost points.
    """
    heights = heights_of(losses, scale)
    flawed = np.isnan(heights)
    filled = np.where(flawed, 1.0, heights)
    rows, columns = (np.linspace(0, length - 1, pixels) for length in losses.shape)
    across = np.array([np.interp(columns, np.arange(losses.shape[1]), row) for row in filled])
    both = np.array([np.interp(rows, np.arange(losses.shape[0]), column) for column in across.T]).T
    shades = np.array([shade(number / (_SHADES - 1), theme).rgb() for number in range(_SHADES)], np.uint32)
    colors = shades[np.rint(np.clip(both, 0, 1) * (_SHADES - 1)).astype(np.intp)]
    nearest = flawed[np.rint(rows).astype(np.intp)][:, np.rint(columns).astype(np.intp)]
    colors[nearest] = flaw_color(theme).rgb()
    data = np.ascontiguousarray(colors, np.uint32).tobytes()
    # A copy, since the image would not keep the bytes alive.
    return QImage(data, pixels, pixels, 4 * pixels, QImage.Format.Format_RGB32).copy()


def shade(height: float, theme: Theme) -> QColor:
    """From the ground to the loss's own color, and on towards that of the text."""
    if height <= 0.7:
        return mixed(theme.surface, theme.loss, height / 0.7)
    return mixed(theme.loss, theme.text, (height - 0.7) / 0.3 * 0.7)


def flaw_color(theme: Theme) -> QColor:
    """Where a loss is not finite."""
    return mixed(theme.surface, theme.error, 0.45)
