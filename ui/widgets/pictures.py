"""Pictures that are kept, to be drawn again without painting what is in them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPixmap


def blank(size: QSize, ratio: float, color: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent) -> QPixmap:
    """A picture to paint on; Qt has none without any pixel, so it has at least one.

    Args:
        size: in pixels of the widget.
        ratio: pixels of the screen to a pixel of the widget.
        color: of the ground.
    """
    picture = QPixmap((size * ratio).expandedTo(QSize(1, 1)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(color)
    return picture
