"""A small chart of the loss against the depth: a bar where most losses lie, and a dot at their median."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.runs.structure_statistics import DepthLoss
from ui.panels.filmstrip.steps import depth_text, number, small_font
from ui.style.phases import structure_color
from ui.style.theme import current_theme

TITLE = "loss by depth"
NOTHING = "no finite loss"

_WIDTH = 176
_WIDEST_BAR, _THINNEST_BAR = 4.0, 1.5
_DOT = 2.8
_LOGARITHMIC_FROM = 20.0
"""How many times the smallest loss the largest is, where the axis becomes logarithmic."""
_LARGEST = 1e300
_SMALLEST = 1e-300
_MANTISSAS = (1, 2, 5, 10)
_LABEL_STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class LossRange:
    """What the axis of the loss shows, between two round numbers, so that it seldom changes.

    Attributes:
        bottom, top: the losses at its ends.
        logarithmic: whether every tenfold takes the same room.
        lines: losses at which a line is drawn.
    """

    bottom: float
    top: float
    logarithmic: bool
    lines: tuple[float, ...]

    def place(self, loss: float) -> float:
        """Where a loss stands, from 0 at the bottom to 1 at the top."""
        if self.logarithmic:
            place = math.log(max(loss, _SMALLEST) / self.bottom) / math.log(self.top / self.bottom)
        else:
            place = (loss - self.bottom) / (self.top - self.bottom)
        return min(max(place, 0.0), 1.0)


def loss_range(low: float, high: float) -> LossRange:
    """A range that shows all losses from the finite `low` to the finite `high`."""
    low, high = (min(max(loss, -_LARGEST), _LARGEST) for loss in (low, high))
    if low > _SMALLEST and high >= _LOGARITHMIC_FROM * low:
        return _logarithmic_range(low, high)
    # Where all losses are alike, a tenth of them to either side.
    margin = 0.0 if high > low else 0.1 * abs(low) or 1.0
    low, high = low - margin, high + margin
    spacing = _round_up(max((high - low) / 3, 1e-9 * max(abs(low), abs(high))))
    first, last = math.floor(low / spacing), math.ceil(high / spacing)
    lines = tuple(each * spacing for each in range(first, last + 1))
    return LossRange(lines[0], lines[-1], False, lines)


def _logarithmic_range(low: float, high: float) -> LossRange:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = math.ceil((last - first) / 5)
    decades = [10.0**exponent for exponent in range(first, last + 1, every)]
    bottom, top = _round_down(low), _round_up(high)
    return LossRange(bottom, top, True, tuple(each for each in decades if bottom <= each <= top))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, … that is not below."""
    return min(each for each in _round_numbers(value) if each >= value)


def _round_down(value: float) -> float:
    return max(each for each in _round_numbers(value) if each <= value)


def _round_numbers(value: float) -> list[float]:
    exponent = math.floor(math.log10(value))
    # From decimal text, which gives the very number that is written beside the axis.
    return [float(f"{m}e{e}") for e in (exponent - 1, exponent, exponent + 1) for m in _MANTISSAS]


