"""Percentiles over steps as bands in a small plot, with a mark at the step that is shown."""

from __future__ import annotations

from typing import cast

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsLineItem, QStyleOptionGraphicsItem, QWidget
from shiboken6 import isValid

from playground.health.spread import Bands
from ui.panels.weights.axis import ValueAxis, fitting_axis
from ui.style.colors import mixed
from ui.style.theme import Theme, Tone, current_theme

SHARES = (0.16, 0.34, 0.58)
"""Of the color on the ground, from the outermost band to the innermost."""
PAIRS = ((0, 6), (1, 5), (2, 4))
"""Which percentiles each of these bands lies between."""
LEFT, BOTTOM = 52, 18
_ROOM = 0.06
_TICK = 26
"""Pixels between two numbers of the upright axis, and more."""


def band_colors(theme: Theme, tone: Tone) -> tuple[QColor, ...]:
    """The colors of the bands, from the outermost."""
    return tuple(mixed(theme.surface, tone(theme), share) for share in SHARES)


class BandsItem(QGraphicsItem):
    """Three filled bands and the median's line."""

    def __init__(self) -> None:
        """Nothing to paint."""
        super().__init__()
        self._view = QRectF()
        self._polygons: list[tuple[int, QPolygonF]] = []
        self._lines: list[QPolygonF] = []
        self._colors: tuple[QColor, ...] = ()
        self._pen = QPen()

    def show_bands(self, steps: NDArray[np.float64], places: NDArray[np.float64]) -> None:
        """Takes percentiles as places, shape (steps, 7); where there are none, nothing is painted."""
        self._polygons, self._lines = [], []
        known = np.flatnonzero(np.isfinite(places).all(1))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if len(known) else ():
            x, y = steps[run], places[run]
            if len(run) == 1:
                x, y = np.array([x[0] - 0.4, x[0] + 0.4]), np.repeat(y, 2, 0)
            for number, (low, high) in enumerate(PAIRS):
                ends = np.concatenate([np.c_[x, y[:, low]], np.c_[x, y[:, high]][::-1]])
                self._polygons.append((number, _polygon(ends)))
            self._lines.append(_polygon(np.c_[x, y[:, 3]]))
        self.update()

    def set_view(self, view: QRectF) -> None:
        """Takes the range in view."""
        self.prepareGeometryChange()
        self._view = QRectF(view)

    def set_colors(self, bands: tuple[QColor, ...], line: str) -> None:
        """Paints in these colors."""
        self._colors = bands
        self._pen = QPen(QColor(line), 1.5)
        self._pen.setCosmetic(True)
        self.update()

    def boundingRect(self) -> QRectF:
        """The range in view."""
        return self._view

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The widest bands first, the line above all."""
        painter.setPen(Qt.PenStyle.NoPen)
        for number, polygon in sorted(self._polygons, key=lambda each: each[0]):
            painter.setBrush(self._colors[number])
            painter.drawPolygon(polygon)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._pen)
        for line in self._lines:
            painter.drawPolyline(line)


def _polygon(points: NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(*point) for point in points.tolist()])


class BandPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph carries no types.
    """Bands over steps; a click, or Enter at the keyboard's cursor, chooses the nearest step.

    Signals:
        step_chosen(int): the user wants to see this step.
        pointed(object, object): this plot, and the number of the column under the pointer, or at the
            keyboard's cursor; None: it left.
    """

    step_chosen = Signal(int)
    pointed = Signal(object, object)

    def __init__(self, name: str, spoken: str, tone: Tone) -> None:
        """Without bands.

        Args:
            name: of what is drawn.
            spoken: the same for those who hear it.
            tone: its color.
        """
        super().__init__()
        self.bands = Bands((), np.empty((0, 7)))
        self.axis = ValueAxis()
        self._tone, self._mark, self._at = tone, cast("int | None", None), cast("int | None", None)
        self._item, self._marked, self._cross = BandsItem(), QGraphicsLineItem(), QGraphicsLineItem()
        self.name = name
        self.setAccessibleName(spoken)
        self.setMinimumHeight(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.box = self.getViewBox()
        self.box.disableAutoRange()
        self.box.sigResized.connect(self._number_axis)
        self.getPlotItem().layout.setContentsMargins(0, 4, 18, 0)
        font = self.font()
        font.setPixelSize(10)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setTickFont(font)
            axis.setStyle(tickLength=-3, tickTextOffset=4, hideOverlappingLabels=False)
        self.getAxis("left").setWidth(LEFT)
        self.getAxis("bottom").setHeight(BOTTOM)
        for depth, item in enumerate((self._item, self._cross, self._marked)):
            self.box.addItem(item, ignoreBounds=True)
            item.setZValue(depth)
        self._marked.hide()
        self._cross.hide()
        self.viewport().setMouseTracking(True)
        self.viewport().installEventFilter(self)
        self.follow_theme()

    def follow_theme(self) -> None:
        """Takes the present theme's colors."""
        theme = current_theme()
        self.setBackground(theme.surface)
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(pg.mkPen(theme.border))
            self.getAxis(side).setTextPen(pg.mkPen(theme.muted))
        self._item.set_colors(band_colors(theme, self._tone), self._tone(theme))
        for line, color, width in ((self._marked, theme.accent, 1.5), (self._cross, theme.muted, 1.0)):
            pen = QPen(QColor(color), width)
            pen.setCosmetic(True)
            line.setPen(pen)
        self._show_focus()

    def show_bands(self, bands: Bands, symlog: bool, mark: int | None) -> None:
        """Draws these, and a line at the step that is shown."""
        self.bands, self._mark = bands, mark
        self.axis = fitting_axis(bands.percentiles, symlog)
        places = self.axis.places(bands.percentiles)
        known = places[np.isfinite(places)]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        room = _ROOM * (high - low) or 0.5 * abs(high) or 0.5
        first, last = (bands.steps[0], bands.steps[-1]) if bands.steps else (0, 1)
        margin = 0.02 * (last - first) or 0.5
        view = QRectF(first - margin, low - room, last - first + 2 * margin, high - low + 2 * room)
        self._item.set_view(view)
        self._item.show_bands(np.array(bands.steps, float), places)
        self.box.setRange(view, padding=0)
        self._number_axis()
        ends = sorted({first, (first + last) // 2, last}) if last - first > 1 else [first]
        self.getAxis("bottom").setTicks([[(float(each), str(each)) for each in ends]])
        self._place(self._marked, mark)
        self._at = None if self._at is None else min(self._at, len(bands.steps) - 1)
        self.point(self._at)

    def _number_axis(self, *_: object) -> None:
        """As many numbers as there is room for: also of a plot that was filled before it had its size."""
        view = self._item.boundingRect()
        most = max(2, int(self.box.height()) // _TICK)
        known = np.isfinite(self.bands.percentiles).any()
        ticks = self.axis.ticks(view.top(), view.bottom(), most) if known else []
        self.getAxis("left").setTicks([ticks])

    def point(self, column: int | None) -> None:
        """Draws a thin line at this column; None takes it away. Silent."""
        self._at = column
        self._place(self._cross, None if column is None or column < 0 else self.bands.steps[column])

    def column_at(self, x: float) -> int | None:
        """The column nearest to a place of the viewport; None where there is none."""
        if not self.bands.steps:
            return None
        step = self.box.mapSceneToView(self.mapToScene(round(x), 1)).x()
        return int(np.abs(np.array(self.bands.steps) - step).argmin())

    def x_of(self, column: int) -> int:
        """Where a column stands, in pixels of the viewport."""
        point = self.box.mapViewToScene(QPointF(self.bands.steps[column], 0))
        return int(self.mapFromScene(point).x())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the pointer."""
        if not (isValid(self) and isValid(watched)):
            return False
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove:
            self.pointed.emit(self, self.column_at(event.position().x()))
        elif kind == QEvent.Type.Leave:
            self.pointed.emit(self, None)
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the nearest step."""
        column = self.column_at(event.position().x())
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is Qt.MouseButton.LeftButton and column is not None:
            self.step_chosen.emit(self.bands.steps[column])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, right, Home and End move the cursor; Enter chooses its step."""
        last = len(self.bands.steps) - 1
        key = Qt.Key(event.key())
        at = self._start() if self._at is None else self._at
        moved = {Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if last < 0 or key not in (*moved, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif key in moved:
            self.pointed.emit(self, min(max(moved[key], 0), last))
        else:
            self.step_chosen.emit(self.bands.steps[at])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the focus by the frame."""
        super().focusInEvent(event)
        self._show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Shows the frame as before."""
        super().focusOutEvent(event)
        self._show_focus()

    def wheelEvent(self, event: QEvent) -> None:
        """The list that the plot stands in scrolls."""
        event.ignore()

    def _start(self) -> int:
        """The column of the step that is shown, from which the keyboard's cursor starts."""
        steps = np.array(self.bands.steps)
        return len(steps) - 1 if self._mark is None else int(np.abs(steps - self._mark).argmin())

    def _place(self, line: QGraphicsLineItem, step: int | None) -> None:
        view = self.box.viewRect()
        line.setVisible(step is not None and bool(self.bands.steps))
        if step is not None:
            line.setLine(QLineF(step, view.top(), step, view.bottom()))

    def _show_focus(self) -> None:
        theme = current_theme()
        self.box.setBorder(pg.mkPen(theme.parameter if self.hasFocus() else theme.border))
