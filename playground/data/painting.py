"""From the examples of a picture to points that can be painted, and what painting does to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.data.painted import MOST_CLASSES, MOST_POINTS, PaintedData

if TYPE_CHECKING:
    from playground.data.picture import Picture
    from playground.settings import Settings

FINEST = 1000
"""So many places, or more, a point can have along the range of the data: as many digits are written."""


class CannotPaintError(ValueError):
    """Why the examples of a picture cannot be painted, in one line."""


def classes_of(targets: NDArray[np.floating]) -> int:
    """How many classes the targets tell apart; 0 where they are numbers.

    Args:
        targets: shape (rows, outputs): of two classes one column of -1 and 1, else a column for each, of
            which one is 1 and the others are 0.
    """
    if not targets.size:
        return 0
    if targets.shape[1] == 1:
        return 2 if bool(np.isin(targets, (-1.0, 1.0)).all()) else 0
    one_hot = bool(np.isin(targets, (0.0, 1.0)).all() and (targets.sum(1) == 1).all())
    return targets.shape[1] if one_hot else 0


def painted_from(picture: Picture, settings: Settings) -> PaintedData:
    """The examples of a run as points, in the order of its rows, with as many digits as can be seen.

    Rows that are held out stay those: they are told by their numbers.

    Args:
        picture: of the run.
        settings: of the run.

    Raises:
        CannotPaintError: there are too many, or they are not seen as they are.
    """
    why = why_not(picture, settings)
    if why:
        raise CannotPaintError(why)
    if settings.painted is not None:
        return settings.painted
    places, targets = _all(picture)
    inputs, columns = len(picture.plane.axes), targets.shape[1]
    points = np.empty((len(places), inputs + 1))
    points[:, list(picture.plane.axes)] = places
    points[:, inputs] = targets.argmax(1) if columns > 1 else targets[:, 0]
    rows = np.empty_like(points)
    rows[rows_of(settings)] = points
    digits = digits_of(rows[:, :inputs]), digits_of(rows[:, inputs:])
    if classes_of(targets):
        digits = digits[0], 0
    return PaintedData(
        tuple(
            (*(rounded(each, digits[0]) for each in row[:-1]), rounded(row[-1], digits[1]))
            for row in rows.tolist()
        ),
        inputs,
        columns,
    )


def why_not(picture: Picture, settings: Settings) -> str:
    """Why the examples cannot be painted, in one line; "" where they can."""
    if settings.own is not None:
        return "A program's own data stand in its text: they are changed there."
    inputs = settings.input_size - settings.ones
    if inputs > 2:
        return f"Painting needs one input or two; these data have {inputs:,}."
    columns = picture.targets.shape[1]
    if columns > 1 and not classes_of(_all(picture)[1]):
        return f"Painting needs one number for a target, or classes; here y has {columns} numbers."
    if columns > MOST_CLASSES:
        return f"Painting takes at most {MOST_CLASSES} classes; these data have {columns}."
    count = len(_all(picture)[0])
    if count > MOST_POINTS:
        return f"Painting takes at most {MOST_POINTS} points; these data have {count:,}."
    if len(picture.plane.axes) != inputs:
        return "Painting needs all inputs in the picture."
    if count != settings.batch_size or columns != settings.output_size:
        return "The picture is not yet that of these data."
    return ""


def rows_of(settings: Settings) -> NDArray[np.int64]:
    """The numbers of the rows in the order in which a picture has them: trained on, then held out."""
    if not settings.test_rows:
        return np.arange(settings.batch_size)
    # As the lines of the text draw them.
    drawn = np.random.RandomState(settings.seed).permutation(settings.batch_size)
    return np.concatenate([drawn[settings.test_rows :], drawn[: settings.test_rows]])


def digits_of(values: NDArray[np.floating] | Sequence[float]) -> int:
    """Digits behind the point with which values of such a range are written.

    Args:
        values: in any columns; of these the one counts that has the largest range.
    """
    span = float(np.ptp(values, axis=0).max()) if len(values) else 0.0
    return 3 if not span > 0 else max(0, math.ceil(math.log10(FINEST / span)))


def rounded(value: float, digits: int) -> float:
    """With so many digits behind the point; never -0."""
    return round(float(value), digits) + 0.0


def with_added(painted: PaintedData, points: Sequence[Sequence[float]]) -> PaintedData:
    """With more points behind the others.

    Raises:
        CannotPaintError: there would be too many.
    """
    if len(painted.points) + len(points) > MOST_POINTS:
        raise CannotPaintError(f"There are {MOST_POINTS} points: no more are taken; erase some first.")
    return replace(painted, points=(*painted.points, *map(tuple, points)))


def with_moved(painted: PaintedData, row: int, point: Sequence[float]) -> PaintedData:
    """With one point elsewhere."""
    points = list(painted.points)
    points[row] = tuple(point)
    return replace(painted, points=tuple(points))


def without(painted: PaintedData, rows: Sequence[int]) -> PaintedData:
    """Without some points.

    Raises:
        CannotPaintError: none would be left.
    """
    gone = set(rows)
    points = tuple(point for row, point in enumerate(painted.points) if row not in gone)
    if not points:
        raise CannotPaintError("One point has to stay: there would be nothing to train on.")
    return replace(painted, points=points)


def _all(picture: Picture) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """Places and targets of those that are trained on, and of those that are held out behind them."""
    if picture.test_places is None or picture.test_targets is None:
        return picture.places, picture.targets
    places = np.concatenate([picture.places, picture.test_places])
    return places, np.concatenate([picture.targets, picture.test_targets])
