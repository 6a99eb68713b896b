"""How the elements of a tensor are spread, as bars in the colors of the heatmap."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.recording.statistics import Histogram
from ui.style.theme import current_theme

_HEIGHT = 60
_GAP = 8


class HistogramView(QWidget):
    """Bars over a baseline; below it the ends of the range, and where zero lies in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a histogram at first."""
        super().__init__(parent)
        self._histogram: Histogram | None = None
        self._zeros = 0.0
        self._small = QFont(self.font())
        self._small.setPointSizeF(self.font().pointSizeF() * 0.85)
        self.setFont(self._small)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Histogram")

    def set_histogram(self, histogram: Histogram | None, zeros: float = 0.0) -> None:
        """Shows another histogram; `zeros` is the share of elements that are exactly 0, from 0 to 1."""
        if histogram is self._histogram and zeros == self._zeros:
            return
        self._histogram, self._zeros = histogram, zeros
        self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """What the labels say."""
        histogram = self._histogram
        if histogram is None:
            return "no finite elements"
        zeros = f", {share_text(self._zeros)} are 0" if self._zeros else ""
        return f"{len(histogram.counts)} bins from {histogram.low:.4g} to {histogram.high:.4g}{zeros}"

    def sizeHint(self) -> QSize:
        """A low strip."""
        return QSize(160, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(60, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints bars, baseline and labels."""
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(0, 1, 0, -self.fontMetrics().height() - 2)
        painter.setPen(QColor(current_theme().border))
        painter.drawLine(QLineF(area.left(), area.bottom() + 0.5, area.right(), area.bottom() + 0.5))
        if self._histogram is None:
            painter.setPen(QColor(current_theme().muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text())
        else:
            self._paint_bars(painter, area, self._histogram)
            self._paint_labels(painter, area, self._histogram)
        painter.end()

    def _paint_bars(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        counts = histogram.counts
        most = max(counts) or 1
        width = area.width() / len(counts)
        zero = _place_of_zero(histogram) * len(counts)
        for number, count in enumerate(counts):
            if not count:
                continue
            color = current_theme().parameter if number + 0.5 < zero else current_theme().loss
            # A single outlier is a pixel, not nothing.
            height = max(1.0, area.height() * count / most)
            bar = QRectF(area.left() + number * width, area.bottom() - height, max(1.0, width - 1), height)
            painter.fillRect(bar, QColor(color))

    def _paint_labels(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        low, high = f"{histogram.low:.4g}", f"{histogram.high:.4g}"
        zero = f"0 ({share_text(self._zeros)})" if self._zeros else "0"
        low, high = (
            zero if end == 0 else text for end, text in ((histogram.low, low), (histogram.high, high))
        )
        row = QRectF(area.left(), area.bottom() + 2, area.width(), self.height() - area.bottom() - 2)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, high)
        if not histogram.low < 0 < histogram.high:
            return
        x = area.left() + area.width() * _place_of_zero(histogram)
        advance = self.fontMetrics().horizontalAdvance
        left = x - advance("0") / 2
        begins, ends = advance(low) + _GAP, area.width() - advance(high) - _GAP
        if begins <= left and left + advance(zero) <= ends:
            painter.drawText(QRectF(left, row.top(), advance(zero) + 1, row.height()), 0, zero)
        painter.setPen(QPen(QColor(current_theme().text), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom() + 3))


def _place_of_zero(histogram: Histogram) -> float:
    """Where zero lies in the range, whose ends are at 0 and 1."""
    # Halved, since the range itself may be too large for a float.
    return (0 - histogram.low / 2) / (histogram.high / 2 - histogram.low / 2)


def share_text(share: float) -> str:
    """A share in percent: what is not all is never said to be 100 %, and what is there never 0 %."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{share * 100:.3g} %"