class DepthChart(QWidget):
    """Bars in the colors of the depths; a tooltip tells their numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without depths at first."""
        super().__init__(parent)
        self._depths: tuple[DepthLoss, ...] = ()
        self._range: LossRange | None = None
        self._colors: dict[int, tuple[QColor, QColor]] = {}
        self.setFont(small_font(self.font()))
        self.setObjectName("filmstrip_chart")
        self.setAccessibleName("Loss by depth")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def range_shown(self) -> LossRange | None:
        """What the axis of the loss shows; None if there is no finite loss."""
        return self._range

    def set_depths(self, depths: Sequence[DepthLoss]) -> None:
        """Shows these depths, rising, each in its color."""
        if tuple(depths) == self._depths:
            return
        self._depths = tuple(depths)
        finite = [loss for loss in self._depths if math.isfinite(loss.median)]
        if finite:
            self._range = loss_range(min(each.low for each in finite), max(each.high for each in finite))
        else:
            self._range = None
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._colors.clear()
        super().changeEvent(event)

    def text(self) -> str:
        """What the tooltips say, a depth a line."""
        return "\n".join(depth_text(each) for each in self._depths)

    def reading_at(self, place: QPoint) -> str:
        """What is known of the depth nearest to a place."""
        if not self._depths:
            return ""
        area = self._area()
        return depth_text(min(self._depths, key=lambda each: abs(self._x(each.depth, area) - place.x())))

    def sizeHint(self) -> QSize:
        """Always the same width, so that nothing moves as numbers change."""
        return QSize(_WIDTH, 96)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return QSize(_WIDTH, 60)

    def event(self, event: QEvent) -> bool:
        """Tells in a tooltip the numbers of the depth under the pointer."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        QToolTip.showText(event.globalPos(), self.reading_at(event.pos()), self)
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints title, axes and bars."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current_theme().surface))
        painter.setFont(self.font())
        area, line = self._area(), self.fontMetrics().height()
        painter.setPen(QColor(current_theme().muted))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(area.left(), 0, area.width(), line), left, TITLE)
        self._paint_depths(painter, area)
        if self._range is None:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, NOTHING)
        else:
            self._paint_axis(painter, area, self._range)
            self._paint_bars(painter, area, self._range)
        painter.end()

    def _area(self) -> QRectF:
        """Where the bars are: right of the losses, above the depths, below the title."""
        metrics = self.fontMetrics()
        labels = metrics.horizontalAdvance("8.88e-8")
        line = metrics.height()
        return QRectF(labels + 5, line + 4, self.width() - labels - 8, self.height() - 2 * line - 6)

    def _x(self, depth: int, area: QRectF) -> float:
        """The middle of a depth's column."""
        first, last = self._depths[0].depth, self._depths[-1].depth
        return area.left() + area.width() * (depth - first + 0.5) / (last - first + 1)

    def _paint_axis(self, painter: QPainter, area: QRectF, losses: LossRange) -> None:
        line = self.fontMetrics().height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for loss in (losses.bottom, losses.top):
            y = area.bottom() - losses.place(loss) * area.height()
            painter.drawText(QRectF(0, y - line / 2, area.left() - 5, line), right, number(loss))
        painter.setPen(QColor(current_theme().border))
        for loss in {losses.bottom, losses.top, *losses.lines}:
            y = round(area.bottom() - losses.place(loss) * area.height()) + 0.5
            painter.drawLine(QLineF(area.left(), y, area.right(), y))

    def _paint_depths(self, painter: QPainter, area: QRectF) -> None:
        if not self._depths:
            return
        metrics = self.fontMetrics()
        first, last = self._depths[0].depth, self._depths[-1].depth
        room = area.width() / (last - first + 1)
        widest = metrics.horizontalAdvance(f"{last}") + 8
        every = next((each for each in _LABEL_STEPS if each * room >= widest), _LABEL_STEPS[-1])
        for depth in range(-(-first // every) * every, last + 1, every):
            place = QRectF(self._x(depth, area) - 20, area.bottom() + 2, 40, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{depth}")

    def _paint_bars(self, painter: QPainter, area: QRectF, losses: LossRange) -> None:
        room = area.width() / (self._depths[-1].depth - self._depths[0].depth + 1)
        width = min(max(room / 4, _THINNEST_BAR), _WIDEST_BAR)
        dots = []
        for each in self._depths:
            if not math.isfinite(each.median):
                continue
            x = self._x(each.depth, area)
            low, median, high = (
                area.bottom() - losses.place(loss) * area.height()
                for loss in (each.low, each.median, each.high)
            )
            color, pale = self._colors_of(each.depth)
            painter.fillRect(QRectF(x - width / 2, high, width, low - high), pale)
            dots.append((QPointF(x, median), color))
        self._paint_dots(painter, dots, min(max(room / 2 - 0.5, _THINNEST_BAR), _DOT))

    def _paint_dots(self, painter: QPainter, dots: list[tuple[QPointF, QColor]], radius: float) -> None:
        """Dots; where there are many, small squares, which take a tenth of the time and look the same."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, color in dots:
            if radius == _DOT:
                painter.setBrush(color)
                painter.drawEllipse(place, radius, radius)
            else:
                corner = QPointF(radius, radius)
                painter.fillRect(QRectF(place - corner, place + corner), color)

    def _colors_of(self, depth: int) -> tuple[QColor, QColor]:
        """The color of a depth's dot, and the paler one of its bar."""
        if depth not in self._colors:
            color = QColor(structure_color(current_theme(), depth))
            pale = QColor(color)
            pale.setAlphaF(0.45)
            self._colors[depth] = color, pale
        return self._colors[depth]
