"""Pictures to paint on have at least one pixel, whatever room there is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter

from ui.widgets.pictures import blank


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("size", [(0, 0), (0, 9), (7, 0), (-3, 5), (7, 5)])
@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_any_size_can_be_painted_on(size: tuple[int, int], ratio: float) -> None:
    picture = blank(QSize(*size), ratio, QColor("red"))
    assert min(picture.width(), picture.height()) >= 1
    assert abs(picture.width() - max(1, size[0] * ratio)) <= 0.5
    painter = QPainter(picture)
    assert painter.isActive()
    painter.end()
    assert picture.toImage().pixelColor(0, 0) == QColor("red")
