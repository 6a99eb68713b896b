"""Values on a grid as colors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ui.style.theme import Theme
from ui.widgets.tensor.heatmap import shades_of

GAMMA = 0.8
PERCENTILE = 98
"""Share of the values that lies within the scale, so that a far corner does not make all others pale."""
CLASS_SHARE = 0.45
"""Of a class's color in its area: its points stand out on it."""

_MORE, _MORE_IN_THE_DARK = ("#7a9a01", "#3b2f2f"), ("#b7d84b", "#f4d9c6")
"""Behind the colors of curves: ten classes, such as digits, have a color each."""


def scale_of(values: NDArray[np.floating]) -> float:
    """The absolute value that gets the strongest color; 1 where all are zero."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(np.percentile(finite, PERCENTILE)) if finite.size else 0.0
    return largest or (float(finite.max()) if finite.size else 0.0) or 1.0


def image_of_values(values: NDArray[np.floating], scale: float, theme: Theme) -> QImage:
    """Below zero one color, above it another; shape (rows, columns)."""
    shades = shades_of(theme)
    middle = len(shades) // 2
    finite = np.nan_to_num(np.asarray(values, float), posinf=scale, neginf=-scale)
    share = np.minimum(np.abs(finite) / scale, 1.0) ** GAMMA
    return _image(shades[np.rint(np.copysign(share, finite) * middle).astype(np.intp) + middle])


def image_of_classes(classes: NDArray[np.int64], theme: Theme) -> QImage:
    """An area for each class, in a paler color than its points."""
    ground = QColor(theme.surface)
    mixed = [_mixed(class_color(number, theme), ground) for number in range(int(classes.max()) + 1)]
    return _image(np.array(mixed, np.uint32)[classes])


def class_color(number: int, theme: Theme) -> QColor:
    """Of a class among several."""
    colors = (*theme.plot, *(_MORE_IN_THE_DARK if theme.dark else _MORE))
    return QColor(colors[number % len(colors)])


def _mixed(color: QColor, ground: QColor) -> int:
    ones, others = ((each.red(), each.green(), each.blue()) for each in (color, ground))
    mixed = [CLASS_SHARE * one + (1 - CLASS_SHARE) * other for one, other in zip(ones, others, strict=True)]
    return QColor(*map(round, mixed)).rgb()


def _image(colors: NDArray[np.uint32]) -> QImage:
    height, width = colors.shape
    data = np.ascontiguousarray(colors, np.uint32).tobytes()
    # A copy, since the image would not keep the bytes alive.
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
