"""The panel that draws the loss of every step while the run goes on.

The thread that trains waits while this one paints, so: ranges grow in big steps, as many points are
drawn as there are pixels, and nothing is painted that has not changed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from playground.history import History
from ui.panels.loss_axes import Scale, fitting_scale, grouped, shown_steps
from ui.panels.loss_canvas import LossCanvas
from ui.theme import LIGHT, Theme

EMPTY = "Press Run: the loss of every step is drawn here"
ZOOM_IN, ZOOM_OUT = 0.8, 1.25
KEYS = "arrows, Home and End choose a step, plus and minus zoom, R shows the whole run"


class LossPlot(QWidget):
    """The loss of one run against its steps.

    Attributes:
        canvas: the plot without the row above it.

    Signals:
        step_chosen(int): the user chose this step, by a click or with the keys.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts in the light theme, without a history."""
        super().__init__(parent)
        self._history: History | None = None
        self._run: int | None = None
        self._total = 0
        self._drawn_length = 0
        self._cursor: int | None = None
        self._first_gap: int | None = None
        self.canvas = LossCanvas(self)
        self._title = QLabel("Loss")
        self._log = QCheckBox("log")
        self._reset = QToolButton()
        self._zoomed = QLabel("zoomed")
        self._readout = QLabel()
        self._prepare_header()
        self._arrange()
        self._connect()
        self.set_theme(LIGHT)
        self._draw()

    # What the window sets

    @property
    def logarithmic(self) -> bool:
        """Whether the loss has a logarithmic axis."""
        return self._log.isChecked()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Chooses the axis of the loss."""
        self._log.setChecked(logarithmic)

    def set_history(self, history: History | None, run: int) -> None:
        """Draws this history from now on; None draws nothing. Another run clears cursor and zoom."""
        if history is self._history and run == self._run:
            return
        self._history, self._run = history, run
        self._first_gap = None
        self.canvas.own_view = False
        self.set_cursor(None)
        self._draw()

    def set_steps(self, total: int) -> None:
        """How many steps the run will make, which is how far the axis reaches; 0 if unknown."""
        if total != self._total:
            self._total = total
            self._draw()

    def set_cursor(self, step: int | None) -> None:
        """Marks a step with a line; None takes it away."""
        if step != self._cursor:
            self._cursor = step
            self.canvas.set_cursor(step)
            self._show_reading(None)

    def refresh(self) -> None:
        """Draws the steps that have come since; does nothing where there are none."""
        if self._history is not None and self._history.length != self._drawn_length:
            self._draw()

    def reset_view(self) -> None:
        """Shows the whole run again."""
        self.canvas.own_view = False
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self.canvas.set_theme(theme)
        self._theme = theme
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.surface)
        self.setPalette(palette)
        self._title.setStyleSheet(f"QLabel {{ color: {theme.text}; font-weight: 600; }}")
        # The Fusion style draws the outline of the box in a darker shade of the window's colour.
        palette.setColor(QPalette.ColorRole.Window, theme.muted)
        palette.setColor(QPalette.ColorRole.WindowText, theme.text)
        self._log.setPalette(palette)
        self._zoomed.setStyleSheet(f"QLabel {{ color: {theme.muted}; }}")
        self._reset.setStyleSheet(
            f"""
            QToolButton {{ color: {theme.text}; background: {theme.raised}; padding: 2px 7px;
                border: 1px solid {theme.border}; border-radius: 4px; min-height: 20px; }}
            QToolButton:disabled {{ color: {theme.faint}; }}
            QToolButton:hover, QToolButton:focus {{ border-color: {theme.parameter}; }}
            """
        )
        self._show_reading(None)

    # Drawing

    def _draw(self) -> None:
        """Draws the history as it is now."""
        history, canvas = self._history, self.canvas
        length = 0 if history is None else history.length
        self._drawn_length = length
        if history is None or not length:
            canvas.show_range(Scale(self.logarithmic), shown_steps(self._total, 0), 0.0, 1.0)
            canvas.show_message(EMPTY)
        else:
            steps, losses, spacing = self._points(history, length)
            if not canvas.own_view:
                scale, low, high = fitting_scale(losses, self.logarithmic)
                canvas.show_range(scale, shown_steps(self._total, length), low, high)
                self._note_gap(steps, losses)
            canvas.draw(steps, losses, spacing)
        self._reset.setEnabled(canvas.own_view)
        self._zoomed.setVisible(canvas.own_view)

    def _points(self, history: History, length: int) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
        """Steps and losses in view, at most two a column of pixels, and the steps that share a column."""
        view, first, last = self.canvas.view, 0, length
        shown = shown_steps(self._total, length) if not self.canvas.own_view else view.width()
        if self.canvas.own_view:
            # One step more at each side, for the lines that leave the view.
            first, last = max(0, math.floor(view.left()) - 1), min(length, math.ceil(view.right()) + 2)
        span = max(0, last - first)
        buckets = max(1, math.ceil(span * self.canvas.pixels / shown))
        steps, losses = history.envelope(first, last, buckets)
        return steps, losses, 1.0 if len(steps) == span else span / buckets

    def _note_gap(self, steps: NDArray[np.int64], losses: NDArray[np.float64]) -> None:
        """Remembers the first step whose loss is not a number that can be drawn."""
        gaps = steps[~np.isfinite(losses)]
        if len(gaps) and self._first_gap is None:
            self._first_gap = int(gaps[0])
            self._show_reading(None)

    def _change_scale(self) -> None:
        """Draws on the other scale, keeping the steps that the user chose to see."""
        canvas = self.canvas
        if canvas.own_view and self._history is not None:
            _, losses, _ = self._points(self._history, self._history.length)
            canvas.show_own_range(*fitting_scale(losses, self.logarithmic))
        self._draw()

    # The user

    def _point(self, place: QPointF | None) -> None:
        """Shows the step under the pointer."""
        length = self._drawn_length
        if place is None or self._history is None or not length:
            self.canvas.set_crosshair(None)
            self._show_reading(None)
            return
        step = self.canvas.nearest_step(place, length)
        self.canvas.set_crosshair(step, self._history.loss(step))
        self._show_reading(step)

    def _click(self, place: QPointF) -> None:
        if self._drawn_length:
            self._choose(self.canvas.nearest_step(place, self._drawn_length))

    def _choose(self, step: int) -> None:
        """Marks a step, cut to those that ran, and tells the window."""
        last = self._drawn_length - 1
        if last >= 0:
            step = min(max(step, 0), last)
            self.set_cursor(step)
            self.step_chosen.emit(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Gives the plot's keys a meaning."""
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key had a meaning."""
        last = self._drawn_length - 1
        current = last if self._cursor is None else self._cursor
        steps = {
            Qt.Key.Key_Left: current - 1,
            Qt.Key.Key_Right: current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        zooms = {Qt.Key.Key_Plus: ZOOM_IN, Qt.Key.Key_Equal: ZOOM_IN, Qt.Key.Key_Minus: ZOOM_OUT}
        key = Qt.Key(event.key())
        shift_or_keypad = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if event.modifiers() & ~shift_or_keypad:
            return False
        if key in steps:
            self._choose(steps[key])
        elif key in zooms and self._drawn_length:
            self.canvas.zoom(zooms[key])
        elif key == Qt.Key.Key_R:
            self.reset_view()
        else:
            return False
        return True

    def _show_reading(self, pointed: int | None) -> None:
        """The step under the pointer, else the chosen one, else the first that could not be drawn."""
        steps = (pointed, self._cursor, self._first_gap)
        step = next((each for each in steps if each is not None), None)
        if self._history is None or step is None or step >= self._history.length:
            self._readout.setText("")
            return
        loss = self._history.loss(step)
        strange = not math.isfinite(loss)
        number = grouped(step)
        text = f"loss {loss} at step {number}" if strange else f"step {number}    loss {loss:.4g}"
        if text != self._readout.text():
            color = self._theme.error if strange else self._theme.text
            self._readout.setStyleSheet(f"QLabel {{ color: {color}; }}")
            self._readout.setText(text)

    # Making

    def _prepare_header(self) -> None:
        self.setAutoFillBackground(True)
        self._log.setChecked(True)
        self._log.setToolTip("Draw the loss on a logarithmic axis: each line is ten times the one below")
        self._log.setAccessibleName("Logarithmic axis")
        self._reset.setText("reset view")
        self._reset.setToolTip("Show the whole run again (R, or a double click)")
        self._reset.setAccessibleName("Reset view")
        self._zoomed.setToolTip("This is a part that you have chosen; it stays while the run goes on")
        self._readout.setAccessibleName("Step and loss under the pointer")
        plot = self.canvas.plot
        plot.setAccessibleName("Loss of every step")
        plot.setAccessibleDescription(f"A curve of the loss against the step; {KEYS}")
        # Over the plot it would hide the curve from a pointer that reads it.
        self._title.setToolTip(f"In the plot the wheel zooms, dragging moves, a click chooses a step; {KEYS}")

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 12, 4)
        header.setSpacing(12)
        for widget in (self._title, self._log, self._reset, self._zoomed):
            header.addWidget(widget)
        header.addStretch(1)
        header.addWidget(self._readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.canvas.plot, 1)
        self.setFocusProxy(self.canvas.plot)

    def _connect(self) -> None:
        canvas = self.canvas
        self._log.toggled.connect(self._change_scale)
        self._reset.clicked.connect(self.reset_view)
        canvas.view_changed.connect(self._draw)
        canvas.clicked.connect(self._click)
        canvas.double_clicked.connect(self.reset_view)
        canvas.pointed.connect(self._point)
        canvas.plot.installEventFilter(self)
