"""The panel that draws the loss of every step while the run goes on.

What it paints is what the training thread waits for, so: ranges grow in big steps, as many
points are drawn as there are pixels, and nothing is painted that has not changed.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from playground.history import History
from ui.panels.loss_axes import NumberAxis, linear_range, logarithmic_range
from ui.theme import LIGHT, Theme

EMPTY = "Press Run: the loss of every step is drawn here."
FIRST_STEPS = 100
"""Steps that the axis shows at least."""


class LossPlot(QWidget):
    """The loss of one run against its steps.

    Attributes:
        plot: the plot itself.
        logarithmic: whether the loss has a logarithmic axis.

    Signals:
        step_chosen(int): the user pointed at this step, by a click or with the arrow keys.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts in the light theme, without a history."""
        super().__init__(parent)
        self._history: History | None = None
        self._run = -1
        self._drawn = -1
        self._steps = FIRST_STEPS
        self._own_view = False
        self._cursor_step: int | None = None
        self._range: tuple[float, float, float, float] | None = None
        self._title = QLabel("Loss")
        self._log = QCheckBox("log")
        self._log.setChecked(True)
        self._log.setToolTip("Draw the loss on a logarithmic scale")
        self._log.toggled.connect(self._redraw)
        self._reset = QToolButton()
        self._reset.setText("reset view")
        self._reset.setToolTip("Show the whole run again (R, or a double click)")
        self._reset.setEnabled(False)
        self._reset.clicked.connect(self.reset_view)
        self._readout = QLabel()
        self._readout.setAccessibleName("Step and loss under the pointer")
        self.plot = _Plot(self)
        self._make_items()
        self._arrange()
        self.set_theme(LIGHT)
        self._show_range()

    @property
    def logarithmic(self) -> bool:
        """Whether the loss has a logarithmic axis."""
        return self._log.isChecked()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Chooses the axis of the loss."""
        self._log.setChecked(logarithmic)

    def set_history(self, history: History | None, run: int) -> None:
        """Draws another run from now on; None draws nothing."""
        if history is self._history and run == self._run:
            return
        self._history, self._run = history, run
        self._cursor_step = None
        self._readout.clear()
        self._own_view = False
        self._range = None
        self._redraw()

    def set_steps(self, total: int) -> None:
        """How many steps the axis shows: those that the run will make."""
        if total != self._steps:
            self._steps = total
            self._range = None
            self._redraw()

    def set_cursor(self, step: int | None) -> None:
        """Marks a step with a line; None takes it away."""
        if step == self._cursor_step:
            return
        self._cursor_step = step
        self._cursor.setVisible(step is not None)
        if step is not None:
            self._cursor.setValue(step)
            self._read_out(step)

    def refresh(self) -> None:
        """Draws the steps that have come since; does nothing where there are none."""
        made = 0 if self._history is None else self._history.length
        if made == self._drawn:
            return
        self._drawn = made
        self._empty.setVisible(made == 0)
        if self._history is None or not made:
            self._curve.setData([], [])
            self._lost.setData([], [])
            return
        left, right = (0, made) if not self._own_view else self._visible_steps(made)
        steps, losses = self._history.envelope(left, right, max(50, int(self.plot.width() / 2)))
        self._draw(steps, losses)

    def reset_view(self) -> None:
        """Shows the whole run again."""
        self._own_view = False
        self._reset.setEnabled(False)
        self._range = None
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self.plot.setBackground(theme.surface)
        pen = pg.mkPen(theme.plot[0], width=2)
        self._curve.setPen(pen)
        self._curve.setSymbolPen(pen)
        self._curve.setSymbolBrush(theme.plot[0])
        self._lost.setPen(pg.mkPen(theme.error))
        self._lost.setBrush(theme.error)
        self._cursor.setPen(pg.mkPen(theme.muted, width=1))
        self._hair.setPen(pg.mkPen(theme.faint, style=Qt.PenStyle.DashLine))
        self._empty.setStyleSheet(f"color: {theme.muted}; background: transparent;")
        for name in ("bottom", "left"):
            axis = self.plot.getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(theme.muted)
        self._apply_style()

    # Looking at a step

    def point_at(self, place: QPointF) -> int | None:
        """The step nearest to a place in the plot's own pixels, or None while there is none."""
        if self._history is None or not self._history.length:
            return None
        x = float(self.plot.getViewBox().mapSceneToView(self.plot.mapToScene(place.toPoint())).x())
        return min(max(0, round(x)), self._history.length - 1)

    def hover(self, place: QPointF | None) -> None:
        """Shows step and loss under the pointer; None when it has left."""
        step = None if place is None else self.point_at(place)
        self._hair.setVisible(step is not None)
        if step is not None:
            self._hair.setValue(step)
            self._read_out(step)
        elif self._cursor_step is not None:
            self._read_out(self._cursor_step)
        else:
            self._readout.clear()

    def choose(self, step: int | None) -> None:
        """Lets the user choose a step, cut to those that ran."""
        if step is not None and self._history is not None and self._history.length:
            step = min(max(0, step), self._history.length - 1)
            self.set_cursor(step)
            self.step_chosen.emit(step)

    def choose_beside(self, steps: int) -> None:
        """Chooses a step so many after the one that is marked, or before the newest."""
        if self._history is not None:
            start = self._history.length - 1 if self._cursor_step is None else self._cursor_step
            self.choose(start + steps)

    def _read_out(self, step: int) -> None:
        if self._history is not None and step < self._history.length:
            self._readout.setText(f"step {step:,}    loss {self._history.loss(step):.6g}".replace(",", " "))

    # Drawing

    def _redraw(self) -> None:
        self._drawn = -1
        if self._range is None or not self._own_view:
            self._range = None
        self.plot.getAxis("left").logarithmic = self.logarithmic
        self._own_view = False
        self._reset.setEnabled(False)
        self.refresh()
        self._show_range()

    def _draw(self, steps: NDArray[np.int64], losses: NDArray[np.float64]) -> None:
        drawable = np.isfinite(losses) & ((losses > 0) | (not self.logarithmic))
        values = np.where(drawable, losses, np.nan)
        if self.logarithmic:
            with np.errstate(invalid="ignore"):
                values = np.log10(values)
        if not self._own_view:
            self._fit(values[drawable])
        self._curve.setSymbol("o" if len(steps) == 1 else None)
        self._curve.setData(steps, values, connect="all" if drawable.all() else "finite")
        lost = steps[~drawable]
        self._lost.setData(lost, np.full(len(lost), self._top()))

    def _fit(self, values: NDArray[np.float64]) -> None:
        """Grows the ranges where they are too small, in big steps; each change repaints the axes."""
        right = float(max(self._steps, FIRST_STEPS if self._history is None else self._history.length))
        old = None if self._range is None else (self._range[2], self._range[3])
        low, high = (logarithmic_range if self.logarithmic else linear_range)(values, old)
        if (0.0, right, low, high) != self._range:
            self._range = (0.0, right, low, high)
            self._show_range()

    def _show_range(self) -> None:
        left, right, low, high = self._range or (0.0, float(max(self._steps, 1)), 0.0, 1.0)
        box = self.plot.getViewBox()
        box.setRange(QRectF(left, low, right - left, high - low), padding=0, disableAutoRange=True)

    def _visible_steps(self, made: int) -> tuple[int, int]:
        left, right = self.plot.getViewBox().viewRange()[0]
        return max(0, math.floor(left) - 1), min(made, math.ceil(right) + 2)

    def _top(self) -> float:
        low, high = self.plot.getViewBox().viewRange()[1]
        return float(high - 0.03 * (high - low))

    def _take_own_view(self, *_: object) -> None:
        self._own_view = True
        self._reset.setEnabled(True)
        self._drawn = -1
        self.refresh()

    # Making

    def _make_items(self) -> None:
        self._curve = pg.PlotDataItem(antialias=False, skipFiniteCheck=True)
        self._curve.setSymbolSize(6)
        self._lost = pg.ScatterPlotItem(symbol="t", size=9)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._hair = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._curve, self._lost, self._cursor, self._hair):
            self.plot.addItem(item, ignoreBounds=True)
        self._cursor.hide()
        self._hair.hide()
        self.plot.getViewBox().sigRangeChangedManually.connect(self._take_own_view)
        self._empty = QLabel(EMPTY, self.plot)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over = QVBoxLayout(self.plot)
        over.addWidget(self._empty)

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 8, 4)
        header.addWidget(self._title)
        header.addSpacing(8)
        header.addWidget(self._log)
        header.addWidget(self._reset)
        header.addStretch(1)
        header.addWidget(self._readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.plot, 1)
        self.setFocusProxy(self.plot)

    def _apply_style(self) -> None:
        theme = self._theme
        self._title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        self._readout.setStyleSheet(f"color: {theme.muted};")
        self.setStyleSheet(
            f"""
            LossPlot {{ background: {theme.surface}; }}
            QToolButton {{ color: {theme.text}; background: {theme.raised}; padding: 2px 7px;
                border: 1px solid {theme.border}; border-radius: 4px; min-height: 18px; }}
            QToolButton:disabled {{ color: {theme.faint}; }}
            QToolButton:hover, QToolButton:focus {{ border-color: {theme.accent}; }}
            """
        )
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


