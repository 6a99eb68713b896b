"""Colors of a picture of a net: for the command line, which knows no theme of a window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.data.picture import Picture

_BELOW, _MIDDLE, _ABOVE = (np.array(each, float) for each in ((33, 102, 172), (247, 247, 247), (178, 24, 43)))
"""Blue below 0, white at 0, red above: ColorBrewer's RdBu, which tells them apart for everybody."""
_CLASSES = np.array(
    [
        *((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233)),
        *((213, 94, 0), (240, 228, 66), (119, 119, 119), (102, 51, 0), (0, 0, 0)),
    ],
    np.uint8,
)
"""Okabe and Ito's palette, and two more."""


def pixels_of(picture: Picture) -> NDArray[np.uint8]:
    """The picture's colors, shape (size, size, 3).

    One output is blue below 0 and red above it, up to its largest absolute value; of several the largest
    one gives its class's color. Along a line the outputs are drawn as curves.
    """
    if picture.output.ndim == 2:
        return _curves(picture)
    if len(picture.output) > 1:
        colors: NDArray[np.uint8] = _CLASSES[picture.classes % len(_CLASSES)]
        return colors
    values = np.nan_to_num(picture.output[0].astype(float))
    share = (values / (np.abs(values).max() or 1.0))[..., None]
    end = np.where(share < 0, _BELOW, _ABOVE)
    mixed: NDArray[np.uint8] = (_MIDDLE + np.abs(share) * (end - _MIDDLE)).round().astype(np.uint8)
    return mixed


def output_range(picture: Picture) -> tuple[float, float]:
    """The least and the largest output."""
    return float(picture.output.min()), float(picture.output.max())


def _curves(picture: Picture) -> NDArray[np.uint8]:
    size = picture.output.shape[1]
    pixels = np.full((size, size, 3), 255, np.uint8)
    values = np.nan_to_num(picture.output.astype(float))
    low, high = values.min(), values.max()
    rows = np.round((high - values) / ((high - low) or 1.0) * (size - 1)).astype(int)
    for number, curve in enumerate(rows):
        for column, row in enumerate(curve):
            before = curve[max(0, column - 1)]
            # Steep pieces are joined.
            first, last = sorted((int(before), int(row)))
            pixels[first : last + 1, column] = _CLASSES[number % len(_CLASSES)]
    return pixels
