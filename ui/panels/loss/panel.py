"""The panel that draws the loss of every step while the run goes on.

The thread that trains waits while this one paints, so: ranges grow in big steps, as many points are
drawn as there are pixels, and nothing is painted that has not changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from playground.history import History
from ui.panels.loss.axes import Curve, Seconds
from ui.panels.loss.drawing import EMPTY, LossDrawing
from ui.panels.loss.header import LossHeader
from ui.panels.loss.items import StepColors
from ui.panels.loss.legend import MOST_NAMES, MOST_READINGS, Legend
from ui.panels.loss.reading import (
    Pointed,
    Present,
    name_entries,
    pointed_at,
    reading_entries,
    reading_texts,
)
from ui.style.theme import current_theme

__all__ = ["EMPTY", "LossPlot"]

PRESENT = "this run"
ZOOM_IN, ZOOM_OUT = 0.8, 1.25
KEYS = "arrows, Home and End choose a step, plus and minus zoom, R shows the whole run"
# Over the plot it would hide the curve from a pointer that reads it.
HELP = f"In the plot the wheel zooms, dragging moves, a click chooses a step; {KEYS}"


class LossPlot(QWidget):
    """The loss of one run against its steps, with older runs behind it.

    Attributes:
        canvas: the plot without the row above it.
        header: that row.
        legend: the names of the curves, in the plot.

    Signals:
        step_chosen(int): the user chose this step, by a click or with the keys.
        logarithmic_toggled(bool): they want the loss on a logarithmic scale, or not.
        smoothing_chosen(int): they chose an average over so many steps; 0: none.
        seconds_toggled(bool): they chose that the axis counts seconds, or steps.
        by_depth_toggled(bool): they want the steps colored by depth, or not.
    """

    step_chosen = Signal(int)
    logarithmic_toggled = Signal(bool)
    smoothing_chosen = Signal(int)
    seconds_toggled = Signal(bool)
    by_depth_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a history at first."""
        super().__init__(parent)
        self._run: int | None = None
        self._cursor: int | None = None
        self._name, self._color = PRESENT, ""
        self._seconds: Seconds | None = None
        self._depth_colors: tuple[str, ...] = ()
        self._depth_available = False
        self._pointed: Pointed | None = None
        self._drawing = LossDrawing(self)
        self.canvas, self._overlays = self._drawing.canvas, self._drawing.overlays
        self.header = LossHeader(HELP, self)
        self.legend = Legend(self.canvas.plot)
        self._arrange()
        self._connect()
        self._draw()

    # What the window sets: the present run

    @property
    def logarithmic(self) -> bool:
        """Whether the loss has a logarithmic axis."""
        return self.header.log.isChecked()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Chooses the axis of the loss."""
        self.header.log.setChecked(logarithmic)

    def set_history(self, history: History | None, run: int, made: int | None = None) -> None:
        """Draws a history; None draws nothing.

        Args:
            history: the run's losses.
            run: the run's number.
            made: how many of its steps to draw; None for all.

        Another run clears cursor and zoom, and its times and the colors of its steps are not known
        until `set_seconds` and `set_step_colors` tell them.
        """
        if history is self._drawing.history and run == self._run:
            return
        self._run = run
        self._drawing.set_history(history, _length(history, made))
        self._drawing.set_step_colors(None, ())
        self._pointed = None
        self.set_cursor(None)
        self.set_seconds(None)
        self._draw()
        self._point(None)

    def set_present(self, name: str, color: str) -> None:
        """Names the present run, and draws it in this color; in the theme's own if that is empty."""
        self._name, self._color = name or PRESENT, color
        self._drawing.set_color(color)
        self._show_legend()

    def set_seconds(self, seconds: Seconds | None) -> None:
        """How the times of the present run's steps are found; None if they are not known."""
        if seconds != self._seconds:
            self._seconds = seconds
            self.header.axis.set_available(seconds is not None)
            self._change_abscissa()

    def set_steps(self, total: int) -> None:
        """How many steps the run will make, which is how far the axis reaches; 0 if unknown."""
        if total != self._drawing.total:
            self._drawing.total = total
            self._draw()

    def set_cursor(self, step: int | None) -> None:
        """Marks a step with a line; None takes it away."""
        if step != self._cursor:
            self._cursor = step
            self._place_cursor()
            self._show_reading()

    def refresh(self, made: int | None = None) -> None:
        """Draws so many steps of the history, None for all; does nothing where they are drawn already."""
        length = _length(self._drawing.history, made)
        if length != self._drawing.length:
            self._drawing.length = length
            self._draw()

    def reset_view(self) -> None:
        """Shows the whole run again."""
        self.canvas.own_view = False
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.canvas.follow_theme()
            self._show_legend()

    # What the window sets: ways to look at it

    @property
    def smoothing(self) -> int:
        """Steps of the average that is drawn; 0: none."""
        return self.header.smooth.window_steps()

    def set_smoothing(self, steps: int) -> None:
        """Draws an average over so many steps, or over the nearest number that is offered; 0: none."""
        self.header.smooth.set_window_steps(steps)
        self._change_smoothing()

    @property
    def in_seconds(self) -> bool:
        """Whether the user wants the axis to count seconds; it does where the times are known."""
        return self.header.axis.in_seconds

    def set_in_seconds(self, in_seconds: bool) -> None:
        """Lets the axis count seconds, where the times are known, or steps."""
        self.header.axis.set_in_seconds(in_seconds)
        self._change_abscissa()

    @property
    def by_depth(self) -> bool:
        """Whether the user wants the steps colored by depth; they are where a depth is available."""
        return self.header.by_depth.isChecked()

    def set_by_depth(self, by_depth: bool) -> None:
        """Draws the steps as dots colored by depth, where that is available, or not."""
        self.header.by_depth.setChecked(by_depth)
        self._change_colors()

    def set_depth_available(self, available: bool) -> None:
        """Whether the steps have a depth, so that the user can ask for its colors."""
        if available != self._depth_available:
            self._depth_available = available
            self.header.set_depth_available(available)
            self._change_colors()

    def set_step_colors(self, step_colors: StepColors | None, colors: Sequence[str]) -> None:
        """How the depth of steps is found, as numbers in `colors` (`#rrggbb`); -1 for none."""
        self._depth_colors = tuple(colors)
        self._drawing.set_step_colors(step_colors, colors)
        self._change_colors()

    def set_overlays(self, curves: Sequence[Curve]) -> None:
        """Draws these older runs behind the present one, the last one on top."""
        if tuple(curves) != self._overlays.curves:
            self._drawing.set_overlays(curves)
            self._point(None)
            self._draw()
            self._show_legend()

    # Drawing what has been chosen

    def _draw(self) -> None:
        """Draws everything as it is now."""
        first_gap = self._drawing.first_gap
        self._drawing.draw()
        self.header.set_own_view(self.canvas.own_view)
        if self._drawing.first_gap != first_gap:
            self._show_reading()

    def _change_scale(self) -> None:
        """Draws on the other scale, keeping the steps that the user chose to see."""
        self._drawing.logarithmic = self.logarithmic
        self._drawing.set_smoothing(self.smoothing)
        if self.canvas.own_view:
            self._drawing.fit_losses()
        self._draw()

    def _change_smoothing(self) -> None:
        self._drawing.set_smoothing(self.smoothing)
        self._draw()

    def _change_colors(self) -> None:
        self._drawing.dots_shown = self._depth_available and self.by_depth
        self._draw()
        self._show_legend()

    def _change_abscissa(self) -> None:
        """Counts seconds where they are wanted and known, else steps."""
        if self._drawing.set_seconds(self._seconds if self.in_seconds else None):
            self._draw()
            self._place_cursor()
            self._point(None)

    def _place_cursor(self) -> None:
        """Draws the cursor's line; where seconds are counted, only for a step that has been made."""
        step, drawing = self._cursor, self._drawing
        if step is not None and drawing.in_seconds and step >= drawing.length:
            step = None
        self.canvas.set_cursor(None if step is None else self.canvas.x_axis.place(step))

    # The user

    def _point(self, place: QPointF | None) -> None:
        """Shows the step under the pointer."""
        empty = not self._drawing.length and not self._overlays.curves
        self._pointed = None
        if place is not None and not empty:
            self._pointed = pointed_at(self.canvas, self._overlays, place, self._drawing.length)
        pointed = self._pointed
        if pointed is None or place is None:
            self.canvas.set_crosshair(None)
            self.legend.avoid(None)
        else:
            history = self._drawing.history if pointed.curve is None else pointed.curve.history
            known = history is not None and pointed.step < (
                self._drawing.length if pointed.curve is None else pointed.curve.history.length
            )
            self.canvas.set_crosshair(
                pointed.x, history.loss(pointed.step) if history and known else math.nan
            )
            self.legend.avoid(self.canvas.plot.mapFromScene(place))
        self._show_legend()
        self._show_reading()

    def _click(self, place: QPointF) -> None:
        if self._drawing.length:
            self._choose(self.canvas.nearest_step(place, self._drawing.length))

    def _choose(self, step: int) -> None:
        """Marks a step, cut to those that ran, and tells the window."""
        last = self._drawing.length - 1
        if last >= 0:
            step = min(max(step, 0), last)
            self.set_cursor(step)
            self.step_chosen.emit(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Gives the plot's keys a meaning."""
        if not (isValid(self) and isValid(watched)):
            return False
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key had a meaning."""
        last = self._drawing.length - 1
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
        elif key in zooms and self._drawing.length:
            self.canvas.zoom(zooms[key])
        elif key == Qt.Key.Key_R:
            self.reset_view()
        else:
            return False
        return True

    def _show_reading(self) -> None:
        """The step under the pointer, else the chosen one, else the first that could not be drawn."""
        pointed = self._pointed
        steps = (None if pointed is None else pointed.step, self._cursor, self._drawing.first_gap)
        step = next((each for each in steps if each is not None), None)
        history, name, x_axis = self._drawing.history, "", self.canvas.x_axis
        made = self._drawing.length
        if pointed is not None and pointed.curve is not None:
            history, name = pointed.curve.history, pointed.curve.name
            made = history.length
            x_axis = self._overlays.x_axis(pointed.curve, self._drawing.in_seconds)
        if history is None or step is None or step >= made:
            texts = [] if step is None or pointed is None else reading_texts(step, None)
            self.header.set_reading(texts or [""])
            return
        loss = history.loss(step)
        seconds = x_axis.place(step) if self._drawing.in_seconds else None
        self.header.set_reading(reading_texts(step, loss, name, seconds), failed=not math.isfinite(loss))

    def _show_legend(self) -> None:
        """The names of the runs, or their losses at what is pointed at; the colors of the depths."""
        overlays, x_axis = self._overlays, self.canvas.x_axis
        color = self._color or current_theme().plot[0]
        present = Present(self._name, color, self._drawing.history, self._drawing.length)
        if self._pointed is None:
            entries, most = name_entries(present, overlays, self._drawing.in_seconds), MOST_NAMES
        else:
            entries = reading_entries(present, x_axis, overlays, self._pointed)
            most = len(entries) if len(entries) == MOST_READINGS + 1 else MOST_READINGS
        self.legend.set_entries(entries, self._depth_colors if self._drawing.colored else (), most)

    def _place_legend(self) -> None:
        area = self.canvas.box.sceneBoundingRect()
        self.legend.set_area(self.canvas.plot.mapFromScene(area).boundingRect())

    # Making

    def _arrange(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        plot = self.canvas.plot
        plot.setAccessibleName("Loss of every step")
        plot.setAccessibleDescription(f"A curve of the loss against the step; {KEYS}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(plot, 1)
        self.setFocusProxy(plot)

    def _connect(self) -> None:
        canvas, header = self.canvas, self.header
        header.logarithmic_toggled.connect(self._change_scale)
        header.logarithmic_toggled.connect(self.logarithmic_toggled)
        header.reset_asked.connect(self.reset_view)
        header.smoothing_chosen.connect(self._change_smoothing)
        header.smoothing_chosen.connect(self.smoothing_chosen)
        header.seconds_toggled.connect(self._change_abscissa)
        header.seconds_toggled.connect(self.seconds_toggled)
        header.by_depth_toggled.connect(self._change_colors)
        header.by_depth_toggled.connect(self.by_depth_toggled)
        canvas.view_changed.connect(self._draw)
        canvas.box.sigResized.connect(self._place_legend)
        canvas.clicked.connect(self._click)
        canvas.double_clicked.connect(self.reset_view)
        canvas.pointed.connect(self._point)
        canvas.plot.installEventFilter(self)


def _length(history: History | None, made: int | None) -> int:
    """How many steps of a history to draw."""
    if history is None:
        return 0
    return history.length if made is None else min(made, history.length)
