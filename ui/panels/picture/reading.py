"""What kind of targets a picture has, and hence how its output is shown."""

from __future__ import annotations

from enum import Enum, auto

import numpy as np

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
    targets = picture.targets
    if not targets.size:
        return Reading.VALUES
    if targets.shape[1] == 1:
        sides = bool(np.isin(targets, (-1.0, 1.0)).all())
        return Reading.SIDES if sides and len(picture.output) == 1 else Reading.VALUES
    one_hot = bool(np.isin(targets, (0.0, 1.0)).all() and (targets.sum(1) == 1).all())
    return Reading.CLASSES if one_hot else Reading.VALUES
