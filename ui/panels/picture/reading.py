"""What kind of targets a picture has, and hence how its output is shown."""

from __future__ import annotations

from enum import Enum, auto

from playground.data.painting import classes_of
from playground.data.picture import Picture


class Reading(Enum):
    """How the output is read."""

    SIDES = auto()
    """One output, targets of -1 and 1: the border is where it is 0."""
    CLASSES = auto()
    """An output for each class: the largest wins."""
    VALUES = auto()
    """Numbers; of several outputs one is shown."""


def reading_of(picture: Picture) -> Reading:
    """Told by the targets."""
    classes = classes_of(picture.targets)
    if not classes:
        return Reading.VALUES
    if picture.targets.shape[1] > 1:
        return Reading.CLASSES
    return Reading.SIDES if len(picture.output) == 1 else Reading.VALUES
