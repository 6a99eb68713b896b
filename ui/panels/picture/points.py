"""An example as a point of the picture: its shape, its color, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from playground.data.picture import Picture
from ui.panels.picture.coloring import class_color
from ui.panels.picture.reading import Reading
from ui.style.theme import Theme

RADIUS = 3.2
MOST_POINTS = 500
"""Examples that are painted at most; more would hide what is below them."""
_ROOM = 0.06
"""Share of the curve's range that is left free above and below it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of the numbers a rectangle shows.

    Attributes:
        across, up: from the left to the right side, and from the lower to the upper one.
        area: the rectangle, in pixels.
    """

    across: tuple[float, float]
    up: tuple[float, float]
    area: QRectF

    def seen(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Pixels of numbers, both of shape (rows, 2)."""
        low = np.array([self.across[0], self.up[0]])
        high = np.array([self.across[1], self.up[1]])
        share = (np.asarray(values, float) - low) / (high - low)
        pixels: NDArray[np.float64] = np.stack(
            [
                self.area.left() + share[:, 0] * self.area.width(),
                self.area.bottom() - share[:, 1] * self.area.height(),
            ],
            1,
        )
        return pixels

    def values(self, place: QPointF) -> tuple[float, float]:
        """The numbers at a pixel; beside the rectangle those of its edge."""
        x = min(max((place.x() - self.area.left()) / self.area.width(), 0.0), 1.0)
        y = min(max((self.area.bottom() - place.y()) / self.area.height(), 0.0), 1.0)
        return (
            self.across[0] + x * (self.across[1] - self.across[0]),
            self.up[0] + y * (self.up[1] - self.up[0]),
        )


def frame_of(picture: Picture, area: QRectF) -> Frame:
    """What a picture shows in a rectangle: of a line upwards the values."""
    ranges = picture.plane.ranges
    return Frame(ranges[0], ranges[1] if len(ranges) > 1 else values_range(picture), area)


def values_range(picture: Picture) -> tuple[float, float]:
    """Of the targets: a curve that is far off them runs out of the picture, and the points stay seen."""
    values = picture.targets if picture.targets.size else picture.output
    low, high = float(values.min()), float(values.max())
    room = max(high - low, 1e-9) * (_ROOM + 0.1)
    return low - room, high + room


def examples(
    picture: Picture,
) -> list[tuple[NDArray[np.float64], NDArray[np.floating], bool]]:
    """Places and targets of those that are painted, and whether they are held out."""
    found = [(picture.places[:MOST_POINTS], picture.targets[:MOST_POINTS], False)]
    if picture.test_places is not None and picture.test_targets is not None:
        found.append((picture.test_places[:MOST_POINTS], picture.test_targets[:MOST_POINTS], True))
    return found


def look_of_class(number: int, reading: Reading, theme: Theme) -> QColor:
    """The color of a class: of two sides the second is the one above 0."""
    if reading is Reading.CLASSES:
        return class_color(number, theme)
    return QColor(theme.loss if number else theme.parameter)


def paint_point(
    painter: QPainter, place: QPointF, color: QColor, number: int, hollow: bool, theme: Theme
) -> None:
    """An example: disc, square or diamond by its class; hollow where it is held out."""
    painter.setPen(QPen(color if hollow else QColor(theme.surface), 1.6 if hollow else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else color)
    if hollow:
        # The ground behind a ring may have its color.
        painter.setPen(QPen(QColor(theme.surface), 3.2))
        _paint_shape(painter, place, number)
        painter.setPen(QPen(color, 1.6))
    _paint_shape(painter, place, number)


def _paint_shape(painter: QPainter, place: QPointF, number: int) -> None:
    if number % 3 == 0:
        painter.drawEllipse(place, RADIUS, RADIUS)
    elif number % 3 == 1:
        painter.drawRect(QRectF(place.x() - RADIUS, place.y() - RADIUS, 2 * RADIUS, 2 * RADIUS))
    else:
        x, y, reach = place.x(), place.y(), 1.3 * RADIUS
        corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