class _Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph carries no types
    """The plot, with the keyboard and the mouse of this panel."""

    def __init__(self, panel: LossPlot) -> None:
        super().__init__(axisItems={"left": NumberAxis("left"), "bottom": NumberAxis("bottom")})
        self._panel = panel
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseTracking(True)
        self.setLabel("bottom", "step")
        self.setLabel("left", "loss")
        self.getAxis("left").setWidth(62)
        # Room for half of the topmost and the rightmost number.
        self.getPlotItem().setContentsMargins(0, 8, 18, 4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Loss of every step")
        self.setAccessibleDescription("Arrow keys choose a step, plus and minus zoom, R shows the whole run")
        self.setFrameShape(self.Shape.NoFrame)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._panel.hover(event.position())

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self._panel.hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        moved = (event.position() - self._pressed).manhattanLength()
        if event.button() is Qt.MouseButton.LeftButton and moved < 4:
            self._panel.choose(self._panel.point_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._panel.reset_view()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        panel = self._panel
        key = Qt.Key(event.key())
        beside = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        zooms = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Minus: 1.25}
        if key in beside:
            panel.choose_beside(beside[key])
        elif key is Qt.Key.Key_Home:
            panel.choose(0)
        elif key is Qt.Key.Key_End:
            panel.choose_beside(2**31)
        elif key in zooms:
            self.getViewBox().scaleBy((zooms[key], zooms[key]))
            self.getViewBox().sigRangeChangedManually.emit([True, True])
        elif key is Qt.Key.Key_R:
            panel.reset_view()
        else:
            super().keyPressEvent(event)
