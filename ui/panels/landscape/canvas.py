"""The loss over a plane of weights, with the path of the run on it and a scale beside it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.landscape import Landscape
from ui.panels.landscape.coloring import (
    contour_levels,
    flaw_color,
    heights_of,
    image_of_losses,
    scale_of_losses,
    shade,
)
from ui.panels.landscape.words import place_text, point_text, short_number
from ui.style.colors import mixed
from ui.style.scale import scaled
from ui.style.theme import Theme, current_theme
from ui.widgets.number_text import show_whole
from ui.widgets.two_curves import Scale
from ui.widgets.zero_lines import zero_lines

NEAR = 6
"""Pixels within which the mouse means a point of the path."""
_PIXELS = 192
"""A side of the image that is stretched to the widget's size."""
_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class PlaneCanvas(QWidget):
    """Paints one landscape into whatever room there is.

    Signals:
        read(str): what lies under the mouse or the cursor of the keyboard; "" for nothing.
    """

    read = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing to paint yet."""
        super().__init__(parent)
        self.setObjectName("landscape_canvas")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("loss over a plane of weights")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._found: Landscape | None = None
        self._at: tuple[int, int] | None = None
        self._point: int | None = None
        self._chosen: int | None = None
        self._scale: Scale | None = None
        self._image = QImage()
        self._contours: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []
        self._drawn: tuple[object, ...] = ()

    def show_landscape(self, found: Landscape | None) -> None:
        """Shows another one; None for none."""
        if found is not self._found:
            self._found, self._at, self._point = found, None, None
            self._scale = None if found is None else scale_of_losses(found.losses)
            self.read.emit("")
            self.update()

    def set_chosen(self, step: int | None) -> None:
        """Marks where a step began, as far as the path is known there; None marks none."""
        if step != self._chosen:
            self._chosen = step
            self.update()

    def point_place(self, number: float) -> QPointF:
        """Where a point of the path is painted; between two points by a number that is not whole."""
        assert self._found is not None, "there is a path"
        plane, size = self._found.plane, len(self._found.across) - 1
        (left, right), (low, high) = plane.ranges
        numbers = np.arange(len(plane.path))
        across, up = (float(np.interp(number, numbers, plane.path[:, axis])) for axis in (0, 1))
        return self.place((high - up) / (high - low) * size, (across - left) / (right - left) * size)

    def sizeHint(self) -> QSize:
        """A size at which valleys can be told."""
        return QSize(280, 180)

    def minimumSizeHint(self) -> QSize:
        """The smallest in which anything is to be seen."""
        return QSize(140, 80)

    def area(self) -> QRectF:
        """Where the plane is painted: its edges are the outermost places."""
        return QRectF(self.rect()).adjusted(scaled(42), 6, -scaled(62), -scaled(17))

    def place(self, row: float, column: float) -> QPointF:
        """Where a place of the grid is painted."""
        area = self.area()
        size = 1 if self._found is None else len(self._found.across) - 1
        return QPointF(area.left() + column / size * area.width(), area.top() + row / size * area.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells what lies under the mouse."""
        found, area, at = self._found, self.area(), event.position()
        if found is None or not area.adjusted(-4, -4, 4, 4).contains(at):
            self._go(None)
            return
        point = self._point_at(found, at)
        if point is not None:
            self._go(None, point)
            return
        size = len(found.across) - 1
        row = round(min(max((at.y() - area.top()) / area.height(), 0.0), 1.0) * size)
        column = round(min(max((at.x() - area.left()) / area.width(), 0.0), 1.0) * size)
        self._go((row, column))

    def _point_at(self, found: Landscape, at: QPointF) -> int | None:
        """The nearest point of the path within a few pixels whose loss is known."""
        away = [QLineF(self.point_place(number), at).length() for number in range(len(found.of_path))]
        nearest = int(np.argmin(away)) if away else 0
        return nearest if away and away[nearest] <= scaled(NEAR) else None

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing lies under the mouse any more."""
        super().leaveEvent(event)
        self._go(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from place to place, Escape nowhere."""
        key, found = Qt.Key(event.key()), self._found
        if found is None or (key not in _KEYS and key != Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._go(None)
        else:
            size, middle = len(found.across), len(found.across) // 2
            row, column = self._at or (middle, middle)
            down, right = _KEYS[key] if self._at is not None else (0, 0)
            self._go((min(max(row + down, 0), size - 1), min(max(column + right, 0), size - 1)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the losses, the path, the ends of the axes and the scale."""
        found, scale, area = self._found, self._scale, self.area()
        if found is None or area.width() < 20 or area.height() < 20:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        font = QFont(self.font())
        font.setPixelSize(scaled(10))
        painter.setFont(font)
        self._draw_anew(found, scale, theme)
        if scale is None:
            painter.fillRect(area, flaw_color(theme))
        else:
            painter.drawImage(area, self._image)
            painter.setPen(QPen(mixed(theme.loss, theme.text, 0.5), 0.8))
            for pieces in self._contours:
                ends = pieces.reshape(-1, 4).tolist()
                painter.drawLines([QLineF(self.place(y, x), self.place(v, u)) for x, y, u, v in ends])
            self._paint_scale(painter, found, scale, theme)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        self._paint_path(painter, found, theme)
        self._paint_axes(painter, found, theme)
        if self._at is not None or self._point is not None:
            at = self.place(*self._at) if self._at is not None else self.point_place(self._point or 0)
            self._paint_ring(painter, at, theme)
        elif self.hasFocus():
            painter.setPen(QPen(QColor(theme.parameter), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)
        painter.end()

    def _draw_anew(self, found: Landscape, scale: Scale | None, theme: Theme) -> None:
        """Colors and lines of equal loss, once a landscape."""
        if self._drawn == (found, theme) or scale is None:
            return
        self._drawn = (found, theme)
        self._image = image_of_losses(found.losses, scale, theme, _PIXELS)
        heights = heights_of(found.losses, scale)
        levels = heights_of(np.array(contour_levels(scale)), scale)
        self._contours = [zero_lines(heights - level) for level in levels.tolist()]

    def _paint_path(self, painter: QPainter, found: Landscape, theme: Theme) -> None:
        points = [self.point_place(number) for number in range(len(found.plane.path))]
        painter.save()
        painter.setClipRect(self.area())
        for ground, width in ((theme.surface, 3.4), (theme.text, 1.6)):
            painter.setPen(QPen(QColor(ground), width))
            painter.drawPolyline(points)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        for each in points[1:-1]:
            painter.drawEllipse(each, 1.8, 1.8)
        painter.restore()
        area = self.area().adjusted(-1, -1, 1, 1)
        first = "start" if found.plane.steps[0] == 0 else f"after {found.plane.steps[0]}"
        shown = [(points[-1], "now", QColor(theme.accent))]
        if len(points) > 1 and QLineF(points[0], points[-1]).length() > 12:
            shown.insert(0, (points[0], first, QColor(theme.surface)))
        steps = found.plane.steps
        if self._chosen is not None and steps[0] <= self._chosen < steps[-1]:
            number = float(np.interp(self._chosen, steps, np.arange(len(steps))))
            name = f"step {show_whole(self._chosen)}"
            shown.append((self.point_place(number), name, QColor(theme.parameter)))
        for each, name, color in shown:
            if area.contains(each):
                painter.setPen(QPen(QColor(theme.text), 1.8))
                painter.setBrush(color)
                painter.drawEllipse(each, 4.5, 4.5)
                self._paint_name(painter, each, name, theme)

    def _paint_name(self, painter: QPainter, at: QPointF, name: str, theme: Theme) -> None:
        """Beside a mark, on the side where there is room; with the ground around its letters."""
        metrics, area = QFontMetricsF(painter.font()), self.area()
        width = metrics.horizontalAdvance(name)
        right = at.x() + 8 + width < area.right()
        x = at.x() + 8 if right else at.x() - 8 - width
        y = min(max(at.y() + metrics.ascent() / 2 - 1, area.top() + metrics.ascent()), area.bottom() - 3)
        letters = QPainterPath()
        letters.addText(QPointF(x, y), painter.font(), name)
        painter.strokePath(letters, QPen(QColor(theme.surface), 3))
        painter.fillPath(letters, QColor(theme.text))

    def _paint_ring(self, painter: QPainter, at: QPointF, theme: Theme) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((theme.surface, 4.0), (theme.parameter, 2.0)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawEllipse(at, 5.0, 5.0)

    def _paint_axes(self, painter: QPainter, found: Landscape, theme: Theme) -> None:
        painter.setPen(QColor(theme.muted))
        area, align = self.area(), Qt.AlignmentFlag
        name = "direction" if found.plane.is_random else "component"
        (left, right), (low, high) = found.plane.ranges
        below = QRectF(area.left(), area.bottom() + 2, area.width(), scaled(14))
        painter.drawText(below, align.AlignLeft, short_number(left, 2))
        painter.drawText(below, align.AlignHCenter, f"{name} 1")
        painter.drawText(below, align.AlignRight, short_number(right, 2))
        beside = QRectF(0, area.top(), area.left() - 4, area.height())
        painter.drawText(beside, align.AlignRight | align.AlignTop, short_number(high, 2))
        painter.drawText(beside, align.AlignRight | align.AlignBottom, short_number(low, 2))
        painter.save()
        painter.translate(area.left() - 6, area.center().y())
        painter.rotate(-90)
        turned = QRectF(-area.height() / 2, -scaled(14), area.height(), scaled(14))
        painter.drawText(turned, align.AlignHCenter | align.AlignBottom, f"{name} 2")
        painter.restore()

    def _paint_scale(self, painter: QPainter, found: Landscape, scale: Scale, theme: Theme) -> None:
        """A bar from the lowest to the highest loss, with numbers."""
        area, align = self.area(), Qt.AlignmentFlag
        bar = QRectF(area.right() + 8, area.top() + scaled(14), scaled(9), 0)
        flawed = not np.isfinite(found.losses).all()
        bar.setBottom(area.bottom() - (scaled(16) if flawed else 0))
        steps = max(2, math.ceil(bar.height()))
        for number in range(steps):
            top = bar.bottom() - (number + 1) * bar.height() / steps
            painter.fillRect(QRectF(bar.left(), top, bar.width(), 2), shade(number / (steps - 1), theme))
        painter.setPen(QColor(theme.muted))
        heading = "loss, log" if scale.logarithmic else "loss"
        painter.drawText(QRectF(bar.left(), area.top() - 2, scaled(54), scaled(14)), align.AlignLeft, heading)
        room = bar.height() / scaled(13)
        ticks = scale.ticks() if room >= 3 else (scale.low, scale.high)
        for tick in ticks if room >= 2 else ():
            y = bar.bottom() - scale.share(tick) * bar.height()
            top = min(max(y - scaled(7), bar.top() - 1), bar.bottom() - scaled(13))
            where = QRectF(bar.right() + 4, top, scaled(42), scaled(14))
            painter.drawText(where, align.AlignLeft | align.AlignVCenter, short_number(tick))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        if flawed:
            box = QRectF(bar.left(), area.bottom() - scaled(10), scaled(9), scaled(9))
            painter.fillRect(box, flaw_color(theme))
            painter.setPen(QColor(theme.muted))
            where = QRectF(box.right() + 4, box.top() - 3, scaled(42), scaled(14))
            painter.drawText(where, align.AlignLeft | align.AlignVCenter, "NaN, ∞")

    def _go(self, at: tuple[int, int] | None, point: int | None = None) -> None:
        if (at, point) == (self._at, self._point):
            return
        self._at, self._point = at, point
        text = "" if at is None or self._found is None else place_text(self._found, *at)
        if point is not None and self._found is not None:
            text = point_text(self._found, point)
        self.setAccessibleDescription(text)
        self.read.emit(text)
        self.update()
