"""Two short series of numbers in one plot: a number a step, as it is or by its logarithm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style.theme import Tone, current_theme

LOGARITHMIC_FROM = 50.0
"""The largest number over the smallest from which on the scale is logarithmic."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 132.0, 26.0, 22.0
_LEAST_APART = 15.0
"""Pixels between the names of two curves."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One of them.

    Attributes:
        name: written at its end.
        values: a number a step from 0 on; None where there is none.
        tone: its color.
        dashed: so that it is not told by its color alone.
    """

    name: str
    values: Sequence[float | None]
    tone: Tone
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to heights.

    Attributes:
        low, high: the ends.
        logarithmic: whether it is.
    """

    low: float
    high: float
    logarithmic: bool

    def share(self, value: float) -> float:
        """0 at the lower end, 1 at the upper one."""
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log10(low), math.log10(high), math.log10(value)
        return 0.5 if high == low else (at - low) / (high - low)

    def ticks(self) -> tuple[float, ...]:
        """The ends and the middle."""
        if self.low == self.high:
            return (self.low,)
        if self.logarithmic:
            return self.low, math.sqrt(self.low) * math.sqrt(self.high), self.high
        return self.low, self.low + (self.high - self.low) / 2, self.high


def scale_of(series: Sequence[Sequence[float | None]]) -> Scale | None:
    """A scale that holds every finite number; None if there is none.

    It is logarithmic where all are above 0 and the largest is many times the smallest.
    """
    finite = [value for values in series for value in values if value is not None and math.isfinite(value)]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    logarithmic = low > 0 and high / low > LOGARITHMIC_FROM
    return Scale(low, high, logarithmic)


def first_not_finite(values: Sequence[float | None]) -> int | None:
    """The first step with NaN or infinity; None if there is none."""
    found = (step for step, value in enumerate(values) if value is not None and not math.isfinite(value))
    return next(found, None)


class TwoCurves(QWidget):
    """Draws them, each with its name and its last number at its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without curves at first."""
        super().__init__(parent)
        self._title = ""
        self._curves: tuple[Curve, ...] = ()
        self._mark: int | None = None
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, 0.9 * font.pointSizeF()))
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_curves(self, title: str, curves: Sequence[Curve], mark: int | None = None) -> None:
        """Shows these instead.

        Args:
            title: what the numbers are.
            curves: two, or one.
            mark: the step in which they part, which is marked; None marks none.
        """
        self._title, self._curves, self._mark = title, tuple(curves), mark
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.text())
        self.setToolTip(self.text())
        self.update()

    def text(self) -> str:
        """What is drawn, in words."""
        scale = self._scale()
        how = " (log)" if scale is not None and scale.logarithmic else ""
        parts = [f"{self._title}{how}", *(_words(curve) for curve in self._curves)]
        if self._mark is not None:
            parts.append(f"they part in step {self._mark}")
        return "; ".join(parts)

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(380, 168)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints title, scale, curves and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        scale = self._scale()
        painter.setPen(QColor(theme.text))
        title = self._title + (" · log" if scale is not None and scale.logarithmic else "")
        heading = QRectF(_LEFT, 0, self.width() - _LEFT, _TOP - 4)
        painter.drawText(heading, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        if scale is not None:
            self._paint_axes(painter, area, scale)
            self._paint_curves(painter, area, scale)
        painter.end()

    def _scale(self) -> Scale | None:
        return scale_of([curve.values for curve in self._curves])

    def _steps(self) -> int:
        return max((len(curve.values) for curve in self._curves), default=0)

    def _x(self, area: QRectF, step: int) -> float:
        last = max(self._steps() - 1, 1)
        return area.left() + area.width() * step / last

    def _paint_axes(self, painter: QPainter, area: QRectF, scale: Scale) -> None:
        theme, align = current_theme(), Qt.AlignmentFlag
        for tick in scale.ticks():
            y = area.bottom() - scale.share(tick) * area.height()
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            label = QRectF(0, y - 8, _LEFT - 6, 16)
            painter.drawText(label, align.AlignRight | align.AlignVCenter, f"{tick:.3g}")
        below = area.bottom() + 4
        last = self._steps() - 1
        painter.drawText(QPointF(area.left(), below + 12), "step 0")
        if last > 0:
            end = QRectF(area.right() - 60, below, 60, 16)
            painter.drawText(end, align.AlignRight | align.AlignVCenter, str(last))
        if self._mark is not None:
            x = self._x(area, self._mark)
            painter.setPen(QPen(QColor(theme.warning), 1.5, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_curves(self, painter: QPainter, area: QRectF, scale: Scale) -> None:
        ends: list[tuple[float, Curve]] = []
        for curve in reversed(self._curves):
            pen = QPen(QColor(curve.tone(current_theme())), 1.8)
            if curve.dashed:
                pen.setDashPattern([4, 2])
            painter.setPen(pen)
            end = area.center().y()
            for points in self._pieces(area, scale, curve):
                end = points[-1].y()
                if len(points) == 1:
                    painter.drawEllipse(points[0], 2.0, 2.0)
                else:
                    painter.drawPolyline(points)
            ends.append((end, curve))
        self._paint_names(painter, area, ends)

    def _pieces(self, area: QRectF, scale: Scale, curve: Curve) -> Iterator[list[QPointF]]:
        """Runs of finite numbers as points."""
        piece: list[QPointF] = []
        for step, value in enumerate([*curve.values, None]):
            if value is not None and math.isfinite(value):
                piece.append(QPointF(self._x(area, step), area.bottom() - scale.share(value) * area.height()))
            elif piece:
                yield piece
                piece = []

    def _paint_names(self, painter: QPainter, area: QRectF, ends: list[tuple[float, Curve]]) -> None:
        """Beside the ends; where two would lie on each other, one below the other."""
        metrics, lowest = QFontMetricsF(self.font()), -math.inf
        for end, curve in sorted(ends, key=lambda each: each[0]):
            y = lowest = max(end, lowest + _LEAST_APART)
            painter.setPen(QColor(curve.tone(current_theme())))
            room = _RIGHT - 10
            text = metrics.elidedText(_end_words(curve), Qt.TextElideMode.ElideRight, room)
            where = QRectF(area.right() + 6, y - 8, room, 16)
            painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _end_words(curve: Curve) -> str:
    """The last number and the name; of a long name what there is room for."""
    return f"{_last(curve)} · {curve.name}"


def _last(curve: Curve) -> str:
    flawed = first_not_finite(curve.values)
    if flawed is not None:
        value = curve.values[flawed]
        kind = "NaN" if value is None or math.isnan(value) else "infinite"
        return f"{kind} at {flawed}"
    numbers = [value for value in curve.values if value is not None]
    return f"{numbers[-1]:.3g}" if numbers else "none"


def _words(curve: Curve) -> str:
    numbers = [value for value in curve.values if value is not None]
    if not numbers:
        return f"{curve.name}: none"
    return f"{curve.name} {_last(curve)} after {len(curve.values)} steps, {numbers[0]:.4g} in the first"
