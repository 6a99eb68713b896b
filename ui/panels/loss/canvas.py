"""The plot of the loss itself: what is in view, the axes and their numbers, and the mouse.

The axes are written in Python and hold up the thread that trains, so their numbers are made anew
only when the range in view or the size has changed.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QObject, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QHelpEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QGraphicsLineItem, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.panels.loss.axes import FEWEST_STEPS, STEPS, Scale, Tick, XAxis, loss_ticks, second_ticks, step_ticks
from ui.panels.loss.items import CurveItem, Dots, Grid, Marks, ViewItem
from ui.style.colors import mixed
from ui.style.scale import scale, scaled, small_text, stroke
from ui.style.sheet import set_class
from ui.style.theme import current_theme

POINTER_MILLISECONDS = 33
LEFT_AXIS_WIDTH, LABEL_WIDTH = 46, 18
BOTTOM_AXIS_HEIGHT = 38
AROUND = (6, 6, 14, 4)
"""Pixels that stay free at the left, top, right and bottom: half a number needs some of them."""
MARGIN, FIRST_MARGIN = 0.015, 0.04
"""Share of the steps' axis that stays free at either end, and while it shows the first steps only."""
FAINT = 0.4
"""Share of its own color that a curve keeps behind another."""


class LossCanvas(QObject):
    """A plot with a curve, marks, a cursor and a crosshair, drawn as it is told.

    Attributes:
        plot: the widget.
        curve, strong, dots, marks: what is drawn: the losses, their averages, losses as colored dots,
            and losses that have no place.
        x_axis: where steps stand.
        scale: how losses become places on the axis.
        own_view: whether the user chose what is in view.

    Signals:
        view_changed(): the user or a resize changed what is in view.
        clicked(QPointF): the user clicked here; in pixels of the scene.
        double_clicked(): the user double-clicked.
        rested(QPoint, QPoint): the pointer has come to rest here: in pixels of the plot, and of the screen.
        pointed(object): the pointer is here, a QPointF in pixels of the scene; None: it has left.
    """

    view_changed = Signal()
    clicked = Signal(QPointF)
    double_clicked = Signal()
    rested = Signal(QPoint, QPoint)
    pointed = Signal(object)

    def __init__(self, parent: QWidget, label: str = "") -> None:
        """An empty plot; `parent` shows it.

        Args:
            parent: the widget that the plot is in.
            label: of the upright axis, where that needs one.
        """
        super().__init__(parent)
        self.plot = pg.PlotWidget(parent)
        self.box = self.plot.getViewBox()
        self.scale = Scale(True)
        self.own_view = False
        self.x_axis = STEPS
        self.curve, self.strong, self.dots = CurveItem(), CurveItem(), Dots()
        self.marks, self._grid = Marks(), Grid()
        self._items: list[ViewItem] = [self._grid, self.curve, self.dots, self.strong, self.marks]
        self._look = ("", False, False)
        self._left_width = LEFT_AXIS_WIDTH + (LABEL_WIDTH if label else 0)
        self._cursor, self._across, self._upright = (QGraphicsLineItem() for _ in range(3))
        self._cursor_place: float | None = None
        self._pointer: QPointF | None = None
        self._ticked: tuple[object, ...] = ()
        self._ticks: dict[str, list[Tick]] = {}
        self._numbered = True
        self._pointer_timer = QTimer(self, interval=POINTER_MILLISECONDS, singleShot=True)
        self._pointer_timer.timeout.connect(lambda: self.pointed.emit(self._pointer))
        self._message = QLabel()
        set_class(self._message, "muted")
        self._prepare(label)
        self._connect()
        self.follow_theme()

    # What is shown

    def show_range(self, scale: Scale, extent: float, low: float, high: float) -> None:
        """Brings so many steps (or seconds), counted from 0, and these places of losses into view."""
        self.own_view = False
        self.scale = scale
        first = self.x_axis.seconds is None and extent <= FEWEST_STEPS
        margin = (FIRST_MARGIN if first else MARGIN) * extent
        self._show(QRectF(-margin, low, extent + 2 * margin, high - low))

    def show_own_range(self, scale: Scale, low: float, high: float) -> None:
        """Keeps the user's steps in view, with these places of losses."""
        self.scale = scale
        view = self.view
        self._show(QRectF(view.left(), low, view.width(), high - low))

    def set_x_axis(self, x_axis: XAxis) -> None:
        """Counts steps or seconds; the next call of `show_range` and `draw` shows it."""
        in_seconds = x_axis.seconds is not None
        if in_seconds != (self.x_axis.seconds is not None):
            self.plot.getAxis("bottom").setLabel("seconds" if in_seconds else "step")
            self.box.setLimits(minXRange=1e-6 if in_seconds else 2)
            self._ticked = ()
        self.x_axis = x_axis

    def draw(self, steps: NDArray[np.int64], losses: NDArray[np.float64], spacing: float) -> None:
        """Draws these losses; see `joined`."""
        places = self.scale.places(losses)
        lost = np.isnan(places)
        finite = np.isfinite(losses[lost])
        x = self.x_axis.places(steps)
        self.curve.set_points(steps, x, places, spacing)
        self.marks.set_places(x[lost][~finite], x[lost][finite])
        self._show_numbers(True)

    def draw_averages(self, steps: NDArray[np.int64], averages: NDArray[np.float64], spacing: float) -> None:
        """Draws these averages strongly; none at all draws nothing."""
        if len(steps) or len(self.strong.steps):
            x, places = self.x_axis.places(steps), self.scale.places(averages)
            self.strong.set_points(steps, x, places, spacing)
            self.strong.setVisible(len(steps) > 0)

    def show_message(self, text: str) -> None:
        """Says this instead of drawing anything."""
        nothing = np.empty(0, np.int64)
        self.curve.set_points(nothing, nothing, np.empty(0), 1.0)
        self.draw_averages(nothing, np.empty(0), 1.0)
        self.dots.clear()
        self.marks.set_places(nothing, nothing)
        self._message.setText(text)
        self._show_numbers(False)

    def add(self, item: ViewItem, behind: bool = True) -> None:
        """Draws one thing more, behind the curve or before it."""
        self._items.append(item)
        self.box.addItem(item, ignoreBounds=True)
        item.setZValue(-5 if behind else len(self._items))
        item.set_view(self.view)

    def set_headroom(self, pixels: int) -> None:
        """Keeps so many pixels above the plot free."""
        left, top, right, bottom = AROUND
        self.plot.getPlotItem().layout.setContentsMargins(left, max(top, pixels), right, bottom)

    def set_color(self, color: str, faint: bool, dashed: bool = False) -> None:
        """Draws the curve in this color, or faintly, where something else stands for it."""
        if (color, faint, dashed) != self._look:
            self._look = color, faint, dashed
            self._apply_color()

    def set_cursor(self, place: float | None) -> None:
        """Draws a line at this step's place; None takes it away."""
        self._cursor_place = place
        self._cursor.setVisible(place is not None)
        if place is not None:
            self._cursor.setLine(QLineF(place, self.view.top(), place, self.view.bottom()))

    def set_crosshair(self, x: float | None, loss: float = math.nan) -> None:
        """Draws thin lines through a step's place and its loss; None takes them away."""
        view, place = self.view, self.scale.place(loss)
        self._upright.setVisible(x is not None)
        self._across.setVisible(x is not None and not math.isnan(place))
        if x is not None:
            self._upright.setLine(QLineF(x, view.top(), x, view.bottom()))
            if not math.isnan(place):
                self._across.setLine(QLineF(view.left(), place, view.right(), place))

    def follow_theme(self) -> None:
        """Takes the colors of the present theme: pyqtgraph keeps its own, whatever the palette is."""
        theme = current_theme()
        self.plot.setBackground(theme.surface)
        self._apply_color()
        self.marks.set_color(theme.error)
        self._grid.set_color(theme.border)
        for name in ("left", "bottom"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.muted))
        self._cursor.setPen(_cosmetic(theme.text))
        for line in (self._across, self._upright):
            line.setPen(_cosmetic(theme.muted, Qt.PenStyle.DotLine))
        self._show_focus()

    # What is in view

    @property
    def view(self) -> QRectF:
        """Steps and places of losses in view; the top of the rectangle is the lowest place."""
        return cast("QRectF", self.box.viewRect())

    @property
    def area(self) -> QRect:
        """Where the curve is drawn, in pixels of the plot."""
        return cast("QRect", self.plot.mapFromScene(self.box.sceneBoundingRect()).boundingRect())

    @property
    def pixels(self) -> int:
        """Columns of pixels between the axes."""
        return max(1, int(self.box.width()))

    def zoom(self, factor: float) -> None:
        """Shows `factor` times as much around the middle, as the user's own choice."""
        self.box.scaleBy((factor, factor))
        self._take_own_view()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes where the pointer is and when it leaves or rests, and when the focus comes and goes."""
        if not (isValid(self) and isValid(watched)):
            return False
        kind = event.type()
        # pyqtgraph's own signal leaves out moves that follow another too fast, the last one included.
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove:
            self._point(self.plot.mapToScene(event.position().toPoint()))
        elif kind == QEvent.Type.Leave:
            self._pointer = None
            self._pointer_timer.stop()
            self.pointed.emit(None)
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip and watched is not self.plot:
            self.rested.emit(event.pos(), event.globalPos())
            return True
        elif kind == QEvent.Type.FontChange and watched is self.plot:
            self._fit_axes()
            self._refresh_axes()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_focus()
        return False

    # Inside

    def _prepare(self, label: str) -> None:
        plot, box = self.plot, self.box
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.disableAutoRange()
        box.setLimits(minXRange=2, maxXRange=1e10, minYRange=1e-6, maxYRange=1e6)
        for name, title in (("left", label), ("bottom", "step")):
            axis = plot.getAxis(name)
            axis.enableAutoSIPrefix(False)
            if title:
                axis.setLabel(title)
            axis.setStyle(tickLength=-4, tickTextOffset=5, hideOverlappingLabels=False)
        plot.getPlotItem().layout.setContentsMargins(*AROUND)
        for depth, item in enumerate((*self._items, self._cursor, self._upright, self._across)):
            box.addItem(item, ignoreBounds=True)
            item.setZValue(depth - 10 if item is self._grid else depth)
        for hidden in (self._cursor, self._upright, self._across, self.strong, self.dots):
            hidden.hide()
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setMargin(8)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = QVBoxLayout(plot)
        self._over.addWidget(self._message)
        self._fit_axes()

    def _fit_axes(self) -> None:
        """Numbers and names of the axes in the letters of the plot, and room for them."""
        plot, font = self.plot, QFont(self.plot.font())
        font.setPointSizeF(max(7.0, 0.85 * font.pointSizeF()))
        if scale() != 1.0:
            font.setPixelSize(small_text(round(QFontInfo(font).pixelSize() / scale())))
        left, bottom = plot.getAxis("left"), plot.getAxis("bottom")
        for axis in (left, bottom):
            axis.setTickFont(font)
            axis.label.setFont(font)
        left.setWidth(scaled(self._left_width))
        bottom.setHeight(scaled(BOTTOM_AXIS_HEIGHT))
        self._over.setContentsMargins(scaled(self._left_width), 0, 0, scaled(BOTTOM_AXIS_HEIGHT))
        self._ticked = ()

    def _connect(self) -> None:
        self.box.sigRangeChangedManually.connect(self._take_own_view)
        self.box.sigRangeChanged.connect(self._refresh_axes)
        self.box.sigResized.connect(self._resize)
        self.plot.scene().sigMouseClicked.connect(self._click)
        self.plot.installEventFilter(self)
        self.plot.viewport().installEventFilter(self)

    def _show(self, view: QRectF) -> None:
        if view != self.view:
            self.box.setRange(view, padding=0)
        self._refresh_axes()

    def _show_numbers(self, numbered: bool) -> None:
        """Either numbers on the axes and a view to move about, or the message."""
        if numbered is not self._numbered:
            self._numbered = numbered
            self._message.setVisible(not numbered)
            self.box.setMouseEnabled(x=numbered, y=numbered)
            self._refresh_axes()

    def _apply_color(self) -> None:
        theme = current_theme()
        chosen, faint, dashed = self._look
        color = chosen or theme.plot[0]
        self.strong.set_color(color, dashed)
        self.curve.set_color(mixed(theme.surface, color, FAINT).name() if faint else color, dashed)

    def _take_own_view(self, *_: object) -> None:
        self.own_view = True
        self.view_changed.emit()

    def _resize(self, *_: object) -> None:
        self._refresh_axes()
        self.view_changed.emit()

    def _refresh_axes(self, *_: object) -> None:
        """Fits numbers, grid and lines to what is in view, if that has changed."""
        view, width, height = self.view, self.box.width(), self.box.height()
        state = (view.getRect(), width, height, self.scale, self._numbered)
        if state == self._ticked:
            return
        self._ticked = state
        for item in self._items:
            item.set_view(view)
        steps: list[Tick] = []
        losses: list[Tick] = []
        if self._numbered:
            ticks_of = step_ticks if self.x_axis.seconds is None else second_ticks
            steps = ticks_of(view.left(), view.right(), width)
            losses = loss_ticks(self.scale, view.top(), view.bottom(), height)
        for name, ticks in (("bottom", steps), ("left", losses)):
            if ticks != self._ticks.get(name):
                self._ticks[name] = ticks
                self.plot.getAxis(name).setTicks(_levels(ticks))
        self._grid.set_places([tick.place for tick in losses if tick.text])
        self.set_cursor(self._cursor_place)
        self.set_crosshair(None)

    def _click(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._holds(event.scenePos()):
            return
        if event.double():
            self.double_clicked.emit()
        else:
            self.clicked.emit(QPointF(event.scenePos()))

    def _point(self, place: QPointF) -> None:
        self._pointer = QPointF(place) if self._holds(place) else None
        if not self._pointer_timer.isActive():
            self._pointer_timer.start()

    def _holds(self, place: QPointF) -> bool:
        return bool(self.box.sceneBoundingRect().contains(place))

    def _show_focus(self) -> None:
        theme = current_theme()
        self.box.setBorder(pg.mkPen(theme.parameter if self.plot.hasFocus() else theme.surface))


def _levels(ticks: list[Tick]) -> list[list[tuple[float, str]]]:
    """Ticks as pyqtgraph takes them: those with a number first."""
    return [
        [(tick.place, tick.text) for tick in ticks if bool(tick.text) is major] for major in (True, False)
    ]


def _cosmetic(color: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen one pixel wide at any zoom."""
    pen = QPen(QColor(color), stroke(1.0), style)
    pen.setCosmetic(True)
    return pen
