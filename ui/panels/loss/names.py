"""Which curve is which: their names and losses in a line above the plot, where they cover nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.panels.loss.legend import Entry
from ui.style.scale import stroke
from ui.style.theme import current_theme

MOST_LINES = 2
LEFT, RIGHT = 16.0, 12.0
LONGEST_VALUE = "8.888e+88"
"""So much room is kept for a loss: the names stand still while it changes."""
WIDEST_NAME = 110.0
_SWATCH, _GAP, _APART = 14.0, 5.0, 14.0
_MOST_DEPTHS = 6


class CurveNames(QWidget):
    """A swatch, a name and a loss for each curve, in two lines at most; then how many there are besides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Says nothing, and takes no room."""
        super().__init__(parent)
        self.setObjectName("loss_names")
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, 0.9 * font.pointSizeF()))
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._entries: tuple[Entry, ...] = ()
        self._depths: tuple[str, ...] = ()
        self._places: list[tuple[QPointF, Entry]] = []
        self._rest = ""
        self.hide()

    def texts(self) -> list[str]:
        """What is said, an entry each, in full."""
        said = [f"{entry.name}  {entry.value}".rstrip() for _, entry in self._places]
        said += [self._rest] if self._rest else []
        return [*said, "depth " + " ".join(self._depth_words())] if self._depths else said

    def set_entries(self, entries: Sequence[Entry], depth_colors: Sequence[str] = ()) -> None:
        """Says this; nothing at all hides it.

        Args:
            entries: the curves, the most important first.
            depth_colors: the colors of the depths from 0 on, where dots have them.
        """
        state = tuple(entries), tuple(depth_colors)
        if state == (self._entries, self._depths):
            return
        self._entries, self._depths = state
        everything = [f"{each.name} {each.value}".rstrip() for each in entries]
        self.setAccessibleName("; ".join(everything))
        notes = [f"{each.name}: {each.note}" for each in entries if each.note]
        self.setToolTip("\n".join(everything + notes))
        self.setVisible(bool(entries or depth_colors))
        self._lay_out()

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        lines = 1 + max((round(place.y() / self._row()) for place, _ in self._places), default=0)
        return QSize(0, math.ceil(lines * self._row() + 4)) if self._entries or self._depths else QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Breaks the lines anew."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Swatches, names and losses."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, entry in self._places:
            self._paint_entry(painter, place, entry)
        metrics = QFontMetricsF(self.font())
        painter.setFont(self.font())
        if self._rest:
            painter.setPen(QColor(current_theme().muted))
            width = metrics.horizontalAdvance(self._rest)
            at = QPointF(self.width() - RIGHT - width, self.sizeHint().height() - 4 - metrics.descent())
            painter.drawText(at, self._rest)
        if self._depths:
            self._paint_depths(painter, metrics)
        painter.end()

    # Inside

    def _lay_out(self) -> None:
        """Finds places for as many entries as two lines hold."""
        places, line = self._placed(self._entries, 0.0)
        if line >= MOST_LINES:
            keep = QFontMetricsF(self.font()).horizontalAdvance("and 88 more") + _GAP
            places, _ = self._placed(self._entries, keep)
            places = [(place, entry) for place, entry in places if place.y() < MOST_LINES * self._row() - 1]
        self._places = places
        left_out = len(self._entries) - len(places)
        self._rest = f"and {left_out} more" if left_out else ""
        self.updateGeometry()
        self.update()

    def _placed(self, entries: Sequence[Entry], kept: float) -> tuple[list[tuple[QPointF, Entry]], int]:
        """Where entries stand, and the last line's number; the last one allowed keeps room at its end."""
        room = self.width() - RIGHT - (self._depth_width() if self._depths else 0.0)
        left, line, places = LEFT, 0, []
        for entry in entries:
            width = self._width_of(entry)
            end = room - (kept if line == MOST_LINES - 1 else 0.0)
            if left > LEFT and left + width > end:
                left, line = LEFT, line + 1
            places.append((QPointF(left, line * self._row()), entry))
            left += width + _APART
        return places, line

    def _width_of(self, entry: Entry) -> float:
        metrics = QFontMetricsF(self._bold())
        name = min(metrics.horizontalAdvance(entry.name), WIDEST_NAME)
        value = QFontMetricsF(self.font()).horizontalAdvance(LONGEST_VALUE)
        return _SWATCH + _GAP + name + _GAP + value

    def _paint_entry(self, painter: QPainter, place: QPointF, entry: Entry) -> None:
        theme, row = current_theme(), self._row()
        font = self._bold() if entry.strong else self.font()
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        middle, baseline = place.y() + row / 2, place.y() + metrics.ascent() + 1
        left = place.x()
        if entry.color:
            style = Qt.PenStyle.DashLine if entry.dashed else Qt.PenStyle.SolidLine
            pen = QPen(QColor(entry.color), stroke(2.0), style)
            if entry.dashed:
                pen.setDashPattern([2.5, 1.5])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + _SWATCH, middle))
        left += _SWATCH + _GAP
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, WIDEST_NAME)
        painter.setPen(QColor(theme.text))
        painter.drawText(QPointF(left, baseline), name)
        left += min(QFontMetricsF(self._bold()).horizontalAdvance(entry.name), WIDEST_NAME) + _GAP
        painter.setPen(QColor(theme.muted))
        painter.drawText(QPointF(left, baseline), entry.value)

    def _depth_words(self) -> list[str]:
        """The depths that have a sign of their own, and dots for those that there is no room for."""
        words = [str(depth) for depth in range(len(self._depths))]
        return words if len(words) <= _MOST_DEPTHS else [*words[: _MOST_DEPTHS - 2], "…", words[-1]]

    def _depth_width(self) -> float:
        metrics = QFontMetricsF(self.font())
        words = self._depth_words()
        signs = sum(metrics.horizontalAdvance(word) + _GAP + (9.0 if word != "…" else 0.0) for word in words)
        return metrics.horizontalAdvance("depth") + _GAP + signs

    def _paint_depths(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        """ "depth", and a dot and a number for each, at the right; at the left where nothing else is said."""
        left = self.width() - RIGHT - self._depth_width() if self._entries else LEFT
        baseline, middle = metrics.ascent() + 1, self._row() / 2
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(QPointF(left, baseline), "depth")
        left += metrics.horizontalAdvance("depth") + _GAP
        for word in self._depth_words():
            if word != "…":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self._depths[int(word)]))
                painter.drawEllipse(QPointF(left + 3, middle), 3.0, 3.0)
                left += 9.0
            painter.setPen(QColor(current_theme().text))
            painter.drawText(QPointF(left, baseline), word)
            left += metrics.horizontalAdvance(word) + _GAP

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _row(self) -> float:
        return math.ceil(QFontMetricsF(self.font()).height()) + 2.0
