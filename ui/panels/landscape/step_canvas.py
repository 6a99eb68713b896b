"""The loss that one step leads to, as a function of its size."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.step_size import StepSizes
from ui.panels.landscape.words import loss_text, rate_reading, rate_text, short_number
from ui.style.scale import scaled
from ui.style.theme import Theme, current_theme

_ABOVE = 0.6
"""So much of the descent, or a tenth of the loss, is shown above the loss before the step."""
_LONGEST = 7
"""Letters of a number at the scale."""


class StepSizeCanvas(QWidget):
    """Paints the curves of one step into whatever room there is.

    Signals:
        read(str): what lies under the mouse or the cursor of the keyboard; "" for nothing.
    """

    read = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing to paint yet."""
        super().__init__(parent)
        self.setObjectName("step_size_canvas")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("loss as a function of the step size")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._found: StepSizes | None = None
        self._at: int | None = None

    def show_step_sizes(self, found: StepSizes | None) -> None:
        """Shows another step; None for none."""
        if found is not self._found:
            self._found, self._at = found, None
            self.read.emit("")
            self.update()

    def sizeHint(self) -> QSize:
        """A size at which the curves can be told."""
        return QSize(280, 180)

    def minimumSizeHint(self) -> QSize:
        """The smallest in which anything is to be seen."""
        return QSize(140, 80)

    def area(self) -> QRectF:
        """Where the curves are painted."""
        return QRectF(self.rect()).adjusted(scaled(52), scaled(16), -10, -scaled(30))

    def x_of(self, rate: float) -> float:
        """Where a step size above 0 is painted."""
        found, area = self._found, self.area()
        assert found is not None, "something is painted"
        low, high = math.log(found.rates[1]), math.log(found.rates[-1])
        return area.left() + (math.log(rate) - low) / (high - low) * area.width()

    def y_of(self, loss: float) -> float:
        """Where a loss is painted; above the upper edge where it is higher than what is shown."""
        assert self._found is not None, "something is painted"
        low, high = shown_range(self._found)
        area = self.area()
        return area.bottom() - (loss - low) / (high - low) * area.height()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells what lies under the mouse."""
        found, area, at = self._found, self.area(), event.position()
        if found is None or not area.left() - 4 <= at.x() <= area.right() + 4:
            self._go(None)
            return
        share = min(max((at.x() - area.left()) / area.width(), 0.0), 1.0)
        self._go(1 + round(share * (len(found.rates) - 2)))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing lies under the mouse any more."""
        super().leaveEvent(event)
        self._go(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to other step sizes, Escape to none."""
        key, found = event.key(), self._found
        if found is None or key not in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._go(None)
        else:
            by = 1 if key == Qt.Key.Key_Right else -1
            at = len(found.rates) // 2 if self._at is None else self._at + by
            self._go(min(max(at, 1), len(found.rates) - 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the scale, the loss before the step, the curves and the marks."""
        found, area = self._found, self.area()
        if found is None or area.width() < 20 or area.height() < 20:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(scaled(10))
        painter.setFont(font)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(area)
        self._paint_axes(painter, found, theme)
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, 0, 2))
        self._paint_curves(painter, found, theme)
        painter.restore()
        self._paint_marks(painter, found, theme)
        if self._at is None and self.hasFocus():
            painter.setPen(QPen(QColor(theme.parameter), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)
        painter.end()

    def _paint_axes(self, painter: QPainter, found: StepSizes, theme: Theme) -> None:
        area, align = self.area(), Qt.AlignmentFlag
        low, high = shown_range(found)
        y = self.y_of(found.loss)
        painter.setPen(QPen(QColor(theme.faint), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(theme.muted))
        height, places = scaled(13), list[float]()
        values = (found.loss, low, high)
        for value, text in zip(values, tick_texts(*values), strict=True):
            # The highest below its line: above it stands what the numbers are.
            top = max(self.y_of(value) - height / 2, area.top() - 2)
            if all(abs(top - other) >= height for other in places):
                places.append(top)
                where = QRectF(0, top, area.left() - 4, height)
                painter.drawText(where, align.AlignRight | align.AlignVCenter, text)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), height)
        for rate, side in ((found.rates[1], align.AlignLeft), (found.rates[-1], align.AlignRight)):
            painter.drawText(below, side, short_number(float(rate), 2))
        named = "× the step's own update" if found.in_updates else "step size (log)"
        painter.drawText(below, align.AlignHCenter, named)
        painter.drawText(QRectF(0, 1, area.left() - 4, height), align.AlignRight, "loss")

    def _paint_curves(self, painter: QPainter, found: StepSizes, theme: Theme) -> None:
        both = found.update is not None
        if found.gradient is not None:
            pen = QPen(QColor(theme.backward), 2)
            if both:
                pen.setDashPattern([4, 2])
            self._paint_curve(painter, found, found.gradient, pen)
        if found.update is not None:
            self._paint_curve(painter, found, found.update, QPen(QColor(theme.update), 2))

    def _paint_curve(
        self, painter: QPainter, found: StepSizes, losses: NDArray[np.float64], pen: QPen
    ) -> None:
        painter.setPen(pen)
        # Where the loss is not finite the curve has left the picture.
        far = self.area().top() - 50.0
        ys = [max(far, self.y_of(each)) if math.isfinite(each) else far for each in losses[1:].tolist()]
        points = [QPointF(self.x_of(rate), y) for rate, y in zip(found.rates[1:].tolist(), ys, strict=True)]
        painter.drawPolyline(points)

    def _paint_marks(self, painter: QPainter, found: StepSizes, theme: Theme) -> None:
        area, x = self.area(), self.x_of(found.chosen)
        painter.setPen(QPen(QColor(theme.accent), 1.4))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        self._paint_text(painter, x, 1, rate_text(found, found.chosen), QColor(theme.accent))
        if found.after is not None and math.isfinite(found.after):
            y = max(area.top(), self.y_of(found.after))
            painter.setBrush(QColor(theme.accent))
            painter.setPen(QPen(QColor(theme.surface), 1.4))
            painter.drawEllipse(QPointF(x, y), 4.5, 4.5)
        best = found.best
        if best:
            at = QPointF(self.x_of(float(found.rates[best])), self.y_of(float(found.shown[best])))
            painter.setPen(QPen(QColor(theme.text), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 4.5, 4.5)
        self._paint_legend(painter, found, theme)
        if self._at is not None:
            x = self.x_of(float(found.rates[self._at]))
            painter.setPen(QPen(QColor(theme.parameter), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))

    def _paint_legend(self, painter: QPainter, found: StepSizes, theme: Theme) -> None:
        """Below the picture, never over it: what its signs are."""
        metrics, area = QFontMetricsF(painter.font()), self.area()
        x, y = 4.0, area.bottom() + scaled(22)
        entries: list[tuple[str, str, str]] = []
        if found.update is not None:
            entries.append(("update", theme.update, "line"))
        if found.gradient is not None:
            entries.append(("gradient", theme.backward, "dashes" if found.update is not None else "line"))
        if found.after is not None:
            entries.append((f"next {loss_text(found.after)}", theme.accent, "disc"))
        if found.best:
            entries.append((f"lowest {loss_text(float(found.shown[found.best]))}", theme.text, "ring"))
        for text, color, sign in entries:
            width = metrics.horizontalAdvance(text)
            if x + 16 + width > self.width():
                return
            pen = QPen(QColor(color), 2 if sign in ("line", "dashes") else 1.6)
            if sign == "dashes":
                pen.setDashPattern([2.5, 1.5])
            painter.setPen(pen)
            painter.setBrush(QColor(color) if sign == "disc" else Qt.BrushStyle.NoBrush)
            if sign in ("disc", "ring"):
                painter.drawEllipse(QPointF(x + 6, y), 3.5, 3.5)
            else:
                painter.drawLine(QPointF(x, y), QPointF(x + 12, y))
            painter.setPen(QColor(theme.muted))
            where = QRectF(x + 16, y - scaled(7), width + 2, scaled(14))
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 26

    def _paint_text(self, painter: QPainter, x: float, top: float, text: str, color: QColor) -> None:
        """Centered over a place, and inside the widget."""
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 2
        left = min(max(x - width / 2, 0.0), self.width() - width)
        painter.setPen(color)
        painter.drawText(QRectF(left, top, width, scaled(14)), Qt.AlignmentFlag.AlignHCenter, text)

    def _go(self, at: int | None) -> None:
        if at == self._at:
            return
        self._at = at
        text = "" if at is None or self._found is None else rate_reading(self._found, at)
        self.setAccessibleDescription(text)
        self.read.emit(text)
        self.update()


def tick_texts(*values: float) -> list[str]:
    """Numbers with as many digits as tell them apart, as far as there is room."""
    texts = [short_number(each, 3) for each in values]
    for digits in (4, 5, 6, 7):
        longer = [short_number(each, digits) for each in values]
        if len(set(texts)) == len(set(values)) or max(map(len, longer)) > _LONGEST:
            break
        texts = longer
    return texts


def shown_range(found: StepSizes) -> tuple[float, float]:
    """The losses at the lower and the upper edge: all below the loss before the step, and some above it.

    A step that is far too large leads to a loss that is far too high: the curve leaves the picture there.
    """
    curves = [each for each in (found.gradient, found.update) if each is not None]
    values = [found.loss, *(each for curve in curves for each in curve.tolist() if math.isfinite(each))]
    low = min(values)
    descent = found.loss - low
    above = max(_ABOVE * descent, 0.0 if descent > 0 else 0.1 * abs(found.loss)) or 1.0
    high = max(min(found.loss + above, max(values)), found.loss + 0.1 * descent) or 1.0
    return low - 0.05 * (high - low), high
