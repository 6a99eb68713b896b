"""Colors made of others."""

from __future__ import annotations

from PySide6.QtGui import QColor


def mixed(ground: QColor | str, color: QColor | str, share: float) -> QColor:
    """So much of the color on the ground, from 0 to 1; opaque, which is drawn faster than what is faint."""
    below, above = QColor(ground), QColor(color)
    pairs = (
        (below.red(), above.red()),
        (below.green(), above.green()),
        (below.blue(), above.blue()),
    )
    return QColor(*(round(share * over + (1 - share) * under) for under, over in pairs))
