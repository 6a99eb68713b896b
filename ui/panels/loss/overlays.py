"""Older runs behind the present one. They are a still picture: painted anew only when the view changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from playground.history import History
from playground.runs.smoothing import SmoothedHistory
from ui.panels.loss.axes import Curve, Losses, Scale, Steps, XAxis
from ui.panels.loss.items import DOT_RADIUS, ViewItem, joined, pen_of
from ui.widgets.pictures import blank

OPACITY = 0.6
"""Of an older run, so that the present one stands out."""
SPARSE_WIDTH = 2.0
"""Pixels: it has few points, so a wide line is painted as fast as a thin one."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What a curve has in view: its points, and where they stand on the axes."""

    curve: Curve
    steps: Steps
    x: NDArray[np.float64]
    places: NDArray[np.float64]
    spacing: float


@dataclass(slots=True)
class Smoothing:
    """The averages of histories, each made once.

    Attributes:
        window: steps of the average; 0: none.
        logarithmic: whether logarithms are averaged.
    """

    window: int = 0
    logarithmic: bool = True
    _made: dict[int, tuple[History, SmoothedHistory]] = field(default_factory=dict)

    def choose(self, window: int, logarithmic: bool) -> None:
        """Averages so."""
        if (window, logarithmic) != (self.window, self.logarithmic):
            self.window, self.logarithmic = window, logarithmic
            self._made.clear()

    def keep(self, histories: Sequence[History]) -> None:
        """Forgets the averages of every other history."""
        wanted = {id(history) for history in histories}
        self._made = {key: made for key, made in self._made.items() if key in wanted}

    def of(self, history: History) -> SmoothedHistory | None:
        """The averages of a history; None while nothing is averaged."""
        if not self.window:
            return None
        # The history is kept beside its averages, so that no other can have its id.
        if id(history) not in self._made:
            smoothed = SmoothedHistory(history, self.window, self.logarithmic)
            self._made[id(history)] = history, smoothed
        return self._made[id(history)][1]


