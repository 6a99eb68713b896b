"""Which curve is which, in the corner of a plot where it hides the least; with a number behind each name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from ui.style.scale import stroke
from ui.style.theme import current_theme
from ui.widgets.pictures import blank

MOST_NAMES = 8
WIDEST = 230.0
HIGHEST = 0.55
"""Share of the plot's height that its lines may take."""
_SIDES = 8.0
_SWATCH = 14.0
_GAP = 6.0
_MARGIN = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend.

    Attributes:
        name: of the curve.
        color: its color; empty for a line without a swatch.
        value: what stands behind the name.
        strong: whether it stands out: the curve that is pointed at.
        dashed: whether the curve's line is.
        note: what the name leaves open, for a tooltip.
    """

    name: str
    color: str = ""
    value: str = ""
    strong: bool = False
    dashed: bool = False
    note: str = ""


def cut(entries: Sequence[Entry], most: int) -> list[Entry]:
    """No more than `most` entries, a strong one among them, and a line that counts the others."""
    if len(entries) <= most or most < 1:
        return list(entries)
    kept = list(entries[:most])
    strong = next((entry for entry in entries[most:] if entry.strong), None)
    if strong is not None:
        kept[-1] = strong
    return [*kept, Entry(f"… {len(entries) - most} more")]


class Legend(QWidget):
    """Lines of names over a plot; the mouse does not see it.

    Painted once for each change: what lies behind it may be repainted many times a second.
    """

    def __init__(self, parent: QWidget, on_the_right: bool = True, widest: float = WIDEST) -> None:
        """An empty legend, hidden."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("loss_legend")
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, 0.88 * font.pointSizeF()))
        self.setFont(font)
        self._all: list[Entry] = []
        self._entries: list[Entry] = []
        self._obstacles = np.empty((2, 0))
        self._on_the_right = on_the_right
        self._widest = widest
        self._area = QRect()
        self._pointer: QPoint | None = None
        self._picture = QPixmap()
        self.hide()

    def texts(self) -> list[str]:
        """What the lines say, in full."""
        return [f"{entry.name}  {entry.value}".rstrip() for entry in self._entries]

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Says this; nothing at all hides it."""
        if list(entries) != self._all:
            self._all = list(entries)
            self._cut()

    def set_obstacles(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Stands where it hides the fewest of these points, in pixels of its parent."""
        self._obstacles = np.stack([x, y])
        self._lay_out()

    def set_area(self, area: QRect) -> None:
        """Stands in a corner of this part of its parent."""
        if area != self._area:
            self._area = QRect(area)
            self._cut()

    def avoid(self, pointer: QPoint | None) -> None:
        """Goes to the other corner while the pointer is here, unless it is far enough away."""
        if pointer != self._pointer:
            self._pointer = pointer
            self._lay_out()

    def sizeHint(self) -> QSize:
        """As wide as the longest line, up to a share of the plot."""
        if not self._entries:
            return QSize(0, 0)
        metrics = QFontMetricsF(self._bold())
        widths = [self._line_width(metrics, entry) for entry in self._entries]
        width = min(max(widths, default=0.0), self._widest, 0.6 * self._area.width())
        return QSize(math.ceil(width), math.ceil(self._row() * len(self._entries) + _SIDES))

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._picture = QPixmap()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copies the picture."""
        if self._picture.isNull():
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _cut(self) -> None:
        """Shows as many lines as a share of the plot's height holds."""
        fitting = max(2, int(HIGHEST * self._area.height() / self._row()))
        self._entries = cut(self._all, min(MOST_NAMES, fitting))
        self.setAccessibleName("; ".join(self.texts()))
        self._picture = QPixmap()
        self._lay_out()

    def _lay_out(self) -> None:
        size = self.sizeHint()
        self.setVisible(not size.isEmpty())
        if size.isEmpty():
            return
        places = self._places(size)
        if self._obstacles.size:
            place = min(places, key=self._hidden_points)
        else:
            near = places[0].adjusted(-3 * _MARGIN, -3 * _MARGIN, 3 * _MARGIN, 3 * _MARGIN)
            place = places[self._pointer is not None and near.contains(self._pointer)]
        if size != self.size():
            self._picture = QPixmap()
        self.setGeometry(place)
        self.update()

    def _places(self, size: QSize) -> list[QRect]:
        """Where it may stand, the usual place first: at the top, then lower."""
        area = self._area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        spare = max(0, area.height() - size.height())
        sides = [area.left(), area.right() - size.width() + 1]
        if self._on_the_right:
            sides.reverse()
        heights = (0, spare // 2, 3 * spare // 4) if self._obstacles.size else (0,)
        return [QRect(QPoint(x, area.top() + y), size) for y in heights for x in sides]

    def _hidden_points(self, place: QRect) -> int:
        x, y = self._obstacles
        inside = (x > place.left()) & (x < place.right()) & (y > place.top()) & (y < place.bottom())
        return int(np.count_nonzero(inside))

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _row(self) -> float:
        return QFontMetricsF(self.font()).height() + 1.0

    def _line_width(self, metrics: QFontMetricsF, entry: Entry) -> float:
        value = metrics.horizontalAdvance(entry.value) + 2 * _GAP if entry.value else 0.0
        return 2 * _SIDES + _SWATCH + _GAP + metrics.horizontalAdvance(entry.name) + value + 1.0

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = blank(self.size(), ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(current_theme().surface)
        ground.setAlphaF(0.9)
        painter.setBrush(ground)
        painter.setPen(QPen(QColor(current_theme().border), 1.0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4.0, 4.0)
        top = _SIDES / 2
        for entry in self._entries:
            self._paint_entry(painter, entry, top)
            top += self._row()
        painter.end()
        return picture

    def _paint_entry(self, painter: QPainter, entry: Entry, top: float) -> None:
        row = self._row()
        painter.setFont(self._bold() if entry.strong else self.font())
        metrics = QFontMetricsF(painter.font())
        if entry.color:
            painter.setPen(QPen(QColor(entry.color), stroke(2.5)))
            middle = top + row / 2
            painter.drawLine(QPointF(_SIDES, middle), QPointF(_SIDES + _SWATCH, middle))
        left = _SIDES + _SWATCH + _GAP
        room = QRectF(left, top, self.width() - _SIDES - left, row)
        across = Qt.AlignmentFlag.AlignVCenter
        if entry.value:
            painter.setPen(QColor(current_theme().text))
            painter.drawText(room, across | Qt.AlignmentFlag.AlignRight, entry.value)
            room.setRight(room.right() - metrics.horizontalAdvance(entry.value) - _GAP)
        painter.setPen(QColor(entry.color or current_theme().muted))
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, across | Qt.AlignmentFlag.AlignLeft, name)
