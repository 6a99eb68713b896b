"""Rows of a file as points: two columns across and up, a third as their color."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style.scale import scaled, small_text
from ui.style.theme import Theme, current_theme
from ui.widgets.tensor.heatmap import shades_of
from ui.widgets.two_curves import Scale, scale_of

_RADIUS = 2.6
_LETTERS = 11
_MOST_WORDS = 6
"""Classes that are named at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A column of numbers that can be drawn.

    Attributes:
        name: of the column, with a number where it is one of several of an array.
        values: of the rows that are shown; NaN where one is missing; of words their places among the classes.
        classes: the words.
    """

    name: str
    values: NDArray[np.float64]
    classes: tuple[str, ...] = ()


class Scatter(QWidget):
    """Paints the rows that have both numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing to paint yet."""
        super().__init__(parent)
        self.setObjectName("data_file_scatter")
        self.setAccessibleName("rows of the file as points")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)
        self._across: Axis | None = None
        self._up: Axis | None = None
        self._color: Axis | None = None

    def show_axes(self, across: Axis | None, up: Axis | None, color: Axis | None) -> None:
        """Shows these columns; without a color all points are alike."""
        self._across, self._up, self._color = across, up, color
        self.setAccessibleDescription(self.text())
        self.setToolTip(self.text())
        self.update()

    @property
    def points(self) -> NDArray[np.float64]:
        """The numbers of the rows that are painted, shape (rows, 2)."""
        if self._across is None or self._up is None:
            return np.empty((0, 2))
        pairs: NDArray[np.float64] = np.c_[self._across.values, self._up.values]
        return pairs[np.isfinite(pairs).all(1)]

    def text(self) -> str:
        """What is drawn, in words."""
        if self._across is None or self._up is None:
            return "No two columns to draw."
        color = "" if self._color is None else f", colored by {self._color.name}"
        return f"{self._up.name} over {self._across.name}{color}"

    def sizeHint(self) -> QSize:
        """A wide picture."""
        return QSize(scaled(420), scaled(220))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints axes, points and what their colors mean."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(small_text(_LETTERS))
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        across, up = self._across, self._up
        scales = None if across is None or up is None else (_scale(across), _scale(up))
        if across is None or up is None or scales is None or scales[0] is None or scales[1] is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No two columns of numbers to draw")
            painter.end()
            return
        measure = QFontMetricsF(font)
        line = measure.height()
        room = QRectF(self.rect()).adjusted(64, line + 6, -12, -2 * line - 8)
        painter.fillRect(room, QColor(theme.surface))
        self._paint_axes(painter, room, (scales[0], scales[1]), theme)
        self._paint_legend(painter, QRectF(room.left(), 0, room.width(), line + 2), theme)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setClipRect(room.adjusted(-4, -4, 4, 4))
        colors = self._colors(theme)
        for x, y, color in zip(across.values.tolist(), up.values.tolist(), colors, strict=True):
            if x == x and y == y:
                painter.setBrush(color)
                place = QPointF(
                    room.left() + scales[0].share(x) * room.width(),
                    room.bottom() - scales[1].share(y) * room.height(),
                )
                painter.drawEllipse(place, _RADIUS, _RADIUS)
        painter.end()

    def _paint_axes(self, painter: QPainter, room: QRectF, scales: tuple[Scale, Scale], theme: Theme) -> None:
        assert self._across is not None
        assert self._up is not None
        measure = QFontMetricsF(painter.font())
        line = measure.height()
        for tick in scales[0].ticks():
            x = room.left() + scales[0].share(tick) * room.width()
            painter.setPen(QColor(theme.border))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            painter.setPen(QColor(theme.muted))
            text = _tick(tick, self._across)
            at = min(x - measure.horizontalAdvance(text) / 2, self.width() - measure.horizontalAdvance(text))
            painter.drawText(QPointF(at, room.bottom() + line), text)
        for tick in scales[1].ticks():
            y = room.bottom() - scales[1].share(tick) * room.height()
            painter.setPen(QColor(theme.border))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(theme.muted))
            # The lowest one stays above the numbers of the axis below.
            box = QRectF(0, min(y - line / 2, room.bottom() - line), room.left() - 6, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, _tick(tick, self._up))
        painter.setPen(QColor(theme.text))
        below = QRectF(room.left(), room.bottom() + line + 4, room.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, _cut(measure, self._across.name, room.width()))
        # Above its axis, where there is room for a long name.
        painter.drawText(
            QRectF(0, 0, room.width() / 2, line), 0, _cut(measure, self._up.name, room.width() / 2)
        )

    def _paint_legend(self, painter: QPainter, room: QRectF, theme: Theme) -> None:
        """From the right to the left: what the colors mean."""
        if self._color is None:
            return
        measure = QFontMetricsF(painter.font())
        right = room.right()
        for text, color in reversed(_meanings(self._color, theme)):
            right -= measure.horizontalAdvance(text)
            if right < room.center().x():
                return
            painter.setPen(QColor(theme.muted))
            painter.drawText(QPointF(right, room.top() + measure.ascent()), text)
            right -= 10
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(right + 4, room.center().y()), 3.5, 3.5)
            right -= 12

    def _colors(self, theme: Theme) -> list[QColor]:
        assert self._across is not None
        axis = self._color
        if axis is None:
            return [QColor(theme.parameter)] * len(self._across.values)
        return [_color(value, axis, theme) for value in axis.values.tolist()]


def _color(value: float, axis: Axis, theme: Theme) -> QColor:
    if value != value:
        return QColor(theme.faint)
    if axis.classes:
        return QColor(theme.plot[int(value) % len(theme.plot)])
    low, high = _ends(axis)
    shades = shades_of(theme)
    share = 0.5 if high == low else (value - low) / (high - low)
    # What lies in the middle of the shades has the color of the ground.
    share = 0.35 * share if share < 0.5 else 1 - 0.35 * (1 - share)
    return QColor.fromRgb(int(shades[round(share * (len(shades) - 1))]))


def _meanings(axis: Axis, theme: Theme) -> list[tuple[str, QColor]]:
    if axis.classes:
        named = [(word[:16], _color(number, axis, theme)) for number, word in enumerate(axis.classes)]
        return named[:_MOST_WORDS]
    low, high = _ends(axis)
    ends = [low] if low == high else [low, high]
    return [(f"{axis.name[:16]} {end:.4g}", _color(end, axis, theme)) for end in ends]


def _ends(axis: Axis) -> tuple[float, float]:
    finite = axis.values[np.isfinite(axis.values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _scale(axis: Axis) -> Scale | None:
    found = scale_of([axis.values.tolist()])
    return None if found is None else Scale(found.low, found.high, False)


def _tick(value: float, axis: Axis) -> str:
    if axis.classes:
        return axis.classes[round(value)][:9] if value == round(value) else ""
    return f"{value:.4g}"


def _cut(measure: QFontMetricsF, text: str, width: float) -> str:
    return measure.elidedText(text, Qt.TextElideMode.ElideRight, width)