class OverlayItem(ViewItem):
    """Lines in several colors, painted once into a picture."""

    def __init__(self, opacity: float = OPACITY, width: float = 1.0) -> None:
        """Without lines at first; they are so opaque, and so many pixels wide."""
        super().__init__()
        self._opacity, self._width = opacity, width
        self.lines: tuple[Line, ...] = ()
        self.drawn = 0
        """How many pictures have been made."""
        self._picture = QPixmap()
        self._painted: tuple[object, ...] = ()
        self.hide()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Draws these, the last one on top."""
        if lines or self.lines:
            self.lines = tuple(lines)
            self._painted = ()
            self.setVisible(bool(lines))
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The picture, made anew where the view or the screen is another."""
        if not self.lines:
            return
        transform = painter.worldTransform()
        area = QRectF(transform.mapRect(self.view).toAlignedRect())
        ratio = 1.0 if widget is None else widget.devicePixelRatioF()
        state = (area.getRect(), ratio, transform.m11(), transform.m22(), transform.dx(), transform.dy())
        if state != self._painted:
            self._painted = state
            self._picture = self._drawn(transform, area, ratio)
        painter.resetTransform()
        painter.drawPixmap(area.topLeft(), self._picture)
        painter.setWorldTransform(transform)

    def _drawn(self, transform: QTransform, area: QRectF, ratio: float) -> QPixmap:
        self.drawn += 1
        picture = blank(area.toAlignedRect().size(), ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setOpacity(self._opacity)
        to_picture = transform * QTransform.fromTranslate(-area.left(), -area.top())
        for line in self.lines:
            polygons, dots = joined(line.steps, line.x, line.places, line.spacing)
            pen = pen_of(line.curve.color, line.curve.dashed, self._width)
            _paint_line(painter, polygons, dots, pen, to_picture)
        painter.end()
        return picture


class Overlays:
    """The older runs, and what of them is in view.

    Attributes:
        item: what is painted behind the present run.
        before: what is painted before it: losses that were measured now and then.
        curves: the runs, the last one on top.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        """Without runs at first; `smoothing` is that of the whole plot."""
        self.item = OverlayItem()
        self.before = OverlayItem(1.0, SPARSE_WIDTH)
        self.curves: tuple[Curve, ...] = ()
        self._smoothing = smoothing
        self._arranged: tuple[object, ...] = ()
        self._extremes = np.empty(0)
        self._reaches = {False: 0.0, True: 0.0}

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Shows these."""
        self.curves = tuple(curves)
        self._arranged = ()
        extremes = [_extremes(curve.history) for curve in self.curves if not curve.grows]
        self._extremes = np.concatenate(extremes) if extremes else np.empty(0)
        self._reaches = {in_seconds: self._reach(in_seconds) for in_seconds in (False, True)}
        if not self.curves:
            self.item.set_lines(())
            self.before.set_lines(())

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is in view, before and behind the present run."""
        return self.item.lines + self.before.lines

    def shown(self, in_seconds: bool) -> tuple[Curve, ...]:
        """The runs that have a place on the axis."""
        return tuple(each for each in self.curves if each.history.length and (each.seconds or not in_seconds))

    def x_axis(self, curve: Curve, in_seconds: bool) -> XAxis:
        """Where the steps of a run stand."""
        return XAxis(curve.seconds if in_seconds else None)

    def fitted(self, losses: Losses) -> Losses:
        """The losses that decide which range is shown: the older ones' before the present run has two."""
        growing = [_extremes(curve.history) for curve in self.curves if curve.grows]
        if growing:
            losses = np.concatenate([losses, *growing])
        has_begun = np.count_nonzero(np.isfinite(losses)) > 1
        return self._extremes if len(self._extremes) and not has_begun else losses

    def reach(self, in_seconds: bool) -> float:
        """How far the longest run reaches on the axis: its steps, or its seconds."""
        return self._reaches[in_seconds]

    def arrange(self, view: QRectF, pixels: int, scale: Scale, in_seconds: bool) -> None:
        """Takes the points in view, if the view is another than before."""
        if not self.curves:
            return
        smoothing = self._smoothing
        across = (view.left(), view.width())
        # Another loss of the present run grows with it.
        lengths = tuple(curve.history.length for curve in self.curves)
        state = (across, pixels, scale, in_seconds, smoothing.window, smoothing.logarithmic, lengths)
        if state != self._arranged:
            self._arranged = state
            made = (self._line(curve, view, pixels, scale, in_seconds) for curve in self.shown(in_seconds))
            lines = [line for line in made if len(line.steps)]
            self.item.set_lines([line for line in lines if not line.curve.sparse])
            self.before.set_lines([line for line in lines if line.curve.sparse])

    def _reach(self, in_seconds: bool) -> float:
        ends = [
            self.x_axis(each, in_seconds).place(each.history.length - 1) + (not in_seconds)
            for each in self.shown(in_seconds)
        ]
        return max(ends, default=0.0)

    def _line(self, curve: Curve, view: QRectF, pixels: int, scale: Scale, in_seconds: bool) -> Line:
        x_axis = self.x_axis(curve, in_seconds)
        history = curve.history
        first, last = x_axis.between(view.left(), view.right(), history.length)
        source = self._smoothing.of(history) or history
        buckets = x_axis.columns(first, last, view.width(), pixels)
        steps, losses = source.envelope(first, last, buckets)
        span = max(0, last - first)
        spacing = 1.0 if len(steps) == span else span / buckets
        if curve.sparse:
            known = np.isfinite(losses)
            steps, losses, spacing = steps[known], losses[known], float(max(span, 1))
        x = x_axis.places(steps).astype(np.float64)
        return Line(curve, steps, x, scale.places(losses), spacing)


def _paint_line(
    painter: QPainter, lines: list[QPolygonF], dots: list[QPointF], pen: QPen, transform: QTransform
) -> None:
    painter.setPen(pen)
    painter.setWorldTransform(transform)
    for line in lines:
        painter.drawPolyline(line)
    painter.resetTransform()
    painter.setBrush(pen.color())
    for dot in dots:
        painter.drawEllipse(transform.map(dot), DOT_RADIUS, DOT_RADIUS)


def _extremes(history: History) -> Losses:
    """The smallest, the largest and the smallest positive of the finite losses."""
    _, losses = history.envelope(0, history.length, 2000)
    finite = losses[np.isfinite(losses)]
    parts = (finite, finite[finite > 0])
    return np.array([extreme for part in parts if len(part) for extreme in (part.min(), part.max())])
