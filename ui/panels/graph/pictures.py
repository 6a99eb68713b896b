"""Pictures of graphs as they were painted last, so that one that returns need not be painted again."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ui.panels.graph.paint import ScenePainter
from ui.panels.graph.shapes import Colours
from ui.panels.graph.sight import Sight
from ui.panels.graph.text import TextFitter

_MOST_PICTURES = 8


class Pictures:
    """Pictures in one theme and one font.

    A few are kept: DynamicNet shows the same ones again and again, and a cursor goes back and forth.
    """

    def __init__(self, colours: Colours, fitter: TextFitter) -> None:
        """Paints in these colours, with texts in the fitter's font."""
        self._ground = colours.surface
        self._painter = ScenePainter(colours, fitter)
        self._kept: dict[Sight, QPixmap] = {}

    def picture(self, sight: Sight) -> QPixmap:
        """The graph on its ground."""
        if sight not in self._kept:
            if len(self._kept) >= _MOST_PICTURES:
                del self._kept[next(iter(self._kept))]
            self._kept[sight] = self._painted(sight, self._ground)
        return self._kept[sight]

    def sheet(self, sight: Sight) -> QPixmap:
        """The graph on a transparent ground, to be laid over something else; it is not kept."""
        return self._painted(sight, QColor(Qt.GlobalColor.transparent))

    def _painted(self, sight: Sight, ground: QColor) -> QPixmap:
        picture = QPixmap(QSize(sight.width, sight.height) * sight.ratio)
        picture.setDevicePixelRatio(sight.ratio)
        picture.fill(ground)
        painter = QPainter(picture)
        self._painter.paint(painter, sight)
        painter.end()
        return picture
