"""Which of the points that are drawn is meant by a place in the plot."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from ui.panels.loss.axes import Losses, Steps
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.items import Along

NEAR = 4
"""Pixels to either side of the pointer in which a point can be meant."""


def nearest_step(canvas: LossCanvas, place: QPointF, steps_made: int) -> int:
    """The step that the user means by a place in the scene.

    Where a column of pixels holds several steps, it is the drawn point nearest to the pointer
    among those within a few pixels; elsewhere the step nearest by its number.
    """
    there = canvas.box.mapSceneToView(place)
    nearest = canvas.x_axis.nearest(there.x(), steps_made)
    curve = canvas.curve
    if len(curve.steps) == 0 or _steps_a_pixel(canvas) <= 1:
        return nearest
    step, distance = nearest_point(canvas, place, curve.steps, curve.along, curve.places)
    return nearest if math.isinf(distance) else step


def nearest_point(
    canvas: LossCanvas, place: QPointF, steps: Steps, x: Along, places: NDArray[np.float64]
) -> tuple[int, float]:
    """The step of the point nearest to a place in the scene, and how many pixels it is away.

    Infinitely many where no point is within a few pixels to either side.
    """
    there, view = canvas.box.mapSceneToView(place), canvas.view
    per_pixel: float = view.width() / canvas.pixels
    first, last = np.searchsorted(x, (there.x() - NEAR * per_pixel, there.x() + NEAR * per_pixel))
    heights = (places[first:last] - there.y()) * canvas.box.height() / view.height()
    distances = np.hypot((x[first:last] - there.x()) / per_pixel, heights)
    if np.isnan(distances).all():
        return -1, math.inf
    index = int(np.nanargmin(distances))
    return int(steps[first + index]), float(distances[index])


def nearest_of_line(
    canvas: LossCanvas, steps: Steps, x: Along, places: Losses, place: QPointF
) -> tuple[int, float]:
    """The step of a curve nearest to a place in the scene, and the distance in pixels from its line."""
    if not len(steps):
        return -1, math.inf
    step, distance = nearest_point(canvas, place, steps, x, places)
    there = canvas.box.mapSceneToView(place)
    if not x[0] <= there.x() <= x[-1]:
        return step, distance
    # Between two points that are far apart the line itself is what the pointer is near to.
    along = float(np.interp(there.x(), x, places))
    upright = abs(along - there.y()) * canvas.box.height() / canvas.view.height()
    if math.isnan(upright) or upright >= distance:
        return step, distance
    return int(steps[np.abs(x - there.x()).argmin()]), upright


def _steps_a_pixel(canvas: LossCanvas) -> float:
    """How dense the curve stands in what is in view."""
    view, curve = canvas.view, canvas.curve
    if canvas.x_axis.seconds is None:
        return view.width() / canvas.pixels
    first, last = np.searchsorted(curve.along, (view.left(), view.right()))
    if last - first < 2:
        return 0.0
    return float(curve.steps[last - 1] - curve.steps[first]) / canvas.pixels
