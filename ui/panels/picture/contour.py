"""What is zero on the borders of a picture, and the lines along which it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ui.widgets.zero_lines import zero_lines as zero_lines


def margins(outputs: NDArray[np.floating]) -> list[NDArray[np.float64]]:
    """What is zero on the borders between classes: an output, or of several each one above the best other.

    Args:
        outputs: shape (outputs, rows, columns).
    """
    values = np.asarray(outputs, float)
    if len(values) == 1:
        return [values[0]]
    return [each - np.delete(values, number, 0).max(0) for number, each in enumerate(values)]
